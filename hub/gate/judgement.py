"""Judgement of a library gate: people inside, seats free, article alarms, antennas and sensors in trouble.

Rules it keeps, beside those of ``hub/judgement.py``:
- The headline is for visitors (is there a seat?); alarms and trouble are alerts, for the staff.
- An alarm is recent for ten minutes; a later record never makes an older alarm the last one.
- What trouble began when is known from the first record that told it, in the order of their times.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from edge.contract.records import Record, SourceState
from edge.contract.records.gate import GateAntenna, GateDetection, GateInside, GatePassages, GateSeats
from hub.city import DeviceContext, Levels
from hub.gate import wording
from hub.judgement import Alert, Figure, Level, Status
from hub.newest import Newest
from hub.words import Words

SILENT_AFTER_S: Final = 180.0
ALARM_RECENT_S: Final = 600.0
ANTENNA_FRESH_S: Final = 2 * 3600.0
SEATS_TAKEN_PERCENT: Final = Levels(notice=60, warning=80, bad=95)
"""Where the city file says nothing."""
_BEAMS: Final = (".outer", ".inner")


class Judgement:
    """One gate's records turned into its status."""

    past: Mapping[str, float] = MappingProxyType({"gate_detection": 600.0})

    def __init__(self, context: DeviceContext | None = None) -> None:
        self._context = context
        self._inside: Newest[GateInside] = Newest()
        self._passages: Newest[GatePassages] = Newest()
        self._seats: Newest[GateSeats] = Newest()
        self._alarms: Newest[GateDetection] = Newest()
        self._antennas: Newest[GateAntenna] = Newest()
        self._beams: Newest[SourceState] = Newest()
        self._since: dict[str, tuple[str, int]] = {}

    def observe(self, record: Record, t: int) -> None:
        """Take one stored record whose time is ``t`` [µs UTC]; of any kind, in any order."""
        match record:
            case GateInside():
                self._inside.take("", t, record)
            case GatePassages():
                self._passages.take(record.lane, t, record)
            case GateSeats():
                if self._seats.take(record.area, t, record):
                    self._mark(f"seats.{record.area}", "silent" if record.silent else "well", t)
            case GateDetection():
                self._alarms.take("", t, record)
            case GateAntenna():
                if self._antennas.take(record.antenna, t, record):
                    self._mark(f"antenna.{record.antenna}", record.state, t)
            case SourceState() if record.source.endswith(_BEAMS):
                if self._beams.take(record.source, t, record):
                    self._mark(f"beam.{record.source}", record.state, t)

    def status(self, now: int) -> Status:
        """The status at ``now`` [µs UTC]."""
        level, headline = self._headline(now)
        return Status(level=level, headline=headline, figures=self._figures(now))

    def alerts(self, now: int) -> list[Alert]:
        """What is going on at ``now`` [µs UTC]."""
        found: list[Alert] = []
        alarm = self._recent_alarm(now)
        if alarm is not None:
            found.append(
                Alert(key="article_alarm", severity="critical", text=self._alarm_words(*alarm), since=alarm[0])
            )
        for name, _, antenna in self._antennas.items():
            if antenna.state != "ok":
                text = wording.antenna_trouble(name, antenna.state)
                found.append(self._alert(f"antenna.{name}", "info" if antenna.state == "noisy" else "warning", text))
        for name, _, beam in self._beams.items():
            if beam.state == "failed":
                found.append(self._alert(f"beam.{name}", "warning", wording.beam_stuck(name)))
        for area, _, seats in self._seats.items():
            if seats.silent:
                found.append(self._alert(f"seats.{area}", "info", wording.silent_seats(self._area(area), seats.silent)))
        return [*found, *self._crowded(now)]

    def _mark(self, key: str, state: str, t: int) -> None:
        """Remember since when something is as it is."""
        if self._since.get(key, ("", 0))[0] != state:
            self._since[key] = (state, t)

    def _alert(self, key: str, severity: str, text: Words) -> Alert:
        since = self._since[key][1]
        if severity == "info":
            return Alert(key=key, severity="info", text=text, since=since)
        return Alert(key=key, severity="warning", text=text, since=since)

    def _crowded(self, now: int) -> list[Alert]:
        """More people than fit, by the lower end of the interval, so that drift alone raises nothing."""
        held, capacity = self._inside.get(""), self._context.capacity if self._context else None
        if held is None or capacity is None or self._old(held[0], now) or held[1].low <= capacity:
            return []
        return [Alert(key="over_capacity", severity="warning", text=wording.OVER_CAPACITY, since=held[0])]

    def _recent_alarm(self, now: int) -> tuple[int, GateDetection] | None:
        alarm = self._alarms.get("")
        return alarm if alarm is not None and now - alarm[0] <= ALARM_RECENT_S * 1e6 else None

    def _alarm_words(self, t: int, alarm: GateDetection) -> Words:
        lanes = {lane.code: lane.name for lane in self._context.lanes} if self._context else {}
        lane = lanes.get(alarm.lane, Words(ja=alarm.lane, easy=alarm.lane, en=alarm.lane))
        zone = ZoneInfo(self._context.time_zone if self._context else "Asia/Tokyo")
        clock = dt.datetime.fromtimestamp(t / 1e6, zone).strftime("%H:%M")
        return wording.alarm_at(clock, lane, alarm.articles)

    def _headline(self, now: int) -> tuple[Level, Words]:
        seats = [(t, each) for _, t, each in self._seats.items()]
        inside = self._inside.get("")
        if not seats and inside is None:
            return "unknown", wording.NOTHING_YET
        if self._context is not None and not self._context.opening(now).open:
            return "notice", wording.CLOSED
        if seats:
            fresh = [each for t, each in seats if not self._old(t, now)]
            return self._seats_level(fresh) if fresh else ("unknown", wording.STALE)
        assert inside is not None
        return ("unknown", wording.STALE) if self._old(inside[0], now) else ("good", wording.OPEN)

    def _seats_level(self, areas: list[GateSeats]) -> tuple[Level, Words]:
        seats = sum(each.seats for each in areas)
        if not seats:
            return "unknown", wording.STALE
        taken_percent = 100 * sum(each.occupied for each in areas) / seats
        limits = (self._context.thresholds.seats_occupied_percent if self._context else None) or SEATS_TAKEN_PERCENT
        if taken_percent >= limits.bad:
            return "bad", wording.SEATS_FULL if taken_percent >= 100 else wording.SEATS_FEW
        if taken_percent >= limits.warning:
            return "warning", wording.SEATS_FEW
        if taken_percent >= limits.notice:
            return "notice", wording.SEATS_FILLING
        return "good", wording.SEATS_FREE

    def _figures(self, now: int) -> list[Figure]:
        held = self._inside.get("")
        inside = held[1] if held else None
        figures = [
            Figure(
                key="people_inside", label=wording.PEOPLE_INSIDE, value=inside.people if inside else None,
                t=held[0] if held else None, fresh_for_s=SILENT_AFTER_S,
                low=inside.low if inside else None, high=inside.high if inside else None,
            )
        ]  # fmt: skip
        for area, t, seats in self._seats.items():
            free = seats.seats - seats.occupied
            figures.append(
                Figure(
                    key=f"seats_free.{area}", label=wording.seats_of(self._area(area)), value=free if seats.seats else None,
                    t=t, fresh_for_s=SILENT_AFTER_S, text=wording.free_of(free, seats.seats) if seats.seats else None,
                )
            )  # fmt: skip
        silent = [(t, seats.silent) for _, t, seats in self._seats.items()]
        if silent:
            figures.append(
                Figure(
                    key="seats_silent", label=wording.SILENT_SEATS, value=sum(count for _, count in silent),
                    t=min(t for t, _ in silent), fresh_for_s=SILENT_AFTER_S,
                )
            )  # fmt: skip
        return [*figures, *self._trouble_figures(now)]

    def _trouble_figures(self, now: int) -> list[Figure]:
        alarm, heard_at = self._recent_alarm(now), self._heard_at()
        figures: list[Figure] = []
        if heard_at is not None:
            figures.append(
                Figure(
                    key="article_alarm", label=wording.ALARM, value=alarm is not None, t=alarm[0] if alarm else heard_at,
                    fresh_for_s=ALARM_RECENT_S, text=self._alarm_words(*alarm) if alarm else wording.NO_ALARM,
                )
            )  # fmt: skip
        antennas = self._antennas.items()
        if antennas:
            trouble = sum(antenna.state != "ok" for _, _, antenna in antennas)
            figures.append(
                Figure(
                    key="antennas_in_trouble", label=wording.ANTENNAS, value=trouble,
                    t=min(t for _, t, _ in antennas), fresh_for_s=ANTENNA_FRESH_S,
                    text=wording.antennas_in_trouble(trouble) if trouble else wording.ANTENNAS_WELL,
                )
            )  # fmt: skip
        return figures

    def _heard_at(self) -> int | None:
        """When the gate last said anything of its lanes: until then no alarm is known to be none."""
        times = [t for series in (self._inside, self._passages, self._alarms) for _, t, _ in series.items()]
        return max(times, default=None)

    def _area(self, code: str) -> Words:
        areas = {area.code: area.name for area in self._context.areas} if self._context else {}
        return areas.get(code, Words(ja=code, easy=code, en=code))

    def _old(self, t: int, now: int) -> bool:
        after_s = self._context.thresholds.silent_after_s if self._context else None
        return now - t > (after_s or SILENT_AFTER_S) * 1e6
