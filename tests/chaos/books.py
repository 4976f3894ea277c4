"""What a device's outbox, the hub's file and InfluxDB hold, read with plain SQL and HTTP and none of our own classes."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import influx
from simulators.servers import Place

ENVELOPE = ("kind", "t", "clock", "t_error_s", "step", "mono")
PAGE_POINTS = 10_000


class Held(NamedTuple):
    """One point or row of a store: which number of which epoch, its time [µs], kind and what it says."""

    epoch: str
    number: int
    t: int
    kind: str
    says: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outbox:
    """Every line that a device put on disk, by number.

    Attributes:
        last: the highest number, and ``last_line`` the line that has it, as it stands there.
        aside: lines in the device's own quarantine.
    """

    epoch: str
    lines: dict[int, dict[str, Any]]
    last: int
    aside: tuple[bytes, ...] = ()
    last_line: bytes = b""


@dataclass(slots=True)
class Ledger:
    """What the hub says of one epoch: the numbers accounted, refused and declared lost."""

    accounted: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    declared_lost: set[int] = field(default_factory=set)
    conflicts: int = 0


class Refused(NamedTuple):
    """One entry of the hub's quarantine: why, and the beginning of what was refused."""

    reason: str
    payload: bytes


@contextmanager
def copied(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of a SQLite file with its write-ahead log, as it stands on disk; whoever uses the file is not disturbed."""
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("", "-wal"):
            if Path(f"{path}{suffix}").exists():
                shutil.copyfile(f"{path}{suffix}", f"{folder}/copy{suffix}")
        database = sqlite3.connect(f"{folder}/copy")
        try:
            yield database
        finally:
            database.close()


def read_outbox(path: Path) -> Outbox:
    """The outbox of a device whose agent has ended."""
    with copied(path) as database:
        (epoch,) = database.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
        lines: dict[int, dict[str, Any]] = {}
        parts: list[bytes] = []
        for first, count, blob in database.execute("SELECT first, count, lines FROM runs ORDER BY first"):
            parts = blob.split(b"\n")
            if len(parts) != count:
                raise ValueError(f"outbox {path}: run {first} counts {count} records and has {len(parts)}")
            lines.update((first + at, json.loads(line)) for at, line in enumerate(parts))
        aside = tuple(line for (line,) in database.execute("SELECT line FROM quarantine"))
    return Outbox(epoch, lines, max(lines, default=0), aside, parts[-1] if parts else b"")


def read_ledger(hub_file: Path, device: str, epoch: str) -> Ledger:
    """What the hub's books say of one epoch."""
    ledger = Ledger()
    with copied(hub_file) as database:
        for through, ranges in database.execute(
            "SELECT e.through, e.ranges FROM epochs e JOIN devices d ON d.id = e.device WHERE d.name = ? AND e.epoch = ?",
            (device, epoch),
        ):
            ledger.accounted.update(range(1, through + 1))
            for first, last in json.loads(ranges):
                ledger.accounted.update(range(first, last + 1))
        for number, reason in database.execute(
            "SELECT number, reason FROM quarantine WHERE device = ? AND epoch = ?", (device, epoch)
        ):
            ledger.conflicts += "two devices" in reason
            ledger.refused.add(number)
        for first, last in database.execute(
            "SELECT first, last FROM lost WHERE device = ? AND epoch = ?", (device, epoch)
        ):
            ledger.declared_lost.update(range(first, last + 1))
    return ledger


def epochs_of(hub_file: Path, device: str) -> list[str]:
    """Every epoch that the hub's books have of a device, oldest first."""
    with copied(hub_file) as database:
        rows = database.execute(
            "SELECT e.epoch FROM epochs e JOIN devices d ON d.id = e.device WHERE d.name = ? ORDER BY e.id", (device,)
        ).fetchall()
    return [epoch for (epoch,) in rows]


def newest(hub_file: Path, device: str, epoch: str) -> tuple[int, str | None]:
    """The highest number that the hub's books have of an epoch, and the digest of the line that has it."""
    with copied(hub_file) as database:
        row = database.execute(
            "SELECT e.last, e.digest FROM epochs e JOIN devices d ON d.id = e.device WHERE d.name = ? AND e.epoch = ?",
            (device, epoch),
        ).fetchone()
    return (int(row[0]), row[1]) if row else (0, None)


def read_refused(hub_file: Path, device: str) -> list[Refused]:
    """What the hub's quarantine holds of a device."""
    with copied(hub_file) as database:
        rows = database.execute("SELECT reason, payload FROM quarantine WHERE device = ?", (device,)).fetchall()
    return [Refused(*row) for row in rows]


def accounted(hub_file: Path, device: str, epoch: str = "%") -> tuple[int, int]:
    """Up to which number everything is accounted, and the highest known, from a live hub.

    Of the device's newest epoch if none is named; nought where nothing can be read.
    """
    database = sqlite3.connect(f"file:{hub_file}?mode=ro", uri=True, timeout=5.0)
    try:
        row = database.execute(
            "SELECT e.through, e.last FROM epochs e JOIN devices d ON d.id = e.device "
            "WHERE d.name = ? AND e.epoch LIKE ? ORDER BY e.id DESC LIMIT 1",
            (device, epoch),
        ).fetchone()
    except sqlite3.OperationalError:
        # The hub has not made it yet, or is being started.
        row = None
    finally:
        database.close()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def sqlite_store(hub_file: Path, device: str) -> list[Held]:
    """Every record of a device in the embedded store."""
    with copied(hub_file) as database:
        rows = database.execute(
            "SELECT e.epoch, r.number, r.t, s.kind, r.line FROM records r JOIN series s ON s.id = r.series "
            "JOIN epochs e ON e.id = s.epoch JOIN devices d ON d.id = s.device WHERE d.name = ?",
            (device,),
        ).fetchall()
    return [Held(epoch, number, t, kind, json.loads(line)) for epoch, number, t, kind, line in rows]


def influx_store(place: Place, database: str, retention: str, device: str) -> list[Held]:
    """Every point of a device in InfluxDB, all measurements of the retention policy."""
    found: list[Held] = []
    for kind in measurements(place, database, device):
        for offset in range(0, 1 << 40, PAGE_POINTS):
            query = f'SELECT * FROM "{retention}"."{kind}" WHERE "device" = \'{device}\' LIMIT {PAGE_POINTS} OFFSET {offset}'
            page = influx.records(place, database, query)
            found += [Held(str(one["epoch"]), int(one["number"]), int(one["t"]), kind, _said(one)) for one in page]
            if len(page) < PAGE_POINTS:
                break
    return found


def measurements(place: Place, database: str, device: str) -> list[str]:
    """Of which kinds a device has points."""
    asked = f"SHOW MEASUREMENTS WHERE \"device\" = '{device}'"
    return [str(one["name"]) for one in influx.records(place, database, asked)]


def _said(point: dict[str, Any]) -> dict[str, Any]:
    """A point's own fields and tags; lists are kept as JSON text there."""
    own = {key: value for key, value in point.items() if value is not None and key not in ("device", "epoch", "page")}
    return {
        key: json.loads(value) if isinstance(value, str) and value.startswith("[") else value
        for key, value in own.items()
    }
