"""Downsampling: every window that a record touches, however late, is computed again from what is stored.

Rules it keeps:
- A window is marked before its records are committed, durably, and the mark goes only after the window was computed
  from a store that had them: a crash at any moment costs work, never a window.
- A window is computed when it has ended, whole, from the stored readings; hours from their minutes. Computing it twice
  gives the same, so two hubs or a repeated turn do no harm.
- What waits is bounded: a device's kind has at most ``RANGES_MAX`` runs of windows (nearest runs are joined, which only
  computes more), and past ``KEYS_MAX`` kinds of devices ``writing`` refuses.

It reads no clock: who calls ``work`` says until when windows have ended.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from edge.contract.codec import UnknownRecord
from edge.contract.ranges import RangeSet
from edge.contract.records import Record, kind_of
from hub.errors import QueryError, StoreError
from hub.store.port import WIDTH_US, Rollup, Rollups, Row, Store, Summary, Width
from hub.store.question import numeric_fields

RANGES_MAX = 64
"""Most runs of windows that wait for one key."""

KEYS_MAX = 200_000
"""Most keys that may wait."""

RECORDS_A_QUESTION = 20_000
WINDOWS_A_TURN = {"1m": 120, "1h": 48}
"""How many windows are computed in one piece."""


class Key(NamedTuple):
    """Whose windows: one kind of one device, in one width."""

    device: str
    kind: str
    width: Width


class Marks(Protocol):
    """Where marks outlive a crash."""

    def load(self) -> dict[Key, RangeSet]:
        """Every mark: numbers of windows (beginning divided by width)."""
        ...

    def save(self, changes: Mapping[Key, RangeSet]) -> None:
        """Replace the marks of some keys durably; an empty set takes a key away.

        Raises:
            StoreError: nothing may be believed saved.
        """
        ...


Tags = tuple[tuple[str, str], ...]


def windows_of(rows: Iterable[Row]) -> dict[Key, RangeSet]:
    """Numbers of the windows that rows touch, by key; kinds without a number to condense have none."""
    minute_us, hour_us = WIDTH_US["1m"], WIDTH_US["1h"]
    minutes: defaultdict[tuple[str, type[Record | UnknownRecord]], set[int]] = defaultdict(set)
    for device, kind, number in {(row.device, type(row.record), row.t // minute_us) for row in rows}:
        minutes[device, kind].add(number)
    touched: dict[Key, RangeSet] = {}
    for (device, record), numbers in minutes.items():
        if not issubclass(record, Record) or not numeric_fields(kind_of(record)):
            continue
        hours = {number * minute_us // hour_us for number in numbers}
        touched[Key(device, kind_of(record), "1m")] = _bounded(RangeSet((number, number) for number in numbers))
        touched[Key(device, kind_of(record), "1h")] = _bounded(RangeSet((number, number) for number in hours))
    return touched


def _bounded(ranges: RangeSet) -> RangeSet:
    """The set with its nearest runs joined until at most ``RANGES_MAX`` are left."""
    runs = list(ranges)
    if len(runs) <= RANGES_MAX:
        return ranges
    gaps = sorted(range(len(runs) - 1), key=lambda at: runs[at + 1][0] - runs[at][1])
    joined = gaps[: len(runs) - RANGES_MAX]
    return ranges.union((runs[at][1], runs[at + 1][0]) for at in joined)


class Accumulator:
    """Readings of one field in one window, taken in the order of their time."""

    __slots__ = ("last", "max", "min", "readings", "sum")

    def __init__(self) -> None:
        self.readings = 0
        self.sum = 0.0
        self.min = float("inf")
        self.max = float("-inf")
        self.last = 0.0

    def reading(self, value: float) -> None:
        """Take one reading."""
        self.part(Summary(1, value, value, value, value, value))

    def part(self, part: Summary) -> None:
        """Take a summary of readings that are newer than all before."""
        self.readings += part.readings
        self.sum += part.sum
        self.min = min(self.min, part.min)
        self.max = max(self.max, part.max)
        self.last = part.last

    def summary(self) -> Summary:
        """What was taken; at least one reading."""
        return Summary(self.readings, self.min, self.max, self.sum / self.readings, self.sum, self.last)


class _Windows:
    """Windows of one key under construction."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._found: defaultdict[tuple[int, Tags], defaultdict[str, Accumulator]]
        self._found = defaultdict(lambda: defaultdict(Accumulator))

    def of(self, start: int, tags: Mapping[str, str], field: str) -> Accumulator:
        """The accumulator of one field of one series in the window that begins at ``start``."""
        return self._found[start, tuple(sorted(tags.items()))][field]

    def rollups(self) -> list[Rollup]:
        """The windows, by beginning and tags."""
        key = self._key
        return [
            Rollup(
                key.device, key.kind, key.width, dict(tags), start, {name: one.summary() for name, one in by.items()}
            )
            for (start, tags), by in sorted(self._found.items(), key=lambda item: item[0])
        ]


