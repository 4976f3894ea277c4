"""Settling: gives each record its UTC once, from the monotonic time at which it was observed.

Rules it keeps:
- Within one ``step`` the times of a series (kind and tags) strictly increase. A time that is equal, or less by at most
  ``NUDGE_US``, moves to 1 µs after the one before; a time further back raises ``step``: the clock went backward.
- A record whose time cannot be known yet is not given one. Alarms and health then leave with ``clock="hub"`` and their
  monotonic time, so that the hub times them by their age at arrival; everything else waits on the device.
- What an earlier boot left untimed is put between the last time settled before it and the start of this boot, with the
  half-width of those bounds beside it.

It reads no clock: offsets (UTC − monotonic) are given.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from edge.contract import limits
from edge.contract.records import Health, Priority, Record, kind_of
from edge.contract.series import tags_of

NUDGE_US = 1_000
"""How far a time may be moved forward to keep a series strictly increasing [µs]."""


class SettlerState(NamedTuple):
    """What must survive a restart: the current step and the latest time given [µs UTC]."""

    step: int = 0
    floor: int = 0


class Settler:
    """Gives times to records in the order in which they are appended."""

    def __init__(self, state: SettlerState) -> None:
        self._step = state.step
        self._floor = state.floor
        self._restart_floor = state.floor
        self._newest: dict[tuple[str, tuple[object, ...]], int] = {}

    @property
    def state(self) -> SettlerState:
        """To be kept with the records that were settled."""
        return SettlerState(self._step, self._floor)

    def settle(self, record: Record, offset_us: int | None) -> Record | None:
        """The record with its UTC, or None while it must wait.

        Args:
            record: its ``t`` is monotonic [µs since boot].
            offset_us: UTC − monotonic when it was observed [µs]; None while the clock is not known.
        """
        if record.t is None:
            raise ValueError(f"{kind_of(record)}: a pipeline must give every record a monotonic time")
        if offset_us is None:
            if record.priority is Priority.ALARM or isinstance(record, Health):
                return msgspec.structs.replace(record, t=None, clock="hub", mono=record.t)
            return None
        return msgspec.structs.replace(record, **self._time(record, record.t + offset_us))

    def settle_bounded(self, record: Record, earliest_us: int, latest_us: int) -> Record:
        """A record of an earlier boot, somewhere between two times [µs UTC]."""
        middle = (earliest_us + latest_us) // 2
        error_s = max(0.0, (latest_us - earliest_us) / 2e6)
        return msgspec.structs.replace(record, clock="bounded", t_error_s=error_s, **self._time(record, middle))

    def _time(self, record: Record, t: int) -> dict[str, int]:
        series = (kind_of(record), tags_of(record))
        before = self._newest.get(series, self._restart_floor)
        if t <= before:
            if before - t <= NUDGE_US:
                t = before + 1
            else:
                self._step += 1
                self._newest.clear()
                self._floor = self._restart_floor = 0
        t = min(max(t, 0), limits.TIME_MAX_US)
        self._newest[series] = t
        self._floor = max(self._floor, t)
        return {"t": t, "step": self._step}
