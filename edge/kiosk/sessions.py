"""Ended sessions to records; a session whose words or numbers are not of the contract is left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from edge.contract.records.kiosk import KioskSession
from edge.kiosk.items import SessionEnded
from edge.pipeline import Step

COPIES_MAX: Final = 1000
LONGEST_S: Final = 7200.0


def sessions() -> Step:
    """``SessionEnded`` to ``KioskSession``."""
    return _session


def _session(mono: int, item: object) -> Iterable[object]:
    if not isinstance(item, SessionEnded):
        return [item]
    if not 0 <= item.copies <= COPIES_MAX:
        return []
    content = {
        "kind": "kiosk_session", "t": mono, "certificate": item.certificate, "outcome": item.outcome,
        "duration_s": round(item.duration_s, 1), "copies": item.copies,
    }  # fmt: skip
    if item.saved_s is not None and 0 <= item.saved_s <= LONGEST_S:
        content["saved_s"] = round(item.saved_s, 1)
    try:
        return [msgspec.convert(content, KioskSession)]
    except msgspec.ValidationError:
        return []
