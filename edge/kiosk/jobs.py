"""One job at a time, and each known by its number from its start to its end: what the wrong certificates of 2023 taught.

Then, printers were handed a second person's job while the first had no known end, and one got the other's certificate.

Rules it keeps:
- A job that begins while another has no end, or an end of a job that is not the one in flight, is a *mixup*.
- A job in flight when the link breaks is in doubt until its end is told after all. One that is not told of within
  ``most_s``, or before a person looks, ended *unknown*: a session with this outcome, never counted as issued.
- Both stop: the word stays until a person has put the machine into maintenance and back. But for the end that was
  missing, nothing resumes it.
- An end whose beginning was before the link came up, once a link, is no mixup; nor is an end without a job's number.

It gives the kiosk no command: it says *out of service*, so that nobody is sent there, and the staff is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from edge.kiosk.conditions import JOBS_PATH, MAINTENANCE_WORDS
from edge.kiosk.items import JobStarted, ProviderLink, SessionEnded
from edge.kiosk.provider_words import Words
from edge.pipeline import Step, Tick

LONGEST_S: Final = 7200.0
Word = Literal["ok", "mixup", "outcomeUnknown"]


def jobs(most_s: float) -> Step:
    """Starts and ends of jobs to ended sessions, and a word on how they go among ``Words``; a link's items go on."""
    return _Jobs(most_s)


class _Jobs:
    def __init__(self, most_s: float) -> None:
        self._most_us = most_s * 1e6
        self._in_flight: tuple[int, int] | None = None
        self._in_doubt = False
        self._stopped: Word | None = None
        self._heard_of_jobs = False
        self._serviced = False
        self._may_be_older = True

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, JobStarted):
            yield from self._start(mono, item.job)
        elif isinstance(item, SessionEnded):
            yield self._end(item)
        elif isinstance(item, ProviderLink):
            if not item.up:
                self._may_be_older = True
                self._in_doubt = self._in_flight is not None
            yield item
        elif isinstance(item, Tick):
            if self._in_flight is not None and mono - self._in_flight[1] > self._most_us:
                yield from self._give_up(mono)
            yield item
        elif isinstance(item, Words):
            yield from self._look_for_service(mono, item.words)
            said = (
                item.words if item.words is None or not self._heard_of_jobs else {**item.words, JOBS_PATH: self._word}
            )
            yield Words(said, item.due)
        else:
            yield item

    @property
    def _word(self) -> Word:
        return self._stopped or ("outcomeUnknown" if self._in_doubt else "ok")

    def _start(self, mono: int, job: int) -> Iterator[SessionEnded]:
        self._heard_of_jobs = True
        self._may_be_older = False
        if self._in_flight is not None:
            yield from self._give_up(mono)
            self._stopped = "mixup"
        self._in_flight = (job, mono)

    def _end(self, session: SessionEnded) -> SessionEnded:
        if session.job is not None:
            self._heard_of_jobs = True
            if self._in_flight is not None and self._in_flight[0] == session.job:
                self._in_flight, self._in_doubt = None, False
            elif self._may_be_older:
                self._may_be_older = False
            else:
                self._stopped = "mixup"
        if session.outcome == "unknown":
            self._heard_of_jobs = True
            self._stopped = self._stopped or "outcomeUnknown"
        return session

    def _give_up(self, mono: int) -> Iterator[SessionEnded]:
        """The job in flight has no end that anybody told."""
        if self._in_flight is None:
            return
        (job, began), self._in_flight, self._in_doubt = self._in_flight, None, False
        self._stopped = self._stopped or "outcomeUnknown"
        yield SessionEnded("none", "unknown", min((mono - began) / 1e6, LONGEST_S), 0, job)

    def _look_for_service(self, mono: int, words: dict[str, str] | None) -> Iterator[SessionEnded]:
        """Maintenance seen and ended: a person has looked, and what was in doubt stays unknown."""
        if words is None:
            return
        in_service = any(words.get(path) in said for path, said in MAINTENANCE_WORDS.items())
        if self._serviced and not in_service:
            if self._in_doubt:
                yield from self._give_up(mono)
            self._stopped = None
        self._serviced = in_service
