"""People inside: passages added up, the counters' drift learnt each night when the house is known to be empty.

Rules it keeps:
- The estimate is never negative: nobody can leave who is not there, so what falls below zero was missed on the way in.
- A quiet night (no passage, no stuck beam, a board that speaks) means zero, known exactly.
- What was left over at such a zero is drift: ways out are weighed by in/out of the past nights.
- The interval grows with every passage (each may be missed or doubled) and with every lost edge, and closes at zero.
- Without a known start the smallest number that fits is given, with everything up to the capacity as its interval.

The interval is the 80 % one of a sum of independent errors (normal, ±1.2816 σ).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from edge.contract.records import SourceState
from edge.contract.records.gate import GateInside
from edge.gate.findings import EdgesLost, Passage
from edge.gate.items import BeamEdge, BoardAlive, LevelsRead, TagHeard
from edge.pipeline import Step, Tick

NORMAL_80: Final = 1.2816
REPORT_EVERY_US: Final = 60_000_000
REPORT_CHANGE_US: Final = 5_000_000
BOARD_SILENT_US: Final = 60_000_000
NIGHTS_REMEMBERED: Final = 7
LEAST_PASSAGES_A_NIGHT: Final = 20
WEIGHT_LIMITS: Final = (0.9, 1.1)
_HEARD = (BeamEdge, BoardAlive, LevelsRead, TagHeard)


def people_inside(inside_at_start: int | None, capacity: int, quiet_night_s: float, miss_share: float) -> Step:
    """Passages to ``GateInside``: when it changes (at most every 5 s) and once a minute. The passages end here."""
    return _PeopleInside(inside_at_start, capacity, quiet_night_s, miss_share)


class _PeopleInside:
    def __init__(self, inside_at_start: int | None, capacity: int, quiet_night_s: float, miss_share: float) -> None:
        self._people = float(inside_at_start or 0)
        self._known = inside_at_start is not None
        self._most = float(self._people if self._known else capacity)
        self._capacity = float(capacity)
        self._variance = 0.0
        self._quiet_us = quiet_night_s * 1e6
        self._miss_share = miss_share
        self._drift = _Drift()
        self._stuck: set[str] = set()
        self._last_passage: int | None = None
        self._said: tuple[float, float, float] | None = None
        self._said_at = 0
        self._heard_at: int | None = None

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        self._watch(mono, item)
        if isinstance(item, Passage):
            self._pass(item)
            return
        if isinstance(item, EdgesLost):
            self._variance += item.edges / 4
            return
        yield item
        if isinstance(item, Tick):
            if self._night(mono):
                self._empty()
            yield from self._say(mono)

    def _watch(self, mono: int, item: object) -> None:
        """Whether the beams can be trusted to be quiet because nobody comes."""
        if isinstance(item, SourceState):
            (self._stuck.add if item.state == "failed" else self._stuck.discard)(item.source)
        if isinstance(item, _HEARD):
            self._heard_at = mono
        board_silent = self._heard_at is None or mono - self._heard_at > BOARD_SILENT_US
        if self._last_passage is None or isinstance(item, Passage | EdgesLost) or self._stuck or board_silent:
            self._last_passage = mono

    def _pass(self, passage: Passage) -> None:
        if passage.direction == "unknown":
            self._variance += 1.0
            return
        self._variance += self._miss_share
        change = 1.0 if passage.direction == "in" else -self._drift.weight_of_out
        self._drift.count(passage.direction == "in")
        self._people += change
        if not self._known:
            self._most = min(self._capacity, self._most + change)
        if self._people < 0:
            self._people = 0.0

    def _night(self, mono: int) -> bool:
        return self._last_passage is not None and mono - self._last_passage >= self._quiet_us

    def _empty(self) -> None:
        self._people, self._most, self._variance, self._known = 0.0, 0.0, 0.0, True
        self._drift.settle()

    def _say(self, mono: int) -> Iterator[GateInside]:
        half = NORMAL_80 * self._variance**0.5
        low = max(0.0, self._people - half)
        high = self._people + half if self._known else max(self._most + half, self._people)
        said = (round(self._people, 1), round(low, 1), round(min(high, 100_000.0), 1))
        since = mono - self._said_at
        if self._said is None or since >= REPORT_EVERY_US or (said != self._said and since >= REPORT_CHANGE_US):
            self._said, self._said_at = said, mono
            yield GateInside(t=mono, people=said[0], low=said[1], high=said[2])


class _Drift:
    """In and out of the past nights, older ones forgotten: how much a way out weighs against a way in."""

    def __init__(self) -> None:
        self.weight_of_out = 1.0
        self._today = [0, 0]
        self._past = [0.0, 0.0]

    def count(self, entered: bool) -> None:
        self._today[not entered] += 1

    def settle(self) -> None:
        """The house is empty: as many left as came, whatever was counted."""
        if sum(self._today) < LEAST_PASSAGES_A_NIGHT:
            return
        keep = 1 - 1 / NIGHTS_REMEMBERED
        self._past = [keep * past + today for past, today in zip(self._past, self._today, strict=True)]
        self._today = [0, 0]
        low, high = WEIGHT_LIMITS
        self.weight_of_out = min(high, max(low, self._past[0] / self._past[1])) if self._past[1] else 1.0
