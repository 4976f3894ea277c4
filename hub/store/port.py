"""What a store of readings is, for ingest, judgement and the API alike. SQLite and InfluxDB stand behind it.

A write has three outcomes: it returns (stored), it names the rows that the store will never take (refused), or it
raises ``StoreError`` (try the same rows again: writing a row twice leaves one).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, Protocol

from edge.contract.codec import UnknownRecord
from edge.contract.records import Record


class Row(NamedTuple):
    """One record to store, under the key (device, epoch, number)."""

    device: str
    epoch: str
    number: int
    t: int
    record: Record | UnknownRecord
    line: bytes


class Refused(NamedTuple):
    """A row that the store will never take, with the store's own words."""

    row: Row
    reason: str


class Reading(NamedTuple):
    """One stored record as it came."""

    epoch: str
    number: int
    t: int
    kind: str
    line: bytes


class Latest(NamedTuple):
    """The newest record of one series (kind and tags) of a device."""

    kind: str
    tags: dict[str, str]
    t: int
    number: int
    fields: dict[str, object]


Aggregate = Literal["mean", "min", "max", "sum", "count", "last"]


class SeriesQuery(NamedTuple):
    """Which field of which series, when, and how condensed.

    Attributes:
        t_from, t_to: half-open interval [µs UTC].
        tags: only series with these tags; an empty dict means all series of the kind.
        every_us: width of the aggregation windows aligned to the epoch [µs], None for single readings.
        limit: most points in the answer.
    """

    device: str
    kind: str
    field: str
    t_from: int
    t_to: int
    tags: dict[str, str]
    every_us: int | None
    aggregate: Aggregate
    limit: int


class Point(NamedTuple):
    """A time and a value; with aggregation ``t`` is the window's beginning."""

    t: int
    value: float | int | bool | str


class Stored(NamedTuple):
    """One record's numbers and flags under the tags of its series."""

    tags: dict[str, str]
    t: int
    number: int
    values: dict[str, float | int | bool]


class Series(NamedTuple):
    """One series of an answer; ``truncated`` when the limit cut it."""

    tags: dict[str, str]
    points: list[Point]
    truncated: bool


class Store(Protocol):
    """Where readings are kept."""

    def write(self, rows: Sequence[Row]) -> list[Refused]:
        """Store all rows durably but the refused ones.

        Raises:
            StoreError: nothing may be believed stored; try again.
        """
        ...

    def latest(self, device: str) -> list[Latest]:
        """The newest record of each series of a device, by time, bounded."""
        ...

    def series(self, query: SeriesQuery) -> list[Series]:
        """The points that a query asks for, oldest first, at most ``query.limit`` in all.

        Raises:
            QueryError: the kind or field is unknown or not a number where an aggregate needs one.
            StoreError: the store does not answer.
        """
        ...

    def are_stored(self, rows: Sequence[Row]) -> list[bool | None]:
        """Whether exactly these records stand under the rows' keys, for each; None when nothing stands there.

        The rows are of one batch: devices repeat whole batches, and a question a record would take minutes.

        Raises:
            StoreError: the store does not answer.
        """
        ...

    def newest(self, device: str, kind: str, t_from: int, limit: int) -> list[tuple[int, Record]]:
        """The newest records of one kind since ``t_from`` [µs UTC] with their times, oldest first, at most ``limit``.

        Raises:
            QueryError: the kind is unknown.
            StoreError: the store does not answer.
        """
        ...

    def numbers(self, device: str, kind: str, t_from: int, t_to: int, limit: int) -> list[Stored]:
        """The numbers and flags of a device's records of one kind with t in [t_from, t_to) [µs UTC], oldest first.

        At most ``limit`` records: as many mean that there may be more.

        Raises:
            QueryError: the kind is unknown.
            StoreError: the store does not answer.
        """
        ...


Width = Literal["1m", "1h"]

WIDTH_US: Final[dict[Width, int]] = {"1m": 60_000_000, "1h": 3_600_000_000}
"""Widths of the windows that the hub condenses readings into [µs]."""


class Summary(NamedTuple):
    """What one field did in one window of so many ``readings``; ``last`` is its newest value."""

    readings: int
    min: float
    max: float
    mean: float
    sum: float
    last: float


class Rollup(NamedTuple):
    """One window of one series of a device; ``start`` is the window's beginning [µs UTC]."""

    device: str
    kind: str
    width: Width
    tags: dict[str, str]
    start: int
    fields: dict[str, Summary]


class Rollups(Protocol):
    """Where condensed windows are kept."""

    def write_rollups(self, rollups: Sequence[Rollup]) -> None:
        """Store windows durably, each in the place of what stood there.

        Raises:
            StoreError: nothing may be believed stored; try again.
        """
        ...

    def rollups(self, device: str, kind: str, width: Width, t_from: int, t_to: int) -> list[Rollup]:
        """The windows that begin in [t_from, t_to) [µs UTC], by beginning and tags.

        Raises:
            QueryError: there are more than one answer may hold.
            StoreError: the store does not answer.
        """
        ...
