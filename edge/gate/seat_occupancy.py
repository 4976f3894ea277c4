"""Seats of each area, taken or free, with the silent ones told apart.

Rules it keeps:
- A seat changes only when its level stayed on the other side of the threshold for a while; it takes longer to become
  free than taken, so that somebody who fetches a book keeps it.
- A seat not heard for a while is silent: it is neither taken nor free.
- A seat that was never heard is silent only once it had the time to be; before, it is not counted at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from edge.contract.records.gate import GateSeats
from edge.gate.items import LevelsRead
from edge.pipeline import Step, Tick

REPORT_EVERY_US: Final = 60_000_000
HYSTERESIS: Final = 0.1
"""Share of full scale by which a level must go past the threshold to count as the other side."""


class SeatTimes(NamedTuple):
    """How long a level must stay to take or free a seat, and how long a seat may be unheard [s]."""

    taken_s: float
    freed_s: float
    silent_s: float


def seat_occupancy(areas: dict[str, range], threshold: float, times: SeatTimes) -> Step:
    """Levels to ``GateSeats``: when it changes and once a minute; ``areas`` gives each area's channels."""
    return _SeatOccupancy(areas, threshold, times)


class _SeatOccupancy:
    def __init__(self, areas: dict[str, range], threshold: float, times: SeatTimes) -> None:
        self._areas = {name: [_Seat(threshold, times) for _ in channels] for name, channels in areas.items()}
        self._seat_of = {
            channel: self._areas[name][index]
            for name, channels in areas.items()
            for index, channel in enumerate(channels)
        }
        self._silent_us = times.silent_s * 1e6
        self._began: int | None = None
        self._said: dict[str, tuple[int, int, int]] = {}
        self._said_at: dict[str, int] = {}

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if self._began is None:
            self._began = mono
        if isinstance(item, LevelsRead):
            for channel, milli in item.levels_milli:
                if channel in self._seat_of:
                    self._seat_of[channel].hear(mono, milli / 1000)
        yield item
        if isinstance(item, Tick):
            yield from self._say(mono, mono - self._began)

    def _say(self, mono: int, running_us: int) -> Iterator[GateSeats]:
        for area, seats in self._areas.items():
            heard = [seat for seat in seats if seat.heard_at is not None and mono - seat.heard_at <= self._silent_us]
            had_time = running_us > self._silent_us
            silent = sum(seat.heard_at is not None or had_time for seat in seats) - len(heard)
            if not heard and not silent:
                continue
            said = (len(heard), sum(seat.taken_at(mono) for seat in heard), silent)
            if said != self._said.get(area) or mono - self._said_at[area] >= REPORT_EVERY_US:
                self._said[area], self._said_at[area] = said, mono
                yield GateSeats(t=mono, area=area, seats=said[0], occupied=said[1], silent=said[2])


class _Seat:
    def __init__(self, threshold: float, times: SeatTimes) -> None:
        self.heard_at: int | None = None
        self._threshold = threshold
        self._wait_us = {True: times.taken_s * 1e6, False: times.freed_s * 1e6}
        self._taken = False
        self._other_since: int | None = None

    def hear(self, mono: int, level: float) -> None:
        pressed = level > self._threshold + (-HYSTERESIS if self._taken else HYSTERESIS)
        if self.heard_at is None:
            self._taken = level > self._threshold
        elif pressed == self._taken:
            self._other_since = None
        elif self._other_since is None:
            self._other_since = mono
        self.heard_at = mono

    def taken_at(self, mono: int) -> bool:
        """Whether it is taken, once the level stayed on the other side for long enough."""
        if self._other_since is not None and mono - self._other_since >= self._wait_us[not self._taken]:
            self._taken, self._other_since = not self._taken, None
        return self._taken
