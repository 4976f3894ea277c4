"""The outbox with a ledger, at random: nothing lost, nothing twice, and the quota holds."""

from __future__ import annotations

import sqlite3

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.contract.ranges import RangeSet
from edge.contract.records import Gap
from edge.errors import OutboxError
from edge.outbox import Outbox
from hub.ledger import Account
from tests.edge.outboxes import airs, alarm, gaps


class OutboxAndLedger(RuleBasedStateMachine):
    """Appends, batches that arrive or not, acks that arrive late or not, restarts: nothing lost, nothing twice."""

    def __init__(self) -> None:
        super().__init__()
        self.database = sqlite3.connect(":memory:", isolation_level=None)
        self.truth: list[float] = []
        self.lost_acks: list[Account] = []
        self.hub: dict[int, bytes] = {}
        self.account = Account()
        self._open()

    def _open(self) -> None:
        self.outbox = Outbox(self.database, 6_000, lambda: "00000000000000aa")
        self.outbox.open()

    @rule(count=st.integers(1, 12), urgent=st.booleans())
    def observe(self, count: int, urgent: bool) -> None:
        first = len(self.truth)
        try:
            self.outbox.append([*airs(first, first + count - 1), *([alarm()] if urgent and first % 5 == 0 else [])])
        except OutboxError as problem:
            if "full of alarms" not in str(problem):
                raise
            return
        self.truth += [float(value) for value in range(first, first + count)]

    @precondition(lambda self: self.outbox.open_numbers())
    @rule(data=st.data(), most=st.integers(1, 400), arrives=st.booleans())
    def send(self, data: st.DataObject, most: int, arrives: bool) -> None:
        first, last = data.draw(st.sampled_from(list(self.outbox.open_numbers())))
        held = self.outbox.read(first, last, most)
        later = self.account.stored_numbers(held.first, held.last, 0, "0" * 16)
        new = self.account.missing_in(held.first, held.last)
        for number, line in enumerate(held.lines, held.first):
            if number in new:
                assert self.hub.setdefault(number, line) == line
            if line.startswith(b'{"kind":"gap"'):
                record = records_of(line)
                later, _ = later.declared_lost(record.ranges)
        self.account = later
        if arrives:
            self.outbox.account(later.through, list(later.ranges))
        else:
            self.lost_acks.append(later)

    @precondition(lambda self: self.lost_acks)
    @rule(data=st.data())
    def late_ack(self, data: st.DataObject) -> None:
        ack = data.draw(st.sampled_from(self.lost_acks))
        self.outbox.account(ack.through, list(ack.ranges))

    @rule()
    def restart(self) -> None:
        self._open()

    @invariant()
    def nothing_is_forgotten(self) -> None:
        declared = RangeSet(numbers for gap in gaps(self.outbox).values() for numbers in gap.ranges)
        accounted = RangeSet([*([(1, self.account.through)] if self.account.through else []), *self.account.ranges])
        known = self.outbox.open_numbers().union(declared).union(accounted)
        assert known.covers(1, self.outbox.last)

    @invariant()
    def the_quota_holds(self) -> None:
        assert self.outbox.bytes_held <= 6_000


def records_of(line: bytes) -> Gap:
    """A gap record's line."""
    return msgspec.json.decode(line, type=Gap)


TestOutboxAndLedger = OutboxAndLedger.TestCase
TestOutboxAndLedger.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
