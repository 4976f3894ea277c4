"""What is wrong with a device and how to mend it, in plain words, without disturbing an agent that runs.

Rules it keeps:
- Every check ends in a finding; nothing that is wrong with the device becomes a stack trace.
- It changes nothing: no record is numbered, nothing is published, a running agent's connection and outbox stay its own.
- A finding that is not ``ok`` says what to do.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge.clock import Reading
from edge.config import DeviceConfig, HubTable, load
from edge.contract.topics import READ, topic
from edge.errors import ConfigError, OutboxError
from edge.host.broker_visit import Visitor
from edge.host.findings import MIB, Check, Outcome, Whose, check_brokers, check_secret, existing, unusable
from edge.outbox_schema import DAMAGED_MEND, MIGRATIONS, check_sound
from models import manifest

DISK_LEAST_BYTES = 64 * MIB
"""Less free space than this fails, whatever the outbox's quota."""

WHOSE: Final = Whose(
    provision="machikado provision device",
    owner="the agent's user",
    away="check the network and hub.host, hub.port; records wait on the device meanwhile",
    refused="take broker.password from a new 'machikado provision device NAME --renew' and reload the broker",
    denied="write the broker's access rules again and reload it; is device.name the name it was provisioned by?",
    topics="what this device reads",
)


def examine(path: Path, clock: Reading, broker_timeout_s: float = 5.0) -> list[Check]:
    """Every check of the device that the TOML file ``path`` configures; ``clock`` is what the device's clocks say."""
    try:
        loaded = load(path)
    except ConfigError as problem:
        return [
            Check(
                name="configuration",
                outcome="fail",
                says=str(problem),
                mend="correct what the line names, then ask again",
            )
        ]
    except ImportError as problem:
        return [
            Check(
                name="configuration",
                outcome="fail",
                says=f"{path}: the family's program is not installed: {problem}",
                mend="install it, e.g. pip install 'machikado[bridge]' for a bridge",
            )
        ]
    return [
        Check(name="configuration", outcome="ok", says=f"{path}: {loaded.config.device.name} is well described"),
        *examine_config(loaded.config, clock, broker_timeout_s),
    ]


def examine_config(config: DeviceConfig, clock: Reading, broker_timeout_s: float = 5.0) -> list[Check]:
    """Every check but that of the configuration file itself."""
    outbox = Path(config.outbox.path)
    return [
        check_outbox(outbox),
        check_disk(outbox.parent, config.outbox.quota_mib),
        check_clock(clock, config.clock.trust),
        *check_ports(config.source),
        *check_models(),
        check_password_file(config.hub),
        *check_broker(config.device.name, config.hub, broker_timeout_s),
    ]


def check_outbox(path: Path) -> Check:
    """Whether the outbox can be used; a running agent keeps it locked, which is well."""

    def finding(outcome: Outcome, says: str, mend: str = "") -> Check:
        return Check(name="outbox", outcome=outcome, says=f"{path}: {says}", mend=mend)

    problem_there = unusable(path, "outbox.path")
    if problem_there is not None:
        return finding("fail", *problem_there)
    if not os.path.exists(path):
        return finding("ok", "not there yet; the agent makes it when it starts")
    try:
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=0.2)
        try:
            version = int(database.execute("PRAGMA user_version").fetchone()[0])
            if version > len(MIGRATIONS):
                return finding("fail", f"written by a newer agent (schema {version})", "update the agent")
            check_sound(database)
            waiting = int(database.execute("SELECT coalesce(sum(count), 0) FROM runs").fetchone()[0])
        finally:
            database.close()
    except sqlite3.OperationalError as problem:
        if "locked" in str(problem):
            return finding("ok", "in use by an agent that runs")
        return finding("fail", f"is no outbox: {problem}", "move it away; the agent makes a new one and says so")
    except sqlite3.Error as problem:
        return finding("fail", f"damaged: {problem}", DAMAGED_MEND)
    except OutboxError as problem:
        says, _, mend = str(problem).rpartition("; ")
        return Check(name="outbox", outcome="fail", says=says, mend=mend)
    return finding("ok", f"holds {waiting} records")


