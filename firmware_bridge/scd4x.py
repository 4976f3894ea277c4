"""SCD40 and SCD41 carbon dioxide sensors: the nine bytes that `read_measurement` (0xEC05) gives on I2C, and what they mean.

Three words, big-endian, each with a CRC-8 behind it (polynomial 0x31, from 0xFF): carbon dioxide in ppm, temperature as
−45 + 175·w/65535 °C, relative humidity as 100·w/65535 %.

Source: Sensirion SCD4x data sheet, `read_measurement` and the checksum calculation.
"""

from typing import Final

from firmware_bridge.errors import PayloadMalformed

WORDS: Final = 3
ANSWER_BYTES: Final = 3 * WORDS
_POLYNOMIAL: Final = 0x31
_START: Final = 0xFF
_FULL_SCALE: Final = 65_535


def crc8(data: bytes) -> int:
    """The sensor's checksum of `data`: 0x92 of the bytes BE EF."""
    remainder = _START
    for byte in data:
        remainder ^= byte
        for _ in range(8):
            remainder = (remainder << 1 ^ _POLYNOMIAL if remainder & 0x80 else remainder << 1) & 0xFF
    return remainder


def words_of(answer: bytes) -> tuple[int, int, int]:
    """Gas, temperature and humidity as the sensor counts them; raises PayloadMalformed at another size or checksum."""
    if len(answer) != ANSWER_BYTES:
        raise PayloadMalformed(f"SCD4x answer has {len(answer)} bytes, wanted {ANSWER_BYTES}; drop it")
    gas, temperature, humidity = (_word(answer[at : at + 3]) for at in range(0, ANSWER_BYTES, 3))
    return gas, temperature, humidity


def scd4x_answer(words: tuple[int, int, int]) -> bytes:
    """The sensor's answer of these words, each 0–65535."""
    packed = (word.to_bytes(2, "big") for word in words)
    return b"".join(word + bytes([crc8(word)]) for word in packed)


def temperature_degc(word: int) -> float:
    """°C of the second word."""
    return -45.0 + 175.0 * word / _FULL_SCALE


def temperature_word(degc: float) -> int:
    """The second word for −45–130 °C."""
    return round((degc + 45.0) * _FULL_SCALE / 175.0)


def humidity_percent(word: int) -> float:
    """% of the third word."""
    return 100.0 * word / _FULL_SCALE


def humidity_word(percent: float) -> int:
    """The third word for 0–100 %."""
    return round(percent * _FULL_SCALE / 100.0)


def _word(with_checksum: bytes) -> int:
    word, checksum = with_checksum[:2], with_checksum[2]
    if crc8(word) != checksum:
        raise PayloadMalformed(f"SCD4x word {word.hex()} has checksum {checksum:02x}, wanted {crc8(word):02x}; drop it")
    return int.from_bytes(word, "big")
