"""Where power comes from, and whether it is failing: by the flags of an uninterruptible power supply (RFC 9271, 5.1).

Rules it keeps:
- That the supply is not heard any more is a state of its own, *comm_lost*: neither mains nor battery.
- Power is *failing* only when the supply is on battery **and** says that this battery is low, both for ``confirm_s``.
- What failed is over only after ``clear_s`` of mains; a supply that falls silent while it fails does not end it.
- Charge and time left are said where the supply says them, and are absent while it is not heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from edge.contract.records.kiosk import KioskPower
from edge.kiosk.conditions import POWER_PATH, ROBOT_POWER, UPS_BATTERY, UPS_LINE, UPS_LOW, UPS_POWERING
from edge.kiosk.items import BatteryRead
from edge.kiosk.provider_words import Words
from edge.pipeline import Step

REPORT_EVERY_US: Final = 3_600_000_000
Supply = Literal["mains", "battery", "battery_low", "unknown", "comm_lost"]


def power(confirm_s: float, clear_s: float) -> Step:
    """``Words`` to ``KioskPower``, when it changes and hourly; the words go on with whether power is failing."""
    return _Power(confirm_s, clear_s)


class _Power:
    def __init__(self, confirm_s: float, clear_s: float) -> None:
        self._confirm_us, self._clear_us = confirm_s * 1e6, clear_s * 1e6
        self._failing = False
        self._low_since: int | None = None
        self._mains_since: int | None = None
        self._battery = BatteryRead()
        self._said: Supply | None = None
        self._said_at = 0

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, BatteryRead):
            self._battery = item
            return
        if not isinstance(item, Words):
            yield item
            return
        supply = supply_of(item.words)
        self._judge(mono, supply)
        yield from self._say(mono, supply, item.due)
        if item.words is None or (supply == "unknown" and not self._failing):
            yield item
        else:
            yield Words({**item.words, POWER_PATH: "failing" if self._failing else "ok"}, item.due)

    def _judge(self, mono: int, supply: Supply) -> None:
        self._low_since = _since(self._low_since, mono, supply == "battery_low")
        self._mains_since = _since(self._mains_since, mono, supply == "mains")
        if self._low_since is not None and mono - self._low_since >= self._confirm_us:
            self._failing = True
        if self._mains_since is not None and mono - self._mains_since >= self._clear_us:
            self._failing = False

    def _say(self, mono: int, supply: Supply, due: bool) -> Iterator[KioskPower]:
        if self._said is None and supply == "unknown":
            return
        if supply != self._said or (due and mono - self._said_at >= REPORT_EVERY_US):
            self._said, self._said_at = supply, mono
            heard = self._battery if supply not in ("unknown", "comm_lost") else BatteryRead()
            yield KioskPower(t=mono, supply=supply, charge_percent=heard.charge_percent, runtime_s=heard.runtime_s)


def _since(before: int | None, now: int, lasts: bool) -> int | None:
    """Since when something lasts without a break."""
    if not lasts:
        return None
    return now if before is None else before


def supply_of(words: dict[str, str] | None) -> Supply:
    """Where power comes from, by a supply of its own, else by what the kiosk's provider says of one."""
    said = words or {}
    line = (
        said.get(UPS_LINE)
        or {"false": "mains", "true": "battery"}.get(said.get(UPS_POWERING, ""))
        or {"dock": "mains", "battery": "battery"}.get(said.get(ROBOT_POWER, ""), "unknown")
    )
    if line == "battery":
        return "battery_low" if "true" in (said.get(UPS_BATTERY), said.get(UPS_LOW)) else "battery"
    if line == "commLost":
        return "comm_lost"
    return "mains" if line == "mains" else "unknown"
