"""Reading counters' displays: rows in any order, rows that are nonsense, and files that are something else."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from hub.counter.displays import Cell, read_displays
from hub.errors import RecordingRefused

HEADER = "office,service,people_waiting,wait_minutes,date,day,time,slot5min"


def test_rows_in_any_order_find_their_places_and_a_slot_that_no_row_tells_is_missing() -> None:
    displays = read_displays([HEADER, "B,x,2,7,2026-04-07,Tuesday,08:35:00,2", "A,y,0,0,2026-04-06,Monday,08:30:00,1"])

    assert displays.days == [dt.date(2026, 4, 6), dt.date(2026, 4, 7)]
    assert displays.wait_min[1, 2, 1, 0] == 7.0
    assert displays.waiting[1, 2, 1, 0] == 2.0
    assert np.sum(~np.isnan(displays.wait_min)) == 2
    assert list(displays.told(0)) == [Cell(0, 1, 0, 1)]


@pytest.mark.parametrize(
    "row",
    [
        "A,x,1,-3,2026-04-06,Monday,08:30:00,1",
        "A,x,1,soon,2026-04-06,Monday,08:30:00,1",
        "A,x,1,3,yesterday,Monday,08:30:00,1",
        "A,x,1,3,2026-04-06,Monday,08:30:00,9999",
        "A,x,-1,3,2026-04-06,Monday,08:30:00,1",
        "A,x",
        "A,x,1,nan,2026-04-06,Monday,08:30:00,1",
        "A,x,1,inf,2026-04-06,Monday,08:30:00,1",
        "A,x,inf,3,2026-04-06,Monday,08:30:00,1",
        "A,x,1e39,3,2026-04-06,Monday,08:30:00,1",
    ],
)
def test_a_row_that_is_nonsense_is_counted_and_left_out(row: str) -> None:
    displays = read_displays([HEADER, row, "A,x,1,3,2026-04-06,Monday,08:35:00,2"])

    assert displays.skipped == 1
    assert np.sum(~np.isnan(displays.wait_min)) == 1


def test_a_table_of_something_else_is_refused_with_what_it_lacks() -> None:
    with pytest.raises(RecordingRefused, match="wait_minutes"):
        read_displays(["date,Temperature", "2026-04-06,21"])


def test_a_table_without_a_readable_row_is_refused() -> None:
    with pytest.raises(RecordingRefused, match="no row can be read"):
        read_displays([HEADER, "A,x,1,soon,2026-04-06,Monday,08:30:00,1"])
