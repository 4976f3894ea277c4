"""Consistent-overhead byte stuffing: any bytes, written without a zero byte, so that zero can delimit.

Each run of up to 254 non-zero bytes is preceded by a code byte: its length plus one. A code below 255 also
stands for the zero that ended the run, but for the last one.

Source: S. Cheshire and M. Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7(2), 1999.
"""

from firmware_bridge.errors import StuffingError

LONGEST_RUN_BYTES = 254
FULL_CODE = LONGEST_RUN_BYTES + 1


def cobs_encode(plain: bytes) -> bytes:
    """`plain` without zero bytes; at most one byte longer per 254 bytes begun (an empty input gives one byte)."""
    stuffed = bytearray()
    runs = plain.split(b"\x00")
    for index, run in enumerate(runs):
        start = 0
        while len(run) - start >= LONGEST_RUN_BYTES:
            stuffed.append(FULL_CODE)
            stuffed += run[start : start + LONGEST_RUN_BYTES]
            start += LONGEST_RUN_BYTES
        ends_exactly_on_a_full_run = start > 0 and start == len(run)
        if ends_exactly_on_a_full_run and index == len(runs) - 1:
            break
        stuffed.append(len(run) - start + 1)
        stuffed += run[start:]
    return bytes(stuffed)


def cobs_decode(stuffed: bytes) -> bytes:
    """The bytes that `cobs_encode` was given.

    Raises StuffingError for a zero byte, for nothing at all, and for a run that is longer than what is there.
    """
    if not stuffed:
        raise StuffingError("nothing to unstuff: 0 bytes, wanted at least 1; drop it")
    if 0 in stuffed:
        raise StuffingError(f"zero byte at {stuffed.index(0)} of stuffed data, wanted none; split at zeros first")
    plain = bytearray()
    position = 0
    while position < len(stuffed):
        code = stuffed[position]
        end = position + code
        if end > len(stuffed):
            raise StuffingError(
                f"run of {code - 1} bytes at {position}, only {len(stuffed) - position - 1} left; drop it"
            )
        plain += stuffed[position + 1 : end]
        position = end
        if code != FULL_CODE and position < len(stuffed):
            plain.append(0)
    return bytes(plain)
