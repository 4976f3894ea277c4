"""A recorded NMEA log: its intact sentences, when each came, and which UTC that was.

Rules it keeps:
- Times come from the sentences' own time of day: a sentence without one came with the one before it.
- A step back in them of more than half a day is midnight; a smaller one (a receiver that learnt the time) takes no time.
- A step ahead of more than ``LONGEST_STEP_S`` takes one second: nobody wants to wait for a receiver's search.
- UTC is what the receiver's RMC sentences say, uncorrected; a log without a date has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from edge.errors import SourceError
from edge.truck.errors import NmeaError
from edge.truck.items import NmeaSentence
from edge.truck.lines import SentenceLines
from edge.truck.nmea import Gga, Gll, Rmc, decode, receiver_time

LOG_BYTES = 64 * 1024 * 1024
LONGEST_STEP_S = 3600.0
DAY_S = 86_400.0


class NmeaLog(NamedTuple):
    """The sentences of a log in order, and how many damaged ones were left out."""

    sentences: list[NmeaSentence]
    bad: int

    def deliveries(self) -> Iterator[tuple[int, NmeaSentence]]:
        """Each sentence with the time since the first [µs], never falling."""
        at, before = 0.0, None
        for sentence in self.sentences:
            time_s = _time_of_day_s(sentence)
            if time_s is not None:
                at += 0.0 if before is None else _step_s(before, time_s)
                before = time_s
            yield round(at * 1e6), sentence

    def utc_offset_us(self) -> int | None:
        """UTC of the first sentence [µs], by the first valid RMC; None when no sentence tells a date."""
        for mono, sentence in self.deliveries():
            meaning = decode(sentence.data)
            if isinstance(meaning, Rmc) and meaning.valid and meaning.time_s is not None and meaning.date:
                try:
                    return receiver_time(meaning.date, meaning.time_s).utc_us - mono
                except NmeaError:
                    continue
        return None


def read_log(path: Path) -> NmeaLog:
    """The log at ``path``; lines that begin with '#' are comments.

    Raises:
        SourceError: it cannot be read, is too large, or holds no intact sentence.
    """
    try:
        size = path.stat().st_size
        if size > LOG_BYTES:
            raise SourceError(f"log {path}: {size} bytes, at most {LOG_BYTES}; split it")
        content = path.read_bytes()
    except OSError as problem:
        raise SourceError(f"log {path}: {problem.strerror}; check the path") from problem
    lines = SentenceLines()
    sentences = [one for one in map(lines.sentence, content.split(b"\n")) if one is not None and _decodes(one)]
    if not sentences:
        raise SourceError(f"log {path}: no intact NMEA sentence in it; is it a receiver's text output?")
    return NmeaLog(sentences, lines.bad)


def _decodes(sentence: NmeaSentence) -> bool:
    try:
        decode(sentence.data)
    except NmeaError:
        return False
    return True


def _time_of_day_s(sentence: NmeaSentence) -> float | None:
    meaning = decode(sentence.data)
    return meaning.time_s if isinstance(meaning, Gga | Rmc | Gll) else None


def _step_s(before: float, after: float) -> float:
    step = after - before
    if step < -DAY_S / 2:
        step += DAY_S
    if step < 0:
        return 0.0
    return step if step <= LONGEST_STEP_S else 1.0
