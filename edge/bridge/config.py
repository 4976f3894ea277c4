"""The bridge's ``[pipeline]`` table: channels with their units, and how each step works.

Every default is for a road bridge watched at 100–1000 Hz; a table that is absent means its defaults.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from edge.bridge.identification import Gates
from edge.contract.quantity import END, Code

Unit = Literal["m/s2", "cm/s2", "mm/s2", "g", "m/s", "cm/s", "mm/s"]
IN_SI: Final[dict[Unit, float]] = {
    "m/s2": 1.0, "cm/s2": 1e-2, "mm/s2": 1e-3, "g": 9.80665, "m/s": 1.0, "cm/s": 1e-2, "mm/s": 1e-3,
}  # fmt: skip
VELOCITIES: Final[frozenset[Unit]] = frozenset({"m/s", "cm/s", "mm/s"})

Positive = Annotated[float, msgspec.Meta(gt=0.0)]


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table in which an unknown key is an error."""


class Channel(_Table, frozen=True):
    """One column of the samples.

    Attributes:
        scale: ``unit`` that a delivered 1 is worth (a sensor's sensitivity; −1 turns its sign).
        full_scale: largest value that the sensor can show, in ``unit``; at it a channel clips.
        highest_noise: noise floor above which the sensor is not itself any more, in ``unit`` (rms of a quiet second).
    """

    name: Code
    unit: Unit = "m/s2"
    scale: float = 1.0
    full_scale: Positive | None = None
    highest_noise: Positive | None = None

    @property
    def is_velocity(self) -> bool:
        return self.unit in VELOCITIES

    @property
    def in_si(self) -> float:
        """m/s² or m/s that a delivered 1 is worth."""
        return self.scale * IN_SI[self.unit]


class Health(_Table, frozen=True):
    """When a channel is sick.

    Attributes:
        window_s: whole seconds that are judged together.
        clean_windows: clean windows in a row after which it is trusted again.
        out_of_family: level over the median of the other channels of the same quantity.
    """

    window_s: Annotated[int, msgspec.Meta(ge=5, le=600)] = 10
    clean_windows: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 3
    out_of_family: Annotated[float, msgspec.Meta(gt=1.0)] = 30.0
    repeat_s: Positive = 3600.0


class Spectrum(_Table, frozen=True):
    """Rows of the spectrogram.

    Attributes:
        window_s: how much is averaged in a row, which is what the novelty model sees.
        segment_s: sets the frequency step.
        report_s: rows are averaged over so long before they are reported; 0: each row is.
    """

    window_s: Annotated[float, msgspec.Meta(ge=5.0, le=3600.0)] = 60.0
    segment_s: Annotated[float, msgspec.Meta(ge=1.0, le=60.0)] = 5.12
    report_s: Annotated[float, msgspec.Meta(ge=0.0, le=86_400.0)] = 0.0


class ReferenceMode(_Table, frozen=True):
    """A mode known beforehand, so that its label survives a restart."""

    mode: Code
    frequency_hz: Positive


class Modes(_Table, frozen=True):
    """Identification and tracking.

    Attributes:
        window_s: how much of the past an identification looks at.
        step_s: from one identification to the next.
        first_s: how much there must be for the first one.
        lowest_hz: nothing below is looked at.
        confirm: identifications a new mode must be seen in, out of twice as many, before it gets a label.
        frequency_tolerance: relative change between identifications within which it may be the same mode.
        assurance: least modal assurance criterion for the same mode.
    """

    window_s: Annotated[float, msgspec.Meta(ge=10.0, le=3600.0)] = 600.0
    step_s: Annotated[float, msgspec.Meta(ge=1.0, le=3600.0)] = 300.0
    first_s: Annotated[float, msgspec.Meta(ge=5.0, le=3600.0)] = 120.0
    lowest_hz: Positive = 0.5
    confirm: Annotated[int, msgspec.Meta(ge=1, le=100)] = 2
    frequency_tolerance: Annotated[float, msgspec.Meta(gt=0.0, le=0.5)] = 0.08
    assurance: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 0.8
    gates: Gates = Gates()
    reference: list[ReferenceMode] = []


class Passages(_Table, frozen=True):
    """Short-term over long-term average of the power; ``channels`` must agree (or all, where fewer are in use).

    ``trigger_peak_m_s2``: a passage that exceeds it is told while it goes on.
    """

    short_s: Positive = 0.5
    long_s: Positive = 30.0
    on: Annotated[float, msgspec.Meta(gt=1.0)] = 4.0
    off: Annotated[float, msgspec.Meta(gt=0.0)] = 1.5
    channels: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2
    longest_s: Positive = 60.0
    trigger_peak_m_s2: Positive = 0.2


class Waveforms(_Table, frozen=True):
    """Raw waveforms on the device's disk, and those about passages that are sent.

    Attributes:
        days, quota_gib: the oldest hour goes when there is more; 0 days: nothing is kept.
        events_a_day: how many passages are worth their waveform; the line's own budget is in ``[blobs]``.
        before_s, after_s: what a waveform holds before and after a passage's beginning.
    """

    days: Annotated[float, msgspec.Meta(ge=0.0, le=3650.0)] = 3.0
    quota_gib: Annotated[float, msgspec.Meta(gt=0.0)] = 1.0
    events_a_day: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 12
    before_s: Annotated[float, msgspec.Meta(ge=0.0, le=600.0)] = 30.0
    after_s: Annotated[float, msgspec.Meta(gt=0.0, le=600.0)] = 60.0


class Novelty(_Table, frozen=True):
    """Which model scores the spectrum; an empty name: none."""

    model: Annotated[str, msgspec.Meta(pattern=r"^([a-z0-9][a-z0-9_.-]{0,31})?" + END)] = "bridge-novelty"


class Config(_Table, frozen=True):
    """The ``[pipeline]`` table of a bridge.

    Attributes:
        channels: in the order of the delivered columns; where empty, ``ch1``, ``ch2`` … in m/s².
        highest_hz: upper end of the band for levels, spectra, modes and passages; decides the decimation.
        level_window_s: length of a level's window.
        temperature_every_s: at most one temperature record a sensor in this time.
        sampling_every_s: how often the measured sampling rate is reported.
    """

    channels: Annotated[list[Channel], msgspec.Meta(max_length=64)] = []
    highest_hz: Annotated[float, msgspec.Meta(gt=0.0, le=500.0)] = 20.0
    level_window_s: Annotated[float, msgspec.Meta(ge=1.0, le=3600.0)] = 60.0
    temperature_every_s: Annotated[float, msgspec.Meta(ge=0.0)] = 60.0
    sampling_every_s: Annotated[float, msgspec.Meta(ge=60.0)] = 600.0
    health: Health = Health()
    spectrum: Spectrum = Spectrum()
    modes: Modes = Modes()
    passages: Passages = Passages()
    waveforms: Waveforms = Waveforms()
    novelty: Novelty = Novelty()
