"""The checker: what a device put on disk against what the store and the ledger hold. All zero is what we promise.

It knows nothing of how delivery works. Two truths, neither from the hub: the lines that stand in the outbox, which keeps
them after they are acked, and the journal of what was fed into the device's line.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from benchmarks.ticket_feed import Fed
from tests.chaos.books import ENVELOPE, Held, Ledger, Outbox

READING = "counter_ticket"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong, in records.

    lost: on the device's disk, and not in the store. doubled: there more than once, under one number or as one ticket
    under two. altered: says another thing or has another time than on the device, or was never there. reordered: a
    ticket whose number is not above that of the ticket fed before it. holes: numbers that the ledger does not account.
    undeclared: accounted, but neither stored nor refused nor declared lost. vanished: fed to an agent that had time to
    commit it, and not in its outbox. conflicts: quarantined as another device's.
    """

    lost: int
    doubled: int
    altered: int
    reordered: int
    holes: int
    undeclared: int
    vanished: int
    conflicts: int

    @property
    def wrong(self) -> int:
        """The sum; 0 is what we promise."""
        return sum(getattr(self, one.name) for one in fields(self))


def check(outbox: Outbox, stored: Sequence[Held], ledger: Ledger, fed: Sequence[Fed], due: Iterable[int]) -> Verdict:
    """Compare; `due` are the tickets that the agent had time to commit."""
    of_epoch = [one for one in stored if one.epoch == outbox.epoch]
    numbers = Counter(one.number for one in of_epoch)
    tickets = Counter(one.says["ticket"] for one in stored if one.kind == READING)
    committed = {line["ticket"] for line in outbox.lines.values() if line["kind"] == READING}
    given = {one.ticket: one.service for one in fed}
    return Verdict(
        lost=sum(number not in numbers for number in outbox.lines),
        doubled=sum(count - 1 for count in numbers.values()) + sum(count - 1 for count in tickets.values()),
        altered=sum(_differs(outbox.lines.get(one.number), one) for one in of_epoch)
        + sum(given.get(one.says["ticket"]) != one.says["service"] for one in stored if one.kind == READING)
        + len(stored) - len(of_epoch),
        reordered=_reordered(of_epoch),
        holes=sum(number not in ledger.accounted for number in range(1, outbox.last + 1)),
        undeclared=sum(
            number not in numbers and number not in ledger.refused and number not in ledger.declared_lost
            for number in ledger.accounted
        ),
        vanished=sum(ticket not in committed for ticket in due),
        conflicts=ledger.conflicts,
    )  # fmt: skip


def shared_times(stored: Sequence[Held]) -> int:
    """How many tickets have service and time in common with one before: what a clock stepped back must not merge."""
    places = Counter((one.says["service"], one.t) for one in stored if one.kind == READING)
    return sum(count - 1 for count in places.values())


def _differs(line: dict[str, Any] | None, held: Held) -> bool:
    if line is None or line["kind"] != held.kind or ("t" in line and line["t"] != held.t):
        return True
    return any(held.says.get(key) != value for key, value in line.items() if key not in ENVELOPE)


def _reordered(stored: Sequence[Held]) -> int:
    tickets = [one.says["ticket"] for one in sorted(stored, key=lambda one: one.number) if one.kind == READING]
    return sum(after <= before for before, after in itertools.pairwise(tickets))