def minutes_from_readings(store: Store, key: Key, t_from: int, t_to: int) -> list[Rollup]:
    """The one-minute windows of [t_from, t_to) [µs], from the stored readings.

    Raises:
        StoreError: the store does not answer.
    """
    made = _Windows(key)
    width_us = WIDTH_US["1m"]
    waiting = [(t_from, t_to)]
    while waiting:
        first, end = waiting.pop()
        found = store.numbers(key.device, key.kind, first, end, RECORDS_A_QUESTION)
        if len(found) == RECORDS_A_QUESTION and end - first > 1:
            middle = (first + end) // 2
            waiting += [(middle, end), (first, middle)]
            continue
        for one in found:
            for field, value in one.values.items():
                made.of(one.t - one.t % width_us, one.tags, field).reading(float(value))
    return made.rollups()


def hours_from_minutes(rollups: Rollups, key: Key, t_from: int, t_to: int) -> list[Rollup]:
    """The one-hour windows of [t_from, t_to) [µs], from the one-minute windows.

    Raises:
        QueryError: one minute alone has more windows than an answer may hold.
        StoreError: the store does not answer.
    """
    made = _Windows(key)
    width_us = WIDTH_US["1h"]
    minute_us = WIDTH_US["1m"]
    waiting = [(t_from, t_to)]
    while waiting:
        first, end = waiting.pop()
        try:
            minutes = rollups.rollups(key.device, key.kind, "1m", first, end)
        except QueryError:
            if end - first <= minute_us:
                raise
            middle = first + (end - first) // minute_us // 2 * minute_us
            waiting += [(middle, end), (first, middle)]
            continue
        for minute in minutes:
            for field, part in minute.fields.items():
                made.of(minute.start - minute.start % width_us, minute.tags, field).part(part)
    return made.rollups()


