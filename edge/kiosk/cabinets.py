"""The cabinets: each is a table of states, put together from its devices' tables, and the path that must be heard.

A new cabinet is a line here. Nothing else of the agent knows which one it looks at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from edge.contract.records.kiosk import Cabinet
from edge.kiosk import conditions
from edge.kiosk.conditions import DEVICE_PATH, IPP_STATE, SEVERITY, Condition, Words

NEW_WORD: Final = "new"
"""Kept in place of a word that no table knows: that there was one matters, its letters do not."""
_NEW: Final = Condition("unknown", "degraded")
_NEW_DEVICE_WORD: Final = Condition("unknown", "unknown")


class Table(NamedTuple):
    """One cabinet.

    Attributes:
        needs: the path without whose word nothing is known of the whole.
        troubles, fine: see ``Words``.
    """

    needs: str
    troubles: Mapping[tuple[str, str], Condition]
    fine: Mapping[str, frozenset[str]]

    def condition_of(self, path: str, word: str) -> Condition | None:
        """What a word means, or None when it takes nothing away or its path has no say."""
        if path not in self.fine or word in self.fine[path]:
            return None
        return self.troubles.get((path, word), _NEW_DEVICE_WORD if path == self.needs else _NEW)

    def gravity(self, path: str, word: str) -> int:
        """How grave a word is, by ``SEVERITY``; 0 where it takes nothing away."""
        condition = self.condition_of(path, word)
        return 0 if condition is None else 1 + SEVERITY.index(condition.effect)


def _table(needs: str, *devices: Words) -> Table:
    return Table(
        needs,
        {at: condition for device in devices for at, condition in device.troubles.items()},
        {path: words for device in devices for path, words in device.fine.items()},
    )


_EVERY = (conditions.OPERATOR, conditions.NETWORK, conditions.JOBS, conditions.SOURCES)

CABINETS: Final[dict[Cabinet, Table]] = {
    "kiosk": _table(
        DEVICE_PATH, conditions.DEVICE, conditions.PRINTER, conditions.CARD_READER, conditions.CASH,
        conditions.IPP_PRINTER, conditions.POWER, *_EVERY,
    ),
    "copy_terminal": _table(IPP_STATE, conditions.IPP_PRINTER, conditions.CASH, conditions.POWER, *_EVERY),
    "form_unit": _table(
        DEVICE_PATH, conditions.DEVICE, conditions.PRINTER, conditions.CARD_READER, conditions.IPP_PRINTER,
        conditions.POWER, *_EVERY,
    ),
    "payment_terminal": _table("terminal.link", conditions.TERMINAL, conditions.POWER, *_EVERY),
    "guide_robot": _table("robot.pose", conditions.ROBOT, *_EVERY),
}  # fmt: skip

KNOWN: Final[dict[str, frozenset[str]]] = {
    path: frozenset(
        word
        for table in CABINETS.values()
        if path in table.fine
        for word in (*table.fine[path], *(word for at, word in table.troubles if at == path))
    )
    for path in sorted({path for table in CABINETS.values() for path in table.fine})
}
"""Every word that some cabinet knows, by path: what a source may keep of what a device says."""


def kept(path: str, word: str) -> str:
    """The word itself where some cabinet knows it on that path, else ``NEW_WORD``."""
    return word if word in KNOWN[path] else NEW_WORD
