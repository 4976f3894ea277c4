"""Supplies: what the printer says of each, how much is left where it is counted, and when it will be empty.

Rules it keeps:
- A level that is not known (negative, or beyond its capacity) is absent, never 0.
- What a printer never speaks of is *not reported*, which is neither well nor empty.
- Use is measured since the last refill, at most over the given time; a level that rises is a refill.
- Too little use gives no forecast: one sheet in an hour says nothing about the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from edge.contract.records.kiosk import KioskSupply
from edge.kiosk.conditions import IPP_STATE, TONER_PATH, TRAY_PREFIX, TRAYS
from edge.kiosk.items import SupplyCounted, SupplyName, SupplyStatus
from edge.kiosk.provider_words import Words
from edge.pipeline import Step

REPORT_EVERY_US: Final = 600_000_000
COUNTS_REMEMBERED: Final = 512
_STATUS_OF_WORD: Final[dict[str, SupplyStatus]] = {"full": "full", "low": "low", "out": "out"}
_PATHS: Final = {**{tray: TRAY_PREFIX + tray for tray in TRAYS}, "toner": TONER_PATH}
"""A supply's path among the words, by the name that the provider gives it; others are a printer's own."""
_MUTE: Final = (None, "unreachable")


def supplies(codes: Mapping[SupplyName, str], forecast_over_s: float, forecast_least: int) -> Step:
    """``Words`` and counts to ``KioskSupply``: when something changes and every ten minutes; the words go on.

    ``codes`` gives a supply's code in records by the provider's name of it.
    """
    return _Supplies(codes, forecast_over_s, forecast_least)


class _Supplies:
    def __init__(self, codes: Mapping[SupplyName, str], forecast_over_s: float, forecast_least: int) -> None:
        self._of: dict[str, _Supply] = {
            name: _Supply(code, forecast_over_s, forecast_least) for name, code in codes.items()
        }

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, SupplyCounted):
            if item.supply in self._of:
                supply = self._of[item.supply]
                supply.count(mono, item.left, item.capacity)
                supply.judge(item.status)
                yield from supply.say(mono, due=False)
            return
        if isinstance(item, Words):
            for name, supply in self._of.items():
                _hear(supply, item.words or {}, _PATHS.get(name))
                yield from supply.say(mono, item.due)
        yield item


def _hear(supply: _Supply, words: Mapping[str, str], path: str | None) -> None:
    """What the words say of a supply; a printer's own supply is judged with its counts, while the printer is heard."""
    if path is not None and path in words:
        supply.hear(words[path])
    elif words.get(IPP_STATE) in _MUTE:
        supply.hear(None)


class _Supply:
    def __init__(self, code: str, forecast_over_s: float, forecast_least: int) -> None:
        self._code = code
        self._over_us = forecast_over_s * 1e6
        self._least = forecast_least
        self._status: SupplyStatus = "unknown"
        self._exists = False
        self._level_percent: float | None = None
        self._counts: deque[tuple[int, int]] = deque(maxlen=COUNTS_REMEMBERED)
        self._said: tuple[SupplyStatus, float | None] | None = None
        self._said_at = 0

    def hear(self, word: str | None) -> None:
        """The printer's word; None when it says nothing of this supply or nothing at all is known."""
        self._status = _STATUS_OF_WORD.get(word or "", "unknown")
        self._exists = self._exists or word is not None
        if word is None:
            self._level_percent = None
            self._counts.clear()

    def judge(self, status: SupplyStatus | None) -> None:
        """The device's own judgement, where it came with the count."""
        self._status = status or self._status

    def count(self, mono: int, left: int, capacity: int) -> None:
        """How much is left of how much."""
        self._exists = True
        if not 0 <= left <= capacity or capacity == 0:
            self._level_percent = None
            self._counts.clear()
            return
        self._level_percent = round(100 * left / capacity, 1)
        if self._counts and left > self._counts[-1][1]:
            self._counts.clear()
        if not self._counts or left != self._counts[-1][1]:
            self._counts.append((mono, left))

    def say(self, mono: int, due: bool) -> Iterator[KioskSupply]:
        """The record, when it differs from the last or is due again; nothing of a supply that never was there."""
        now = (self._status, self._level_percent)
        if self._exists and (now != self._said or (due and mono - self._said_at >= REPORT_EVERY_US)):
            self._said, self._said_at = now, mono
            yield KioskSupply(
                t=mono, supply=self._code, status=now[0], level_percent=now[1], empty_in_s=self._empty_in_s(mono)
            )

    def _empty_in_s(self, mono: int) -> float | None:
        """What is left over the mean use since the first count that is not too old [s]."""
        if self._level_percent is None:
            return None
        while len(self._counts) > 1 and mono - self._counts[0][0] > self._over_us:
            self._counts.popleft()
        (first_at, first_left), (_, left) = self._counts[0], self._counts[-1]
        used = first_left - left
        if used < self._least or mono <= first_at:
            return None
        return round(left * (mono - first_at) / 1e6 / used, 0)
