"""The next two hours of a count: against days whose rule is known."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from hub.counter.outlook import AFTER_A_REST, MONTH_END, MOVING_SEASON, Outlook, day_factor

ZONE = ZoneInfo("Asia/Tokyo")
HOUR_US = 3_600_000_000


def us(day: dt.date, hour: float) -> int:
    return round((dt.datetime.combine(day, dt.time(), ZONE) + dt.timedelta(hours=hour)).timestamp() * 1e6)


def mean_at(day: dt.date, hour: int) -> float:
    """A counter whose Tuesdays are its busy days and whose peak is at 10."""
    return (9.0 if day.weekday() == 1 else 4.0) * (2.0 if hour == 10 else 1.0)


def weeks(count: int) -> list[tuple[int, float]]:
    monday = dt.date(2026, 10, 5)
    days = [monday + dt.timedelta(days=nth) for nth in range(7 * count)]
    return [(us(day, hour), mean_at(day, hour)) for day in days if day.weekday() < 5 for hour in range(9, 17)]


@pytest.mark.parametrize(
    ("day", "factor"),
    [
        (dt.date(2026, 10, 7), 1.0),
        (dt.date(2026, 10, 5), AFTER_A_REST),
        (dt.date(2026, 11, 4), AFTER_A_REST),
        (dt.date(2028, 1, 4), AFTER_A_REST),
        (dt.date(2028, 1, 5), 1.0),
        (dt.date(2026, 9, 29), MONTH_END),
        (dt.date(2026, 3, 19), MOVING_SEASON),
        (dt.date(2026, 3, 30), AFTER_A_REST * MONTH_END * MOVING_SEASON),
        (dt.date(2026, 4, 10), MOVING_SEASON),
        (dt.date(2026, 4, 14), 1.0),
    ],
)
def test_mondays_days_after_a_rest_month_s_ends_and_the_moving_season_are_busier(day: dt.date, factor: float) -> None:
    assert day_factor(day) == pytest.approx(factor)


def test_a_day_as_usual_is_forecast_as_usual() -> None:
    outlook = Outlook(ZONE, weeks(4))
    tuesday = dt.date(2026, 11, 10)

    counts = {count.minutes: count for count in outlook.ahead(us(tuesday, 8.5 + 1 / 60), 9.0)}

    assert outlook.basis == "days"
    assert counts[120].median == pytest.approx(18.0, rel=0.25)
    assert counts[120].low < 18.0 < counts[120].high


def test_today_s_deviation_fades_with_the_hours() -> None:
    outlook = Outlook(ZONE, weeks(4))
    wednesday = dt.date(2026, 11, 11)

    usual, fuller = (outlook.ahead(us(wednesday, 13.5), lately) for lately in (4.0, 16.0))

    rises = [more.median - less.median for less, more in zip(usual, fuller, strict=True)]
    assert rises == sorted(rises, reverse=True)
    assert rises[0] > 5.0
    assert rises[-1] > 0.0


def test_how_long_a_deviation_lasts_is_learnt_from_the_days() -> None:
    rng = np.random.default_rng(7)
    lasting, passing = [], []
    for t, mean in weeks(5):
        day = (dt.datetime.fromtimestamp(t / 1e6, ZONE)).date()
        lasting.append((t, mean * (0.4 if day.toordinal() % 2 else 2.0)))
        passing.append((t, mean * float(rng.choice([0.4, 2.0]))))
    wednesday = us(dt.date(2026, 11, 11), 13.5)

    long, short = (Outlook(ZONE, hours).ahead(wednesday, 16.0)[-1].median for hours in (lasting, passing))

    assert long > 1.3 * short


def test_without_days_the_calendar_shapes_the_present_level_and_says_so() -> None:
    outlook = Outlook(ZONE)

    before_noon = outlook.ahead(us(dt.date(2026, 11, 11), 10.5), 6.0)
    afternoon = outlook.ahead(us(dt.date(2026, 11, 11), 14.5), 6.0)

    assert outlook.basis == "calendar"
    assert before_noon[-1].median > 6.5
    assert afternoon[-1].median < 6.0


def test_nobody_waiting_is_no_certainty() -> None:
    count = Outlook(ZONE, weeks(2)).ahead(us(dt.date(2026, 11, 11), 9.5), 0.0)[-1]

    assert count.low >= 0.0
    assert count.high > count.median
