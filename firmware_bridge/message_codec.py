"""Messages to payloads and back: the layout of every message type on the wire.

All integers are little-endian. Payload layouts, by message type:

    1 HELLO         boot id u32, firmware version 3 × u8, sensor kind u8, sample rate u32 mHz,
                    full scale u32 (1/1000 unit), lsb weight u64 (1e-12 unit)                            24 bytes
    2 ACCELERATION  sample counter of the first sample u64, then n × (x, y, z) as i24                8 + 9n, n 1–26
    3 THERMAL       frame counter u32, thermistor register u16, 64 pixel registers u16, row by row      134 bytes
    4 PULSE         lane u8, event u8, counter u32, microcontroller's clock u32 ms                       10 bytes
    5 LEVELS        n × (channel u8, level i32 in 1/1000 unit)                                          5n, n 1–49
    6 RADIO_TAG     antenna u8, armed u8 (0 or 1), signal i16 in 1/10 dBm, clock u32 ms, item hash u32   12 bytes
    7 LOG           severity u8, code u16                                                                 3 bytes
    8 AIR_WORDS     an SCD4x's answer to read_measurement: 3 × (word u16 big-endian, its CRC-8)           9 bytes

The unit of HELLO's scales is the SI unit of its sensor kind (m/s² for an accelerometer). HELLO is said at boot with
sequence 0 and again, under the next sequence, whenever the other end says HELLO and at least every 10 s.
"""

import struct
from collections.abc import Callable

from firmware_bridge.errors import MessageRefused, PayloadMalformed
from firmware_bridge.framing import MAX_PAYLOAD_BYTES
from firmware_bridge.messages import (
    BYTES_A_SAMPLE,
    PIXEL_BYTES,
    Acceleration,
    AirWords,
    Hello,
    Levels,
    Log,
    Message,
    MessageType,
    Pulse,
    RadioTag,
    Thermal,
    Unknown,
)
from firmware_bridge.scd4x import scd4x_answer, words_of

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


def _decode_air_words(payload: bytes) -> AirWords:
    return AirWords(*words_of(payload))


_DECODERS: dict[int, Callable[[bytes], Message]] = {
    MessageType.HELLO: _decode_hello,
    MessageType.ACCELERATION: _decode_acceleration,
    MessageType.THERMAL: _decode_thermal,
    MessageType.PULSE: _decode_pulse,
    MessageType.LEVELS: _decode_levels,
    MessageType.RADIO_TAG: _decode_radio_tag,
    MessageType.LOG: _decode_log,
    MessageType.AIR_WORDS: _decode_air_words,
}


def decode_message(message_type: int, payload: bytes) -> Message:
    """The message in a frame; Unknown for a type that is not in the table.

    Raises PayloadMalformed when a known type's payload does not fit its layout, or a sensor's own checksum in it differs.
    """
    decode = _DECODERS.get(message_type)
    if decode is None:
        return Unknown(message_type, payload)
    try:
        return decode(payload)
    except (struct.error, PayloadMalformed) as error:
        raise PayloadMalformed(
            f"message type {message_type}, payload of {len(payload)} bytes: {error}; drop it"
        ) from error


def encode_message(message: Message) -> tuple[int, bytes]:
    """The message type and payload to put in a frame.

    Raises MessageRefused when a field does not fit its place or there are too many samples or levels.
    """
    try:
        message_type, payload = _encode(message)
    except (struct.error, OverflowError) as error:
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
        case AirWords(gas, temperature, humidity):
            return MessageType.AIR_WORDS, scd4x_answer((gas, temperature, humidity))
        case Unknown(message_type, payload):
            return message_type, payload
