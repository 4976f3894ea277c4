"""Bytes of the line to messages: the frame decoder and the message table, one after the other, all misfits counted.

It is pure: live lines, replayed recordings and tests run it alike.
"""

from dataclasses import dataclass

from firmware_bridge.errors import PayloadMalformed
from firmware_bridge.framing import FrameCounters, FrameDecoder
from firmware_bridge.message_codec import decode_message
from firmware_bridge.messages import Message, Unknown


@dataclass(frozen=True, slots=True)
class Received:
    """One message; `lost_before` frames before it never arrived, `restarted` marks a new boot's first HELLO."""

    message: Message
    sequence: int
    lost_before: int
    restarted: bool


class MessageStream:
    """Decodes bytes as they come; `unknown` and `malformed` count intact frames that held no readable message."""

    def __init__(self) -> None:
        self._decoder = FrameDecoder()
        self._lost_unreported = 0
        self.unknown = 0
        self.malformed = 0

    @property
    def counters(self) -> FrameCounters:
        """What the frame decoder has seen."""
        return self._decoder.counters

    @property
    def awaiting_hello(self) -> bool:
        """Whether frames are withheld because their numbers went back without a HELLO."""
        return self._decoder.awaiting_hello

    def feed(self, received: bytes) -> list[Received]:
        """Messages that `received` completed, in order.

        Unknown messages are given too. A malformed one is counted, and adds to the next message's `lost_before`.
        """
        messages: list[Received] = []
        for frame in self._decoder.feed(received):
            lost_before = frame.lost_before + self._lost_unreported
            try:
                message = decode_message(frame.message_type, frame.payload)
            except PayloadMalformed:
                self.malformed += 1
                self._lost_unreported = lost_before + 1
                continue
            self._lost_unreported = 0
            if isinstance(message, Unknown):
                self.unknown += 1
            messages.append(Received(message, frame.sequence, lost_before, frame.restarted))
        return messages

    def break_line(self) -> None:
        """Say that what comes next does not continue what came: the port was lost or reopened."""
        self._decoder.break_line()
