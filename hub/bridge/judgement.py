"""Judgement of a bridge: vibration, natural frequencies, temperatures, sick sensors.

Rules it keeps, beside those of ``hub/judgement.py``:
- A frequency is judged by its own chart (``frequency_chart``), and only against its own past.
- A sick sensor is said until its channel is said to be well.
- The novelty score is shown and never judged: it stands beside the physical figures.
- A bridge without a word for the city's ``silent_after_s`` is silent, and nothing is called good then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from edge.contract.records import Record
from edge.contract.records.bridge import (
    BridgeMode,
    BridgeNovelty,
    BridgePassage,
    BridgeSensor,
    BridgeTemperature,
    BridgeVibration,
)
from hub.bridge import wording
from hub.bridge.frequency_chart import FrequencyChart
from hub.city import DeviceContext, Levels
from hub.judgement import Alert, Figure, Level, Status
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


@dataclass(slots=True)
class _Mode:
    record: BridgeMode
    t: int
    chart: FrequencyChart = field(default_factory=FrequencyChart)
    outside_since: int | None = None


class Judgement:
    """One bridge's records turned into its status."""

    past: Mapping[str, float] = MappingProxyType({"bridge_mode": 86_400.0, "bridge_passage": 3600.0})

    def __init__(self, context: DeviceContext | None = None) -> None:
        self._context = context
        self._names = {part.code: part.name for part in context.channels} if context else {}
        thresholds = context.thresholds if context else None
        self._silent_after_s = (thresholds.silent_after_s if thresholds else None) or SILENT_AFTER_S
        self._shift = (thresholds.frequency_shift_percent if thresholds else None) or SHIFT_PERCENT
        self._heard = -1
        self._levels: dict[str, tuple[int, BridgeVibration]] = {}
        self._modes: dict[str, _Mode] = {}
        self._temperatures: dict[str, tuple[int, BridgeTemperature]] = {}
        self._sensors: dict[str, tuple[int, BridgeSensor]] = {}
        self._sick_since: dict[str, int] = {}
        self._novelty: tuple[int, BridgeNovelty] | None = None
        self._passages: deque[int] = deque(maxlen=PASSAGES_KEPT)

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
            case BridgeMode():
                self._take_mode(record, t)
            case BridgeSensor():
                self._take_sensor(record, t)
            case BridgeNovelty():
                if self._novelty is None or t >= self._novelty[0]:
                    self._novelty = (t, record)
            case BridgePassage():
                self._passages.append(t)

    def _take_mode(self, record: BridgeMode, t: int) -> None:
        held = self._modes.get(record.mode)
        if held is None:
            if len(self._modes) >= SERIES_KEPT:
                return
            held = self._modes[record.mode] = _Mode(record, t)
        elif t <= held.t:
            return
        held.record, held.t = record, t
        held.chart.take(record.frequency_hz, record.frequency_std_hz)
        if not held.chart.is_outside(self._shift.notice):
            held.outside_since = None
        elif held.outside_since is None:
            held.outside_since = t

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
        for label, mode in sorted(self._modes.items()):
            percent = mode.chart.shift_percent()
            if mode.outside_since is not None and percent is not None:
                found.append(
                    Alert(
                        key=f"bridge_frequency_{label}",
                        severity="critical" if abs(percent) >= self._shift.bad else "warning",
                        text=wording.frequency_shifted(label, percent),
                        since=mode.outside_since,
                    )
                )
        return found

    def _is_silent(self, now: int) -> bool:
        return self._heard >= 0 and now - self._heard > self._silent_after_s * 1e6

    def _headline(self, now: int) -> tuple[Level, Words]:
        if self._heard < 0:
            return "unknown", wording.NOTHING_YET
        if self._is_silent(now):
            return "unknown", wording.SILENT
        outside = [
            (abs(percent), label, percent)
            for label, mode in self._modes.items()
            if mode.outside_since is not None and (percent := mode.chart.shift_percent()) is not None
        ]
        if outside:
            size, label, percent = max(outside)
            level: Level = "bad" if size >= self._shift.bad else "warning" if size >= self._shift.warning else "notice"
            return level, wording.frequency_shifted(label, percent)
        if self._sick_since:
            return "notice", wording.sensors_are(len(self._sick_since))
        if not self._modes:
            return "good", wording.NO_MODES
        learning = all(mode.chart.learning for mode in self._modes.values())
        return "good", wording.LEARNING if learning else wording.NORMAL

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
        for label, mode in sorted(self._modes.items(), key=lambda one: one[1].record.frequency_hz):
            value, reach = mode.record.frequency_hz, CONFIDENCE_95 * mode.record.frequency_std_hz
            figures.append(
                Figure(
                    key=f"frequency_{label}_hz", label=wording.mode_label(label), value=value, unit="Hz",
                    t=mode.t, fresh_for_s=MODE_FRESH_S, low=value - reach, high=value + reach, digits=3,
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
