"""``machikado analyse bridge-drift``: has a bridge changed since its healthy reference, the weather taken out."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Judge a bridge's natural frequencies against a healthy reference: flagged rows, alarms, dated changes."

EPILOG = """\
SERIES.csv has columns t (ISO 8601, or a number), f1 … fk [Hz] and one or more temperature… [°C], hourly as a rule;
an empty field is a missing value. Rows A to B, counted from 1 below the header, are the healthy reference.

  machikado analyse bridge-drift bridge.csv --reference 1:8000 --json

JSON: rows (t, residual a mode [%] with residual_ci95, score, flagged, alarm) for the rows after B; changes (t, modes,
size [%] of the mode that moved most surely, effects a mode with their intervals, class); findings."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("series", type=Path, metavar="SERIES.csv")
    parser.add_argument("--reference", type=_rows, required=True, metavar="A:B", help="first and last healthy row")
    parser.add_argument("--bridge", type=Path, metavar="BRIDGE.toml", help="the girder, so that changes get a class")
    parser.add_argument("--json", action="store_true", help="the answer as one JSON object")
    parser.set_defaults(run=_run)


def _rows(text: str) -> tuple[int, int]:
    first, colon, last = text.partition(":")
    if not (colon and first.strip().isdigit() and last.strip().isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r}: wanted first and last row, for example 1:8000")
    return int(first), int(last)


def _run(arguments: argparse.Namespace) -> int:
    import msgspec

    from hub.bridge.drift_answer import answer, told
    from hub.bridge.twin_file import read

    girder = read(arguments.bridge).girder if arguments.bridge else None
    first, last = arguments.reference
    found = answer(arguments.series, first, last, girder)
    print(msgspec.json.encode(found).decode() if arguments.json else told(found))
    return 0
