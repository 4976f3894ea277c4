"""Gate fix: says when the kind of fix changes, and lets only believable positions on.

Rules it keeps:
- A moment without a fix gives no position, from its first second.
- A change of kind is said once it has lasted ``hold_s``, with the time at which it began, and once only.
- A receiver that says nothing for ``silent_s`` has no fix.
"""

from __future__ import annotations

from collections.abc import Iterable

from edge.contract.records import Record
from edge.contract.records.truck import TruckFix
from edge.pipeline import Tick
from edge.truck.fix import Fix, Kind


class GateFix:
    """Fixes in; fixes with a position, and ``TruckFix`` records, out."""

    def __init__(self, hold_s: float, silent_s: float, worst_accuracy_m: float) -> None:
        self._hold_us = round(hold_s * 1e6)
        self._silent_us = round(silent_s * 1e6)
        self._worst_accuracy_m = worst_accuracy_m
        self._said: Kind | None = None
        self._kind: Kind | None = None
        self._since = 0
        self._heard: int | None = None

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        """The fix if it may be believed, and what there is to say about its kind."""
        if isinstance(item, Fix):
            return self._fix(item)
        if isinstance(item, Tick):
            return self._tick(mono, item)
        return [item]

    def _fix(self, fix: Fix) -> list[object]:
        self._heard = fix.mono
        too_vague = fix.accuracy_m is not None and fix.accuracy_m > self._worst_accuracy_m
        kind: Kind = "none" if too_vague else fix.kind
        passed: list[object] = list(self._turn_to(kind, fix.mono))
        if kind != "none":
            passed.append(fix)
        return passed

    def _tick(self, mono: int, tick: Tick) -> list[object]:
        if self._heard is None:
            self._heard = mono
        if mono - self._heard < self._silent_us:
            return [tick]
        return [*self._turn_to("none", mono), tick]

    def _turn_to(self, kind: Kind, mono: int) -> list[Record]:
        if kind != self._kind:
            self._kind, self._since = kind, mono
        if kind == self._said or (self._said is not None and mono - self._since < self._hold_us):
            return []
        self._said = kind
        return [TruckFix(t=self._since, fix=kind)]
