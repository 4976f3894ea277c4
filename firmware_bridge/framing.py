"""Frames on the serial line: a numbered message with a checksum, stuffed so that a zero byte ends it.

On the wire: COBS(version u8, message type u8, sequence u16, payload 0–246 bytes, CRC-32 u32) then 0x00; all
little-endian. The checksum is the IEEE CRC-32 (`zlib.crc32`) over everything before it. A whole frame is at most
256 bytes with its delimiter, so that a microcontroller decodes it in one small buffer.

Rules the decoder keeps:
- Nothing is delivered whose checksum, version and number are not right.
- Every chunk between two delimiters that is not delivered raises exactly one counter; loss is counted by number.
- After any garbage, the first delimiter brings it back in step.
- It holds at most 255 undecoded bytes and 16 numbers, whatever it is fed.

It does no I/O and reads no clock. `c/machikado_frame.c` is the same machine; `vectors.json` holds both to it.
"""

import struct
import zlib
from dataclasses import dataclass

from firmware_bridge.cobs import cobs_decode, cobs_encode
from firmware_bridge.errors import FrameTooLong, MessageRefused, StuffingError
from firmware_bridge.sequence import BOOT_SEQUENCE, LAST_SEQUENCE, SequenceJudge, Verdict, sequence_after

FRAME_VERSION = 1
HELLO_TYPE = 1
MAX_PAYLOAD_BYTES = 246
MAX_STUFFED_BYTES = 255
DELIMITER = b"\x00"

_HEADER = struct.Struct("<BBH")
_CHECKSUM = struct.Struct("<I")
_BOOT_ID = struct.Struct("<I")
_MIN_BODY_BYTES = _HEADER.size + _CHECKSUM.size


@dataclass(frozen=True, slots=True)
class Frame:
    """One intact, new frame; `lost_before` frames with numbers before it never arrived intact."""

    message_type: int
    sequence: int
    payload: bytes
    lost_before: int = 0
    restarted: bool = False


@dataclass(slots=True)
class FrameCounters:
    """What a decoder has seen since it was made; each is a count of chunks or frames, `lost` of missing numbers."""

    frames: int = 0
    lost: int = 0
    duplicates: int = 0
    restarts: int = 0
    crc_errors: int = 0
    cobs_errors: int = 0
    too_long: int = 0
    too_short: int = 0
    cut: int = 0
    version_unknown: int = 0
    refused: int = 0
    withheld: int = 0

    @property
    def damaged(self) -> int:
        """Chunks that were not an intact frame."""
        return self.crc_errors + self.cobs_errors + self.too_long + self.too_short + self.cut


def encode_frame(message_type: int, sequence: int, payload: bytes, version: int = FRAME_VERSION) -> bytes:
    """One frame as it goes on the wire, delimiter included (at most 256 bytes).

    Raises FrameTooLong above 246 bytes of payload, MessageRefused when type or version is not one byte or the
    number not two.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise FrameTooLong(f"payload has {len(payload)} bytes, a frame carries {MAX_PAYLOAD_BYTES}; split it")
    for name, value, limit in (
        ("type", message_type, 255),
        ("version", version, 255),
        ("sequence", sequence, LAST_SEQUENCE),
    ):
        if not 0 <= value <= limit:
            raise MessageRefused(f"frame {name} is {value}, wanted 0 to {limit}; correct the caller")
    body = _HEADER.pack(version, message_type, sequence) + payload
    return cobs_encode(body + _CHECKSUM.pack(zlib.crc32(body))) + DELIMITER


class FrameEncoder:
    """Numbers the frames of one direction from one boot on; the first frame must be a HELLO, as it has number 0."""

    def __init__(self) -> None:
        self._next = BOOT_SEQUENCE

    def encode(self, message_type: int, payload: bytes) -> bytes:
        """The next frame as it goes on the wire.

        Raises FrameTooLong as `encode_frame`, MessageRefused when the first frame is not a HELLO.
        """
        if self._next == BOOT_SEQUENCE and message_type != HELLO_TYPE:
            raise MessageRefused(f"first frame has type {message_type}, wanted HELLO ({HELLO_TYPE}); say HELLO first")
        wire = encode_frame(message_type, self._next, payload)
        self._next = sequence_after(self._next)
        return wire


class FrameDecoder:
    """Bytes in, as they come; intact new frames out, everything else counted in `counters`."""

    def __init__(self) -> None:
        self.counters = FrameCounters()
        self._pending = bytearray()
        self._overflown = False
        self._sequence_judge = SequenceJudge()

    @property
    def awaiting_hello(self) -> bool:
        """Whether frames are withheld because the numbers went back without a HELLO."""
        return self._sequence_judge.awaiting_hello

    def feed(self, received: bytes) -> list[Frame]:
        """Decode what arrived; returns the frames that it completed, in order."""
        frames: list[Frame] = []
        start = 0
        while (end := received.find(DELIMITER, start)) >= 0:
            self._hold(received, start, end)
            frame = self._complete_chunk()
            if frame is not None:
                frames.append(frame)
            start = end + 1
        self._hold(received, start, len(received))
        return frames

    def break_line(self) -> None:
        """Say that bytes before and after this moment do not belong together: the port was lost or reopened."""
        if self._pending or self._overflown:
            self.counters.cut += 1
        self._pending.clear()
        self._overflown = False

    def _hold(self, received: bytes, start: int, end: int) -> None:
        room = MAX_STUFFED_BYTES - len(self._pending)
        if self._overflown or end - start > room:
            self._overflown = True
            self._pending.clear()
            return
        self._pending += received[start:end]

    def _complete_chunk(self) -> Frame | None:
        stuffed, overflown = bytes(self._pending), self._overflown
        self._pending.clear()
        self._overflown = False
        if overflown:
            self.counters.too_long += 1
            return None
        if not stuffed:
            return None
        try:
            body = cobs_decode(stuffed)
        except StuffingError:
            self.counters.cobs_errors += 1
            return None
        return self._open_body(body)

    def _open_body(self, body: bytes) -> Frame | None:
        if len(body) < _MIN_BODY_BYTES:
            self.counters.too_short += 1
            return None
        content = body[: -_CHECKSUM.size]
        (checksum,) = _CHECKSUM.unpack(body[-_CHECKSUM.size :])
        if zlib.crc32(content) != checksum:
            self.counters.crc_errors += 1
            return None
        version, message_type, sequence = _HEADER.unpack_from(content)
        if version != FRAME_VERSION:
            self.counters.version_unknown += 1
            return None
        return self._judge(message_type, sequence, content[_HEADER.size :], checksum)

    def _judge(self, message_type: int, sequence: int, payload: bytes, checksum: int) -> Frame | None:
        boot_id: int | None = None
        if message_type == HELLO_TYPE:
            if len(payload) < _BOOT_ID.size:
                self.counters.refused += 1
                return None
            (boot_id,) = _BOOT_ID.unpack_from(payload)
        judgement = self._sequence_judge.judge(sequence, checksum, boot_id)
        match judgement.verdict:
            case Verdict.DUPLICATE:
                self.counters.duplicates += 1
            case Verdict.WITHHELD:
                self.counters.withheld += 1
            case Verdict.REFUSED:
                self.counters.refused += 1
            case Verdict.ACCEPTED:
                self.counters.frames += 1
                self.counters.lost += judgement.lost
                self.counters.restarts += judgement.restarted
                return Frame(message_type, sequence, payload, judgement.lost, judgement.restarted)
        return None
