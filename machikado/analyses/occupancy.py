"""``machikado analyse occupancy``: whether anybody was in a room, from a recorded table of its air and light."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Whether anybody was in a room, row by row, from its recorded temperature, light and CO₂."

EPILOG = """\
FILE is a table (plain or in gzip) with a header line and the columns Temperature [°C], Light [lx] and CO2 [ppm]; others
are left aside, the date and time among them. A row that tells too little has null in both places.

  machikado analyse occupancy room.txt --json

Exit codes: 0 done, 1 the file cannot be read."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("file", type=Path, metavar="FILE", help="the table")
    parser.add_argument("--json", action="store_true", help="one JSON object with every row instead of a summary")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    import msgspec

    from edge.counter.recorded import occupancies, read_air
    from edge.errors import RecordingError, reason_of
    from machikado.tables import opened_table

    try:
        with opened_table(arguments.file) as file:
            judged = list(occupancies(read_air(file)))
    except (OSError, EOFError, UnicodeError) as problem:
        raise RecordingError(f"{arguments.file}: {reason_of(problem)}; wanted a table of the room's air") from problem
    if arguments.json:
        rows = [
            {"occupied": each.occupied if each else None, "probability": each.probability if each else None}
            for each in judged
        ]
        print(msgspec.json.encode({"rows": rows}).decode())
        return 0
    known = [each for each in judged if each is not None]
    print(f"{len(judged)} rows, {len(known)} judged, occupied in {sum(each.occupied for each in known)}")
    return 0
