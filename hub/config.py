"""The hub's configuration: one TOML file, parsed into one frozen struct at the start."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from edge.contract.address import Address, addresses
from edge.contract.errors import ContractError
from hub.errors import ConfigError


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a key that it does not know is an error."""


class BrokerTable(Table, frozen=True, kw_only=True):
    """The broker, or several of a cluster tried in turn, and how to log in.

    The password is a file's first line, never in this file.
    """

    host: str | list[str] = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 1883
    username: str = ""
    password_file: str = ""
    client_id: str = "machikado-hub"
    shards: list[str] = msgspec.field(default_factory=lambda: ["+"])

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The brokers to try in turn.

        Raises:
            ContractError: one of them is no address; ``load`` has looked.
        """
        return addresses(self.host, self.port)


class StoreTable(Table, frozen=True, kw_only=True):
    """Where readings are kept: in the hub's own file, or in InfluxDB beside it."""

    path: str
    kind: Literal["sqlite", "influx"] = "sqlite"
    influx_url: str = "http://127.0.0.1:8086"
    influx_org: str = "-"
    influx_bucket: str = "machikado/raw"
    influx_token_file: str = ""


class BlobsTable(Table, frozen=True, kw_only=True):
    """Where waveforms and photos are kept, beside the store's file unless told, and how much of them."""

    folder: str = ""
    quota_gib: Annotated[float, msgspec.Meta(gt=0.0)] = 4.0


class ApiTable(Table, frozen=True, kw_only=True):
    """Where pages and the status API are served. Port 0 asks the system for a free one."""

    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 8000
    address_file: str = ""


class LimitsTable(Table, frozen=True, kw_only=True):
    """What the hub holds at most while the store is slow."""

    queue_bytes: int = 32 * 1024 * 1024
    step_messages: int = 2000
    step_bytes: int = 256 * 1024


class ClusterTable(Table, frozen=True, kw_only=True):
    """What makes a hub one of several: where JetStream is, and how leases are kept.

    Attributes:
        servers: ``nats://HOST:PORT`` of each node; the user is the broker's.
        name: of this worker, in logs and leases; each has its own.
        lease_s: how long a worker's shards wait for it before others take them [s].
        replicas: on how many nodes the ledger stands.
    """

    servers: Annotated[list[str], msgspec.Meta(min_length=1, max_length=16)]
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}\Z")]
    lease_s: Annotated[float, msgspec.Meta(ge=1, le=300)] = 5.0
    replicas: Annotated[int, msgspec.Meta(ge=1, le=5)] = 3


class HubConfig(Table, frozen=True, kw_only=True):
    """The whole file."""

    store: StoreTable
    city: str = ""
    broker: BrokerTable = BrokerTable()
    api: ApiTable = ApiTable()
    blobs: BlobsTable = BlobsTable()
    limits: LimitsTable = LimitsTable()
    cluster: ClusterTable | None = None


def load(path: Path) -> HubConfig:
    """Read and check the hub's TOML.

    Raises:
        ConfigError: it cannot be read, or something in it is not as it should be; the message names the key.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigError(f"{path}: {problem.strerror}; see deploy/ for a hub.toml that works") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path}: not TOML: {problem}") from problem
    try:
        config = msgspec.convert(raw, HubConfig)
        addresses(config.broker.host, config.broker.port)
    except msgspec.ValidationError as problem:
        raise ConfigError(f"{path}: {_explained(str(problem))}") from problem
    except ContractError as problem:
        raise ConfigError(f"{path}: broker.{problem}") from problem
    return config


def _explained(problem: str) -> str:
    text, _, at = problem.partition(" - at ")
    at = at.strip("`").removeprefix("$").lstrip(".")
    if "unknown field" in text:
        key = text.split("`")[-2]
        tables = (HubConfig, BrokerTable, StoreTable, ApiTable, BlobsTable, LimitsTable, ClusterTable)
        known = sorted({field for table in tables for field in table.__struct_fields__})
        near = difflib.get_close_matches(key, known, n=1)
        return f"unknown key {at + '.' if at else ''}{key}" + (f"; did you mean {near[0]!r}?" if near else "")
    return f"{at or 'the file'}: {text[0].lower()}{text[1:]}"
