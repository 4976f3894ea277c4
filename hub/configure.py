"""A desired configuration, published so that a device finds it whenever it connects, and what the device makes of it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from edge.contract import limits
from edge.contract.control import DesiredConfig, ReportedConfig, decode, encode
from edge.contract.errors import ContractError
from edge.contract.topics import Channel, check_device_name
from hub.config import BrokerTable
from hub.errors import ConfigError
from hub.exchange import Said, exchange


def read_pipeline(path: Path) -> dict[str, object]:
    """A ``[pipeline]`` table: a TOML file that has one, or that is one.

    Raises:
        ConfigError: it cannot be read, is not TOML, or has no such table and is none.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigError(f"{path}: {problem.strerror}; check the path") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path}: not TOML: {problem}") from problem
    if "pipeline" not in raw and ("device" in raw or not raw):
        raise ConfigError(f"{path}: has no [pipeline]; wanted one, empty to go back to the family's defaults")
    table = raw.get("pipeline", raw)
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: pipeline is {type(table).__name__}; wanted a table")
    return table


def configure(
    broker: BrokerTable, device: str, pipeline: dict[str, object], revision: int, wait_s: float
) -> ReportedConfig | None:
    """Publish a desired configuration (retained) and wait for the device's report on it.

    Args:
        revision: above every one before; a device ignores a lower one.
        wait_s: how long to wait for the report, 0 for not at all.

    Returns:
        What the device reported in that time; None when it said nothing yet.

    Raises:
        ContractError: the device's name is none, or the configuration is too large.
        HubError: the broker does not answer, does not let us in or does not take it.
    """
    check_device_name(device)

    def report_on_it(payload: bytes) -> ReportedConfig | None:
        report = decode(ReportedConfig, payload)
        return report if report.revision == revision else None

    said = Said(Channel.CONFIG, _payload(pipeline, revision), retain=True)
    return exchange(broker, device, said, Channel.CONFIG_REPORTED, report_on_it, wait_s)


def _payload(pipeline: dict[str, object], revision: int) -> bytes:
    try:
        payload = encode(DesiredConfig(revision=revision, pipeline=pipeline))
        decode(DesiredConfig, payload)
    except (TypeError, msgspec.ValidationError) as problem:
        raise ConfigError(f"configuration: {problem}; wanted numbers, texts, lists and tables only") from problem
    except ContractError as problem:
        raise ConfigError(f"configuration: {problem}; at most {limits.CONTROL_BYTES} bytes") from problem
    return payload