class Roller:
    """Marks the windows that records touch and computes them; ``writing`` and ``work`` may run in two threads."""

    def __init__(self, store: Store, rollups: Rollups, marks: Marks) -> None:
        self._store = store
        self._rollups = rollups
        self._marks = marks
        self._lock = threading.Lock()
        self._open: list[dict[Key, RangeSet]] = []
        self._working: dict[Key, RangeSet] = {}
        self._durable = marks.load()
        self._waiting = dict(self._durable)

    @contextmanager
    def writing(self, rows: Sequence[Row]) -> Iterator[None]:
        """Commit ``rows`` within this: their windows are marked before, and computed only after.

        Raises:
            StoreError: the marks cannot be saved, or too much waits; nothing was committed, try again.
        """
        touched = windows_of(rows)
        with self._lock:
            if len(self._waiting.keys() | touched.keys()) > KEYS_MAX:
                raise StoreError(f"downsampling: {KEYS_MAX} kinds of devices wait already; it does not keep up")
            self._open.append(touched)
            try:
                self._save(touched)
            except StoreError:
                self._open.remove(touched)
                raise
        try:
            yield
        finally:
            with self._lock:
                self._open = [other for other in self._open if other is not touched]
                for key, windows in touched.items():
                    self._waiting[key] = _bounded(self._waiting.get(key, RangeSet()).union(windows))
                self._save(touched)

    def work(self, until_us: int, kinds_max: int = 1000) -> int:
        """Compute the windows that have ended by ``until_us``; how many windows that were. One caller at a time.

        Raises:
            StoreError: the store does not answer, or (all others computed) some windows are larger than an answer may
                be; what was not computed waits on.
        """
        with self._lock:
            self._working = self._due(until_us, kinds_max)
            for key, windows in self._working.items():
                self._waiting[key] = self._waiting[key].difference(windows)
        done = 0
        too_large = ""
        try:
            # By device and kind, minutes before the hours that are made of them.
            for key in sorted(self._working, key=lambda key: (key.device, key.kind, WIDTH_US[key.width])):
                try:
                    done += self._compute(key, self._working[key])
                except QueryError as problem:
                    too_large = f"downsampling of {key.kind} of {key.device}: {problem}"
                    continue
                self._finish(key)
        finally:
            with self._lock:
                for key, windows in self._working.items():
                    self._waiting[key] = _bounded(self._waiting.get(key, RangeSet()).union(windows))
                self._working = {}
        if too_large:
            raise StoreError(too_large)
        return done

    def waiting_of(self, device: str, kind: str, width: Width) -> RangeSet:
        """Numbers of the windows that are not condensed as the store has them: waiting, being computed or written."""
        key = Key(device, kind, width)
        with self._lock:
            return self._wanted(key)

    def waiting(self) -> int:
        """How many windows wait."""
        with self._lock:
            return sum(windows.count for windows in self._waiting.values())

    def _due(self, until_us: int, kinds_max: int) -> dict[Key, RangeSet]:
        """Ended windows of at most ``kinds_max`` kinds of devices, an hour never without its minutes."""
        due: dict[Key, RangeSet] = {}
        taken: set[tuple[str, str]] = set()
        for device, kind, _ in self._waiting:
            if (device, kind) in taken:
                continue
            keys = [Key(device, kind, width) for width in WIDTH_US]
            ended = {
                key: self._waiting.get(key, RangeSet()).intersection(
                    RangeSet([(0, until_us // WIDTH_US[key.width] - 1)] if until_us >= WIDTH_US[key.width] else [])
                )
                for key in keys
            }
            due.update({key: windows for key, windows in ended.items() if windows})
            if any(ended.values()):
                taken.add((device, kind))
            if len(taken) == kinds_max:
                break
        return due

    def _compute(self, key: Key, windows: RangeSet) -> int:
        width_us, piece = WIDTH_US[key.width], WINDOWS_A_TURN[key.width]
        done = 0
        for first, last in windows:
            for at in range(first, last + 1, piece):
                t_from, t_to = at * width_us, (min(last, at + piece - 1) + 1) * width_us
                if key.width == "1m":
                    made = minutes_from_readings(self._store, key, t_from, t_to)
                else:
                    made = hours_from_minutes(self._rollups, key, t_from, t_to)
                self._rollups.write_rollups(made)
                done += (t_to - t_from) // width_us
        return done

    def _finish(self, key: Key) -> None:
        with self._lock:
            del self._working[key]
            if not self._waiting[key]:
                del self._waiting[key]
            self._save([key])

    def _wanted(self, key: Key) -> RangeSet:
        """Every window of a key that has yet to be computed; for who holds the lock."""
        wanted = self._waiting.get(key, RangeSet()).union(self._working.get(key, RangeSet()))
        for touched in self._open:
            wanted = wanted.union(touched.get(key, RangeSet()))
        return wanted

    def _save(self, keys: Iterable[Key]) -> None:
        """Make durable what waits, is being computed or is being written, where that differs from what is durable."""
        changes: dict[Key, RangeSet] = {}
        for key in keys:
            wanted = self._wanted(key)
            if wanted != self._durable.get(key, RangeSet()):
                changes[key] = wanted
        if changes:
            self._marks.save(changes)
            self._durable.update(changes)
            for key in [key for key in changes if not changes[key]]:
                del self._durable[key]
