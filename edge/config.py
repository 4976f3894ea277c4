"""A device's configuration: one TOML file, parsed into one frozen struct at the start."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from edge.blob_sender import BlobsConfig
from edge.contract.address import Address, addresses
from edge.contract.codec import digest_of
from edge.contract.errors import ContractError, TopicError
from edge.contract.families import FAMILIES, Family
from edge.contract.topics import check_device_name
from edge.errors import ConfigError
from edge.family import Parts, parts_of
from edge.link import LinkConfig


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a key that it does not know is an error."""


class DeviceTable(Table, frozen=True, kw_only=True):
    """Who this device is."""

    name: str
    family: Family


class HubTable(Table, frozen=True, kw_only=True):
    """Where the broker is, or several of a cluster that are tried in turn, and how to log in.

    The password is a file's first line, never in this file.
    """

    host: str | list[str] = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 1883
    username: str = ""
    password_file: str = ""
    keepalive_s: int = 30

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The brokers to try in turn.

        Raises:
            ContractError: one of them is no address; ``parse`` has looked.
        """
        return addresses(self.host, self.port)


class OutboxTable(Table, frozen=True, kw_only=True):
    """Where records wait, how much of the disk they may take, and how often they are put there.

    ``prompt_commits_a_minute``: how many commits a minute may come ahead of ``commit_interval_s``, for changes that
    people watch on a display.
    """

    path: str
    quota_mib: Annotated[float, msgspec.Meta(gt=0, le=1e6)] = 256.0
    commit_interval_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 1.0
    prompt_commits_a_minute: Annotated[int, msgspec.Meta(ge=0, le=600)] = 30


class ClockTable(Table, frozen=True, kw_only=True):
    """Whom to believe about the time.

    ``ntp``: the kernel's word that it is synchronised. ``system``: the system clock as it is, for a machine whose time
    is kept by other means (a virtual machine, a demonstration).
    """

    trust: Literal["ntp", "system"] = "ntp"


class AgentTable(Table, frozen=True, kw_only=True):
    """The process itself.

    ``probation_s``: how long it must run with a new desired configuration before that counts as working.
    """

    health_every_s: float = 60.0
    probation_s: float = 30.0
    watch_socket: str = ""


class DeviceConfig(Table, frozen=True, kw_only=True):
    """The whole file; ``source`` and ``pipeline`` are the family's own."""

    device: DeviceTable
    outbox: OutboxTable
    hub: HubTable = HubTable()
    link: LinkConfig = LinkConfig()
    blobs: BlobsConfig = BlobsConfig()
    clock: ClockTable = ClockTable()
    agent: AgentTable = AgentTable()
    source: list[dict[str, Any]] = []
    pipeline: dict[str, Any] = {}


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration with the family's parts of it parsed."""

    config: DeviceConfig
    parts: Parts
    sources: list[object]
    pipeline: object
    hash: str


def load(path: Path) -> Loaded:
    """Read and check a device's TOML.

    Raises:
        ConfigError: it cannot be read, or something in it is not as it should be; the message names key and value.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigError(f"{path}: {problem.strerror}; make it with 'machikado provision device NAME'") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path}: not TOML: {problem}") from problem
    try:
        return parse(raw)
    except ConfigError as problem:
        raise ConfigError(f"{path}: {problem}") from problem


def parse(raw: dict[str, Any]) -> Loaded:
    """Check a configuration that was read.

    Raises:
        ConfigError: something in it is not as it should be.
    """
    config: DeviceConfig = convert(raw, DeviceConfig, "")
    try:
        check_device_name(config.device.name)
    except TopicError as problem:
        raise ConfigError(str(problem)) from problem
    try:
        addresses(config.hub.host, config.hub.port)
    except ContractError as problem:
        raise ConfigError(f"hub.{problem}") from problem
    if not config.source:
        raise ConfigError("no [[source]]: a device needs at least one; see the family's section of docs/devices.md")
    parts = parts_of(config.device.family)
    sources = [convert(one, parts.settings, f"source[{n}].") for n, one in enumerate(config.source)]
    _check_names(sources)
    pipeline = convert(config.pipeline, parts.config, "pipeline.")
    return Loaded(config=config, parts=parts, sources=sources, pipeline=pipeline, hash=pipeline_hash(config.pipeline))


def _check_names(sources: list[object]) -> None:
    """Records, alarms and the watch tell sources apart by their names."""
    seen: dict[object, int] = {}
    for n, source in enumerate(sources):
        name = getattr(source, "name", None)
        if name is not None and name in seen:
            raise ConfigError(f"source[{seen[name]}] and source[{n}]: both are named {name!r}; set name = … in one")
        seen[name] = n


def pipeline_hash(pipeline: dict[str, Any]) -> str:
    """Digest of a pipeline's table, the same for the same settings in any order."""
    return digest_of(msgspec.json.encode(pipeline, order="deterministic"))


def convert(raw: object, kind: Any, where: str) -> Any:
    """``raw`` as ``kind``.

    Raises:
        ConfigError: naming the key, and the nearest valid one where the key is unknown.
    """
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as problem:
        raise ConfigError(_explained(str(problem), kind, where)) from problem


def _explained(problem: str, kind: Any, where: str) -> str:
    text, _, at = problem.partition(" - at ")
    at = where + at.strip("`").removeprefix("$").lstrip(".")
    if "unknown field" in text:
        key = text.split("`")[-2]
        near = difflib.get_close_matches(key, sorted(_keys(kind)), n=1)
        return f"unknown key {at + '.' if at and not at.endswith('.') else at}{key}" + (
            f"; did you mean {near[0]!r}?" if near else ""
        )
    if "Invalid value" in text and at.endswith(".kind"):
        return f"{at}: {text[0].lower()}{text[1:]}; wanted one of {', '.join(_tags(kind))}"
    if "Invalid enum value" in text and where == "" and at == "device.family":
        return f"device.family: wanted one of {', '.join(FAMILIES)}"
    return f"{at.rstrip('.') or 'the file'}: {text[0].lower()}{text[1:]}"


def _tags(kind: Any) -> list[str]:
    """The kinds that a union of structs, or one struct, knows."""
    info = msgspec.inspect.type_info(kind)
    members = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    return sorted(str(each.tag) for each in members if isinstance(each, msgspec.inspect.StructType))


def _keys(kind: Any) -> set[str]:
    """Every key that a struct, or the members of a union of structs, or the tables inside, may have."""
    found: set[str] = set()
    waiting = [msgspec.inspect.type_info(kind)]
    while waiting:
        info = waiting.pop()
        if isinstance(info, msgspec.inspect.StructType):
            found.update(field.encode_name for field in info.fields)
            waiting += [field.type for field in info.fields]
        elif isinstance(info, msgspec.inspect.UnionType):
            waiting += info.types
        elif isinstance(info, msgspec.inspect.Metadata):
            waiting.append(info.type)
        elif isinstance(info, msgspec.inspect.ListType):
            waiting.append(info.item_type)
    return found
