"""The README's tables of figures: filled from the kept results between `<!-- figures:NAME -->` and `<!-- /figures -->`.

A table says what the command printed, number for number, or "not measured yet"; nothing in it is written by hand.
"""

import re
from pathlib import Path
from typing import Any

from benchmarks.results import FOLDER, Kept, kept

README = Path(__file__).parent.parent / "README.md"
NOT_YET = "*not measured yet*"
_PART = re.compile(r"(<!-- figures:([a-z-]+) -->\n).*?(<!-- /figures -->)", re.S)
_COLUMNS = ("figure", "value", "unit", "peer", "the peer's", "ratio", "aim", "met")


def filled(text: str, folder: Path = FOLDER) -> str:
    """The README's text with every table as the kept results make it.

    Raises:
        ResultsDamaged: a results file is not what `--keep` writes.
    """
    return _PART.sub(lambda part: f"{part[1]}{table(kept(part[2], folder))}\n{part[3]}", text)


def names(text: str) -> list[str]:
    """Which benchmarks the README has a table for."""
    return [part[2] for part in _PART.finditer(text)]


def table(results: Kept | None) -> str:
    """The Markdown between two markers."""
    if results is None:
        return NOT_YET
    rows = [_row(_COLUMNS), _row(["---", "---:", "---", "---", "---:", "---:", "---", "---"])]
    rows += [_row(_cells(figure)) for figure in results.figures]
    inputs = sorted({f"`{figure['figure']}`: {figure['input']}" for figure in results.figures})
    return "\n".join([*rows, "", f"{results.date}, {results.machine}. Input: {'; '.join(inputs)}."])


def _cells(figure: dict[str, Any]) -> list[str]:
    met = {True: "yes", False: "**no**", None: ""}[figure["met"]]
    numbers = {key: _number(figure[key]) for key in ("value", "peer_value", "ratio")}
    peer = figure["peer"] or ""
    if figure["peer"] and figure["peer_value"] is None:
        numbers["peer_value"] = "not there"
    aim = figure["aim"] or ""
    return [
        f"`{figure['figure']}`",
        numbers["value"],
        figure["unit"],
        peer,
        numbers["peer_value"],
        numbers["ratio"],
        aim,
        met,
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,}"


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
