"""A bridge's year through the store: the live judgement says what ``analyse bridge-drift`` says of the same hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from edge.contract.records import Record
from edge.contract.records.bridge import BridgeMode, BridgeTemperature
from hub.bridge.drift_answer import Answer, answer
from hub.bridge.judgement import Judgement
from hub.bridge.long_term import FIRST_DAYS
from hub.city import City, LoggedEvent, Reference
from hub.history import HOUR_US, HistoryTeller
from hub.judgement import Alert, Status
from hub.live import Live
from hub.words import Words
from simulators.bridge.year import START_S, Series, Year, simulate, write_csv
from tests.hub.station import Station, open_city

BRIDGE = "bridge-01"
HEALTHY_DAYS = 130
YEAR = Year(healthy_h=24 * HEALTHY_DAYS, damaged_h=240, frequencies_hz=(3.95, 5.10), stages=(2.5, 5.0))
BROKEN = START_S + 24 * 3600 * HEALTHY_DAYS
END_US = (BROKEN + 240 * 3600) * 1_000_000
LAST_HEALTHY = dt.date(2025, 11, 11) + dt.timedelta(days=HEALTHY_DAYS - 20)
REPAIR = Words(ja="橋脚の補修", easy="橋（はし）を なおした", en="Pier repaired")


def city(reference: Reference | None) -> City:
    """The demo's city with a reference and an event on the day of the damage."""
    made = open_city()
    day = dt.date(2025, 11, 11) + dt.timedelta(days=HEALTHY_DAYS)
    event = LoggedEvent(date=day, kind="structure", text=REPAIR)
    devices = [
        msgspec.structs.replace(each, reference=reference, events=[event]) if each.name == BRIDGE else each
        for each in made.device
    ]
    return msgspec.structs.replace(made, device=devices, time_zone="UTC")


NAMED = city(Reference(first=dt.date(2025, 11, 11), last=LAST_HEALTHY))


@pytest.fixture(scope="module")
def series() -> Series:
    return simulate(YEAR, np.random.default_rng(5))


def records_of(series: Series) -> list[Record]:
    made: list[Record] = []
    for row, t_s in enumerate(series.times_s.tolist()):
        t = int(t_s) * 1_000_000
        for mode, hertz in enumerate(series.frequencies_hz[row].tolist(), 1):
            if hertz == hertz:
                made.append(BridgeMode(t=t, mode=f"m{mode}", frequency_hz=round(hertz, 5), frequency_std_hz=0.01))
        for sensor, degc in zip(("air", "structure"), series.temperatures_degc[row, ::-1].tolist(), strict=True):
            made.append(BridgeTemperature(t=t, sensor=sensor, temperature_degc=round(degc, 2)))
    return made


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory, series: Series) -> Iterator[Station]:
    made = Station(tmp_path_factory.mktemp("year") / "hub.db", NAMED)
    made.send(BRIDGE, records_of(series))
    while made.roller.work(END_US):
        pass
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory, series: Series) -> Answer:
    path = tmp_path_factory.mktemp("year") / "year.csv"
    write_csv(series, path)
    end = dt.datetime.combine(LAST_HEALTHY + dt.timedelta(days=1), dt.time(), dt.UTC).timestamp()
    return answer(path, 1, int((series.times_s < end).sum()))


def told(station: Station, now: int, live: Live) -> tuple[Status, list[Alert]]:
    """What the judgement of a hub that starts at ``now`` says."""
    HistoryTeller(live, station.parts.series).work(now)
    one = live._devices[BRIDGE].judgement
    return one.status(now), one.alerts(now)


def chart_of(live: Live) -> Judgement:
    one = live._devices[BRIDGE].judgement
    assert isinstance(one, Judgement)
    return one


def test_the_live_chart_gives_the_changes_rows_and_alarms_of_the_offline_analysis(
    station: Station, offline: Answer
) -> None:
    live = Live(NAMED)
    told(station, END_US, live)

    chart = chart_of(live).chart
    assert chart.drift is not None
    dates = [dt.datetime.fromtimestamp(chart.date_of(one), dt.UTC) for one in chart.drift.changes]
    assert [each.strftime("%Y-%m-%dT%H:%M:%SZ") for each in dates] == [str(one.t) for one in offline.changes]
    for mine, theirs in zip(chart.drift.changes, offline.changes, strict=True):
        assert 100.0 * mine.change.effect == pytest.approx([one.percent for one in theirs.effects.values()], abs=1e-3)
        assert mine.kind == theirs.kind
    assert chart.drift.judged.flagged.tolist() == [row.flagged for row in offline.rows]
    assert chart.drift.judged.alarm.tolist() == [row.alarm for row in offline.rows]


