"""What is wrong with a hub and how to mend it, in plain words, without disturbing a hub that runs.

Rules it keeps:
- Every check ends in a finding; nothing that is wrong with the installation becomes a stack trace.
- It changes nothing: the store is only read, nothing is published, a running hub's connection stays its own.
- A finding that is not ``ok`` says what to do.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge.contract.topics import PUBLISHED, subscription
from edge.host.broker_visit import Visitor
from edge.host.findings import MIB, Check, Outcome, Whose, check_brokers, check_secret, existing, unusable
from hub.city import City
from hub.city_file import problems_of
from hub.config import ApiTable, BrokerTable, HubConfig, StoreTable, load
from hub.errors import ConfigError, StoreError
from hub.schema import MIGRATIONS, open_reader
from hub.strict_toml import read_toml

DISK_LEAST_BYTES = 256 * MIB
DISK_ENOUGH_BYTES = 2048 * MIB
PROBLEMS_SHOWN = 20

WHOSE: Final = Whose(
    provision="machikado provision hub",
    owner="the hub's user",
    away="start the broker (systemctl status mosquitto), or correct broker.host, broker.port",
    refused="write the broker's files again from the register and reload it; is this the hub's password file?",
    denied="write the broker's access rules again from the register and reload it",
    topics="what devices publish",
)


def examine(path: Path, timeout_s: float = 5.0) -> list[Check]:
    """Every check of the hub that the TOML file ``path`` configures."""
    try:
        config = load(path)
    except ConfigError as problem:
        return [
            Check(
                name="configuration",
                outcome="fail",
                says=str(problem),
                mend="correct what the line names, then ask again",
            )
        ]
    return [
        Check(name="configuration", outcome="ok", says=f"{path}: is well formed"),
        *examine_config(config, timeout_s),
    ]


def examine_config(config: HubConfig, timeout_s: float = 5.0) -> list[Check]:
    """Every check but that of the configuration file itself."""
    return [
        *check_city(config.city),
        check_store(Path(config.store.path)),
        check_disk(Path(config.store.path).parent),
        *check_influx(config.store, timeout_s),
        check_password_file(config.broker),
        *check_broker(config.broker, timeout_s),
        check_address(config.api, timeout_s),
    ]


def check_city(file: str) -> list[Check]:
    """Everything that is wrong in the city's file, one finding each."""
    mend = "correct it in the city's file and run 'machikado doctor' again"
    if not file:
        says = "no city file is configured"
        return [Check(name="city", outcome="fail", says=says, mend='set city = ".../ota.toml" in the hub\'s file')]
    try:
        city: City = read_toml(Path(file), City)
    except ConfigError as problem:
        return [Check(name="city", outcome="fail", says=str(problem), mend=mend)]
    problems = problems_of(city)
    if not problems:
        says = f"{file}: {city.name.ja}, {len(city.facility)} facilities, {len(city.device)} devices, in order"
        return [Check(name="city", outcome="ok", says=says)]
    return [Check(name="city", outcome="fail", says=f"{file}: {each}", mend=mend) for each in problems[:PROBLEMS_SHOWN]]


def check_store(path: Path) -> Check:
    """Whether the hub's own file can be used; it is only read."""

    def finding(outcome: Outcome, says: str, mend: str = "") -> Check:
        return Check(name="store", outcome=outcome, says=f"{path}: {says}", mend=mend)

    problem_there = unusable(path, "store.path")
    if problem_there is not None:
        return finding("fail", *problem_there)
    if not os.path.exists(path):
        return finding("ok", "not there yet; the hub makes it when it starts")
    try:
        database = open_reader(path)
        try:
            version = int(database.execute("PRAGMA user_version").fetchone()[0])
            devices = int(database.execute("SELECT count(*) FROM devices").fetchone()[0])
        finally:
            database.close()
    except (sqlite3.Error, StoreError) as problem:
        return finding("fail", f"is no hub file or damaged: {problem}", "restore it from a backup, or move it away")
    if version > len(MIGRATIONS):
        return finding("fail", f"written by a newer hub (schema {version})", "update the hub")
    return finding("ok", f"knows {devices} devices")


def check_disk(folder: Path) -> Check:
    """Whether the disk has room for readings."""
    folder = existing(folder)
    try:
        found = os.statvfs(folder)
    except OSError as problem:
        return Check(name="disk", outcome="fail", says=f"{folder}: {problem.strerror}", mend="check the disk")
    free = found.f_bavail * found.f_frsize
    says = f"{folder}: {free // MIB} MiB free"
    if free < DISK_LEAST_BYTES:
        return Check(
            name="disk", outcome="fail", says=says, mend="free some space; devices keep their records meanwhile"
        )
    if free < DISK_ENOUGH_BYTES:
        return Check(name="disk", outcome="warn", says=says, mend="free some space soon, or move store.path")
    return Check(name="disk", outcome="ok", says=says)


def check_influx(store: StoreTable, timeout_s: float) -> Iterator[Check]:
    """Whether InfluxDB answers, where it is the store."""
    if store.kind != "influx":
        return
    url = store.influx_url.rstrip("/") + "/ping"
    mend = "start InfluxDB, or correct store.influx_url; devices keep their records meanwhile"
    if not url.startswith(("http://", "https://")):
        yield Check(name="influx", outcome="fail", says=f"{store.influx_url}: no http address", mend=mend)
        return
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:
            version = answer.headers.get("X-Influxdb-Version", "of unknown version")
    except (urllib.error.URLError, OSError, ValueError) as problem:
        yield Check(name="influx", outcome="fail", says=f"{url}: no answer: {problem}", mend=mend)
        return
    yield Check(name="influx", outcome="ok", says=f"{url}: InfluxDB {version} answers")


def check_password_file(broker: BrokerTable) -> Check:
    """Whether the secret can be read by us and by nobody else."""
    return check_secret(broker.password_file, WHOSE)


def check_broker(broker: BrokerTable, timeout_s: float) -> Iterator[Check]:
    """Whether each broker answers, lets the hub in, and grants it what devices publish; one of several may be away."""
    reads = [subscription(channel, shard) for shard in broker.shards for channel in PUBLISHED]
    visitor = Visitor(f"{broker.client_id}-doctor", broker.username, broker.password_file, reads)
    return check_brokers(visitor, broker.addresses, WHOSE, timeout_s)


def check_address(api: ApiTable, timeout_s: float) -> Check:
    """Whether pages can be served at their address, or are already."""
    name = "address"
    where = f"{api.host}:{api.port}"
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((api.host, api.port))
    except (OSError, OverflowError) as problem:
        if _answers_as_hub(api, timeout_s):
            return Check(name=name, outcome="ok", says=f"{where}: a hub serves there now")
        mend = "choose another api.port, or 0 for a free one"
        return Check(name=name, outcome="fail", says=f"{where}: cannot be used: {problem}", mend=mend)
    return Check(name=name, outcome="ok", says=f"{where}: free")


def _answers_as_hub(api: ApiTable, timeout_s: float) -> bool:
    host = "127.0.0.1" if api.host == "0.0.0.0" else api.host
    try:
        with urllib.request.urlopen(f"http://{host}:{api.port}/api/v1/overview", timeout=timeout_s) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False
