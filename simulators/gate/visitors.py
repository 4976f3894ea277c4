"""Visitors of a library: when they come, how they walk through the gate, whether they sit, what they carry out."""

from __future__ import annotations

import heapq
import math

import numpy as np

from simulators.gate.board import Board
from simulators.gate.house import House
from simulators.gate.radio import READINGS_A_SECOND, readings
from simulators.gate.settings import Settings
from simulators.gate.walk import BEAM_GAP_M, Walk
from simulators.simulator import Truth

_HOUR_US = 3_600_000_000
_NEVER = 2**63
SHELF_M = 2.6
"""Where a shelf near the gate stands, on the way in."""
SHELF_ARTICLE = 2**40


class Visitors:
    """Comings and goings as events in order of time; each step makes one of them happen.

    A lane holds one walk at a time: who comes to a busy lane waits until it is free.
    """

    def __init__(
        self,
        settings: Settings,
        rng: np.random.Generator,
        start_us: int,
        house: House,
        board: Board,
        facts: list[Truth],
    ) -> None:
        self._settings = settings
        self._rng = rng
        self._start = start_us
        self._house = house
        self._board = board
        self._facts = facts
        self._events: list[tuple[int, int, str, int]] = []
        self._serial = 0
        self._article = 0
        self._lane_free = [start_us] * len(settings.lanes)
        for _ in range(settings.inside_at_start):
            self._settle(start_us, already=True)
        self._push(start_us, "arrive", 0)
        for shelf in range(settings.shelved_near):
            self._push(start_us, "shelf", shelf)
        if settings.stuck_at_s is not None:
            self._stick(start_us + round(settings.stuck_at_s * 1e6), settings.stuck_for_s)

    @property
    def next_us(self) -> int:
        """When the next thing happens."""
        return self._events[0][0] if self._events else _NEVER

    def step(self) -> None:
        """Make the next thing happen."""
        now, _, what, number = heapq.heappop(self._events)
        match what:
            case "arrive":
                self._arrive(now)
            case "leave":
                self._walk(now, inward=False)
            case "sit":
                seat = self._house.take_seat()
                if seat is not None:
                    self._push(now + number, "stand", seat)
            case "stand":
                self._house.leave_seat(number)
            case "shelf":
                self._shelf(now, number)
            case "came":
                self._house.people += number
            case "went":
                self._house.people -= number

    def _arrive(self, now: int) -> None:
        """The next visitor after an exponential time, thinned by the hour's rate (a Poisson process)."""
        most = max(self._settings.visitors_an_hour, 1e-6)
        self._push(now + 1 + round(self._rng.exponential(_HOUR_US / most)), "arrive", 0)
        if now > self._start and self._rng.random() < self._busy(now):
            self._walk(now, inward=True)

    def _busy(self, now: int) -> float:
        """Share of the busiest rate: a hump over the opening hours, nothing outside nor in the last quarter hour."""
        hour = self._hour(now)
        opens, closes = self._settings.opens_h, self._settings.closes_h
        if not opens <= hour < closes - 0.25:
            return 0.0
        return 0.35 + 0.65 * math.sin(math.pi * (hour - opens) / (closes - opens))

    def _hour(self, now: int) -> float:
        return (self._settings.hour_of_day + (now - self._start) / _HOUR_US) % 24

    def _settle(self, now: int, already: bool) -> None:
        """A visitor inside: whether and how long they sit, and when they leave."""
        settings, rng = self._settings, self._rng
        stay_us = settings.stay_min * 60e6 * (rng.exponential() if already else rng.gamma(2.0, 0.5))
        until_closing_us = ((settings.closes_h - self._hour(now)) % 24) * _HOUR_US - rng.uniform(0, 600e6)
        stay_us = max(60e6, min(stay_us, until_closing_us))
        if rng.random() < settings.wants_seat:
            sits_after_us = 0.0 if already else min(rng.uniform(30e6, 180e6), stay_us / 2)
            self._push(now + round(sits_after_us), "sit", round(max(1e6, stay_us - sits_after_us - 30e6)))
        self._push(now + round(stay_us), "leave", 0)

    def _walk(self, now: int, inward: bool) -> None:
        rng, settings = self._rng, self._settings
        lane = int(np.argmin(self._lane_free))
        begin = max(now, self._lane_free[lane])
        walk = self._body(inward)
        if rng.random() < settings.turn_back:
            self._turn_back(begin, lane, walk, inward)
            return
        self._through(begin, lane, walk)
        self._carry(begin, lane, walk, inward)
        end = begin + round(walk.lasts_s * 1e6)
        self._lane_free[lane] = end
        drawn = rng.random()
        if drawn < settings.beside and (inward or self._another_leaves()):
            self._count(end, lane, inward)
        elif settings.beside <= drawn < settings.beside + settings.follows and (inward or self._another_leaves()):
            gap_m = rng.uniform(0.04, 0.5)
            behind = begin + round((walk.depth_m + gap_m) / walk.speed_mps * 1e6)
            self._through(behind, lane, walk)
            self._lane_free[lane] = behind + round(walk.lasts_s * 1e6)

    def _another_leaves(self) -> bool:
        """Whether somebody else inside leaves together with the one who goes; they will not leave a second time."""
        leaving = [event for event in self._events if event[2] == "leave"]
        if not leaving:
            return False
        self._events.remove(min(leaving))
        heapq.heapify(self._events)
        return True

    def _body(self, inward: bool) -> Walk:
        speed_mps = float(np.clip(self._rng.normal(1.1, 0.2), 0.5, 1.8))
        return Walk(inward, speed_mps, float(self._rng.uniform(0.22, 0.32)))

    def _through(self, begin: int, lane: int, walk: Walk) -> None:
        for edge in walk.edges():
            self._board.beam(begin + round(edge.after_s * 1e6), 2 * lane + edge.beam, edge.blocked)
        self._count(begin + round(walk.lasts_s * 1e6), lane, walk.inward)

    def _count(self, when: int, lane: int, inward: bool) -> None:
        """One person has come in, and stays for a while, or has left."""
        direction = "in" if inward else "out"
        self._facts.append({"t": when, "what": "passage", "lane": self._settings.lanes[lane], "direction": direction})
        self._push(when, "came" if inward else "went", 1)
        if inward:
            self._settle(when, already=False)

    def _turn_back(self, begin: int, lane: int, walk: Walk, inward: bool) -> None:
        back = Walk(inward, walk.speed_mps * 0.6, walk.depth_m, float(self._rng.uniform(0.02, BEAM_GAP_M + 0.25)))
        for edge in back.edges():
            self._board.beam(begin + round(edge.after_s * 1e6), 2 * lane + edge.beam, edge.blocked)
        end = begin + round(back.lasts_s * 1e6)
        self._lane_free[lane] = end
        self._facts.append({"t": end, "what": "turn_back", "lane": self._settings.lanes[lane]})
        if not inward:
            self._push(end + round(self._rng.uniform(60e6, 300e6)), "leave", 0)

    def _carry(self, begin: int, lane: int, walk: Walk, inward: bool) -> None:
        """Articles in the visitor's bag: most leave disarmed, some come back armed by nobody, a few leave armed."""
        rng = self._rng
        armed = not inward and rng.random() < self._settings.armed
        articles = int(rng.integers(1, 4)) if armed else int(rng.poisson(0.6))
        for _ in range(articles):
            self._article += 1
            for tick in range(int(walk.lasts_s * READINGS_A_SECOND)):
                after_s = (tick + rng.random()) / READINGS_A_SECOND
                for heard in readings(walk.position_m(after_s), rng):
                    self._board.tag(
                        begin + round(after_s * 1e6), 2 * lane + heard.antenna, armed, heard.signal_dbm, self._article
                    )
        if armed:
            self._facts.append(
                {
                    "t": begin + round(walk.lasts_s * 1e6), "what": "detection", "lane": self._settings.lanes[lane],
                    "direction": "out", "articles": articles,
                }
            )  # fmt: skip

    def _shelf(self, now: int, number: int) -> None:
        """An armed article on a shelf near the gate is heard now and then, and goes nowhere."""
        for heard in readings(SHELF_M, self._rng):
            self._board.tag(now, heard.antenna, True, heard.signal_dbm, SHELF_ARTICLE + number)
        self._push(now + 1_000_000 // READINGS_A_SECOND, "shelf", number)

    def _stick(self, when: int, for_s: float) -> None:
        end = when + round(for_s * 1e6)
        self._board.beam(when, 1, True)
        self._board.beam(end, 1, False)
        self._facts.append({"t": when, "what": "beam_stuck", "lane": self._settings.lanes[0], "until": end})

    def _push(self, when: int, what: str, number: int) -> None:
        self._serial += 1
        heapq.heappush(self._events, (when, self._serial, what, number))
