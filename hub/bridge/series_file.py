"""Reads a series of natural frequencies and temperatures from a table: the CSV of an engineer, as it comes.

Rules it keeps:
- Columns are known by name, in any order: ``t`` (or time, timestamp), ``f1`` … ``fk``, ``temperature…``; others are
  left out and named.
- Rows may be unsorted and repeated; they are judged in order of time, a repeated time once, and that is said.
- Text where a number belongs refuses the file with column, row and value. A number that cannot be (a frequency of 0, a
  temperature of -999 °C) is taken as not measured, and that is said.
- Times are ISO 8601 (UTC where no zone is named) or numbers, whose unit is told from their usual step.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from hub.bridge.drift import Series
from hub.bridge.felt_temperature import Floats
from hub.errors import SeriesRefused

MOST_BYTES = 256 * 1024 * 1024
MOST_MODES, MOST_SENSORS = 32, 64
DEGC = (-90.0, 90.0)
NOT_MEASURED = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})
TIME_NAMES = ("t", "time", "timestamp", "datetime")

_MODE = re.compile(r"f_?(\d+)(_?hz)?$", re.I)
_SENSOR = re.compile(r"(temperature|temp)\w*$", re.I)
_LOOSE = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?)?\s*(Z|UTC)?$"
)
_UNITS = ((1e-3, "milliseconds"), (1.0, "seconds"), (60.0, "minutes"), (3600.0, "hours"), (86400.0, "days"))


@dataclass(frozen=True)
class Table:
    """A read file.

    Attributes:
        series: its rows in order of time, each time once.
        written: what each row of the file, in order of time, had as its time: text, or a number.
        row_of: for each of these, its row in ``series``.
        findings: what was left out or taken otherwise than written, sentences.
        further: (rows,) by lower name, columns that a reader asked for, NaN where not measured.
    """

    series: Series
    written: list[str | float]
    row_of: list[int]
    findings: list[str]
    further: dict[str, Floats] = field(default_factory=dict)


def read(path: Path, further: re.Pattern[str] | None = None) -> Table:
    """The table in a file; columns of numbers above 0 whose lower name matches ``further`` are kept, too.

    Raises SeriesRefused when it cannot be read, naming column, row (from 1, below the header), value and what is wanted.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SeriesRefused(f"{path}: above {MOST_BYTES >> 20} MiB; cut the series")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise SeriesRefused(f"{path}: {problem.strerror}; name a CSV file") from problem
    except UnicodeDecodeError as problem:
        raise SeriesRefused(f"{path}: byte {problem.start} is not UTF-8; save it as CSV in UTF-8") from problem
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise SeriesRefused(f"{path}: it is empty; wanted a header t, f1 … fk, temperature… and rows")
    delimiter = max(",;\t", key=lines[0].count)
    try:
        header, *rows = csv.reader(lines, delimiter=delimiter, strict=True)
    except csv.Error as problem:
        raise SeriesRefused(f"{path}: {problem}; wanted comma-separated values") from problem
    return _table(str(path), [name.strip() for name in header], rows, further)


def _table(path: str, header: list[str], rows: list[list[str]], further: re.Pattern[str] | None) -> Table:
    time, modes, sensors, others = _columns(path, header)
    asked = [column for column in others if further is not None and further.fullmatch(header[column].lower())]
    findings = [f"column {header[column]} is not used" for column in others if column not in asked]
    for number, row in enumerate(rows, 1):
        if len(row) != len(header):
            raise SeriesRefused(f"{path}: row {number} has {len(row)} fields; wanted {len(header)} as in the header")
    if not rows:
        raise SeriesRefused(f"{path}: it has a header and no rows; wanted hourly rows")
    frequencies = _numbers(path, header, rows, modes, (0.0, 1e4), "a frequency in hertz above 0", findings)
    degc = _numbers(path, header, rows, sensors, DEGC, "a temperature in °C", findings)
    more = _numbers(path, header, rows, asked, (0.0, 1e9), "a number above 0", findings)
    written, times = _times(path, header[time], [row[time].strip() for row in rows], findings)
    order = np.argsort(times, kind="stable")
    if (np.diff(times) < 0.0).any():
        findings.append("rows are not in order of time; they are judged, and counted for the reference, in that order")
    times, frequencies, degc, more = times[order], frequencies[order], degc[order], more[order]
    first = np.concatenate(([True], np.diff(times) > 0.0))
    row_of = np.cumsum(first) - 1
    if not first.all():
        findings.append(f"{int((~first).sum())} rows repeat a time; of each time the first known values are taken")
        _merge_repeated(row_of, first, (frequencies, degc, more))
    series = Series(
        times[first], frequencies[first], degc[first],
        tuple(header[column] for column in modes), tuple(header[column] for column in sensors),
    )  # fmt: skip
    kept = {header[column].lower(): more[first, place] for place, column in enumerate(asked)}
    return Table(series, [written[row] for row in order], row_of.tolist(), findings, kept)


