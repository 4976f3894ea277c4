"""What a microcontroller may say: one small type a message. `message_codec` has their layouts on the wire.

Nothing here can carry a person or a thing by name: no message has text, and an item's hash is computed in the
microcontroller with a salt that it draws at boot and never tells, so that it means nothing after the next one.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

from firmware_bridge.errors import MessageRefused
from firmware_bridge.framing import HELLO_TYPE, MAX_PAYLOAD_BYTES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BYTES_A_SAMPLE = 9
MAX_SAMPLES = (MAX_PAYLOAD_BYTES - 8) // BYTES_A_SAMPLE
MAX_LEVELS = MAX_PAYLOAD_BYTES // 5
PIXEL_BYTES = 128


class MessageType(IntEnum):
    """The message type byte of a frame; the layouts are in `message_codec`."""

    HELLO = HELLO_TYPE
    ACCELERATION = 2
    THERMAL = 3
    PULSE = 4
    LEVELS = 5
    RADIO_TAG = 6
    LOG = 7
    AIR_WORDS = 8


class SensorKind(IntEnum):
    """Who is speaking. A kind that is not listed is kept as its number."""

    HOST = 0
    ACCELEROMETER = 1
    THERMAL_ARRAY = 2
    LINE_COUNTER = 3
    GATE = 4
    LEVELS = 5
    RADIO_READER = 6


class PulseEvent(IntEnum):
    """What happened on a lane. An event that is not listed is kept as its number."""

    PASS_IN = 1
    PASS_OUT = 2
    BLOCKED = 3
    CLEARED = 4
    ALARM = 5


class Severity(IntEnum):
    """How bad a logged code is, for the device's health record."""

    INFORMATION = 1
    WARNING = 2
    ERROR = 3
    FATAL = 4


@dataclass(frozen=True, slots=True)
class Hello:
    """Who the other end is and how its raw numbers scale; `boot_id` is drawn anew at every boot."""

    boot_id: int
    firmware_version: tuple[int, int, int]
    sensor_kind: int
    sample_rate_mhz: int
    full_scale_milli: int
    lsb_pico: int

    @property
    def sample_rate_hz(self) -> float:
        return self.sample_rate_mhz / 1e3

    @property
    def lsb_weight(self) -> float:
        """SI units a count."""
        return self.lsb_pico / 1e12


@dataclass(frozen=True, slots=True)
class Acceleration:
    """A run of three-axis samples as the sensor counted them; `first_sample` counts samples since boot."""

    first_sample: int
    packed_counts: bytes

    @property
    def sample_count(self) -> int:
        return len(self.packed_counts) // BYTES_A_SAMPLE

    def counts(self) -> "NDArray[np.int32]":
        """Raw counts, shape (samples, 3), −8388608 to 8388607."""
        import numpy

        triplets = numpy.frombuffer(self.packed_counts, dtype=numpy.uint8).reshape(-1, 3)
        widened = numpy.zeros((len(triplets), 4), dtype=numpy.uint8)
        widened[:, 1:] = triplets
        return (widened.view("<i4") >> 8).reshape(-1, 3).astype(numpy.int32)

    def in_si_units(self, hello: Hello) -> "NDArray[np.float64]":
        """Samples in the unit of `hello` (m/s² for an accelerometer), shape (samples, 3)."""
        import numpy

        return self.counts().astype(numpy.float64) * hello.lsb_weight


@dataclass(frozen=True, slots=True)
class Thermal:
    """One 8×8 thermal frame in an AMG8833's own registers; `firmware_bridge.amg8833` makes °C of them."""

    frame_counter: int
    thermistor_register: int
    pixel_registers: bytes

    def temperatures_c(self) -> "NDArray[np.float32]":
        """Pixel temperatures in °C, shape (8, 8), row by row."""
        from firmware_bridge.amg8833 import pixels_c

        return pixels_c(self.pixel_registers)


@dataclass(frozen=True, slots=True)
class Pulse:
    """Something passed or happened on a lane; `counter` counts that lane's events since boot."""

    lane: int
    event: int
    counter: int
    clock_ms: int


@dataclass(frozen=True, slots=True)
class Levels:
    """Slow quantities read together: (channel, level in thousandths of its unit) each."""

    levels_milli: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class AirWords:
    """One measurement in an SCD4x's own words; `firmware_bridge.scd4x` makes °C and % of them."""

    co2_ppm: int
    temperature_word: int
    humidity_word: int


@dataclass(frozen=True, slots=True)
class RadioTag:
    """A tagged item was heard; `armed` is its electronic-article-surveillance bit, `item_hash` is salted per boot."""

    antenna: int
    armed: bool
    signal_decidbm: int
    clock_ms: int
    item_hash: int


@dataclass(frozen=True, slots=True)
class Log:
    """The firmware reports a condition by its code; there is no text."""

    severity: int
    code: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """A message type of a newer firmware, kept as it came."""

    message_type: int
    payload: bytes


Message: TypeAlias = Hello | Acceleration | Thermal | Pulse | Levels | RadioTag | Log | AirWords | Unknown


def pack_counts(counts: list[tuple[int, int, int]]) -> bytes:
    """Three-axis raw counts as an ACCELERATION message packs them; raises MessageRefused beyond 24 bits."""
    try:
        return b"".join(count.to_bytes(3, "little", signed=True) for sample in counts for count in sample)
    except OverflowError as error:
        raise MessageRefused("a count is beyond 24 bits, wanted −8388608 to 8388607; correct the sample") from error


def samples_missing(previous: Acceleration | None, current: Acceleration) -> int:
    """Samples between two messages of one boot that never came; negative when `current` overlaps or goes back.

    Frames lost on the line and samples lost in the microcontroller both show here.
    """
    if previous is None:
        return 0
    return current.first_sample - (previous.first_sample + previous.sample_count)
