"""Where the kiosk's power comes from, by its uninterruptible power supply's words: said when it changes and hourly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from edge.contract.records.kiosk import KioskPower
from edge.kiosk.conditions import UPS_LOW, UPS_POWERING
from edge.kiosk.provider_words import Words
from edge.pipeline import Step

REPORT_EVERY_US: Final = 3_600_000_000
Supply = Literal["mains", "battery", "battery_low", "unknown"]


def power() -> Step:
    """``Words`` to ``KioskPower``; they end here. Nothing is said of a kiosk that never spoke of such a supply."""
    return _Power()


class _Power:
    def __init__(self) -> None:
        self._said: Supply | None = None
        self._said_at = 0

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, Words):
            yield item
            return
        supply = supply_of(item.words)
        if self._said is None and supply == "unknown":
            return
        if supply != self._said or (item.due and mono - self._said_at >= REPORT_EVERY_US):
            self._said, self._said_at = supply, mono
            yield KioskPower(t=mono, supply=supply)


def supply_of(words: dict[str, str] | None) -> Supply:
    """Where power comes from."""
    powering = (words or {}).get(UPS_POWERING)
    if powering == "false":
        return "mains"
    if powering == "true":
        return "battery_low" if (words or {}).get(UPS_LOW) == "true" else "battery"
    return "unknown"
