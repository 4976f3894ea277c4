"""The tables of `docs/capacity.md`: what a device and a reading cost, and what a place needs, as `capacity` printed it."""

import re
from pathlib import Path

from benchmarks.results import FOLDER, kept

CAPACITY_PAGE = Path(__file__).parent.parent / "docs" / "capacity.md"
NOT_YET = "*Not measured yet: `python -m benchmarks capacity --keep`.*"
_PART = re.compile(r"(<!-- capacity:(\w+) -->\n).*?(<!-- /capacity -->)", re.S)
COLUMNS = {
    "device": ("nats", "mosquitto"),
    "reading": tuple(f"{broker}-{load}" for broker in ("nats", "mosquitto") for load in ("ward", "city", "backlog")),
    "place": ("ward", "city", "country"),
}
"""Which tables there are, and the figures' names behind `capacity-` that are columns of each."""
ROWS = {
    "device": ("device-broker-memory", "device-hub-memory"),
    "reading": ("hub-cpu", "broker-cpu", "up", "down", "disk"),
    "place": ("readings", "hub-cpu", "broker-cpu", "hub-memory", "broker-memory", "disk", "line"),
}


def with_tables(text: str, folder: Path = FOLDER) -> str:
    """The page's text with each table as the kept results make it.

    Raises:
        ResultsDamaged: the results file is not what `--keep` writes.
    """
    return _PART.sub(lambda part: f"{part[1]}{_table(part[2], folder)}\n{part[3]}", text)


def _table(name: str, folder: Path) -> str:
    results = kept("capacity", folder)
    if results is None:
        return NOT_YET
    figures = {figure["figure"]: figure for figure in results.figures}
    lines = [_row("", *COLUMNS[name]), _row("---", *["---:"] * len(COLUMNS[name]))]
    for row in ROWS[name]:
        cells = [figures.get(f"capacity-{column}-{row}") for column in COLUMNS[name]]
        unit = next((cell["unit"] for cell in cells if cell), None)
        if unit is None:
            continue
        lines.append(_row(f"{row} [{unit}]", *["" if cell is None else f"{cell['value']:,}" for cell in cells]))
    return "\n".join([*lines, "", f"{results.date}, {results.machine}."])


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"
