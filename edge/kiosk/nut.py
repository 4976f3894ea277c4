"""Network UPS Tools: the variables of a power supply as ``upsd`` tells them, line by line (RFC 9271, section 4.2.7).

Asked is ``LIST VAR <ups>``; the answer is ``VAR <ups> <name> "<value>"`` between ``BEGIN`` and ``END``, or ``ERR <word>``.
Of the variables three are read. Serial numbers and whatever else a supply says of itself are not kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final

from edge.errors import SourceError
from edge.kiosk.conditions import UPS_BATTERY, UPS_LINE
from edge.kiosk.items import BatteryRead, Item, ProviderStatus

MAX_ANSWER_BYTES: Final = 64 * 1024
COMM_LOST: Final = ("DATA-STALE", "DRIVER-NOT-CONNECTED")
_VARIABLE: Final = re.compile(r'^VAR \S+ (ups\.status|battery\.charge|battery\.runtime) "([^"]*)"$')


def question(ups: str) -> bytes:
    """The request for all variables of a supply."""
    return f"LIST VAR {ups}\n".encode()


def is_whole(data: bytes) -> bool:
    """Whether an answer has its last line."""
    return data.endswith(b"\n") and (data.startswith(b"ERR ") or b"\nEND LIST VAR " in data)


def items_of(data: bytes, source: str) -> list[Item]:
    """An answer as words and the battery's numbers; a supply that ``upsd`` does not hear is ``commLost``.

    Raises:
        SourceError: ``upsd`` knows no such supply, or it is not ``upsd``.
    """
    lines = data.decode("utf-8", "replace").splitlines()
    if lines and lines[0].startswith("ERR "):
        if lines[0].removeprefix("ERR ").split(" ")[0] in COMM_LOST:
            return [comm_lost(source)]
        raise SourceError("upsd refuses the question; is the supply's name the one in its ups.conf?")
    if not lines or not lines[0].startswith("BEGIN LIST VAR "):
        raise SourceError(f"answer of {len(data)} bytes: not a list of variables; is it upsd?")
    said = {match[1]: match[2] for match in map(_VARIABLE.match, lines) if match}
    words = words_of(said.get("ups.status", "").split())
    battery = BatteryRead(_number(said.get("battery.charge"), 100), _number(said.get("battery.runtime"), math.inf))
    return [ProviderStatus(words, whole=True, source=source), battery]


def comm_lost(source: str) -> ProviderStatus:
    """That the supply is not heard: a state of its own."""
    return ProviderStatus({UPS_LINE: "commLost"}, whole=True, source=source)


def words_of(flags: Iterable[str]) -> dict[str, str]:
    """Words of the flags in ``ups.status`` (RFC 9271, section 5.1): OL, OB and LB decide, ``OL DISCHRG`` is mains.

    A forced shutdown (FSD) is told as on battery and low: the supply's master has given up.
    """
    said = set(flags)
    on_battery = "OB" in said or "FSD" in said
    line = "battery" if on_battery else "mains" if "OL" in said else "unknown"
    return {UPS_LINE: line, UPS_BATTERY: "true" if said & {"LB", "FSD"} else "false"}


def _number(text: str | None, most: float) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and 0 <= number <= most else None
