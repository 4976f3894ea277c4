"""One device provisioned: its configuration, its own secret, its place in the broker's register, its service unit.

Rules it keeps:
- Doing it again changes nothing but what was asked to change: the secret stays unless it is to be renewed, and a
  configuration that somebody edited stays unless it is to be replaced; then it is kept beside the new one.
- The secret stands in its own file, mode 0600, never in the configuration, a log or a message.
- A bad name or family is refused before anything is written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from edge.contract.errors import TopicError
from edge.contract.families import FAMILIES, Family
from edge.contract.quantity import CODE_PATTERN
from edge.contract.topics import check_device_name
from provisioning.access import HUB_USER
from provisioning.broker import refresh_broker
from provisioning.edited import BEFORE, is_edited, kept_table, sealed
from provisioning.errors import ProvisioningError
from provisioning.register import RandomBytes, enrol, write_private
from provisioning.toml_text import toml_text
from provisioning.units import agent_unit

CONFIG_FILE = "DEVICE.toml"
PASSWORD_FILE = "broker.password"
SETTINGS: Final[dict[str, type]] = {"source": list, "pipeline": dict, "link": dict, "clock": dict, "agent": dict}
"""What a device's settings may bring beside the identity that provisioning gives it."""


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    """Where a device finds its broker, or the nodes of a cluster, ``HOST:PORT`` each, that it tries in turn."""

    host: str | list[str] = "127.0.0.1"
    port: int = 1883


class DeviceRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of one device.

    Attributes:
        out_dir: folder for its files; ``DEVICE.toml``, ``broker.password`` and the unit are written into it.
        state_dir: where the outbox lies on the device, e.g. ``/var/lib/machikado/<name>``; None means beside the
            configuration.
        config_dir: where ``out_dir`` will be on the device, for the unit and the password's path; None means ``out_dir``.
        sources: ``[[source]]`` tables. pipeline: the ``[pipeline]`` table. link, clock, agent: tables of those
            names, left out where empty.
        command: absolute path of the ``machikado`` program on the device, for the unit.
    """

    name: str
    family: str
    out_dir: Path
    broker: Broker = Broker()
    sources: list[dict[str, Any]] = []
    pipeline: dict[str, Any] = {}
    link: dict[str, Any] = {}
    clock: dict[str, Any] = {}
    agent: dict[str, Any] = {}
    quota_mib: int = 512
    commit_interval_s: float = 1.0
    state_dir: Path | None = None
    config_dir: Path | None = None
    command: str = "/opt/machikado/bin/machikado"


class Provisioned(msgspec.Struct, frozen=True, kw_only=True):
    """Where a device's files are; ``kept`` says that the configuration was edited and stayed as it was."""

    name: str
    family: Family
    config: Path
    password_file: Path
    unit: Path
    kept: bool = False


def provision_device(
    request: DeviceRequest, broker_dir: Path, random_bytes: RandomBytes, renew: bool = False, replace: bool = False
) -> Provisioned:
    """Write a device's files, enter it in the broker's register and refresh the files of a broker that is set up there.

    With ``renew`` it gets a new secret; with ``replace`` a configuration that stands there is put aside, edited or not.
    A running broker knows of a new secret after SIGHUP.

    Raises:
        ProvisioningError: the name, the family or a setting is refused, the configuration that stands there is another
            device's, or a file cannot be read or written.
    """
    family = _checked(request)
    out = request.out_dir
    config = out / CONFIG_FILE
    kept = None if replace else kept_table(config, request.name, family)
    body = toml_text(device_table(request))
    unit = _unit(request, request.sources if kept is None else sources_of(kept))
    secret = enrol(broker_dir, request.name, random_bytes, renew)
    done = Provisioned(
        name=request.name,
        family=family,
        config=config,
        password_file=out / PASSWORD_FILE,
        unit=out / f"machikado-agent-{request.name}.service",
        kept=kept is not None,
    )
    write_private(done.password_file, secret + "\n")
    if kept is None:
        _write_config(config, body, request.name)
    write_private(done.unit, unit)
    refresh_broker(broker_dir)
    return done


