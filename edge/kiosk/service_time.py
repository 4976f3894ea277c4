"""How long the machine was in each state: summed over a quarter of an hour, so that availability needs few records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from edge.contract.records.kiosk import KioskService, KioskState
from edge.kiosk.state import State
from edge.pipeline import Step, Tick

WINDOW_US: Final = 900_000_000
LONGEST_TICK_US: Final = 60_000_000
"""Between two ticks further apart than this the machine slept: that time is in no state."""
_SERVES: Final = ("in_service", "degraded")


def service_time() -> Step:
    """``KioskState`` and ticks to ``KioskService``; both go on."""
    return _ServiceTime()


class _ServiceTime:
    def __init__(self) -> None:
        self._state: State | None = None
        self._ticked: int | None = None
        self._began: int | None = None
        self._in_us: Counter[str] = Counter()
        self._failures = 0

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, KioskState):
            self._pass(mono)
            if self._state in _SERVES and item.state == "out_of_service":
                self._failures += 1
            self._state = item.state
        elif isinstance(item, Tick):
            self._pass(mono)
            if self._began is not None and mono - self._began >= WINDOW_US:
                yield self._close(mono)
        yield item

    def _pass(self, mono: int) -> None:
        if self._ticked is None:
            self._began = mono
        elif self._state is not None and 0 <= mono - self._ticked <= LONGEST_TICK_US:
            self._in_us[self._state] += mono - self._ticked
        self._ticked = mono

    def _close(self, mono: int) -> KioskService:
        began, in_us, failures = self._began or 0, self._in_us, self._failures
        self._began, self._in_us, self._failures = mono, Counter(), 0
        return KioskService(
            t=mono,
            window_s=round((mono - began) / 1e6, 1),
            in_service_s=_s(in_us["in_service"]),
            degraded_s=_s(in_us["degraded"]),
            out_of_service_s=_s(in_us["out_of_service"]),
            maintenance_s=_s(in_us["maintenance"]),
            unknown_s=_s(in_us["unknown"]),
            failures=failures,
        )


def _s(microseconds: int) -> float:
    return round(microseconds / 1e6, 1)
