"""Outbox: the queue that numbers a device's records and forgets one only when the hub has it.

Rules it keeps:
- A number is given once, in order, and never again within its epoch, across restarts.
- ``append`` returns only after the records are on disk (one transaction, synchronous=FULL).
- ``account`` makes exactly the records that an ack names evictable, and no other.
- When full, it evicts accounted runs first (oldest first), then by declared priority, and numbers a gap record that
  says which numbers went. The gap travels first and is never evicted; many unsent gaps become one.
- Accounted records stay as long as the quota allows, so that a restored hub can ask for them again (``rewind``).
- A record whose time is not settled is held but not offered; once settled its line never changes.
- It knows, across restarts, from which number on nothing was ever sent: what is observed without a link was not.
- A new epoch takes along what is not accounted, but for what another life of this card may have sent already and for
  what speaks of the old numbers; the former goes to the device's own quarantine.

It does no networking and reads no clock; randomness (the epoch) is given. What its file holds and how that is read and
written: ``edge/outbox_rows.py``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import msgspec

from edge.contract import limits
from edge.contract.codec import decode_record, digest_of, encode_record
from edge.contract.errors import RecordError
from edge.contract.ranges import Range, RangeSet
from edge.contract.records import EpochOpened, Gap, Priority, Record
from edge.errors import OutboxError
from edge.outbox_rows import RUN_OVERHEAD_BYTES, Entry, Held, Rows, Run, runs_of
from edge.outbox_schema import check_sound, migrate
from edge.settle import SettlerState

RESERVE_BYTES = 64 * 1024
"""Kept free (an eighth of a smaller quota) under the quota so that a gap record can always be written."""
GAPS_KEPT = 16
"""Unsent gap records beyond which a new one takes the older ones' place."""


Why = Literal["outbox_full", "rewound_past_quota", "unreadable_on_disk", "refused_on_device"]


