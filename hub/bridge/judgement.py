"""Judgement of a bridge: vibration, natural frequencies, temperatures, sick sensors.

Rules it keeps, beside those of ``hub/judgement.py``:
- Frequencies are judged by the hour, against the law of temperature of the reference (``long_term``), from what the hub has
  stored: a late hour counts as one that came in time, a restart changes nothing. Before there is a law nothing is judged.
- What was made of newer hours is never replaced by what was made of older ones.
- A sick sensor is said until its channel is said to be well.
- The novelty score is shown and never judged: it stands beside the physical figures.
- A bridge without a word for the city's ``silent_after_s`` is silent, and nothing is called good then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from types import MappingProxyType
from zoneinfo import ZoneInfo

from edge.contract.records import Record
from edge.contract.records.bridge import (
    BridgeMode,
    BridgeNovelty,
    BridgePassage,
    BridgeSensor,
    BridgeTemperature,
    BridgeVibration,
)
from hub.bridge import long_term, outlook, residual_figure, wording
from hub.bridge.hourly import MODE, TEMPERATURE, Hours
from hub.city import DeviceContext, Levels
from hub.display.language import Language
from hub.display.markup import Markup
from hub.judgement import Alert, Figure, History, Level, Status
from hub.words import Words

SILENT_AFTER_S = 300.0
SHIFT_PERCENT = Levels(notice=1.0, warning=2.0, bad=4.0)
"""Where the city file says nothing."""

LEVEL_FRESH_S = 180.0
MODE_FRESH_S = 1800.0
TEMPERATURE_FRESH_S = 600.0
NOVELTY_FRESH_S = 600.0
PASSAGES_S = 3600.0
PASSAGES_KEPT = 4096
SERIES_KEPT = 64
CONFIDENCE_95 = 1.96
DRAWN_S = 90.0 * 86_400.0
HISTORY_DAYS = 1100
"""A reference of a year and two years after it."""


class Judgement:
    """One bridge's records turned into its status."""

    past: Mapping[str, float] = MappingProxyType({"bridge_passage": 3600.0})
    histories = (History(*MODE, HISTORY_DAYS, True), History(*TEMPERATURE, HISTORY_DAYS, True))

    def __init__(self, context: DeviceContext | None = None) -> None:
        self._context = context
        self._names = {part.code: part.name for part in context.channels} if context else {}
        thresholds = context.thresholds if context else None
        self._silent_after_s = (thresholds.silent_after_s if thresholds else None) or SILENT_AFTER_S
        self._shift = (thresholds.frequency_shift_percent if thresholds else None) or SHIFT_PERCENT
        self._heard = -1
        self._levels: dict[str, tuple[int, BridgeVibration]] = {}
        self._modes: dict[str, tuple[int, BridgeMode]] = {}
        self._temperatures: dict[str, tuple[int, BridgeTemperature]] = {}
        self._sensors: dict[str, tuple[int, BridgeSensor]] = {}
        self._sick_since: dict[str, int] = {}
        self._novelty: tuple[int, BridgeNovelty] | None = None
        self._passages: deque[int] = deque(maxlen=PASSAGES_KEPT)
        self._zone = ZoneInfo(context.time_zone if context else "UTC")
        self._log = context.events if context else []
        self._hours = Hours()
        self._was_told = False
        self._chart = long_term.NOTHING
        self._changed: outlook.Changed | None = None

    def learn(self, history: History, tags: Mapping[str, str], hours: list[tuple[int, float]]) -> None:
        """Take hours of one mode or temperature; see ``hub.judgement.Learner``."""
        self._hours.tell((history.kind, history.field), next(iter(tags.values())), hours)
        self._was_told = True

    def ponder(self) -> Callable[[], Callable[[], None]] | None:
        """Judge all hours anew; see ``hub.judgement.Ponderer``."""
        if not self._was_told:
            return None
        self._was_told = False
        series, context, zone = self._hours.series(), self._context, self._zone

        def compute() -> Callable[[], None]:
            classify = long_term.classify_with(context.girder if context else None)
            found = long_term.judge(series, context.reference if context else None, zone, classify)
            return lambda: self._take_chart(found)

        return compute

    def drawing(self, now: int, language: Language) -> Markup | None:
        """Residuals with limits, alarms and the owner's log over the last ``DRAWN_S``."""
        return residual_figure.svg(self._chart, self._log, self._zone, (now / 1e6 - DRAWN_S, now / 1e6), language)

    @property
    def chart(self) -> long_term.LongTerm:
        """What was made of the stored hours last."""
        return self._chart

    def _take_chart(self, found: long_term.LongTerm) -> None:
        if found.through_s >= self._chart.through_s:
            self._chart = found
            self._changed = outlook.changed(found, self._log, self._zone)

    def observe(self, record: Record, t: int) -> None:
        """Take one stored record whose time is ``t`` [µs UTC]; of any kind, in any order."""
        self._heard = max(self._heard, t)
        match record:
            case BridgeVibration(channel=channel):
                if _newer(self._levels, channel, t):
                    self._levels[channel] = (t, record)
            case BridgeTemperature(sensor=sensor):
                if _newer(self._temperatures, sensor, t):
                    self._temperatures[sensor] = (t, record)
            case BridgeMode(mode=mode):
                if _newer(self._modes, mode, t):
                    self._modes[mode] = (t, record)
            case BridgeSensor():
                self._take_sensor(record, t)
            case BridgeNovelty():
                if self._novelty is None or t >= self._novelty[0]:
                    self._novelty = (t, record)
            case BridgePassage():
                self._passages.append(t)

    def _take_sensor(self, record: BridgeSensor, t: int) -> None:
        if not _newer(self._sensors, record.channel, t):
            return
        self._sensors[record.channel] = (t, record)
        if record.finding == "ok":
            self._sick_since.pop(record.channel, None)
        else:
            self._sick_since.setdefault(record.channel, t)

    def status(self, now: int) -> Status:
        """The status at ``now`` [µs UTC]."""
        level, headline = self._headline(now)
        figures = [
            *self._level_figures(),
            *self._mode_figures(),
            *outlook.figures(self._chart, self._zone),
            *self._temperature_figures(),
            *self._count_figures(now),
        ]
        return Status(level=level, headline=headline, figures=figures)

    def alerts(self, now: int) -> list[Alert]:
        """What is going on at ``now`` [µs UTC]."""
        found = []
        if self._is_silent(now):
            found.append(Alert(key="bridge_silent", severity="warning", text=wording.SILENT, since=self._heard))
        for channel, since in sorted(self._sick_since.items()):
            text = wording.sensor_is(self._name_of(channel), self._sensors[channel][1].finding)
            found.append(Alert(key=f"bridge_sensor_{channel}", severity="warning", text=text, since=since))
        if self._changed is not None:
            found.append(outlook.alert(self._changed, self._shift))
        return found

    def _is_silent(self, now: int) -> bool:
        return self._heard >= 0 and now - self._heard > self._silent_after_s * 1e6

    def _headline(self, now: int) -> tuple[Level, Words]:
        if self._heard < 0:
            return "unknown", wording.NOTHING_YET
        if self._is_silent(now):
            return "unknown", wording.SILENT
        told = outlook.headline(self._chart, self._changed, self._shift, self._zone, now)
        if self._changed is not None:
            return told
        if self._sick_since:
            return "notice", wording.sensors_are(len(self._sick_since))
        if not self._modes:
            return "unknown", wording.NO_MODES
        return told

    def _name_of(self, channel: str) -> Words:
        return self._names.get(channel) or wording.code_as_words(channel)

    def _level_figures(self) -> list[Figure]:
        well = [held for channel, held in self._levels.items() if channel not in self._sick_since]
        newest = max((t for t, _ in well), default=None)
        recent = [held for held in well if newest is not None and newest - held[0] <= LEVEL_FRESH_S * 1e6]
        strongest = max((record.rms_m_s2 for _, record in recent), default=None)
        return [
            Figure(
                key="vibration_rms_mm_s2", label=wording.LEVEL,
                value=None if strongest is None else strongest * 1000.0, unit="mm/s²",
                t=newest, fresh_for_s=LEVEL_FRESH_S, digits=2,
            )
        ]  # fmt: skip

    def _mode_figures(self) -> list[Figure]:
        figures = []
        for label, (t, record) in sorted(self._modes.items(), key=lambda one: one[1][1].frequency_hz):
            value, reach = record.frequency_hz, CONFIDENCE_95 * record.frequency_std_hz
            figures.append(
                Figure(
                    key=f"frequency_{label}_hz", label=wording.mode_label(label), value=value, unit="Hz",
                    t=t, fresh_for_s=MODE_FRESH_S, low=value - reach, high=value + reach, digits=3,
                )
            )  # fmt: skip
        return figures

    def _temperature_figures(self) -> list[Figure]:
        return [
            Figure(
                key=f"temperature_{sensor}_degc", label=wording.temperature_label(sensor),
                value=record.temperature_degc, unit="°C", t=t, fresh_for_s=TEMPERATURE_FRESH_S, digits=1,
            )
            for sensor, (t, record) in sorted(self._temperatures.items(), reverse=True)
        ]  # fmt: skip

    def _count_figures(self, now: int) -> list[Figure]:
        heard = self._heard if self._heard >= 0 else None
        passed = sum(now - PASSAGES_S * 1e6 < t <= now for t in self._passages)
        checked = max((t for t, _ in self._sensors.values()), default=None)
        figures = [
            Figure(
                key="passages_last_hour", label=wording.PASSAGES, value=None if heard is None else passed,
                t=heard, fresh_for_s=LEVEL_FRESH_S,
            ),
            Figure(
                key="sensors_sick", label=wording.SICK_SENSORS,
                value=None if checked is None else len(self._sick_since), t=heard if checked else None,
                fresh_for_s=LEVEL_FRESH_S,
            ),
        ]  # fmt: skip
        if self._novelty is not None:
            t, record = self._novelty
            figures.append(
                Figure(
                    key="novelty", label=wording.NOVELTY, value=record.score, t=t,
                    fresh_for_s=NOVELTY_FRESH_S, digits=2,
                )
            )  # fmt: skip
        return figures


def _newer(held: Mapping[str, tuple[int, Record]], key: str, t: int) -> bool:
    """Whether a record of series ``key`` at ``t`` should be held: newer than the held one, or one of few new series."""
    if key in held:
        return t >= held[key][0]
    return len(held) < SERIES_KEPT
