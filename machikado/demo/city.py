"""The demonstration's city: the shipped one, always open, its rounds beginning now, written as a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from hub.city import City, always_open, rounds_from
from provisioning.register import write_private
from provisioning.toml_text import toml_text


def demo_city(city: City, local_time: str) -> City:
    """The city as the demonstration shows it; ``local_time`` (HH:MM) is when its rounds begin."""
    return msgspec.structs.replace(always_open(rounds_from(city, local_time)), demo=True)


def write_city(city: City, path: Path) -> None:
    """Write a city so that the hub can read it.

    Raises:
        ProvisioningError: the file cannot be written.
    """
    table: dict[str, Any] = _without_none(msgspec.to_builtins(city))
    write_private(path, toml_text(table, "The demonstration's city, made from the shipped one at each start."))


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_none(each) for each in value]
    return value