class Outbox:
    """The numbered queue in one SQLite file; used from one thread.

    Raises of every method: OutboxError when the disk does not obey.
    """

    def __init__(self, database: sqlite3.Connection, quota_bytes: int, new_epoch: Callable[[], str]) -> None:
        self._db = database
        self._rows = Rows(database)
        self._quota = quota_bytes
        self._reserve = min(RESERVE_BYTES, quota_bytes // 8)
        self._new_epoch = new_epoch
        self.epoch = ""
        self.last = 0
        self.generation = 0
        self.bytes_held = 0
        self.evicted = 0
        self.this_boot_from = 1
        self._opened_at = 0
        self._unsent_from = 0
        self._accounted = RangeSet()
        self._held = RangeSet()
        self._unsettled = RangeSet()
        self._urgent = RangeSet()

    # ---------------------------------------------------------------- opening

    def open(self, why_if_new: Literal["first", "outbox_lost"] = "first") -> None:
        """Read the file, or make it with a new epoch whose first record says why.

        Raises:
            OutboxError: it holds what no agent writes.
        """
        with self._transaction():
            migrate(self._db)
            check_sound(self._db)
            if not self._rows.meta("epoch"):
                self._begin_epoch(EpochOpened(t=0, why=why_if_new))
            self._load()
            self._opened_at = self.last
            self.link_closed()
            self._declare_unreadable()

    def begin_boot(self, boot: str) -> None:
        """From here on records are observed by this boot; the monotonic times of earlier ones mean nothing to it."""
        if self._rows.meta("boot") != boot:
            with self._transaction():
                self.this_boot_from = self.last + 1
                self._rows.set_meta(boot=boot, this_boot_from=self.this_boot_from)

    def _declare_unreadable(self) -> None:
        """Numbers that were given but are neither held, nor accounted, nor declared lost: the disk lost them."""
        declared = RangeSet(numbers for gap in self._gaps() for numbers in gap.ranges)
        given = RangeSet([(1, self.last)])
        missing = given.difference(self._held).difference(self._accounted).difference(declared)
        if missing:
            self._insert_gaps(missing, "unreadable_on_disk", 0, 0)

    def _gaps(self) -> list[Gap]:
        return [gap for _, _, line in self._rows.lines_of(Priority.ALARM) if (gap := _gap_of(line)) is not None]

    def _load(self) -> None:
        self.epoch = self._rows.meta("epoch") or ""
        self.generation = int(self._rows.meta("generation") or 0)
        self._unsent_from = int(self._rows.meta("unsent_from") or 0)
        self.this_boot_from = int(self._rows.meta("this_boot_from") or 1)
        self._accounted = RangeSet(msgspec.json.decode(self._rows.meta("accounted") or "[]", type=list[Range]))
        runs = self._rows.runs()
        self._held = RangeSet((run.first, run.last) for run in runs)
        self._unsettled = RangeSet((run.first, run.last) for run in runs if not run.settled)
        self._urgent = RangeSet((run.first, run.last) for run in runs if run.priority == Priority.ALARM)
        self.bytes_held = sum(run.bytes_held for run in runs)
        self.last = max((run.last for run in runs), default=0)

    @property
    def settler_state(self) -> SettlerState:
        """As kept with the last append."""
        return SettlerState(int(self._rows.meta("step") or 0), int(self._rows.meta("floor") or 0))

    # ---------------------------------------------------------------- appending

    def append(self, entries: Sequence[Entry], settler: SettlerState | None = None) -> Range:
        """Number the entries, in order, and put them on disk; the first and last number given.

        Raises:
            OutboxError: nothing was appended, no number was used up.
        """
        if not entries:
            raise ValueError("append: wanted at least one entry")
        with self._transaction():
            self._make_room(sum(len(entry.line) + 1 for entry in entries) + RUN_OVERHEAD_BYTES)
            first = self.last + 1
            self._insert(entries)
            if settler is not None:
                self._rows.set_meta(step=settler.step, floor=settler.floor)
            accounted = msgspec.json.encode(list(self._accounted)).decode()
            self._rows.set_meta(accounted=accounted, unsent_from=self._unsent_from)
        return first, self.last

    def _insert(self, entries: Sequence[Entry]) -> None:
        for run in runs_of(entries):
            first = self.last + 1
            self.last += len(run)
            self.bytes_held += self._rows.insert(first, run)
            self._held = self._held.add(first, self.last)
            if not run[0].settled:
                self._unsettled = self._unsettled.add(first, self.last)
            if run[0].priority is Priority.ALARM:
                self._urgent = self._urgent.add(first, self.last)

    # ---------------------------------------------------------------- offering

    def open_numbers(self) -> RangeSet:
        """Numbers that are held, settled and not accounted: what there is to send."""
        return self._held.difference(self._accounted).difference(self._unsettled)

    def urgent_numbers(self) -> RangeSet:
        """Those of ``open_numbers`` with alarm priority."""
        return self._urgent.intersection(self.open_numbers())

    def link_opened(self) -> None:
        """From here on any number may be sent; on disk before the first one is."""
        if self._unsent_from:
            with self._transaction():
                self._unsent_from = 0
                self._rows.set_meta(unsent_from=0)

    def link_closed(self) -> None:
        """What is numbered from here on is not sent until the link opens again; on disk with the next append."""
        if not self._unsent_from:
            self._unsent_from = self.last + 1

    def never_sent(self) -> RangeSet:
        """Numbers that no hub can have from this card: observed without a link, or still waiting for their time."""
        unsent = [(self._unsent_from, self.last)] if 0 < self._unsent_from <= self.last else []
        return self._unsettled.union(unsent)

    def waiting(self) -> tuple[int, int]:
        """How many records are not accounted, and the time of the oldest [µs UTC], 0 if none has one."""
        pending = self._held.difference(self._accounted)
        for first, _ in pending:
            return pending.count, self._rows.time_at(first)
        return 0, 0

    def read(self, first: int, last: int, most_bytes: int) -> Held:
        """The lines from ``first`` on, at most to ``last`` and at most ``most_bytes``, at least one.

        Raises:
            OutboxError: ``first`` is not held.
        """
        lines = self._rows.read(first, last, most_bytes)
        if not lines:
            raise OutboxError(f"outbox: record {first} is not held")
        return Held(first, lines)

    def digest(self, number: int) -> str | None:
        """Digest of a record's line, None when it is not held."""
        if number not in self._held or number in self._unsettled:
            return None
        return digest_of(self.read(number, number, limits.RECORD_BYTES).lines[0])

    # ---------------------------------------------------------------- accounting

    def account(self, through: int, ranges: Sequence[Range]) -> None:
        """The hub has every number up to ``through`` and those of ``ranges``: they may be evicted.

        Kept in memory and written with the next append: losing it means sending again, which is harmless.
        """
        named = RangeSet([(1, through), *ranges] if through >= 1 else ranges)
        self._accounted = self._accounted.union(named.intersection(RangeSet([(1, self.last)] if self.last else [])))

    def rewind(self, through: int, ranges: Sequence[Range], generation: int) -> None:
        """A restored hub has only these: offer the others again, declare lost what is no longer held."""
        named = RangeSet([(1, through), *ranges] if through >= 1 else ranges)
        gone = self._accounted.difference(named).difference(self._held)
        with self._transaction():
            self._accounted = named.intersection(RangeSet([(1, self.last)] if self.last else []))
            self.generation = generation
            self._rows.set_meta(generation=generation, accounted=msgspec.json.encode(list(self._accounted)).decode())
            if gone:
                self._insert_gaps(gone, "rewound_past_quota", 0, 0)

    def give_up(self, number: int) -> None:
        """Declare one record lost because no hub can read it; its line goes to the device's own quarantine."""
        with self._transaction():
            self._set_aside(number)
            self._insert_gaps(RangeSet([(number, number)]), "refused_on_device", 0, 0)
            self._accounted = self._accounted.add(number, number)

    # ---------------------------------------------------------------- epochs

    def begin_epoch(
        self, why: Literal["behind_the_hub", "differs_from_the_hub"], known: RangeSet, sent: RangeSet
    ) -> None:
        """Number anew under a new identity, because the hub's knowledge of this one does not fit.

        What is not accounted is numbered again. Left out is what stood here when the file was opened, or was sent since,
        where the hub knows its number: it has that very record, from here or from another life of this card, or it has
        quarantined ours as a conflict; nobody here can tell. It is kept in the quarantine. What speaks of the old numbers
        (gaps, the epoch's own records) ends with them; what had to go without the hub having it is declared anew, under as
        many numbers of the new epoch.

        Args:
            why: said in the new epoch's first record.
            known: the numbers that the hub accounts under the identity that ends.
            sent: the numbers that were sent since the file was opened.
        """
        with self._transaction():
            pending = self._held.difference(self._accounted)
            may_be_there = sent.union([(1, self._opened_at)] if self._opened_at else [])
            doubtful = pending.intersection(known).intersection(may_be_there)
            kept = [
                entry for entry in self._rows.entries(pending.difference(doubtful)) if not _is_about_numbers(entry.line)
            ]
            for first, last in doubtful:
                for number in range(first, last + 1):
                    self._set_aside(number)
            gone = self._gone(known.difference(self.never_sent()))
            previous, last = self.epoch, self.last
            self._rows.clear()
            self._begin_epoch(EpochOpened(t=0, why=why, previous=previous, previous_last=last), kept, gone)
            self._opened_at = 0
            self._rows.set_meta(this_boot_from=self.last + 1)
            self._load()

    def _set_aside(self, number: int) -> None:
        line = self.read(number, number, limits.RECORD_BYTES).lines[0]
        self._rows.set_aside(self.epoch, number, line)

    def _gone(self, there: RangeSet) -> Gap | None:
        """What had to go and is not ``there``, at the hub, as one gap whose numbers are still to be given."""
        numbers = RangeSet([(1, self.last)]).difference(self._held).difference(self._accounted).difference(there)
        if not numbers:
            return None
        gaps = self._gaps()
        return Gap(
            ranges=[], why=gaps[-1].why if gaps else "outbox_full", records=numbers.count,
            t_from=min((gap.t_from for gap in gaps if gap.t_from), default=None),
            t_to=max((gap.t_to for gap in gaps if gap.t_to), default=None),
        )  # fmt: skip

    def _begin_epoch(self, opened: EpochOpened, kept: Sequence[Entry] = (), gone: Gap | None = None) -> None:
        self.epoch = self._new_epoch()
        self.last, self.bytes_held = 0, 0
        self._accounted = self._held = self._unsettled = self._urgent = RangeSet()
        self._unsent_from = 1
        self._rows.set_meta(epoch=self.epoch, accounted="[]", unsent_from=1)
        line = encode_record(msgspec.structs.replace(opened, t=None, clock="hub"))
        self._insert([Entry(line, opened.priority, 0)])
        if gone is not None:
            lost = RangeSet([(self.last + 1, self.last + gone.records)])
            self.last += gone.records
            self._insert_gaps(lost, gone.why, gone.t_from or 0, gone.t_to or 0)
        if kept:
            self._insert(kept)

    # ---------------------------------------------------------------- settling what waited

    def unsettled_boots(self) -> list[str]:
        """Boots that left records without a time, oldest first."""
        return self._rows.unsettled_boots()

    def settle(
        self, boot: str, settle: Callable[[list[Record]], list[Record]], state: Callable[[], SettlerState]
    ) -> None:
        """Give the waiting records of a boot their times, durably, before they are offered."""
        with self._transaction():
            for first, lines in self._rows.unsettled(boot):
                waiting = [decode_record(line) for line in lines]
                records = settle([record for record in waiting if isinstance(record, Record)])
                times = [record.t for record in records if record.t]
                self._rows.settle(first, [encode_record(record) for record in records], times)
            kept = state()
            self._rows.set_meta(step=kept.step, floor=kept.floor)
        self._load()

    # ---------------------------------------------------------------- eviction

    def _make_room(self, needed: int) -> None:
        """Evict until ``needed`` bytes and the reserve fit under the quota."""
        room = self._quota - self._reserve
        if needed > room:
            raise OutboxError(f"outbox: {needed} bytes at once: the quota leaves {room}; raise [outbox] quota_mib")
        if self.bytes_held + needed <= room:
            return
        target = max(0, room - needed - self._quota // 50)
        self._evict([run for run in self._evictable() if self._accounted.covers(run.first, run.last)], target)
        if self.bytes_held + needed <= room:
            return
        pending = [run for run in self._evictable() if run.priority != Priority.ALARM]
        taken = self._evict(sorted(pending, key=lambda run: (-run.priority, run.first)), target)
        lost = RangeSet((run.first, run.last) for run in taken).difference(self._accounted)
        if lost:
            times = [t for run in taken for t in (run.t_from, run.t_to) if t]
            self.evicted += lost.count
            self._insert_gaps(lost, "outbox_full", min(times, default=0), max(times, default=0))
        if self.bytes_held + needed > self._quota:
            raise OutboxError("outbox: full of alarms that the hub has not acked; nothing more can be kept")

    def _evictable(self) -> list[Run]:
        """All runs but the last one, which carries the numbering."""
        return self._rows.runs()[:-1]

    def _evict(self, candidates: Sequence[Run], target_bytes: int) -> list[Run]:
        taken: list[Run] = []
        left = self.bytes_held
        for run in candidates:
            if left <= target_bytes:
                break
            taken.append(run)
            left -= run.bytes_held
        self._remove(taken)
        return taken

    def _remove(self, runs: Sequence[Run]) -> None:
        """Take runs off the disk and out of what is known of them."""
        self._rows.delete(run.first for run in runs)
        self.bytes_held -= sum(run.bytes_held for run in runs)
        gone = RangeSet((run.first, run.last) for run in runs)
        self._held = self._held.difference(gone)
        self._unsettled = self._unsettled.difference(gone)
        self._urgent = self._urgent.difference(gone)

    def _insert_gaps(self, lost: RangeSet, why: Why, t_from: int, t_to: int) -> None:
        """Number gap records for ``lost``, taking older unsent ones of the same reason into the new one."""
        earlier = self._unsent_gaps(why)
        records = lost.count
        if len(earlier) >= GAPS_KEPT:
            for number, gap in earlier:
                lost = lost.union([*gap.ranges, (number, number)])
                records += gap.records
                t_from = min(filter(None, (t_from, gap.t_from or 0)), default=0)
                t_to = max(t_to, gap.t_to or 0)
            self._remove([self._rows.run_of(number) for number, _ in earlier])
        ranges = list(lost)
        for at in range(0, len(ranges), limits.LIST_ITEMS):
            part = ranges[at : at + limits.LIST_ITEMS]
            gap = Gap(ranges=part, why=why, records=records, t_from=t_from or None, t_to=t_to or None, clock="hub")
            self._insert([Entry(encode_record(gap), Priority.ALARM, t_to)])

    def _unsent_gaps(self, why: Why) -> list[tuple[int, Gap]]:
        found: list[tuple[int, Gap]] = []
        for first, count, line in self._rows.lines_of(Priority.ALARM):
            if count == 1 and first not in self._accounted and first != self.last:
                gap = _gap_of(line)
                if gap is not None and gap.why == why:
                    found.append((first, gap))
        return found

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, on disk and in memory."""
        before = dict(self.__dict__)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as problem:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self.__dict__.update(before)
            if isinstance(problem, sqlite3.Error):
                raise OutboxError(f"outbox: {problem}; check the disk's space and health") from problem
            raise


def _gap_of(line: bytes) -> Gap | None:
    """A gap's line as a gap; one that the disk spoilt declares nothing, so that its numbers are declared anew."""
    if not line.startswith(b'{"kind":"gap"'):
        return None
    try:
        record = decode_record(line)
    except RecordError:
        return None
    return record if isinstance(record, Gap) else None


def _is_about_numbers(line: bytes) -> bool:
    """Whether a record speaks of its own epoch's numbers, and so means nothing in another."""
    return line.startswith((b'{"kind":"gap"', b'{"kind":"epoch_'))
