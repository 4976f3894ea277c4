"""AMG8833 thermal array: 12-bit registers of 64 pixels and a thermistor to °C.

Pixels are two's complement, 0.25 °C a count; the thermistor is sign and magnitude, 0.0625 °C a count. The four bits
above a 12-bit register carry nothing and are left out.

Source: Panasonic Grid-EYE AMG88 reference specification, registers 0x0E–0x0F and 0x80–0xFF.
"""

from typing import TYPE_CHECKING

from firmware_bridge.errors import PayloadMalformed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROWS = COLUMNS = 8
PIXEL_C = 0.25
THERMISTOR_C = 0.0625
REGISTER_BYTES = ROWS * COLUMNS * 2


def pixels_c(registers: bytes) -> "NDArray[np.float32]":
    """Temperatures in °C, shape (8, 8), from registers 0x80–0xFF as read (128 bytes, low byte first, row by row).

    Raises PayloadMalformed when there are not 128 bytes.
    """
    import numpy

    if len(registers) != REGISTER_BYTES:
        raise PayloadMalformed(f"thermal frame has {len(registers)} bytes, wanted {REGISTER_BYTES}; read it again")
    left_aligned = (numpy.frombuffer(registers, dtype="<u2") << 4).astype(numpy.uint16)
    counts = left_aligned.view(numpy.int16) >> 4
    return (counts.reshape(ROWS, COLUMNS) * numpy.float32(PIXEL_C)).astype(numpy.float32)


def thermistor_c(register: int) -> float:
    """The module's own temperature in °C, from register 0x0E–0x0F as one 16-bit number."""
    magnitude = (register & 0x7FF) * THERMISTOR_C
    return -magnitude if register & 0x800 else magnitude
