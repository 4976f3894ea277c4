"""Bytes of a serial line to intact sentences, the damaged ones counted."""

from __future__ import annotations

from edge.truck.items import NmeaSentence
from edge.truck.nmea import SENTENCE_BYTES, is_intact

NOISE_BYTES = 4096
"""So many bytes without a line end are thrown away as one damaged sentence."""


class SentenceLines:
    """Cuts a stream of bytes at its line ends; ``bad`` counts what is no intact sentence, comments ('#') aside."""

    def __init__(self) -> None:
        self.bad = 0
        self._rest = b""

    def feed(self, data: bytes) -> list[NmeaSentence]:
        """The sentences that are complete with ``data``."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > NOISE_BYTES:
            self._rest = b""
            self.bad += 1
        return [sentence for line in lines if (sentence := self.sentence(line)) is not None]

    def sentence(self, line: bytes) -> NmeaSentence | None:
        """One line's sentence, if it is one; what stands before a ``$`` in the line is not of it."""
        text = line.strip(b"\r\n ")
        if not text or text.startswith(b"#"):
            return None
        found = text[max(0, text.rfind(b"$")) :][: SENTENCE_BYTES + 1]
        if not is_intact(found):
            self.bad += 1
            return None
        return NmeaSentence(found)