def test_a_damage_is_an_alert_since_its_date_with_size_class_and_the_logs_entry(station: Station) -> None:
    live = Live(NAMED)

    status, alerts = told(station, END_US, live)

    (alert,) = [one for one in alerts if one.key == "bridge_change"]
    assert abs(alert.since - BROKEN * 1_000_000) <= 24 * HOUR_US
    assert alert.severity == "critical"
    assert "低下" in alert.text.ja
    assert "構造か質量かは判別不能" in alert.text.ja
    assert REPAIR.ja in alert.text.ja
    departure = next(one for one in status.figures if one.key == "departure_m1_percent")
    assert departure.low is not None
    assert departure.high is not None
    assert departure.low < -5.0 < departure.high


def test_the_page_draws_the_residuals_with_the_limit_the_alarm_and_the_log(station: Station) -> None:
    live = Live(NAMED)
    nothing_yet = live.drawing(BRIDGE, END_US, "ja")
    told(station, END_US, live)

    drawn = live.drawing(BRIDGE, END_US, "en")

    assert nothing_yet is None
    assert drawn is not None
    assert "limit 1" in drawn
    assert 'fill-opacity="0.1"' in drawn
    assert ">(1)</text>" in drawn


def test_before_the_damage_nothing_is_told_and_the_bridge_is_as_it_was(station: Station) -> None:
    live = Live(NAMED)

    status, alerts = told(station, BROKEN * 1_000_000, live)

    assert [one for one in alerts if one.key == "bridge_change"] == []
    assert next(one for one in status.figures if one.key == "change_score").value < 1.0  # type: ignore[operator]


def test_without_a_configured_reference_the_first_days_are_it_and_that_is_said(station: Station) -> None:
    live = Live(city(None))

    status, _ = told(station, END_US, live)

    period = chart_of(live).chart.period
    assert period is not None
    assert (period.chosen, (period.end_s - period.begin_s) / 86_400.0) == (False, FIRST_DAYS)
    reference = next(one for one in status.figures if one.key == "reference")
    assert reference.text is not None
    assert "設定がないため" in reference.text.ja


def test_while_the_reference_goes_on_nothing_is_judged_and_the_page_says_until_when(station: Station) -> None:
    live = Live(city(None))
    now = (START_S + 30 * 86_400) * 1_000_000

    HistoryTeller(live, station.parts.series).work(now)
    judgement = chart_of(live)
    judgement.observe(BridgeMode(t=now, mode="m1", frequency_hz=3.9, frequency_std_hz=0.01), now)
    status = judgement.status(now)

    assert status.level == "unknown"
    assert "2026-01-10まで基準を学習中" in status.headline.ja
    assert not [one for one in status.figures if one.key.startswith("departure_")]


def test_hours_that_come_late_are_judged_and_a_newer_state_is_never_turned_back(tmp_path: Path, series: Series) -> None:
    late = (BROKEN + 60 * 3600) * 1_000_000, (BROKEN + 100 * 3600) * 1_000_000
    records = records_of(series)
    station = Station(tmp_path / "hub.db", NAMED)
    station.send(BRIDGE, [one for one in records if not late[0] <= (one.t or 0) < late[1]])
    live = Live(NAMED)
    teller = HistoryTeller(live, station.parts.series)
    teller.work(END_US)
    judgement = chart_of(live)
    before, older = judgement.chart, judgement.ponder()

    station.send(BRIDGE, [one for one in records if late[0] <= (one.t or 0) < late[1]])
    HistoryTeller(live, station.parts.series).work(END_US - 24 * HOUR_US)
    teller.work(END_US + 7 * HOUR_US)

    assert older is None
    assert judgement.chart.through_s == before.through_s
    assert len(judgement.chart.times_s) > len(before.times_s)
    station.database.close()


def test_what_was_made_of_older_hours_does_not_replace_what_was_made_of_newer_ones(station: Station) -> None:
    live = Live(NAMED)
    judgement = chart_of(live)
    HistoryTeller(live, station.parts.series).work(BROKEN * 1_000_000)
    judgement.learn(judgement.histories[0], {"mode": "m1"}, [(BROKEN * 1_000_000, 3.9)])
    slow = judgement.ponder()
    assert slow is not None
    take_slow = slow()
    HistoryTeller(live, station.parts.series).work(END_US)
    newest = judgement.chart

    take_slow()

    assert judgement.chart is newest
