"""What every store does, by one body over all of them."""

from __future__ import annotations

from typing import Any

import pytest

from edge.contract.codec import decode_record
from edge.contract.records.bridge import BridgeSpectrum
from edge.contract.records.device import DeviceAlarm
from edge.contract.records.gate import GateInside, GateSeats
from hub.errors import QueryError
from hub.store.port import Point, Row, Series, Store, Stored
from tests.hub.store.rows import EPOCH, MINUTE_US, SECOND_US, T0, air, rms_query, row_of, vibration


def test_a_row_comes_back_as_it_was_written(store: Store) -> None:
    assert store.write([vibration(1, T0 + 123_457, rms=0.1)]) == []

    [series] = store.series(rms_query(T0, T0 + SECOND_US))

    assert series.tags == {"channel": "z1"}
    assert series.points == [Point(T0 + 123_457, 0.1)]
    assert series.truncated is False


def test_a_row_written_twice_is_there_once(store: Store) -> None:
    rows = [vibration(number, T0 + number * SECOND_US) for number in range(1, 20)]

    store.write(rows)
    store.write(rows[5:])

    [series] = store.series(rms_query(T0, T0 + 60 * SECOND_US))
    assert len(series.points) == 19


def test_an_interval_takes_its_beginning_and_not_its_end(store: Store) -> None:
    store.write([vibration(number, T0 + number) for number in range(1, 10)])

    [series] = store.series(rms_query(T0 + 3, T0 + 7))

    assert [point.t - T0 for point in series.points] == [3, 4, 5, 6]


def test_twenty_thousand_readings_on_one_second_and_an_hour_back_are_each_there(store: Store) -> None:
    """The clock stands on a whole second for 10,000 readings, steps back an hour and stands there for 10,000 more."""
    rows = [vibration(number, T0, rms=number / 2**20) for number in range(1, 10_001)]
    back = T0 - 3600 * SECOND_US
    rows += [vibration(number, back, rms=number / 2**20, step=1) for number in range(10_001, 20_001)]

    refused = store.write(rows)

    found = store.series(rms_query(back, T0 + SECOND_US, limit=30_000))
    values = sorted(float(point.value) * 2**20 for series in found for point in series.points)
    assert refused == []
    assert values == [float(number) for number in range(1, 20_001)]


def test_series_are_kept_apart_by_their_tags_and_chosen_by_them(store: Store) -> None:
    store.write([vibration(1, T0, channel="z1"), vibration(2, T0, channel="z2"), vibration(3, T0 + 1, channel="z2")])

    every = store.series(rms_query(T0, T0 + SECOND_US))
    one = store.series(rms_query(T0, T0 + SECOND_US, tags={"channel": "z2"}))

    assert sorted((series.tags["channel"], len(series.points)) for series in every) == [("z1", 1), ("z2", 2)]
    assert [(series.tags, len(series.points)) for series in one] == [({"channel": "z2"}, 2)]


@pytest.mark.parametrize(
    ("aggregate", "value"), [("mean", 2.0), ("min", 1.0), ("max", 4.0), ("sum", 6.0), ("count", 3), ("last", 1.0)]
)
def test_a_window_is_condensed_by_each_aggregate(store: Store, aggregate: str, value: float) -> None:
    levels = [1.0, 4.0, 1.0]
    store.write([vibration(number, T0 + number * SECOND_US, rms=level) for number, level in enumerate(levels, 1)])
    store.write([vibration(9, T0 + MINUTE_US, rms=7.0)])

    query = rms_query(T0, T0 + 2 * MINUTE_US, every_us=MINUTE_US, aggregate=aggregate)
    [series] = store.series(query)

    assert series.points[0] == Point(T0, value)
    assert [point.t for point in series.points] == [T0, T0 + MINUTE_US]


def test_a_window_begins_on_the_grid_even_where_the_interval_does_not(store: Store) -> None:
    store.write([vibration(number, T0 + number * 10 * SECOND_US, rms=1.0) for number in range(6)])

    query = rms_query(T0 + 25 * SECOND_US, T0 + MINUTE_US, every_us=MINUTE_US, aggregate="count")
    [series] = store.series(query)

    assert series.points == [Point(T0, 3)]


def test_the_limit_cuts_the_answer_and_says_so(store: Store) -> None:
    store.write([vibration(number, T0 + number * SECOND_US) for number in range(1, 31)])

    [series] = store.series(rms_query(T0, T0 + 60 * SECOND_US, limit=10))

    assert [point.t for point in series.points] == [T0 + number * SECOND_US for number in range(1, 11)]
    assert series.truncated is True


def test_a_value_that_is_not_known_is_no_point(store: Store) -> None:
    rows = [air(number, T0 + number * SECOND_US, temperature=20.5 if number % 7 == 0 else None) for number in range(50)]
    store.write(rows[1:])

    query = rms_query(T0, T0 + 60 * SECOND_US, device="counter-01", kind="counter_air", field="temperature_degc")
    [series] = store.series(query._replace(limit=7))

    assert [point.value for point in series.points] == [20.5] * 7
    assert series.truncated is False


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "nonsense"},
        {"field": "nonsense"},
        {"field": "rms_m_s2; DROP DATABASE machikado"},
        {"kind": "device_alarm", "field": "active", "every_us": MINUTE_US, "aggregate": "mean"},
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_with_its_name(store: Store, changes: dict[str, Any]) -> None:
    with pytest.raises(QueryError):
        store.series(rms_query(T0, T0 + SECOND_US, **changes))


def test_an_unknown_device_has_nothing(store: Store) -> None:
    assert store.series(rms_query(T0, T0 + SECOND_US, device="bridge-99")) == []
    assert store.latest("bridge-99") == []


