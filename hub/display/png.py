"""An image of up to 256 colours as a PNG (ISO/IEC 15948), by the standard library alone."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence


def indexed_png(rows: Sequence[bytes], palette: Sequence[tuple[int, int, int]]) -> bytes:
    """Rows of palette indices, the uppermost first, all of one length.

    Raises:
        ValueError: no rows, rows of different lengths, or more than 256 colours.
    """
    if not rows or not rows[0] or len({len(row) for row in rows}) != 1 or not 1 <= len(palette) <= 256:
        raise ValueError(f"{len(rows)} rows, {len(palette)} colours: wanted equal rows and 1–256 colours")
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 3, 0, 0, 0)
    body = zlib.compress(b"".join(b"\x00" + row for row in rows), 6)
    colours = b"".join(bytes(colour) for colour in palette)
    chunks = ((b"IHDR", header), (b"PLTE", colours), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
