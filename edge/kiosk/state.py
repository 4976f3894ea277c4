"""The state of the whole: in service, degraded, out of service, maintenance or unknown, with every reason for it.

Rules it keeps:
- Nothing known is *unknown*, never *in service*.
- The most serious condition decides the state; every condition gives its reason, each once, in the contract's order.
- One empty or jammed tray only degrades while another tray has paper.
- A printer that is stopped and says why is not stopped for a reason that nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal, get_args

from edge.contract.records.kiosk import KioskState, Reason
from edge.kiosk.cabinets import CABINETS, Table
from edge.kiosk.conditions import PAYMENT_PATHS, SEVERITY, STOPPED, TRAY_PREFIX, Condition, Effect
from edge.kiosk.provider_words import Words
from edge.pipeline import Step

REPORT_EVERY_US: Final = 60_000_000
State = Literal["in_service", "degraded", "out_of_service", "maintenance", "unknown"]
_ORDER: Final[tuple[Reason, ...]] = get_args(Reason)
_HAS_PAPER: Final = ("full", "low", "unknown")


def state(table: Table, cash_only: bool) -> Step:
    """``Words`` to ``KioskState``: when it changes and once a minute; the words go on."""
    return _State(table, cash_only)


class _State:
    def __init__(self, table: Table, cash_only: bool) -> None:
        self._table = table
        self._cash_only = cash_only
        self._said: tuple[State, list[Reason]] | None = None
        self._said_at = 0

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, Words):
            yield from self._say(mono, state_of(item.words, self._cash_only, self._table), item.due)
        yield item

    def _say(self, mono: int, now: tuple[State, list[Reason]], due: bool) -> Iterator[KioskState]:
        if now != self._said or (due and mono - self._said_at >= REPORT_EVERY_US):
            self._said, self._said_at = now, mono
            yield KioskState(t=mono, state=now[0], reasons=now[1])


def state_of(
    words: dict[str, str] | None, cash_only: bool = True, table: Table = CABINETS["kiosk"]
) -> tuple[State, list[Reason]]:
    """State and reasons of the words that are true; ``cash_only`` makes a fault of the cash unit serious."""
    heard = bool(words) and table.needs in (words or {})
    paper_left = any(path.startswith(TRAY_PREFIX) and word in _HAS_PAPER for path, word in (words or {}).items())
    effects: list[Effect] = [] if heard else ["unknown"]
    reasons: set[Reason] = set() if heard else {"unknown"}
    for path, word in (words or {}).items():
        condition = table.condition_of(path, word)
        if condition is not None and not ((path, word) == STOPPED and _says_why(words or {}, table)):
            reasons.add(condition.reason)
            effects.append(_effect(path, condition, paper_left, cash_only))
    worst: State = max(effects, key=SEVERITY.index) if effects else "in_service"
    return worst, sorted(reasons, key=_ORDER.index)


def _says_why(words: dict[str, str], table: Table) -> bool:
    """Whether a printer's reason is graver than that it stopped."""
    return any(
        path.startswith("ipp.") and table.gravity(path, word) > table.gravity(*STOPPED) for path, word in words.items()
    )


def _effect(path: str, condition: Condition, paper_left: bool, cash_only: bool) -> Effect:
    if paper_left and condition.others_left is not None:
        return condition.others_left
    if path in PAYMENT_PATHS and not cash_only:
        return "degraded"
    return condition.effect
