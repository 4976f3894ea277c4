"""What went on is in the hub's file: each alert opened once and ended once, across restarts, within a bound."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Semaphore, Thread

import msgspec
import pytest

from edge.contract.control import State, encode
from edge.contract.records import DeviceAlarm
from edge.contract.records.kiosk import KioskState
from edge.contract.topics import Channel, topic
from hub.alerts import SETTLE_US, AlertBook
from hub.blobs import BlobFiles, manifest_in
from hub.books import Books
from hub.config import LimitsTable
from hub.errors import StoreError
from hub.ingest import Ingest
from hub.judgement import Alert
from hub.ledger_port import AlertRow
from hub.mqtt import Inbox
from hub.process import warm
from hub.rollup import Roller
from hub.schema import open_reader, open_writer
from hub.store.sqlite import SqliteStore
from hub.store.sqlite_rollup import SqliteRollups
from hub.words import Words
from hub.writer import Commit, Writer
from tests.hub.station import Station, open_city

SECOND_US = 1_000_000
ALL = 2**62
KIOSK = "kiosk-01"


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(tmp_path / "hub.db", open_city())
    yield made
    made.database.close()


def restarted(station: Station) -> Station:
    """The hub of the same file, started again."""
    path = Path(station.database.execute("PRAGMA database_list").fetchone()[2])
    station.database.close()
    made = Station(path, open_city())
    made.ahead_us = station.ahead_us
    warm(made.live, made.parts.store, made.parts.ledger, made.now(), Event())
    return made


def told(station: Station) -> list[AlertRow]:
    return station.parts.ledger.alerts(ALL, 100)


def out_of_paper(station: Station, t: int) -> None:
    station.send(KIOSK, [KioskState(t=t, state="out_of_service", reasons=["paper_out"])])


def in_service(station: Station, t: int, first: int | None = None) -> None:
    station.send(KIOSK, [KioskState(t=t, state="in_service", reasons=[])], first)


def test_an_alert_is_entered_when_it_opens_and_ended_when_it_closes(station: Station) -> None:
    now = station.now()
    station.alerts.look(now)
    out_of_paper(station, now + 1)

    station.alerts.look(now + 2 * SECOND_US)
    during = told(station)
    shown = [one for view in station.live.views(now) for one in view.alerts]
    in_service(station, now + 3 * SECOND_US)
    station.alerts.look(now + 4 * SECOND_US)

    assert [(one.device, one.alert, one.until) for one in during] == [(KIOSK, *shown, None)]
    assert [(one.severity, one.since) for one in shown] == [("critical", now + 1)]
    assert [(one.id, one.until) for one in told(station)] == [(during[0].id, now + 4 * SECOND_US)]


def test_an_alert_that_comes_back_is_another_row(station: Station) -> None:
    now = station.now()
    station.alerts.look(now)
    for at in (2, 6):
        out_of_paper(station, now + at * SECOND_US)
        station.alerts.look(now + at * SECOND_US)
        in_service(station, now + (at + 2) * SECOND_US)
        station.alerts.look(now + (at + 2) * SECOND_US)

    ended = [one.until for one in told(station)]

    assert ended == [now + 8 * SECOND_US, now + 4 * SECOND_US]


def test_the_views_are_looked_at_every_two_seconds_at_most(station: Station) -> None:
    now = station.now()
    station.alerts.look(now)
    out_of_paper(station, now + 1)

    station.alerts.look(now + 2 * SECOND_US - 1)
    early = told(station)
    station.alerts.look(now + 2 * SECOND_US)

    assert early == []
    assert len(told(station)) == 1


def test_a_silence_is_entered_with_its_beginning_and_ends_when_the_device_is_heard(station: Station) -> None:
    now = station.now()
    in_service(station, now)
    station.alerts.look(now)

    station.alerts.look(now + 3600 * SECOND_US)
    [silent] = told(station)
    station.ahead_us = 3601 * SECOND_US
    in_service(station, now + 3601 * SECOND_US)
    station.alerts.look(now + 3602 * SECOND_US)

    assert (silent.alert.key, silent.until) == ("device_silent", None)
    assert now < silent.alert.since < now + 3600 * SECOND_US
    assert [(one.id, one.until) for one in told(station)] == [(silent.id, now + 3602 * SECOND_US)]


def test_a_restart_ends_and_reopens_nothing_that_goes_on(station: Station) -> None:
    now = station.now()
    station.alerts.look(now - 60 * SECOND_US)
    out_of_paper(station, now)
    station.send("counter-01", [DeviceAlarm(t=now, code="no_acks", active=True)])
    station.send("gate-01", [DeviceAlarm(t=now, code="no_acks", active=False)])
    station.receive(topic("gate-01", Channel.STATE), encode(State(status="offline", why="stopped")))
    station.alerts.look(now)
    before = told(station)

    again = restarted(station)
    for after_s in (0, 2, 10, 29, 31, 60):
        again.alerts.look(now + after_s * SECOND_US)

    keys = {one.alert.key for one in before}
    assert {"device_no_acks", "device_offline"} < keys
    assert told(again) == before
    again.database.close()


def test_a_hub_that_was_away_neither_enters_silences_nor_ends_anything_until_devices_are_heard(
    station: Station,
) -> None:
    now = station.now()
    station.alerts.look(now - 60 * SECOND_US)
    out_of_paper(station, now)
    station.alerts.look(now)
    before = told(station)
    station.ahead_us = 3600 * SECOND_US

    again = restarted(station)
    again.alerts.look(again.now())
    away = told(again)
    again.alerts.look(again.now() + SETTLE_US - SECOND_US)
    settling = told(again)
    again.alerts.look(again.now() + SETTLE_US + 2 * SECOND_US)

    assert len(before) == 1
    assert (away, settling) == (before, before)
    assert "device_silent" in {one.alert.key for one in told(again)}
    again.database.close()


def test_what_ended_while_the_hub_was_away_is_ended_after_the_devices_had_time_to_say_so(station: Station) -> None:
    now = station.now()
    station.alerts.look(now - 60 * SECOND_US)
    out_of_paper(station, now)
    station.alerts.look(now)

    again = restarted(station)
    start = again.now()
    again.alerts.look(start)
    in_service(again, now + SECOND_US, first=2)
    again.alerts.look(start + 5 * SECOND_US)
    [early] = told(again)
    again.alerts.look(start + SETTLE_US)

    assert early.until is None
    assert [one.until for one in told(again)] == [start + SETTLE_US]
    again.database.close()


def test_the_alerts_that_are_kept_are_those_of_the_views(station: Station) -> None:
    now = station.now()
    out_of_paper(station, now)
    station.send("counter-01", [DeviceAlarm(t=now, code="no_acks", active=True)])
    station.receive(topic("gate-01", Channel.STATE), encode(State(status="offline", why="stopped")))

    for at in (now, now + 3600 * SECOND_US):
        shown = [(view.device, one) for view in station.live.views(at) for one in view.alerts]
        assert len(shown) >= 3
        assert station.live.alerts(at) == shown


def test_what_begins_after_a_restart_is_entered_at_once(station: Station) -> None:
    now = station.now()
    station.alerts.look(now)

    out_of_paper(station, now + SECOND_US)
    station.alerts.look(now + 2 * SECOND_US)

    assert [one.alert.since for one in told(station)] == [now + SECOND_US]


def alert(key: str, since: int, severity: str = "warning") -> Alert:
    words = Words(ja=f"{key} {severity}", easy=key, en=key)
    return msgspec.convert({"key": key, "severity": severity, "text": words, "since": since}, Alert)


def test_an_alert_that_grows_grave_stays_one_row_with_its_newest_severity_and_words(station: Station) -> None:
    now = station.now()
    shown: list[Alert] = []
    book = AlertBook(station.database, Books(station.database).transaction, lambda _: [(KIOSK, one) for one in shown])
    book.look(now)

    shown[:] = [alert("cracks", now + 1)]
    book.look(now + 2 * SECOND_US)
    shown[:] = [alert("cracks", now + 1, "critical")]
    book.look(now + 4 * SECOND_US)

    [row] = told(station)
    assert (row.alert, row.until) == (alert("cracks", now + 1, "critical"), None)


def test_the_oldest_ended_alerts_make_room_and_an_open_one_never_goes(station: Station) -> None:
    now = station.now()
    shown: list[Alert] = []
    book = AlertBook(
        station.database, Books(station.database).transaction, lambda _: [(KIOSK, one) for one in shown], rows_most=4
    )
    book.look(now)

    for number in range(10):
        shown[:] = [alert("always", now), alert(f"passing {number}", now)]
        book.look(now + (number + 1) * 2 * SECOND_US)

    keys = [one.alert.key for one in told(station)]
    assert keys == ["passing 9", "passing 8", "passing 7", "always"]


def test_what_a_locked_file_did_not_take_is_entered_at_the_next_look(station: Station, tmp_path: Path) -> None:
    now = station.now()
    station.alerts.look(now)
    out_of_paper(station, now + 1)
    station.database.execute("PRAGMA busy_timeout=20")
    other = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="locked"):
        station.alerts.look(now + 2 * SECOND_US)
    other.execute("ROLLBACK")
    other.close()
    station.alerts.look(now + 4 * SECOND_US)

    assert [one.until for one in told(station)] == [None]


def test_the_writer_lets_time_pass_without_messages_and_outlives_a_file_that_fails(tmp_path: Path) -> None:
    ticked, stop, lines = Semaphore(0), Event(), list[tuple[str, str, str]]()
    path = tmp_path / "hub.sqlite"
    database = open_writer(path)
    books = Books(database)
    store = SqliteStore(database, open_reader(path), books.epoch_id, books.device_id)
    marks = SqliteRollups(tmp_path / "rollups")
    commit = Commit(books, store, Roller(store, marks, marks))

    def tick() -> None:
        ticked.release()
        raise StoreError("hub file: disk full")

    writer = Writer(
        Inbox(1000), Ingest(books.account_of, commit.are_stored), commit,
        BlobFiles(tmp_path / "blobs", 1000, manifest_in(store)), lambda *_: None, [],
        lambda *line: lines.append(line), LimitsTable(), tick,
    )  # fmt: skip
    thread = Thread(target=writer.run, args=(stop,), daemon=True)
    thread.start()
    passed = [ticked.acquire(timeout=5) for _ in range(2)]
    stop.set()
    thread.join(5)
    database.close()

    assert passed == [True, True]
    assert not thread.is_alive()
    assert lines[0] == ("alerts", "failing", "hub file: disk full")
