"""Payments by means, summed over ten minutes: never one payment's time, and never a card or a payer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from edge.contract.records.kiosk import KioskTakings, Means
from edge.kiosk.items import PaymentTaken
from edge.pipeline import Step, Tick

WINDOW_US: Final = 600_000_000
PAYMENTS_MOST: Final = 10_000
YEN_MOST: Final = 100_000_000
"""More than these in one item is no counter's takings, and left out."""


def takings() -> Step:
    """``PaymentTaken`` to ``KioskTakings``; ticks go on."""
    return _Takings()


class _Takings:
    def __init__(self) -> None:
        self._sums: dict[Means, tuple[int, int]] = {}
        self._began: int | None = None

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if self._began is None:
            self._began = mono
        if isinstance(item, PaymentTaken):
            if 0 <= item.payments <= PAYMENTS_MOST and 0 <= item.amount_yen <= YEN_MOST:
                payments, yen = self._sums.get(item.means, (0, 0))
                self._sums[item.means] = (payments + item.payments, yen + item.amount_yen)
            return
        if isinstance(item, Tick) and mono - self._began >= WINDOW_US:
            yield from self._close(mono, (mono - self._began) / 1e6)
            self._began, self._sums = mono, {}
        yield item

    def _close(self, mono: int, window_s: float) -> Iterator[KioskTakings]:
        for means, (payments, yen) in sorted(self._sums.items()):
            yield KioskTakings(t=mono, means=means, window_s=round(window_s, 1), payments=payments, amount_yen=yen)
