"""Tells judgements that learn the earlier hours of their devices, from condensed windows, at the start and now and then.

Rules it keeps:
- One device's series are asked one after the other; an answer that fails is asked again at the next turn.
- It never writes, and reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hub.judgement import History
from hub.live import Live
from hub.store.port import Series, SeriesQuery

HOUR_US: Final = 3_600_000_000
EVERY_US: Final = 6 * HOUR_US
POINTS_MOST: Final = 50_000


class HistoryTeller:
    """Asks ``series`` (see ``Store.series``) and tells ``live``."""

    def __init__(self, live: Live, series: Callable[[SeriesQuery], list[Series]]) -> None:
        self._live = live
        self._series = series
        self._told_t: int | None = None

    def work(self, now: int) -> None:
        """Tell all devices' judgements if it is time, at ``now`` [µs UTC].

        Raises:
            StoreError: the store does not answer; the next call asks again.
        """
        if self._told_t is not None and now - self._told_t < EVERY_US:
            return
        for device in self._live.devices:
            for history in self._live.histories_of(device):
                for series in self._series(_query(device, history, now)):
                    hours = [(point.t, float(point.value)) for point in series.points]
                    self._live.learn(device, history, series.tags, hours)
        self._told_t = now


def _query(device: str, history: History, now: int) -> SeriesQuery:
    this_hour = now // HOUR_US * HOUR_US
    since = max(0, this_hour - history.days * 24 * HOUR_US)
    return SeriesQuery(device, history.kind, history.field, since, this_hour, {}, HOUR_US, "mean", POINTS_MOST)
