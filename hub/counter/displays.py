"""What counters' public displays said, slot by slot: minutes of wait and people waiting of every office and service.

Rules it keeps:
- A slot that no row tells is missing (NaN), never nought.
- A row whose figures cannot be read is left out and counted, so that one bad row does not cost the day.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub.errors import RecordingRefused

SLOT_MIN: Final = 5
SLOTS_MAX: Final = 288
PEOPLE_MAX: Final = 10_000
"""More people do not wait for one service: such a figure is no count."""
ROWS_MAX: Final = 5_000_000
CELLS_MAX: Final = 20_000_000
COLUMNS: Final = ("office", "service", "people_waiting", "wait_minutes", "date", "slot5min")

Grid = NDArray[np.float32]


class Cell(NamedTuple):
    """One row's place: indices of day, slot, office and service."""

    day: int
    slot: int
    office: int
    service: int


@dataclass(frozen=True)
class Displays:
    """The displays of some days, in order; ``wait_min`` and ``waiting`` have the shape (days, slots, offices, services).

    ``skipped`` is the number of rows that could not be read.
    """

    days: list[dt.date]
    offices: list[str]
    services: list[str]
    wait_min: Grid
    waiting: Grid
    skipped: int

    def until(self, day: dt.date) -> Displays:
        """The days up to and with ``day``."""
        kept = sum(each <= day for each in self.days)
        return Displays(
            self.days[:kept], self.offices, self.services, self.wait_min[:kept], self.waiting[:kept], self.skipped
        )

    def told(self, day: int) -> Iterator[Cell]:
        """Every place of a day that a row tells, slot after slot."""
        for slot, office, service in np.argwhere(~np.isnan(self.wait_min[day])).tolist():
            yield Cell(day, slot, office, service)


class _Row(NamedTuple):
    day: dt.date
    slot: int
    office: str
    service: str
    wait_min: float
    waiting: float


def read_displays(lines: Iterable[str]) -> Displays:
    """The displays of a CSV file with at least the columns ``COLUMNS``, in any order of rows and columns.

    Raises:
        RecordingRefused: a column is missing, no row can be read, or there is more than one machine should hold.
    """
    reader = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise RecordingRefused(f"columns {missing} are missing; wanted a header line with {', '.join(COLUMNS)}")
    rows: list[_Row] = []
    skipped = 0
    for line in reader:
        row = _row(line)
        if row is None:
            skipped += 1
        else:
            rows.append(row)
        if len(rows) > ROWS_MAX:
            raise RecordingRefused(f"more than {ROWS_MAX} rows; split the file by office")
    if not rows:
        raise RecordingRefused(f"no row can be read ({skipped} could not); wanted {', '.join(COLUMNS)}")
    return _gridded(rows, skipped)


def _row(line: dict[str, str]) -> _Row | None:
    try:
        row = _Row(
            dt.date.fromisoformat(line["date"]), int(line["slot5min"]), line["office"], line["service"],
            float(line["wait_minutes"]), float(line["people_waiting"] or "nan"),
        )  # fmt: skip
    except (ValueError, TypeError):
        return None
    people = math.isnan(row.waiting) or 0 <= row.waiting <= PEOPLE_MAX
    believable = 0 <= row.slot < SLOTS_MAX and 0 <= row.wait_min < 24 * 60 and people
    return row if believable else None


def _gridded(rows: list[_Row], skipped: int) -> Displays:
    days = sorted({row.day for row in rows})
    offices = sorted({row.office for row in rows})
    services = sorted({row.service for row in rows})
    shape = (len(days), 1 + max(row.slot for row in rows), len(offices), len(services))
    if np.prod(shape, dtype=np.int64) > CELLS_MAX:
        raise RecordingRefused(f"days × slots × offices × services is {shape}, above {CELLS_MAX}; split the file")
    day_at = {day: index for index, day in enumerate(days)}
    office_at = {office: index for index, office in enumerate(offices)}
    service_at = {service: index for index, service in enumerate(services)}
    where = tuple(
        np.array(
            [(day_at[row.day], row.slot, office_at[row.office], service_at[row.service]) for row in rows], dtype=np.intp
        ).T
    )
    wait_min = np.full(shape, np.nan, dtype=np.float32)
    waiting = np.full(shape, np.nan, dtype=np.float32)
    wait_min[where] = [row.wait_min for row in rows]
    waiting[where] = [row.waiting for row in rows]
    return Displays(days, offices, services, wait_min, waiting, skipped)
