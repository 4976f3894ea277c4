"""What is InfluxDB's own: keys, types, refusals, silence, line protocol, Flux and setup, on real servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Semaphore, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.contract.batch import encode_batch
from edge.contract.codec import decode_record, encode_record
from edge.contract.records.device import DeviceAlarm
from edge.contract.records.gate import GateInside
from edge.contract.topics import Channel, topic
from hub.blobs import BlobFiles
from hub.books import Books
from hub.config import LimitsTable
from hub.errors import ConfigError, QueryError, StoreError, StoreRefused
from hub.ingest import Ingest
from hub.mqtt import Inbox
from hub.rollup import Roller
from hub.schema import open_writer
from hub.step import Received
from hub.store.influx import InfluxStore
from hub.store.influx_rollup import InfluxRollups
from hub.store.influx_server import InfluxServer, InfluxTarget, target_of_bucket
from hub.store.influx_setup import Retentions, setup_influx
from hub.store.lineprotocol import escape_key, escape_measurement, line_of, text_field, time_ns
from hub.store.port import Row
from hub.store.sqlite_rollup import SqliteRollups
from hub.writer import Commit, Writer
from tests.hub.store.conftest import Servers, fresh_target
from tests.hub.store.rows import EPOCH, SECOND_US, T0, air, rms_query, row_of, vibration


def _write_often(store: InfluxStore, row: Row) -> None:
    for _ in range(50):
        store.write([row])


def _counted(store: InfluxStore, text: str) -> int:
    return sum(int(series.values[0][1]) for series in store.server.ask(text))


def test_numbers_a_million_apart_at_one_time_do_not_meet(influx: InfluxStore) -> None:
    numbers = [5, 1_000_005, 2_000_005]

    influx.write([vibration(number, T0) for number in numbers])

    found = influx.server.ask('SELECT "number" FROM bridge_vibration')
    assert sorted(values[1] for series in found for values in series.values) == numbers


@pytest.mark.parametrize("lacking", ["number", "t", "rms_m_s2"])
def test_a_point_that_is_half_written_is_not_there_yet(influx: InfluxStore, lacking: str) -> None:
    # The server shows some fields of a point before the others: 36 of 5,763 newest points that were read at full load.
    influx.write([vibration(1, T0)])
    whole = line_of(vibration(2, T0 + SECOND_US))
    half, removed = re.subn(rf"(?<=[ ,]){lacking}=[^, ]*,?", "", whole)

    influx.server.write(influx.server.target.retention, half.replace(", ", " ").encode())
    [newest] = influx.latest("bridge-01")

    assert (removed, newest.number) == (1, 1)
    assert [t for t, _ in influx.newest("bridge-01", "bridge_vibration", T0, 10)] == [T0]


@given(
    st.lists(
        st.tuples(st.integers(1, 2**53 - 1), st.integers(1_577_836_800_000_000, 4_102_444_800_000_000)),
        min_size=2,
        max_size=2,
        unique_by=lambda key: key[0],
    )
)
def test_no_two_numbers_have_one_key(keys: list[tuple[int, int]]) -> None:
    (number, t), (other, other_t) = keys

    assert (number // 1_000_000, time_ns(t, number)) != (other // 1_000_000, time_ns(other_t, other))


def test_a_record_timed_by_the_hub_and_sent_again_is_there_once(influx: InfluxStore) -> None:
    alarm = DeviceAlarm(code="clock_unknown", active=True, mono=5)

    influx.write([row_of(1, alarm, t=T0), vibration(2, T0)])
    refused = influx.write([row_of(1, alarm, t=T0 + 30 * SECOND_US), vibration(2, T0)])

    assert refused == []
    assert _counted(influx, "SELECT count(active) FROM device_alarm") == 1


@contextmanager
def a_commit(store: InfluxStore, path: Path) -> Iterator[Commit]:
    """How the hub commits into a store, with books and marks of its own under ``path``."""
    database = open_writer(path / "hub.sqlite")
    marks = SqliteRollups(path / "rollup.sqlite")
    yield Commit(Books(database), store, Roller(store, InfluxRollups(store.server.target), marks))
    marks.close()
    database.close()


def a_message(*lines: bytes) -> Received:
    """A batch of bridge-01, numbered from 1."""
    return Received(topic("bridge-01", Channel.UP), encode_batch(EPOCH, 1, lines, sent_mono=1000), T0 + 7)


def test_a_hub_killed_between_points_and_books_has_each_record_once(influx: InfluxStore, tmp_path: Path) -> None:
    alarm = DeviceAlarm(code="clock_unknown", active=True, mono=5)
    message = a_message(encode_record(alarm), vibration(2, T0).line, air(3, T0).line)

    with a_commit(influx, tmp_path) as commit:
        ingest = Ingest(commit.ledger.account_of, commit.are_stored)
        influx.write(ingest.step([message]).rows)
        commit(ingest.step([message._replace(arrival_us=T0 + 99)]))
        again = ingest.step([message._replace(arrival_us=T0 + 999)])

    counted = influx.server.ask('SELECT count("number") FROM /.*/')
    assert sorted((series.name, series.values[0][1]) for series in counted) == [
        ("bridge_vibration", 1),
        ("counter_air", 1),
        ("device_alarm", 1),
    ]
    assert (again.rows, again.quarantined) == ([], [])


def test_a_repeated_batch_is_looked_up_in_one_question(
    influx_1_8: InfluxStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [vibration(number, T0 + number) for number in range(1, 501)]
    influx_1_8.write(rows)
    asked: list[str] = []
    ask = influx_1_8.server.ask
    monkeypatch.setattr(influx_1_8.server, "ask", lambda text: asked.append(text) or ask(text))

    assert influx_1_8.are_stored(rows) == [True] * len(rows)
    assert len(asked) == 1


def test_a_repeated_batch_while_the_server_is_down_waits_and_is_acked_when_it_is_back(
    servers: Servers, tmp_path: Path
) -> None:
    server = servers.server("influxdb-1.8.3")
    message = a_message(vibration(1, T0).line)
    acked, failing, stop = Semaphore(0), Event(), Event()
    inbox = Inbox(10_000)

    with a_commit(InfluxStore(fresh_target(server)), tmp_path) as commit:
        ingest = Ingest(commit.ledger.account_of, commit.are_stored)
        writer = Writer(
            inbox,
            ingest,
            commit,
            BlobFiles(tmp_path, 1000, lambda *_: None),
            lambda *_: acked.release(),
            [],
            lambda *_: failing.set(),
            LimitsTable(),
            lambda: None,
        )
        thread = Thread(target=writer.run, args=(stop,), daemon=True)
        thread.start()
        inbox.put([message])
        first = acked.acquire(timeout=10)
        failing.clear()
        server.kill()
        inbox.put([message])
        noticed = failing.wait(10)
        server.start()
        second = acked.acquire(timeout=20)
        stop.set()
        thread.join(10)

    assert (first, noticed, second, thread.is_alive()) == (True, True, True, False)


def test_a_bucket_is_read_as_database_and_retention() -> None:
    target = target_of_bucket("http://127.0.0.1:8086", "city/autogen")

    assert (target.database, target.retention) == ("city", "autogen")
    for wrong in ("city", "city/", "/raw", "a/b/c"):
        with pytest.raises(ConfigError, match="database/retention"):
            target_of_bucket("http://127.0.0.1:8086", wrong)


def test_a_field_keeps_the_contracts_type_whatever_the_value(influx: InfluxStore) -> None:
    line = b'{"kind":"gate_inside","t":%d,"people":3,"low":2,"high":4}' % T0
    influx.write([Row("gate-01", EPOCH, 1, T0, decode_record(line), line)])

    refused = influx.write([row_of(2, GateInside(t=T0, people=3.5, low=2.0, high=4.0), device="gate-01")])

    types = {row[0]: row[1] for row in influx.server.ask("SHOW FIELD KEYS FROM gate_inside")[0].values}
    assert refused == []
    assert types["people"] == "float"
    assert types["number"] == "integer"


def test_a_type_conflict_refuses_its_rows_in_the_servers_words_and_stores_the_others(influx: InfluxStore) -> None:
    influx.server.write("raw", b"bridge_vibration,device=x samples=1.5 %d" % (T0 * 1000))
    good = [air(number, T0 + number) for number in range(1, 200)]
    bad = [vibration(number, T0 + number) for number in (50, 51, 150)]

    refused = influx.write([*good[:40], *bad[:2], *good[40:], bad[2]])

    assert sorted(one.row.number for one in refused) == [50, 51, 150]
    assert all("field type conflict" in one.reason and '"samples"' in one.reason for one in refused)
    assert _counted(influx, "SELECT count(t) FROM counter_air") == 199


def test_what_is_older_than_the_retention_is_refused_in_the_servers_words(
    servers: Servers, influx_target: InfluxTarget
) -> None:
    setup_influx(influx_target, Retentions(raw_days=3000))
    store = InfluxStore(influx_target)
    old = 1_577_836_800_000_000 - 3000 * 86_400 * SECOND_US

    refused = store.write([air(1, T0), air(2, old), air(3, T0 + 1)])

    assert [(one.row.number, "beyond retention" in one.reason) for one in refused] == [(2, True)]
    assert _counted(store, "SELECT count(t) FROM counter_air") == 2


def test_a_dead_server_is_try_again_and_its_return_is_found_by_itself(servers: Servers) -> None:
    server = servers.server("influxdb-1.8.3")
    store = InfluxStore(fresh_target(server))
    store.write([air(1, T0)])

    server.kill()
    with pytest.raises(StoreError, match="does not answer"):
        store.write([air(2, T0 + 1)])
    with pytest.raises(StoreError, match="does not answer"):
        store.latest("counter-01")
    server.start()
    store.write([air(2, T0 + 1)])

    assert _counted(store, "SELECT count(t) FROM counter_air") == 2


def test_a_server_that_hangs_is_try_again_within_the_timeout(servers: Servers) -> None:
    server = servers.server("influxdb-1.6.7")
    store = InfluxStore(fresh_target(server, timeout_s=0.5))
    store.write([air(1, T0)])

    server.freeze()
    try:
        # The kernel stops a process thread by thread: the first write may still slip through.
        with pytest.raises(StoreError, match="does not answer"):
            _write_often(store, air(2, T0 + 1))
    finally:
        server.thaw()
    store.write([air(2, T0 + 1)])

    assert _counted(store, "SELECT count(t) FROM counter_air") == 2


def test_a_missing_database_is_try_again_and_names_the_command(influx_target: InfluxTarget) -> None:
    store = InfluxStore(InfluxTarget(url=influx_target.url, database="nowhere"))

    with pytest.raises(StoreError, match="setup-influx"):
        store.write([air(1, T0)])
    with pytest.raises(StoreError, match="setup-influx"):
        store.series(rms_query(T0, T0 + 1))


def test_setup_twice_changes_nothing_and_a_new_retention_is_taken(influx_target: InfluxTarget) -> None:
    again = setup_influx(influx_target)
    changed = setup_influx(influx_target, Retentions(raw_days=30))
    unchanged = setup_influx(influx_target, Retentions(raw_days=30))

    assert (again.generation, again.changed) == (1, [])
    assert changed.changed == ["retention policy raw changed: 30d"]
    assert unchanged.changed == []


def test_flux_gives_operators_the_same_readings(influx_1_8: InfluxStore) -> None:
    influx_1_8.write([air(number, T0 + number * SECOND_US, co2=600.0 + number) for number in range(1, 6)])

    rows = influx_1_8.flux(
        f'from(bucket: "{influx_1_8.server.target.database}/raw") |> range(start: 2020-01-01T00:00:00Z) '
        '|> filter(fn: (r) => r._measurement == "counter_air" and r._field == "co2_ppm")'
    )

    assert [row["_value"] for row in rows] == [601.0, 602.0, 603.0, 604.0, 605.0]


def test_flux_is_refused_in_words_where_the_server_has_none(servers: Servers) -> None:
    store = InfluxStore(fresh_target(servers.server("influxdb-1.6.7")))

    with pytest.raises(QueryError, match="InfluxQL"):
        store.flux('from(bucket: "x")')


def _written_and_read(server: InfluxServer, measurement: str, tag: str, text: str) -> tuple[str, str, str]:
    line = f"{escape_measurement(measurement)},k={escape_key(tag)} v={text_field(text)},o=1i 1795000000000000000"
    server.write("raw", line.encode())
    [series] = server.ask('SELECT "v" FROM /.*/ GROUP BY *')
    server.ask(f'DROP SERIES WHERE "k" = {_word(series.tags["k"])}')
    return series.name, series.tags["k"], series.values[0][1]


def _word(text: str) -> str:
    from hub.store import influxql

    return influxql.word(text)


KEYS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), min_size=1, max_size=20)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(measurement=KEYS.filter(lambda text: not text.startswith("#")), tag=KEYS, text=TEXTS)
def test_whatever_is_written_comes_back_through_the_real_server(
    influx: InfluxStore, measurement: str, tag: str, text: str
) -> None:
    assert _written_and_read(influx.server, measurement, tag, text) == (measurement, tag, text)


@pytest.mark.parametrize("text", ["", "a\nb", "a\\", "a\0b", "\r"])
def test_what_line_protocol_cannot_say_is_refused_not_bent(text: str) -> None:
    with pytest.raises(StoreRefused):
        escape_key(text)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.floats(0, 3e5, allow_nan=False))
def test_a_float_comes_back_bit_for_bit(influx: InfluxStore, value: float) -> None:
    influx.write([vibration(1, T0, rms=value)])

    [series] = influx.series(rms_query(T0, T0 + 1))

    assert series.points[0].value == value
