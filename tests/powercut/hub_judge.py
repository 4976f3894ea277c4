"""Opens what a power cut left of a hub's files with the production code and says what is wrong with it."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from edge.contract.codec import decode_record
from edge.contract.control import Ack, decode
from edge.contract.records import Record, kind_of
from hub.books import Books
from hub.errors import HubError
from hub.rollup import Roller
from hub.schema import open_reader, open_writer
from hub.store.port import WIDTH_US
from hub.store.question import numeric_fields
from hub.store.sqlite import SqliteStore
from hub.store.sqlite_rollup import SqliteRollups
from simulators.disk.log import Operation, Said
from simulators.disk.power_cut import State
from tests.powercut.hub_life import FILE, Sent
from tests.powercut.outbox_judge import MEMORY

_ACK = re.compile(rb"machikado/v1/[0-9a-f]{2}/([a-z0-9-]+)/ack(?:..)?(\{[^}]*\})", re.DOTALL)
_FAR_US = 4_000_000_000_000_000


class HubJudge:
    """Knows what was sent, and what was acked when."""

    def __init__(self, operations: Sequence[Operation], recorded: Path, sent: Sent) -> None:
        self._recorded = recorded
        self._sent = sent
        self._acks = [
            (at, found[1].decode(), ack)
            for at, one in enumerate(operations)
            if isinstance(one, Said)
            for found in _ACK.finditer(one.data)
            if (ack := decode(Ack, found[2])).unreadable is None
        ]

    @property
    def promises(self) -> int:
        """How many acks were seen to leave."""
        return len(self._acks)

    def wrong(self, state: State) -> str | None:
        """What is wrong in this state, None when all is as promised."""
        folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        acks = {(device, ack.epoch): ack for at, device, ack in self._acks if at < state.point}
        try:
            state.write(self._recorded, folder)
            (folder / FILE).parent.mkdir(parents=True, exist_ok=True)
            return next(self._findings(folder / FILE, acks), None)
        except HubError as problem:
            return f"does not start: {problem}"
        except sqlite3.Error as problem:
            return f"damaged: {problem}"
        finally:
            shutil.rmtree(folder)

    def _findings(self, path: Path, acks: dict[tuple[str, str], Ack]) -> Iterator[str]:
        with closing(open_writer(path)) as database, closing(open_reader(path)) as reader:
            (sound,) = database.execute("PRAGMA integrity_check").fetchone()
            if sound != "ok":
                yield f"damaged: {sound}"
            books = Books(database)
            rows: dict[tuple[str, str, int], bytes] = {
                (device, epoch, number): line for device, epoch, number, line in database.execute(_ROWS)
            }
            yield from (f"{key} altered" for key, line in rows.items() if self._sent.get(key) != line)
            yield from self._unkept(books, rows, acks)
            yield from _uncounted(books, rows)
            store = SqliteStore(database, reader, books.epoch_id, books.device_id)
            with closing(SqliteRollups(path.with_name(path.name + ".rollups"))) as rollups:
                yield from _uncondensed(store, rollups, rows)

    def _unkept(
        self, books: Books, rows: dict[tuple[str, str, int], bytes], acks: dict[tuple[str, str], Ack]
    ) -> Iterator[str]:
        """Acks whose numbers are not there."""
        for (device, epoch), ack in acks.items():
            if books.generation < ack.generation:
                yield f"generation {books.generation}: {ack.generation} was told"
            account = books.account_of(device, epoch)
            named = [(1, ack.through), *ack.ranges] if ack.through else ack.ranges
            for number in (number for first, last in named for number in range(first, last + 1)):
                if not account.has(number):
                    yield f"{device} {epoch}: {number} was acked and is not accounted"
                elif (device, epoch, number) in self._sent and (device, epoch, number) not in rows:
                    yield f"{device} {epoch}: {number} was acked and is not stored"


_ROWS = (
    "SELECT d.name, e.epoch, r.number, r.line FROM records r JOIN series s ON s.id = r.series "
    "JOIN epochs e ON e.id = s.epoch JOIN devices d ON d.id = e.device"
)


def _uncounted(books: Books, rows: dict[tuple[str, str, int], bytes]) -> Iterator[str]:
    """Accounts that count other than what is stored: readings and books are one step."""
    for device, epoch in {key[:2] for key in rows} | set(books._epoch_ids):
        account = books.account_of(device, epoch)
        stored = [number for at, of, number in rows if (at, of) == (device, epoch)]
        if account.stored != len(stored) or not all(account.has(number) for number in stored):
            yield f"{device} {epoch}: {account.stored} are counted, {len(stored)} stored"


def _uncondensed(store: SqliteStore, rollups: SqliteRollups, rows: dict[tuple[str, str, int], bytes]) -> Iterator[str]:
    """Windows that are not computed though their readings are stored: their marks were to be there before."""
    Roller(store, rollups, rollups).work(_FAR_US)
    expected: dict[tuple[str, str, int], int] = {}
    for (device, _, _), line in rows.items():
        record = decode_record(line)
        assert isinstance(record, Record)
        kind, t = kind_of(record), record.t or 0
        if numeric_fields(kind):
            window = (device, kind, t - t % WIDTH_US["1m"])
            expected[window] = expected.get(window, 0) + 1
    for (device, kind, start), readings in expected.items():
        found = rollups.rollups(device, kind, "1m", start, start + 1)
        if max((one.readings for made in found for one in made.fields.values()), default=0) != readings:
            yield f"{device}: a window of {kind} is not condensed"