def _columns(path: str, header: list[str]) -> tuple[int, list[int], list[int], list[int]]:
    """Which column is the time, which are modes, sensors, and others."""
    lower = [name.lower() for name in header]
    repeated = sorted({name for name in lower if lower.count(name) > 1})
    if repeated:
        raise SeriesRefused(f"{path}: column {repeated[0]!r} is there twice; wanted each name once")
    time = next((lower.index(name) for name in TIME_NAMES if name in lower), None)
    modes = sorted(
        (column for column, name in enumerate(header) if _MODE.match(name)),
        key=lambda column: int("".join(re.findall(r"\d+", header[column]))),
    )
    sensors = [column for column, name in enumerate(header) if _SENSOR.match(name)]
    seen = ", ".join(header)[:200]
    if time is None:
        raise SeriesRefused(f"{path}: no column t among {seen}; wanted t, f1 … fk, temperature…")
    if not 1 <= len(modes) <= MOST_MODES:
        raise SeriesRefused(f"{path}: {len(modes)} columns f1 … fk among {seen}; wanted 1 to {MOST_MODES}")
    if not 1 <= len(sensors) <= MOST_SENSORS:
        raise SeriesRefused(f"{path}: {len(sensors)} columns temperature… among {seen}; wanted 1 to {MOST_SENSORS}")
    return time, modes, sensors, [column for column in range(len(header)) if column not in {time, *modes, *sensors}]


def _numbers(
    path: str, header: list[str], rows: list[list[str]], columns: list[int], between: tuple[float, float], wanted: str,
    findings: list[str],
) -> Floats:  # fmt: skip
    """(rows, columns), NaN where not measured."""
    out = np.full((len(rows), len(columns)), np.nan)
    low, high = between
    for place, column in enumerate(columns):
        impossible = []
        for number, row in enumerate(rows):
            text = row[column].strip()
            if text.lower() in NOT_MEASURED:
                continue
            try:
                value = float(text)
            except ValueError:
                raise SeriesRefused(
                    f"{path}: column {header[column]}, row {number + 1}: {text[:40]!r}; wanted {wanted}, or nothing"
                ) from None
            if low < value < high:
                out[number, place] = value
            else:
                impossible.append(number + 1)
        if impossible:
            findings.append(
                f"column {header[column]}: {len(impossible)} values are not {wanted} (first in row {impossible[0]}) "
                "and count as not measured"
            )
    return out


def _times(path: str, name: str, texts: list[str], findings: list[str]) -> tuple[list[str | float], Floats]:
    """The times as written, and in seconds."""
    numbers = [_number(text) for text in texts]
    if numbers[0] is not None:
        for row, value in enumerate(numbers, 1):
            if value is None:
                raise SeriesRefused(
                    f"{path}: column {name}, row {row}: {texts[row - 1][:40]!r}; wanted a number, as in row 1"
                )
        values = np.array(numbers, dtype=np.float64)
        second, unit = _unit(values)
        findings.append(f"column {name} is a number and read as {unit}")
        return [value if value is not None else 0.0 for value in numbers], values * second
    seconds = np.empty(len(texts))
    for row, text in enumerate(texts):
        moment = _moment(text)
        if moment is None:
            raise SeriesRefused(
                f"{path}: column {name}, row {row + 1}: {text[:40]!r}; wanted a time such as 2026-01-31T15:00:00Z"
            )
        seconds[row] = moment
    return list(texts), seconds


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _unit(values: Floats) -> tuple[float, str]:
    """The unit with which the usual step comes nearest to an hour."""
    steps = np.diff(np.unique(values))
    step = float(np.median(steps)) if len(steps) else 1.0
    return min(_UNITS, key=lambda unit: abs(math.log(step * unit[0] / 3600.0)))


def _moment(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        parts = _LOOSE.match(text)
        if parts is None:
            return None
        year, month, day, hour, minute = (int(part or 0) for part in parts.groups()[:5])
        try:
            moment = datetime(year, month, day, hour, minute, tzinfo=UTC)
        except ValueError:
            return None
        return moment.timestamp() + float(parts[6] or 0.0)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _merge_repeated(row_of: np.ndarray, first: np.ndarray, tables: Sequence[Floats]) -> None:
    """Fill what the first row of a time lacks from its repetitions, in place."""
    heads = np.flatnonzero(first)
    for row in np.flatnonzero(~first):
        head = heads[row_of[row]]
        for values in tables:
            lacking = np.isnan(values[head])
            values[head, lacking] = values[row, lacking]
