"""A broker's address as configuration spells it: a host with its port beside it, or a list of ``HOST:PORT`` in turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from edge.contract.errors import ContractError

ADDRESSES_MOST = 16


class Address(NamedTuple):
    """One broker."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def addresses(host: str | Sequence[str], port: int) -> tuple[Address, ...]:
    """The brokers to try in turn; ``port`` is meant where a host names none. An IPv6 address with a port is in brackets.

    Raises:
        ContractError: there is none, more than ``ADDRESSES_MOST``, or one that is no address.
    """
    texts = [host] if isinstance(host, str) else list(host)
    if not 1 <= len(texts) <= ADDRESSES_MOST:
        raise ContractError(f"host: {len(texts)} brokers; wanted 1–{ADDRESSES_MOST}")
    return tuple(_address(text, port) for text in texts)


def _address(text: str, port: int) -> Address:
    name, colon, number = text.rpartition(":")
    if (text.startswith("[") and text.endswith("]")) or not colon or (":" in name and not name.startswith("[")):
        name, number = text, str(port)
    if not name or not (number.isascii() and number.isdigit() and 1 <= int(number) <= 65_535):
        raise ContractError(f"host {text[:80]!r}: wanted HOST or HOST:PORT, e.g. 'hub.example:1883'")
    return Address(name.removeprefix("[").removesuffix("]"), int(number))
