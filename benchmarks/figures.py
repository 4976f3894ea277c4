"""One figure: what was measured, what the peer measured in the same call, what was aimed at, and whether it was met.

An aim is text, so that the line says what the issue says: comparisons joined by `and`, each against a number
(`>= 200000`), the peer's value (`> peer`) or a multiple of it (`<= 0.5 x peer`). `met` is computed from that text only.
"""

import json
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.errors import BadAim

ALL_MET, AIM_MISSED, PEER_MISSING = 0, 3, 4
SIGNIFICANT_DIGITS = 6

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    `peer` names what `peer_value` was measured on, in the same unit; `peer_value` is None when the peer is not there.
    `aim` is None for a number that is only reported, such as a peer's own. `input` says what went in.
    """

    figure: str
    value: float
    unit: str
    input: str
    peer: str | None = None
    peer_value: float | None = None
    aim: str | None = None

    @property
    def ratio(self) -> float | None:
        """Value over the peer's value."""
        return self.value / self.peer_value if self.peer_value else None

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None where there is none, or where it needs a peer that is not there."""
        return None if self.aim is None else aim_met(self.aim, self.value, self.peer_value)

    @property
    def peer_missing(self) -> bool:
        """Whether a peer belongs here and is not there."""
        return self.peer is not None and self.peer_value is None

    def line(self, quick: bool) -> str:
        """The figure as one line of JSON."""
        fields = {
            "figure": self.figure,
            "value": _rounded(self.value),
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": _rounded(self.peer_value),
            "ratio": _rounded(self.ratio),
            "input": self.input,
            "aim": self.aim,
            "met": self.met,
            "form": "quick" if quick else "long",
        }
        return json.dumps(fields, ensure_ascii=False, allow_nan=False)


def aim_met(aim: str, value: float, peer_value: float | None) -> bool | None:
    """Whether `value` meets `aim`; None when that cannot be told without the peer.

    A part that is missed without the peer decides: the aim is then missed whatever the peer would have done.
    Raises BadAim for text that is not comparisons joined by `and`.
    """
    parts = [_part_met(part, aim, value, peer_value) for part in aim.split(" and ")]
    if False in parts:
        return False
    return None if None in parts else True


def _part_met(part: str, aim: str, value: float, peer_value: float | None) -> bool | None:
    words = part.split()
    if len(words) not in (2, 4) or words[0] not in _COMPARISONS or (len(words) == 4 and words[2:] != ["x", "peer"]):
        raise BadAim(f"aim '{aim}': '{part}' is not a comparison; wanted for example '>= 200000' or '> 2 x peer'")
    if words[1] == "peer":
        factor = 1.0
    else:
        try:
            factor = float(words[1])
        except ValueError as error:
            raise BadAim(f"aim '{aim}': '{words[1]}' is not a number; wanted for example '>= 200000'") from error
    if "peer" not in words:
        return _COMPARISONS[words[0]](value, factor)
    return None if peer_value is None else _COMPARISONS[words[0]](value, factor * peer_value)


def exit_status(figures: Iterable[Figure]) -> int:
    """4 when a peer was not there, so that the comparison is not whole; else 3 when an aim was missed; else 0."""
    kept = list(figures)
    if any(figure.peer_missing for figure in kept):
        return PEER_MISSING
    return AIM_MISSED if any(figure.met is False for figure in kept) else ALL_MET


def _rounded(number: float | None) -> float | int | None:
    if number is None:
        return None
    short = float(f"{number:.{SIGNIFICANT_DIGITS}g}")
    return int(short) if short.is_integer() else short
