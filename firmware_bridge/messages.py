"""What a microcontroller may say in a frame: one small type a message, its layout, and both ways between them.

All integers are little-endian. Payload layouts, by message type:

    1 HELLO         boot id u32, firmware version 3 × u8, sensor kind u8, sample rate u32 mHz,
                    full scale u32 (1/1000 unit), lsb weight u64 (1e-12 unit)                            24 bytes
    2 ACCELERATION  sample counter of the first sample u64, then n × (x, y, z) as i24                8 + 9n, n 1–26
    3 THERMAL       frame counter u32, thermistor register u16, 64 pixel registers u16, row by row      134 bytes
    4 PULSE         lane u8, event u8, counter u32, microcontroller's clock u32 ms                       10 bytes
    5 LEVELS        n × (channel u8, level i32 in 1/1000 unit)                                          5n, n 1–49
    6 RADIO_TAG     antenna u8, armed u8 (0 or 1), signal i16 in 1/10 dBm, clock u32 ms, item hash u32   12 bytes
    7 LOG           severity u8, code u16                                                                 3 bytes

The unit of HELLO's scales is the SI unit of its sensor kind (m/s² for an accelerometer). HELLO is said at boot with
sequence 0 and again, under the next sequence, whenever the other end says HELLO and at least every 10 s.

Nothing here can carry a person or a thing by name: no message has text, and an item's hash is computed in the
microcontroller with a salt that it draws at boot and never tells, so that it means nothing after the next one.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

from firmware_bridge.errors import MessageRefused, PayloadMalformed
from firmware_bridge.framing import HELLO_TYPE, MAX_PAYLOAD_BYTES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BYTES_A_SAMPLE = 9
MAX_SAMPLES = (MAX_PAYLOAD_BYTES - 8) // BYTES_A_SAMPLE
MAX_LEVELS = MAX_PAYLOAD_BYTES // 5
PIXEL_BYTES = 128


class MessageType(IntEnum):
    """The message type byte of a frame; the layouts are in this module's docstring."""

    HELLO = HELLO_TYPE
    ACCELERATION = 2
    THERMAL = 3
    PULSE = 4
    LEVELS = 5
    RADIO_TAG = 6
    LOG = 7


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


Message: TypeAlias = Hello | Acceleration | Thermal | Pulse | Levels | RadioTag | Log | Unknown

_HELLO = struct.Struct("<I3BBIIQ")
_FIRST_SAMPLE = struct.Struct("<Q")
_THERMAL = struct.Struct(f"<IH{PIXEL_BYTES}s")
_PULSE = struct.Struct("<BBII")
_LEVEL = struct.Struct("<Bi")
_RADIO_TAG = struct.Struct("<BBhII")
_LOG = struct.Struct("<BH")


def _decode_hello(payload: bytes) -> Hello:
    boot_id, major, minor, patch, kind, rate_mhz, full_scale_milli, lsb_pico = _HELLO.unpack(payload)
    return Hello(boot_id, (major, minor, patch), kind, rate_mhz, full_scale_milli, lsb_pico)


def _decode_acceleration(payload: bytes) -> Acceleration:
    (first_sample,) = _FIRST_SAMPLE.unpack_from(payload)
    packed = payload[_FIRST_SAMPLE.size :]
    if not packed or len(packed) % BYTES_A_SAMPLE:
        raise struct.error(f"{len(packed)} bytes of samples, wanted a multiple of {BYTES_A_SAMPLE}")
    return Acceleration(first_sample, packed)


def _decode_thermal(payload: bytes) -> Thermal:
    return Thermal(*_THERMAL.unpack(payload))


def _decode_pulse(payload: bytes) -> Pulse:
    return Pulse(*_PULSE.unpack(payload))


def _decode_levels(payload: bytes) -> Levels:
    if not payload:
        raise struct.error("no levels, wanted at least one")
    return Levels(tuple((channel, level) for channel, level in _LEVEL.iter_unpack(payload)))


def _decode_radio_tag(payload: bytes) -> RadioTag:
    antenna, armed, signal_decidbm, clock_ms, item_hash = _RADIO_TAG.unpack(payload)
    if armed > 1:
        raise struct.error(f"armed is {armed}, wanted 0 or 1")
    return RadioTag(antenna, bool(armed), signal_decidbm, clock_ms, item_hash)


def _decode_log(payload: bytes) -> Log:
    return Log(*_LOG.unpack(payload))


_DECODERS: dict[int, Callable[[bytes], Message]] = {
    MessageType.HELLO: _decode_hello,
    MessageType.ACCELERATION: _decode_acceleration,
    MessageType.THERMAL: _decode_thermal,
    MessageType.PULSE: _decode_pulse,
    MessageType.LEVELS: _decode_levels,
    MessageType.RADIO_TAG: _decode_radio_tag,
    MessageType.LOG: _decode_log,
}


def decode_message(message_type: int, payload: bytes) -> Message:
    """The message in a frame; Unknown for a type that is not in the table.

    Raises PayloadMalformed when a known type's payload does not fit its layout.
    """
    decode = _DECODERS.get(message_type)
    if decode is None:
        return Unknown(message_type, payload)
    try:
        return decode(payload)
    except struct.error as error:
        raise PayloadMalformed(
            f"message type {message_type}, payload of {len(payload)} bytes: {error}; drop it"
        ) from error


def encode_message(message: Message) -> tuple[int, bytes]:
    """The message type and payload to put in a frame.

    Raises MessageRefused when a field does not fit its place or there are too many samples or levels.
    """
    try:
        message_type, payload = _encode(message)
    except struct.error as error:
        raise MessageRefused(f"{type(message).__name__} does not fit its layout: {error}; correct the field") from error
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise MessageRefused(
            f"{type(message).__name__} takes {len(payload)} bytes, a frame carries {MAX_PAYLOAD_BYTES}; split it"
        )
    return message_type, payload


def _encode(message: Message) -> tuple[int, bytes]:
    match message:
        case Hello(boot_id, version, kind, rate_mhz, full_scale_milli, lsb_pico):
            return MessageType.HELLO, _HELLO.pack(boot_id, *version, kind, rate_mhz, full_scale_milli, lsb_pico)
        case Acceleration(first_sample, packed):
            if not packed or len(packed) % BYTES_A_SAMPLE:
                raise struct.error(f"{len(packed)} bytes of samples, wanted a multiple of {BYTES_A_SAMPLE}")
            return MessageType.ACCELERATION, _FIRST_SAMPLE.pack(first_sample) + packed
        case Thermal(frame_counter, thermistor, pixels):
            if len(pixels) != PIXEL_BYTES:
                raise struct.error(f"{len(pixels)} bytes of pixels, wanted {PIXEL_BYTES}")
            return MessageType.THERMAL, _THERMAL.pack(frame_counter, thermistor, pixels)
        case Pulse(lane, event, counter, clock_ms):
            return MessageType.PULSE, _PULSE.pack(lane, event, counter, clock_ms)
        case Levels(levels_milli):
            if not levels_milli:
                raise struct.error("no levels, wanted at least one")
            return MessageType.LEVELS, b"".join(_LEVEL.pack(channel, level) for channel, level in levels_milli)
        case RadioTag(antenna, armed, signal_decidbm, clock_ms, item_hash):
            return MessageType.RADIO_TAG, _RADIO_TAG.pack(antenna, armed, signal_decidbm, clock_ms, item_hash)
        case Log(severity, code):
            return MessageType.LOG, _LOG.pack(severity, code)
        case Unknown(message_type, payload):
            return message_type, payload


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
