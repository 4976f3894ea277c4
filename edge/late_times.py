"""Late times: what becomes of the records in the outbox that were observed before the clock was known."""

from __future__ import annotations

import msgspec

from edge.contract.records import Record
from edge.lines import settled_late
from edge.outbox import Outbox
from edge.settle import Settler, SettlerState


def settle_what_waited(outbox: Outbox, settler: Settler, boot: str, offset_us: int) -> None:
    """The clock is known now: give every waiting record its time, those of earlier boots within bounds."""
    for waiting in outbox.unsettled_boots():
        floor, boot_start = settler.state.floor, offset_us

        def exact(records: list[Record]) -> list[Record]:
            return settled_late(records, settler, offset_us)

        def bounded(records: list[Record], floor: int = floor, boot_start: int = boot_start) -> list[Record]:
            return [
                settler.settle_bounded(record, min(floor or boot_start, boot_start), boot_start) for record in records
            ]

        outbox.settle(waiting, exact if waiting == boot else bounded, lambda: settler.state)


def let_the_hub_time(outbox: Outbox, state: SettlerState, boot: str) -> None:
    """Every waiting record leaves without a time, with its age where this boot observed it.

    For a hub that keeps no more ranges while the clock is still not known: what waits leaves holes between the alarms
    and health records that left before, and past the bound no alarm would be taken any more.
    """
    for waiting in outbox.unsettled_boots():

        def untimed(records: list[Record], own: bool = waiting == boot) -> list[Record]:
            return [
                msgspec.structs.replace(record, t=None, clock="hub", mono=record.t if own else None)
                for record in records
            ]

        outbox.settle(waiting, untimed, lambda: state)