def test_the_latest_of_each_series_is_its_newest_by_time(store: Store) -> None:
    store.write([vibration(2, T0 + 5, channel="z1"), vibration(3, T0 + 1, channel="z2")])
    store.write([vibration(1, T0 + 2, rms=9.0, channel="z1")])
    store.write([row_of(4, DeviceAlarm(t=T0 + 9, code="no_acks", active=True))])

    latest = {(one.kind, *one.tags.values()): one for one in store.latest("bridge-01")}

    assert set(latest) == {("bridge_vibration", "z1"), ("bridge_vibration", "z2"), ("device_alarm", "no_acks")}
    newest = latest["bridge_vibration", "z1"]
    assert (newest.t, newest.number, newest.fields["rms_m_s2"]) == (T0 + 5, 2, 0.25)
    assert latest["device_alarm", "no_acks"].fields["active"] is True


def test_the_latest_is_found_over_a_new_epoch(store: Store) -> None:
    store.write([row_of(7, GateInside(t=T0, people=3.0, low=2.0, high=4.0), device="gate-01")])
    newer = GateInside(t=T0 + 1, people=5.0, low=2.0, high=9.0)
    store.write([row_of(1, newer, device="gate-01", epoch="fedcba9876543210")])

    [one] = store.latest("gate-01")

    assert (one.number, one.fields["people"]) == (1, 5.0)


def test_a_list_comes_back_as_a_list(store: Store) -> None:
    levels = [-61.5, -60.0, 1e-3]
    spectrum = BridgeSpectrum(t=T0, channel="z1", f_first_hz=0.0, f_step_hz=0.5, levels_db=levels, averages=7.5)
    store.write([row_of(1, spectrum)])

    [one] = store.latest("bridge-01")

    assert one.fields["levels_db"] == levels


def test_a_newer_devices_kind_and_field_do_not_stop_the_others(store: Store) -> None:
    unknown = b'{"kind":"bridge_tilt","t":%d,"tilt_deg":0.5,"note":"a \\"quoted\\" = word, \\\\"}' % T0
    newer = b'{"kind":"gate_inside","t":%d,"people":3,"low":2,"high":4,"cats":2}' % T0
    rows = [
        Row("bridge-01", EPOCH, 1, T0, decode_record(unknown), unknown),
        Row("bridge-01", EPOCH, 2, T0, decode_record(newer), newer),
        vibration(3, T0),
    ]

    refused = store.write(rows)

    assert refused == []
    assert {one.kind for one in store.latest("bridge-01")} >= {"gate_inside", "bridge_vibration"}


def test_what_a_device_left_out_because_it_is_the_default_is_a_value(store: Store) -> None:
    seats = GateSeats(t=T0, area="window", seats=40, occupied=7)
    store.write([row_of(1, seats, device="gate-01")])

    query = rms_query(T0, T0 + 1, device="gate-01", kind="gate_seats", field="silent")
    [one] = store.latest("gate-01")

    assert store.series(query) == [Series({"area": "window"}, [Point(T0, 0)], False)]
    assert one.fields == {"seats": 40, "occupied": 7, "silent": 0}


def test_a_value_has_the_contracts_type(store: Store) -> None:
    alarm = DeviceAlarm(t=T0, code="no_acks", active=True)
    store.write([row_of(1, alarm), vibration(2, T0, rms=1.0)])

    [flag] = store.series(rms_query(T0, T0 + 1, kind="device_alarm", field="active"))
    [level] = store.series(rms_query(T0, T0 + 1))
    [count] = store.series(rms_query(T0, T0 + 1, field="samples"))

    assert [type(one.points[0].value) for one in (flag, level, count)] == [bool, float, int]


def test_a_row_is_known_to_be_stored_by_its_content(store: Store) -> None:
    row = vibration(7, T0, rms=0.5)
    store.write([row])

    assert store.are_stored([row]) == [True]
    assert store.are_stored([vibration(7, T0, rms=0.75), vibration(8, T0, rms=0.5), row]) == [False, None, True]


def test_a_repeated_batch_is_looked_up_whatever_its_clock_did(store: Store) -> None:
    hour = 3_600_000_000
    times = [T0, T0 + 1, T0 + hour, T0 + hour + 2, T0 + 3, T0 + 3]
    rows = [vibration(number, t, rms=number / 8) for number, t in enumerate(times, 1)]
    rows.append(row_of(7, DeviceAlarm(t=T0 + 4, code="no_acks", active=True)))
    store.write(rows)

    assert store.are_stored(rows) == [True] * len(rows)
    assert store.are_stored([row._replace(number=row.number + 100) for row in rows]) == [None] * len(rows)


def test_numbers_of_records_come_oldest_first_with_tags_and_defaults(store: Store) -> None:
    store.write([vibration(3, T0 + 2, channel="z2"), vibration(2, T0 + 1), vibration(1, T0)])
    store.write([row_of(9, GateSeats(t=T0, area="window", seats=40, occupied=7), device="gate-01")])

    levels = store.numbers("bridge-01", "bridge_vibration", T0 + 1, T0 + 9, 10)
    [seats] = store.numbers("gate-01", "gate_seats", T0, T0 + 1, 10)

    assert [(one.t - T0, one.number, one.tags["channel"]) for one in levels] == [(1, 2, "z1"), (2, 3, "z2")]
    assert levels[0].values == {"rms_m_s2": 0.25, "peak_m_s2": 0.75, "window_s": 1.0, "samples": 256}
    assert seats == Stored({"area": "window"}, T0, 9, {"seats": 40, "occupied": 7, "silent": 0})
    assert len(store.numbers("bridge-01", "bridge_vibration", T0, T0 + 9, 2)) == 2
    assert store.numbers("bridge-99", "bridge_vibration", T0, T0 + 9, 2) == []
