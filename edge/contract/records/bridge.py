"""What a bridge says: levels, spectra, tracked modes, temperature, the health of its sensors."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from edge.contract.quantity import Code, Count, meaning, numbers, quantity, tag
from edge.contract.records.base import Priority, Record

SensorFinding = Literal[
    "ok", "dropout", "stuck", "clipping", "spikes", "offset_jump", "noisy", "axis_swapped", "out_of_family"
]


class BridgeVibration(Record, tag="bridge_vibration", frozen=True, kw_only=True):
    """Level of one channel over one window; ``t`` is the window's end."""

    channel: Annotated[Code, tag("which channel")]
    rms_m_s2: Annotated[float, quantity("m/s²", "root mean square of the acceleration, mean removed", 0, 1e6)]
    peak_m_s2: Annotated[float, quantity("m/s²", "largest absolute acceleration, mean removed", 0, 1e6)]
    window_s: Annotated[float, quantity("s", "length of the window", 0, 86_400)]
    samples: Annotated[Count, quantity("1", "samples in the window")]


class BridgeSpectrum(Record, tag="bridge_spectrum", frozen=True, kw_only=True):
    """One row of a spectrogram: power spectral density in equal steps of frequency, in decibels."""

    priority: ClassVar[Priority] = Priority.BULK

    channel: Annotated[Code, tag("which channel")]
    f_first_hz: Annotated[float, quantity("Hz", "frequency of the first level", 0, 10_000)]
    f_step_hz: Annotated[float, quantity("Hz", "step between levels", 0, 10_000)]
    levels_db: Annotated[list[float], numbers("dB re 1 (m/s²)²/Hz", "one-sided power spectral density, 0.1 dB steps")]
    averages: Annotated[float, quantity("1", "effective number of averages of the estimate", 0)]


class BridgeMode(Record, tag="bridge_mode", frozen=True, kw_only=True):
    """One tracked natural mode; ``t`` is the end of the window it was identified in."""

    mode: Annotated[Code, tag("label that the tracker keeps, e.g. m1")]
    frequency_hz: Annotated[float, quantity("Hz", "natural frequency", 0, 10_000)]
    frequency_std_hz: Annotated[float, quantity("Hz", "standard uncertainty of the frequency", 0, 10_000)]
    damping_ratio: Annotated[float, quantity("1", "fraction of critical damping", 0, 1)] | None = None
    damping_std: Annotated[float, quantity("1", "standard uncertainty of the damping ratio", 0)] | None = None
    modal_assurance: (
        Annotated[float, quantity("1", "modal assurance criterion against the reference shape", 0, 1)] | None
    ) = None
    level_m_s2: Annotated[float, quantity("m/s²", "root mean square acceleration of the window", 0, 1e6)] | None = None
    shape_real: Annotated[list[float], numbers("1", "real part of the mode shape, one a channel in use", 64)] = []
    shape_imag: Annotated[list[float], numbers("1", "imaginary part of the mode shape", 64)] = []


class BridgeSensor(Record, tag="bridge_sensor", frozen=True, kw_only=True):
    """Health of one channel; said when it changes and once an hour."""

    priority: ClassVar[Priority] = Priority.STATE

    channel: Annotated[Code, tag("which channel")]
    finding: Annotated[SensorFinding, meaning("what is wrong with the channel, or ok")]
    used: Annotated[bool, meaning("whether the channel takes part in spectra and modes")]
    noise_floor_m_s2: Annotated[float, quantity("m/s²", "noise estimated from the quietest part", 0, 1e6)] | None = None


class BridgeTemperature(Record, tag="bridge_temperature", frozen=True, kw_only=True):
    """Temperature at one place of the structure."""

    sensor: Annotated[Code, tag("which sensor")]
    temperature_degc: Annotated[float, quantity("°C", "temperature", -60, 120)]


class BridgePassage(Record, tag="bridge_passage", frozen=True, kw_only=True):
    """A vehicle or another short excitation passed; ``t`` is its beginning."""

    duration_s: Annotated[float, quantity("s", "from trigger to release", 0, 3600)]
    peak_m_s2: Annotated[float, quantity("m/s²", "largest absolute acceleration on any used channel", 0, 1e6)]
    channels: Annotated[Count, quantity("1", "channels that agreed")]


class BridgeTrigger(Record, tag="bridge_trigger", frozen=True, kw_only=True):
    """A passage or an earthquake that exceeds the bridge's limit, told while it goes on; ``t`` is when it did."""

    priority: ClassVar[Priority] = Priority.STATE
    shown: ClassVar[tuple[str, ...]] = ("peak_m_s2",)

    peak_m_s2: Annotated[float, quantity("m/s²", "largest absolute acceleration so far on any used channel", 0, 1e6)]
    channels: Annotated[Count, quantity("1", "channels that agreed")]


class BridgeNovelty(Record, tag="bridge_novelty", frozen=True, kw_only=True):
    """How unusual the spectrum is by a model; stands beside the physical indicators, never instead of them."""

    model: Annotated[Code, tag("name in the models' manifest")]
    score: Annotated[float, quantity("1", "reconstruction error over its 99th percentile on healthy data", 0)]


class BridgeSampling(Record, tag="bridge_sampling", frozen=True, kw_only=True):
    """The sampling clock measured against the device's clock."""

    rate_hz: Annotated[float, quantity("Hz", "measured sampling rate", 0, 1e6)]
    deviation_ppm: Annotated[float, quantity("ppm", "deviation from the nominal rate", -1e6, 1e6)]
    samples_lost: Annotated[Count, quantity("1", "samples missing by the sample counter since the start")]
    deviation_std_ppm: Annotated[float, quantity("ppm", "standard uncertainty of the deviation", 0, 1e6)] | None = None
    jumps: (
        Annotated[Count, quantity("1", "times the counter jumped against the device's clock since the start")] | None
    ) = None


RECORDS = (
    BridgeVibration,
    BridgeSpectrum,
    BridgeMode,
    BridgeSensor,
    BridgeTemperature,
    BridgePassage,
    BridgeTrigger,
    BridgeNovelty,
    BridgeSampling,
)
