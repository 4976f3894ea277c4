"""What one hub has committed, told to the others, so that the pages of each show every device.

It travels beside the ledger, unsaved: a hub that misses some shows an older value with its age until the next one, and
looks into the store when it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import msgspec

from edge.contract.codec import UnknownRecord, decode_record
from edge.contract.control import State
from edge.contract.errors import ContractError
from hub.step import Step
from hub.store.port import Row

SUBJECT = "machikado.committed"
ROWS_A_MESSAGE = 500
"""Rows in one message, which is also cut by bytes so that it stays below the servers' limit."""
BYTES_A_MESSAGE = 512 * 1024


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a committed step: who committed it, and of each device what was heard, its state, its lines."""

    worker: str
    heard: dict[str, int] = {}
    states: dict[str, tuple[State, int]] = {}
    rows: list[tuple[str, int, str]] = []


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Told).decode


class Feed:
    """Tells the others what was committed here of the devices that pages show, and follows what they tell.

    Args:
        shown: the devices that a page shows.
        tell: sends one message to the other hubs.
        follow: takes a step that another hub committed.
    """

    def __init__(
        self, worker: str, shown: Collection[str], tell: Callable[[bytes], None], follow: Callable[[Step], None]
    ) -> None:
        self._worker = worker
        self._shown = frozenset(shown)
        self._tell = tell
        self._follow = follow

    def __call__(self, step: Step) -> None:
        """Tell of a committed step."""
        heard = {device: t for device, t in step.heard.items() if device in self._shown}
        states = {device: state for device, state in step.states.items() if device in self._shown}
        parts = list(_parts(row for row in step.rows if row.device in self._shown))
        first = Told(worker=self._worker, heard=heard, states=states, rows=parts[0] if parts else [])
        if heard or states or parts:
            self._tell(_encode(first))
        for rows in parts[1:]:
            self._tell(_encode(Told(worker=self._worker, rows=rows)))

    def hear(self, payload: bytes) -> None:
        """Follow what another hub tells; what cannot be read is a newer hub's and is left out."""
        try:
            told = _decode(payload)
        except msgspec.DecodeError:
            return
        if told.worker == self._worker:
            return
        step = Step(heard=dict(told.heard), states=dict(told.states))
        for device, t, line in told.rows:
            row = _row(device, t, line.encode())
            if row is not None:
                step.rows.append(row)
        self._follow(step)


def _row(device: str, t: int, line: bytes) -> Row | None:
    try:
        record = decode_record(line)
    except ContractError:
        return None
    return None if isinstance(record, UnknownRecord) else Row(device, "", 0, t, record, line)


def _parts(rows: Iterator[Row]) -> Iterator[list[tuple[str, int, str]]]:
    part: list[tuple[str, int, str]] = []
    size = 0
    for row in rows:
        if part and (len(part) == ROWS_A_MESSAGE or size + len(row.line) > BYTES_A_MESSAGE):
            yield part
            part, size = [], 0
        part.append((row.device, row.t, row.line.decode(errors="replace")))
        size += len(row.line)
    if part:
        yield part
