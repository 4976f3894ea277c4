"""``machikado analyse waits``: what was forecast at every later slot of counters' displays, by what was known before."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.counter.displays import Displays
    from hub.counter.forecast import Ahead, Forecast

HELP = "Waits at counters 15, 30 and 60 minutes ahead, forecast at every slot after a day, with interval and level."

EPILOG = """\
FILE is a table (plain or in gzip) of public displays: office, service, people_waiting, wait_minutes, date, slot5min.
Rows up to and with --train-until are learnt from, later ones are not; each forecast uses rows up to its own slot.
Without --json: how good the forecasts were where the outcome is in the file, beside persistence.

  machikado analyse waits displays.csv.gz --train-until 2017-11-24 --json > forecasts.json

Exit codes: 0 done, 1 the file cannot be read or holds fewer than three days to learn from."""

HEADINGS = (
    "ahead   error  persistence   busy error  persistence    bias   recall  precision  false busy  80 % holds\n"
    "  min     min          min          min          min     min"
)


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("file", type=Path, metavar="FILE", help="the displays' rows")
    parser.add_argument("--train-until", type=_date, required=True, metavar="DATE", help="last day to learn from")
    parser.add_argument("--json", action="store_true", help="one JSON object with every forecast instead of a table")
    parser.set_defaults(run=_run)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: wanted a date, for example 2017-11-24") from None


def _run(arguments: argparse.Namespace) -> int:
    from hub.counter.forecast_score import later_days

    displays = read(arguments.file)
    forecasts = later_days(displays, arguments.train_until)
    for piece in _json(displays, arguments.train_until, forecasts) if arguments.json else _table(displays, forecasts):
        sys.stdout.write(piece)
    return 0


def read(path: Path) -> Displays:
    """The displays of a file, packed or not.

    Raises:
        RecordingRefused: it cannot be opened, unpacked or read.
    """
    from hub.counter.displays import read_displays
    from hub.errors import RecordingRefused
    from machikado.tables import opened_table

    try:
        with opened_table(path) as file:
            return read_displays(file)
    except (OSError, EOFError, UnicodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else problem
        raise RecordingRefused(f"{path}: {reason}; wanted a table of displays, plain or in gzip") from problem


def _json(displays: Displays, until: dt.date, forecasts: Iterable[Forecast]) -> Iterator[str]:
    """One JSON object, written a forecast at a time."""
    import msgspec

    head = msgspec.json.encode({"train_until": until, "skipped_rows": displays.skipped}).decode()
    yield head[:-1] + ',"forecasts":['
    for nth, forecast in enumerate(forecasts):
        yield (",\n" if nth else "\n") + msgspec.json.encode(_plain(displays, forecast)).decode()
    yield "\n]}\n"


def _plain(displays: Displays, forecast: Forecast) -> dict[str, object]:
    cell = forecast.cell
    return {
        "office": displays.offices[cell.office],
        "service": displays.services[cell.service],
        "date": displays.days[cell.day],
        "slot5min": cell.slot,
        "wait_minutes": float(displays.wait_min[cell]),
        "ahead": [_plain_ahead(ahead) for ahead in forecast.ahead],
    }


def _plain_ahead(ahead: Ahead) -> dict[str, object]:
    return {
        "minutes": ahead.minutes,
        "wait_minutes": ahead.wait_min,
        "low_minutes": ahead.low_min,
        "high_minutes": ahead.high_min,
        "level": ahead.level,
        "busy_probability": ahead.busy_probability,
    }


def _table(displays: Displays, forecasts: Iterable[Forecast]) -> Iterator[str]:
    """How good the forecasts were, a line a horizon."""
    from hub.counter.forecast_score import scored

    yield f"{HEADINGS}\n"
    for score in scored(displays, forecasts):
        yield (
            f"{score.minutes:5d} {score.error_min:7.2f} {score.persistence_error_min:12.2f} {score.busy_error_min:12.2f} "
            f"{score.busy_persistence_error_min:12.2f} {score.bias_min:+7.2f} {score.recall:8.1%} {score.precision:10.1%} "
            f"{score.false_busy:11.1%} {score.coverage:11.1%}\n"
        )
    if displays.skipped:
        yield f"{displays.skipped} rows could not be read\n"
