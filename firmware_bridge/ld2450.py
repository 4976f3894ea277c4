"""HLK-LD2450 radar: up to three moving people, from the frames its UART sends ten times a second at 256000 baud.

A frame is AA FF 03 00, three slots of (x, y, speed, resolution) as u16 little-endian, 55 CC. The first three are sign
and magnitude with the top bit set for positive. There is no checksum: a frame counts only when head and tail both
stand where they must.

Rules the decoder keeps:
- A slot is a target only when its resolution is not 0: some firmware leaves old coordinates in empty slots.
- Every byte that is no part of a frame is counted; it holds at most 30 bytes.

Source: Hi-Link LD2450 serial communication protocol V1.03; ghost targets: esphome/esphome issue 15025.
"""

import struct
from dataclasses import dataclass

from firmware_bridge.errors import PayloadMalformed

HEAD = b"\xaa\xff\x03\x00"
TAIL = b"\x55\xcc"
BAUD = 256_000
_SLOT = struct.Struct("<HHHH")
SLOTS = 3
FRAME_BYTES = len(HEAD) + SLOTS * _SLOT.size + len(TAIL)


@dataclass(frozen=True, slots=True)
class Target:
    """One person seen: x to the right and y straight ahead of the sensor; `speed_cm_s` as the sensor signs it."""

    x_mm: int
    y_mm: int
    speed_cm_s: int
    resolution_mm: int


class Ld2450Decoder:
    """Bytes in, as they come; for each whole frame its targets, none to three."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self.frames = 0
        self.skipped_bytes = 0

    def feed(self, received: bytes) -> list[tuple[Target, ...]]:
        """The targets of every frame that `received` completed, in order."""
        frames: list[tuple[Target, ...]] = []
        for start in range(0, len(received), FRAME_BYTES):
            self._pending += received[start : start + FRAME_BYTES]
            while (frame := self._take_frame()) is not None:
                frames.append(targets_of(frame))
        return frames

    def _take_frame(self) -> bytes | None:
        while True:
            self._skip_to_head()
            if len(self._pending) < FRAME_BYTES:
                return None
            if self._pending[FRAME_BYTES - len(TAIL) : FRAME_BYTES] == TAIL:
                frame = bytes(self._pending[:FRAME_BYTES])
                del self._pending[:FRAME_BYTES]
                self.frames += 1
                return frame
            self._skip(1)

    def _skip_to_head(self) -> None:
        head_at = self._pending.find(HEAD)
        if head_at < 0:
            # The end may be the beginning of a head.
            kept = next(n for n in range(len(HEAD) - 1, -1, -1) if self._pending.endswith(HEAD[:n]))
            head_at = len(self._pending) - kept
        self._skip(head_at)

    def _skip(self, count: int) -> None:
        self.skipped_bytes += count
        del self._pending[:count]


def targets_of(frame: bytes) -> tuple[Target, ...]:
    """The targets in one whole frame of 30 bytes."""
    slots = _SLOT.iter_unpack(frame[len(HEAD) : -len(TAIL)])
    return tuple(
        Target(_signed(x), _signed(y), _signed(speed), resolution) for x, y, speed, resolution in slots if resolution
    )


def frame_of(targets: tuple[Target, ...]) -> bytes:
    """One frame as the radar sends it, empty slots all noughts; raises PayloadMalformed beyond three targets."""
    if len(targets) > SLOTS:
        raise PayloadMalformed(f"{len(targets)} targets, wanted at most {SLOTS}; leave the others out")
    slots = [_SLOT.pack(_word(one.x_mm), _word(one.y_mm), _word(one.speed_cm_s), one.resolution_mm) for one in targets]
    return HEAD + b"".join(slots).ljust(SLOTS * _SLOT.size, b"\0") + TAIL


def _word(number: int) -> int:
    return number | 0x8000 if number >= 0 else -number


def _signed(word: int) -> int:
    magnitude = word & 0x7FFF
    return magnitude if word & 0x8000 else -magnitude
