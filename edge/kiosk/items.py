"""What a kiosk's sources deliver: status words of its devices, counts of supplies, ended sessions. Never who came.

The words are strings, because that is what the provider says; no step puts one into a record but by a table that knows
it.
"""

from __future__ import annotations

import msgspec


class ProviderStatus(msgspec.Struct, frozen=True, tag="provider_status"):
    """Status words by their path (``printer.paper.upper`` → ``low``); ``whole`` replaces all, else only those change."""

    words: dict[str, str]
    whole: bool


class ProviderLink(msgspec.Struct, frozen=True, tag="provider_link"):
    """The connection with the service provider came up or broke."""

    up: bool


class SupplyCounted(msgspec.Struct, frozen=True, tag="supply_counted"):
    """What is left of a supply (a tray's name or ``toner``), of how much; a negative number is not known."""

    supply: str
    left: int
    capacity: int


class SessionEnded(msgspec.Struct, frozen=True, tag="session_ended"):
    """The kiosk application ended a session."""

    certificate: str
    outcome: str
    duration_s: float
    copies: int


Item = ProviderStatus | ProviderLink | SupplyCounted | SessionEnded