def _write_config(path: Path, body: str, name: str) -> None:
    """Write it anew, and put aside what somebody edited."""
    if path.exists() and is_edited(path.read_text(encoding="utf-8", errors="replace")):
        path.replace(path.with_name(path.name + BEFORE))
    write_private(path, sealed(f"Device {name}, written by `machikado provision device`.", body))


def _unit(request: DeviceRequest, sources: list[dict[str, Any]]) -> str:
    on_device = request.config_dir or request.out_dir.resolve()
    state = str(request.state_dir or on_device)
    return agent_unit(request.name, request.command, str(on_device / CONFIG_FILE), state, device_nodes(sources))


def provision_hub(out_dir: Path, broker_dir: Path, random_bytes: RandomBytes, renew: bool = False) -> Path:
    """Give the hub its user on the broker, write its secret to ``broker.password`` and return that file's path.

    Raises:
        ProvisioningError: a file cannot be read or written.
    """
    path = out_dir / PASSWORD_FILE
    write_private(path, enrol(broker_dir, HUB_USER, random_bytes, renew) + "\n")
    refresh_broker(broker_dir)
    return path


def read_settings(path: Path) -> dict[str, Any]:
    """The tables of a file that are a device's own (``SETTINGS``), to be put into a ``DeviceRequest`` by their names.

    Raises:
        ProvisioningError: the file cannot be read, is not TOML, or has another table.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ProvisioningError(f"{path}: {problem.strerror}; check the path") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ProvisioningError(f"{path}: not TOML: {problem}") from problem
    for key, value in raw.items():
        if key not in SETTINGS or not isinstance(value, SETTINGS[key]):
            raise ProvisioningError(
                f"{path}: {key!r}: wanted only [[source]] and the tables pipeline, link, clock, agent"
            )
    return {"sources" if key == "source" else key: value for key, value in raw.items()}


def device_table(request: DeviceRequest) -> dict[str, Any]:
    """The content of ``DEVICE.toml``."""
    on_device = request.config_dir or request.out_dir.resolve()
    state = request.state_dir or on_device
    table: dict[str, Any] = {
        "device": {"name": request.name, "family": request.family},
        "hub": {
            "host": request.broker.host,
            "port": request.broker.port,
            "username": request.name,
            "password_file": str(on_device / PASSWORD_FILE),
        },
        "outbox": {
            "path": str(state / "outbox.sqlite"),
            "quota_mib": request.quota_mib,
            "commit_interval_s": request.commit_interval_s,
        },
    }
    own = {
        "link": request.link,
        "clock": request.clock,
        "agent": request.agent,
        "pipeline": request.pipeline,
        "source": request.sources,
    }
    return {**table, **{name: content for name, content in own.items() if content}}


def sources_of(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The ``[[source]]`` tables of a configuration, whoever wrote it."""
    sources = table.get("source", [])
    return [each for each in sources if isinstance(each, dict)] if isinstance(sources, list) else []


def device_nodes(sources: list[dict[str, Any]]) -> list[str]:
    """Every path under ``/dev`` that the sources name, whose groups the unit then joins."""
    return [text for source in sources for text in _texts(source) if re.match(r"^/dev/[A-Za-z0-9/_.:+-]+$", text)]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _checked(request: DeviceRequest) -> Family:
    try:
        check_device_name(request.name)
    except TopicError as problem:
        raise ProvisioningError(str(problem)) from problem
    family = next((each for each in FAMILIES if each == request.family), None)
    if family is None:
        raise ProvisioningError(f"family {request.family!r}: wanted one of {', '.join(FAMILIES)}")
    if not 1 <= request.broker.port <= 65_535:
        raise ProvisioningError(f"broker port {request.broker.port}: wanted 1–65535, e.g. 1883")
    for source in request.sources:
        name = source.get("name")
        if name is not None and not (isinstance(name, str) and re.match(CODE_PATTERN, name)):
            raise ProvisioningError(f"source name {name!r}: wanted {CODE_PATTERN}, e.g. 'gnss'")
    return family
