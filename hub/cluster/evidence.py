"""Quarantine and declared losses of a cluster, in InfluxDB beside the readings: every hub answers for all devices.

Rules it keeps:
- It is written before the ledger advances, like the readings; the same step writes the same points.
- An entry's time is when the message came [µs] with its place among those of the same device and time in nanoseconds;
  that is also its id, so that newest first is the order of ids.
- It is kept as long as the rollups' retention policy says: the counters in the ledger keep counting.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hub.errors import StoreError, StoreRefused
from hub.ledger_port import LostRow, QuarantineRow
from hub.step import Lost, Quarantined
from hub.store.influx_server import InfluxServer, InfluxTarget
from hub.store.influxql import measurement, word
from hub.store.lineprotocol import escape_key, text_field
from hub.store.port import Row

QUARANTINE = "hub_quarantine"
LOST = "hub_lost"
LINES_A_REQUEST = 500
NOBODY = "-"
"""The tag of an entry that no device can be blamed for."""
NAMES_MOST = 512
"""Most characters of a topic, a reason or a name that are kept."""


class Evidence:
    """What was refused and what was declared lost, in the target's ``rollup_retention``."""

    def __init__(self, target: InfluxTarget) -> None:
        """Nothing is connected here."""
        self._server = InfluxServer(target)
        self._retention = target.rollup_retention

    def write(self, quarantined: Sequence[Quarantined], lost: Sequence[Lost]) -> None:
        """Store entries durably.

        Raises:
            StoreError: nothing may be believed stored; try again.
        """
        places: Counter[tuple[str, int]] = Counter()
        lines = [_quarantine_line(one, _place(places, one.device or NOBODY, one.t)) for one in quarantined]
        lines += [
            _lost_line(one, first, last, _place(places, f"{LOST} {one.device}", one.t))
            for one in lost
            for first, last in one.numbers
        ]
        for at in range(0, len(lines), LINES_A_REQUEST):
            try:
                self._server.write(self._retention, "\n".join(lines[at : at + LINES_A_REQUEST]).encode())
            except StoreRefused as problem:
                raise StoreError(f"quarantine: InfluxDB refuses it: {problem}; look at {QUARANTINE}") from problem

    def is_accounted_otherwise(self, row: Row) -> bool:
        """Whether the number was refused or declared lost.

        Raises:
            StoreError: no answer.
        """
        whose = f'"device" = {word(row.device)} AND "epoch" = {word(row.epoch)}'
        refused = f'SELECT "number" FROM {self._from(QUARANTINE)} WHERE {whose} AND "number" = {row.number} LIMIT 1'
        lost = (
            f'SELECT "first" FROM {self._from(LOST)} WHERE {whose} AND "first" <= {row.number} '
            f'AND "last" >= {row.number} LIMIT 1'
        )
        return bool(self._server.ask(refused) or self._server.ask(lost))

    def quarantine(self, device: str | None, before: int, limit: int) -> list[QuarantineRow]:
        """Entries newest first, with an id below ``before``.

        Raises:
            StoreError: no answer.
        """
        which = "" if device is None else f' AND "device" = {word(device)}'
        text = (
            f'SELECT "topic", "device", "epoch", "number", "reason", "payload", "size" FROM {self._from(QUARANTINE)} '
            f"WHERE time < {before}{which} ORDER BY time DESC LIMIT {limit}"
        )
        return [
            QuarantineRow(
                id=int(at), t=int(at) // 1000, topic=topic, device=None if whose == NOBODY else whose,
                epoch=epoch or None, number=None if number < 0 else number, reason=reason,
                payload_base64=payload, size=size,
            )
            for at, topic, whose, epoch, number, reason, payload, size in self._rows(text)
        ]  # fmt: skip

    def lost(self, device: str, limit: int) -> list[LostRow]:
        """What a device declared lost, newest first.

        Raises:
            StoreError: no answer.
        """
        text = (
            f'SELECT "epoch", "first", "last", "why", "t_from", "t_to" FROM {self._from(LOST)} '
            f'WHERE "device" = {word(device)} ORDER BY time DESC LIMIT {limit}'
        )
        return [
            LostRow(
                device=device, epoch=epoch, first=first, last=last, why=why, t_from=t_from, t_to=t_to, t=int(at) // 1000
            )
            for at, epoch, first, last, why, t_from, t_to in self._rows(text)
        ]

    def count(self) -> int:
        """How many entries the quarantine has.

        Raises:
            StoreError: no answer.
        """
        rows = self._rows(f'SELECT count("size") FROM {self._from(QUARANTINE)}')
        return int(rows[0][1]) if rows else 0

    def close(self) -> None:
        """Give the connections back."""
        self._server.close()

    def _from(self, name: str) -> str:
        return measurement(self._retention, name)

    def _rows(self, text: str) -> list[list[Any]]:
        answer = self._server.ask(text)
        return answer[0].values if answer else []


def _place(places: Counter[tuple[str, int]], whose: str, t: int) -> int:
    """The time of an entry [ns], of its own among those of the same device and microsecond."""
    places[whose, t] += 1
    return t * 1000 + places[whose, t] - 1


def _quarantine_line(one: Quarantined, at_ns: int) -> str:
    payload = base64.b64encode(one.payload).decode()
    number = -1 if one.number is None else one.number
    return (
        f"{QUARANTINE},device={escape_key(one.device or NOBODY)} topic={_text(one.topic)},epoch={_text(one.epoch or '')},"
        f"number={number}i,reason={_text(one.reason)},payload={text_field(payload)},size={one.size}i {at_ns}"
    )


def _lost_line(one: Lost, first: int, last: int, at_ns: int) -> str:
    gap = one.gap
    span = "".join(f",{name}={t}i" for name, t in (("t_from", gap.t_from), ("t_to", gap.t_to)) if t is not None)
    return (
        f"{LOST},device={escape_key(one.device)} epoch={_text(one.epoch)},first={first}i,last={last}i,"
        f"why={_text(gap.why)}{span} {at_ns}"
    )


def _text(text: str) -> str:
    """A text on one line: line protocol ends a point at a line break."""
    return text_field(text[:NAMES_MOST].replace("\n", " ").replace("\r", " ").replace("\0", " "))