def check_disk(folder: Path, quota_mib: float) -> Check:
    """Whether the disk has room for what the outbox may take."""
    name = "disk"
    folder = existing(folder)
    try:
        stat_of = os.statvfs(folder)
    except OSError as problem:
        return Check(name=name, outcome="fail", says=f"{folder}: {problem.strerror}", mend="check the card")
    free = stat_of.f_bavail * stat_of.f_frsize
    says = f"{folder}: {free // MIB} MiB free, the outbox may take {quota_mib:g} MiB"
    if free < DISK_LEAST_BYTES:
        return Check(
            name=name, outcome="fail", says=says, mend="free some space: journalctl --vacuum-size=100M, apt clean"
        )
    if free < quota_mib * MIB:
        return Check(name=name, outcome="warn", says=says, mend="free some space, or lower outbox.quota_mib")
    return Check(name=name, outcome="ok", says=says)


def check_clock(clock: Reading, trust: str) -> Check:
    """Whether the time is to be believed; without it only alarms and health leave the device."""
    name = "clock"
    if clock.quality == "synchronised":
        how = "by the kernel's word" if trust == "ntp" else "because clock.trust is 'system'"
        return Check(name=name, outcome="ok", says=f"the time is right {how}")
    if clock.quality == "holdover":
        says = "the time was right and is kept over; no time server answers now"
        return Check(name=name, outcome="warn", says=says, mend="check the network: timedatectl timesync-status")
    return Check(
        name=name,
        outcome="fail",
        says="the time is not known; records wait on the device until it is",
        mend="start a time service: sudo timedatectl set-ntp true (or set clock.trust = 'system' on a machine whose "
        "time is kept from outside)",
    )


def check_ports(sources: list[dict[str, object]]) -> list[Check]:
    """Whether every device node that a source names is there and may be opened."""
    named = [
        text for source in sources for text in source.values() if isinstance(text, str) and text.startswith("/dev/")
    ]
    return [_check_port(Path(text)) for text in dict.fromkeys(named)]


def _check_port(path: Path) -> Check:
    name = f"port {path}"
    try:
        is_device = stat.S_ISCHR(path.stat().st_mode)
    except OSError as problem:
        return Check(
            name=name,
            outcome="fail",
            says=f"{path}: {problem.strerror}",
            mend="plug it in; ls -l /dev/serial/by-id shows what is there",
        )
    if not is_device:
        return Check(name=name, outcome="fail", says=f"{path}: is no device", mend="correct the source's path")
    if not os.access(path, os.R_OK | os.W_OK):
        mend = f"add the user to the group that owns it: sudo usermod -aG {_group(path)} machikado"
        return Check(name=name, outcome="fail", says=f"{path}: this user may not open it", mend=mend)
    return Check(name=name, outcome="ok", says=f"{path}: is there and may be opened")


def _group(path: Path) -> str:
    try:
        return path.group()
    except (OSError, KeyError):
        return "dialout"


def check_models(where: Path = manifest.MANIFEST) -> list[Check]:
    """Whether each model's file is the one that the manifest names; without a model the plain rule is used."""
    mend = "install the models again; until then the plain rule is used"
    try:
        known = manifest.names(where)
    except manifest.ManifestError as problem:
        return [Check(name="models", outcome="warn", says=str(problem), mend=mend)]
    found = []
    for model in known:
        try:
            entry = manifest.load(model, where)
        except manifest.ManifestError as problem:
            found.append(Check(name=f"model {model}", outcome="warn", says=str(problem), mend=mend))
        else:
            says = f"version {entry.version}, the registered file"
            found.append(Check(name=f"model {model}", outcome="ok", says=says))
    return found


def check_password_file(hub: HubTable) -> Check:
    """Whether the secret can be read by us and by nobody else."""
    return check_secret(hub.password_file, WHOSE)


def check_broker(device: str, hub: HubTable, timeout_s: float) -> Iterator[Check]:
    """Whether each broker answers, lets this device in, and grants it its topics; one of several may be away."""
    reads = [topic(device, channel) for channel in READ]
    visitor = Visitor(f"machikado-{device}-doctor", hub.username, hub.password_file, reads)
    return check_brokers(visitor, hub.addresses, WHOSE, timeout_s)
