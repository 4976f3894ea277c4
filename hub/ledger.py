"""Ledger: which numbers of each device's epochs are accounted, and what it says of them in an ack.

Rules it keeps:
- A number is accounted once: stored, refused, or declared lost; the first of these stands.
- ``through`` only grows within a generation; an ack names nothing that is not accounted on disk.
- At most ``limits.ACK_RANGES`` ranges above ``through`` are kept; past that a batch that would add another is not
  taken, unless it moves ``through``, and the device is told to fill the holes first.
- Generation only grows; a restore raises it.

It is a value: every change gives a new account, and whoever commits decides when the new one holds. No I/O, no clock.
"""

from __future__ import annotations

import msgspec

from edge.contract import limits
from edge.contract.control import Ack
from edge.contract.ranges import Range, RangeSet


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub knows of one epoch of one device.

    Attributes:
        through: every number up to this is accounted.
        ranges: accounted numbers above it.
        last: highest number seen, 0 for none.
        digest: of the line that has it.
        stored, refused, lost: how many numbers of each.
        closed: the device said that nothing follows.
    """

    through: int = 0
    ranges: RangeSet = msgspec.field(default_factory=RangeSet)
    last: int = 0
    digest: str | None = None
    stored: int = 0
    refused: int = 0
    lost: int = 0
    closed: bool = False

    def has(self, number: int) -> bool:
        """Whether a number is accounted."""
        return number <= self.through or number in self.ranges

    def missing_in(self, first: int, last: int) -> RangeSet:
        """The numbers of ``first``–``last`` that are not accounted."""
        if self.extends(first):
            return RangeSet([(first, last)])
        return self.ranges.missing_in(max(first, self.through + 1), last)

    def holes(self) -> RangeSet:
        """The numbers up to ``last`` that are not accounted."""
        return self.missing_in(1, self.last)

    def extends(self, first: int) -> bool:
        """Whether ``first`` is the next number of an account without holes: how it is nearly always."""
        return first == self.through + 1 and not self.ranges

    def takes(self, later: Account) -> bool:
        """Whether ``later``, which a batch makes of this account, is within the bound on ranges.

        A batch that moves ``through`` is taken past the bound, up to twice as many ranges: a gap record that declares
        the lowest hole lost would otherwise wait for that hole to be filled.
        """
        if not later.ranges:
            return True
        most = limits.ACK_RANGES * (2 if later.through > self.through else 1)
        return len(later.ranges) <= max(most, len(self.ranges))

    def stored_numbers(self, first: int, last: int, count: int, digest: str | None, refused: int = 0) -> Account:
        """The account with ``first``–``last`` accounted, of which ``count`` were new and ``refused`` of those refused.

        ``digest`` is of the line that has the number ``last``; None when ``with_digest`` will give it.
        """
        if self.extends(first):
            through, ranges = last, self.ranges
        else:
            through, ranges = _merge(self.through, self.ranges.add(first, last))
        newest = last > self.last
        return Account(
            through=through,
            ranges=ranges,
            last=last if newest else self.last,
            digest=digest if newest else self.digest,
            stored=self.stored + count - refused,
            refused=self.refused + refused,
            lost=self.lost,
            closed=self.closed,
        )

    def declared_lost(self, numbers: list[Range]) -> tuple[Account, RangeSet]:
        """The account with ``numbers`` declared lost, and which of them had not been accounted before.

        Numbers above ``last`` cannot be lost yet and are left out.
        """
        new = RangeSet(
            hole
            for first, last in numbers
            if first <= min(last, self.last)
            for hole in self.missing_in(first, min(last, self.last))
        )
        through, ranges = _merge(self.through, self.ranges.union(new))
        return msgspec.structs.replace(self, through=through, ranges=ranges, lost=self.lost + new.count), new

    def with_refused(self, count: int) -> Account:
        """The account with ``count`` stored numbers turned out to be refused by the store."""
        return msgspec.structs.replace(self, stored=self.stored - count, refused=self.refused + count)

    def with_digest(self, digest: str) -> Account:
        """The account with the digest of the line that has its highest number."""
        return msgspec.structs.replace(self, digest=digest)

    def with_end(self) -> Account:
        """The account of an epoch after which nothing follows."""
        return msgspec.structs.replace(self, closed=True)

    def ack(
        self, generation: int, epoch: str, conflict: bool = False, fill: bool = False, hello: str | None = None
    ) -> Ack:
        """What the device may forget."""
        return Ack(
            generation=generation,
            epoch=epoch,
            through=self.through,
            ranges=list(self.ranges)[: limits.ACK_RANGES],
            last=self.last,
            digest=self.digest,
            conflict=conflict,
            fill=fill,
            hello=hello,
        )


def _merge(through: int, ranges: RangeSet) -> tuple[int, RangeSet]:
    """Move ``through`` up over ranges that reach it, and keep those above."""
    kept: list[Range] = []
    for first, last in ranges:
        if last <= through:
            continue
        if first <= through + 1:
            through = last
        else:
            kept.append((first, last))
    return through, RangeSet(kept)
