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
DAY_US: Final = 24 * HOUR_US
EVERY_US: Final = 6 * HOUR_US
NEWEST_DAYS: Final = 2
"""What is told again each hour to who wants it; what came later than that is told with everything, within ``EVERY_US``."""
PIECE_US: Final = 60 * DAY_US
POINTS_MOST: Final = 100_000
"""A piece's hours of 64 series and more."""


class HistoryTeller:
    """Asks ``series`` (see ``Store.series``) and tells ``live``."""

    def __init__(self, live: Live, series: Callable[[SeriesQuery], list[Series]]) -> None:
        self._live = live
        self._series = series
        self._told_t: int | None = None
        self._told_hour = -1

    def work(self, now: int) -> None:
        """Tell all devices' judgements what it is time for, at ``now`` [µs UTC]: everything, or the newest days.

        Raises:
            StoreError: the store does not answer; the next call asks again.
        """
        hour = now // HOUR_US
        everything = self._told_t is None or now - self._told_t >= EVERY_US
        if not everything and hour == self._told_hour:
            return
        for device in self._live.devices:
            for history in self._live.histories_of(device):
                if everything:
                    self._tell(device, history, history.days, now)
                elif history.hourly:
                    self._tell(device, history, NEWEST_DAYS, now)
            self._live.ponder(device)
        self._told_hour = hour
        if everything:
            self._told_t = now

    def _tell(self, device: str, history: History, days: int, now: int) -> None:
        """The series of one field, read in pieces that an answer may hold."""
        until = now // HOUR_US * HOUR_US
        told: dict[tuple[tuple[str, str], ...], list[tuple[int, float]]] = {}
        for since in range(max(0, until - days * DAY_US), until, PIECE_US):
            end = min(since + PIECE_US, until)
            query = SeriesQuery(device, history.kind, history.field, since, end, {}, HOUR_US, "mean", POINTS_MOST)
            for series in self._series(query):
                hours = told.setdefault(tuple(series.tags.items()), [])
                hours += [(point.t, float(point.value)) for point in series.points]
        for tags, hours in told.items():
            self._live.learn(device, history, dict(tags), hours)
