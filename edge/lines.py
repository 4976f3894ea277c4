"""Lines: what becomes of one delivery on its way into the outbox, the same in the field and in a replay.

Rules it keeps:
- Every record that gets a number comes from ``Lines.of``, those of the runtime itself included, in this order and no
  other; what a recording holds is therefore all that a replay needs.
- A record that breaks the contract is refused with its reason and spoils no other.
- Records that wait for the clock get their time right after the first tick at which it is known.

It does no I/O and reads no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from edge.contract.codec import decode_record, encode_record
from edge.contract.errors import ContractError
from edge.contract.records import Priority, Record
from edge.delivery import Delivery, Own
from edge.pipeline import Pipeline, Tick
from edge.settle import Settler


class Line(NamedTuple):
    """A record as it is kept.

    Attributes:
        record: as it was made, its ``t`` monotonic.
        line: its line of JSON; with a monotonic ``t`` while it waits for the clock.
        t: its time [µs UTC], 0 when it has none.
        settled: False while it waits for the clock.
    """

    record: Record
    line: bytes
    t: int
    settled: bool

    @property
    def priority(self) -> Priority:
        """Who leaves first."""
        return self.record.priority


class Refused(NamedTuple):
    """A record that breaks the contract, and how."""

    record: Record
    reason: str


class Lines:
    """One pipeline and the settling behind it."""

    def __init__(self, pipeline: Pipeline, settler: Settler) -> None:
        self._pipeline = pipeline
        self._settler = settler

    def of(self, delivery: Delivery) -> list[Line | Refused]:
        """What a delivery gives rise to, in order."""
        if isinstance(delivery.item, Own):
            records = [delivery.item.record]
        else:
            records = self._pipeline.process(delivery.mono_us, delivery.item)
        return [self._line(record, delivery.offset_us) for record in records]

    def _line(self, record: Record, offset_us: int | None) -> Line | Refused:
        settled = self._settler.settle(record, offset_us)
        kept = record if settled is None else settled
        try:
            line = encode_record(kept)
        except ContractError as problem:
            return Refused(record, str(problem))
        return Line(record, line, kept.t or 0 if settled is not None else 0, settled is not None)


def settles_what_waited(delivery: Delivery) -> bool:
    """Whether records that wait for the clock get their time after this delivery."""
    return isinstance(delivery.item, Tick) and delivery.offset_us is not None


def settled_late(records: Iterable[Record], settler: Settler, offset_us: int) -> list[Record]:
    """Records of this boot that waited, with their times, now that UTC − monotonic [µs] is known."""
    settled = [settler.settle(record, offset_us) for record in records]
    return [record for record in settled if record is not None]


def numbered(deliveries: Iterable[Delivery], pipeline: Pipeline, settler: Settler) -> Iterator[Line]:
    """What the pipeline makes of deliveries, in the order in which an agent numbers it.

    Records of the runtime itself are settled in their row but not given. Lines behind one that waits for the clock are
    held back with it; what still waits at the end is given as an outbox holds it, with monotonic times.
    """
    lines = Lines(pipeline, settler)
    held: list[tuple[Line, bool]] = []
    for delivery in deliveries:
        own = isinstance(delivery.item, Own)
        for made in lines.of(delivery):
            if isinstance(made, Refused):
                continue
            if held or not made.settled:
                held.append((made, own))
            elif not own:
                yield made
        if held and settles_what_waited(delivery):
            yield from _released(held, settler, delivery.offset_us or 0)
            held = []
    yield from (line for line, own in held if not own)


def numbered_lines(deliveries: Iterable[Delivery], pipeline: Pipeline, settler: Settler) -> Iterator[bytes]:
    """The lines of JSON of ``numbered``, without line ends."""
    return (line.line for line in numbered(deliveries, pipeline, settler))


def _released(held: list[tuple[Line, bool]], settler: Settler, offset_us: int) -> Iterator[Line]:
    for line, own in held:
        late = line if line.settled else _late(line, settler, offset_us)
        if not own:
            yield late


def _late(line: Line, settler: Settler, offset_us: int) -> Line:
    """The line with its time, read back first, as an outbox does it."""
    record = decode_record(line.line)
    if not isinstance(record, Record):
        return line
    (settled,) = settled_late([record], settler, offset_us)
    return Line(line.record, encode_record(settled), settled.t or 0, True)
