"""The outbox's file: who may open it, and what is told of one that cannot be used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from edge.contract.codec import decode_record
from edge.contract.records import Gap
from edge.doctor import check_outbox
from edge.errors import OutboxError
from edge.outbox_schema import connect
from tests.edge.outboxes import LARGE, OnDisk, air, values

DATABASES = Path(__file__).parents[1] / "databases"


def test_a_second_agent_on_one_outbox_is_refused_in_one_line(disk: OnDisk) -> None:
    with pytest.raises(OutboxError, match="another agent uses it") as refusal:
        connect(disk.path)

    assert "\n" not in str(refusal.value)


def test_a_file_that_is_no_outbox_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    path.write_bytes(b"this is no database" * 100)

    with pytest.raises(OutboxError, match="check the path"):
        connect(path)


def test_a_file_of_a_newer_agent_is_refused(disk: OnDisk) -> None:
    disk.database.execute("PRAGMA user_version=99")

    with pytest.raises(OutboxError, match="update the agent"):
        disk.again()


def spoilt(path: Path, change: str) -> None:
    """A file whose columns no longer refuse what no agent writes, changed by hand."""
    database = sqlite3.connect(path)
    database.executescript(
        "CREATE TABLE copy AS SELECT * FROM runs; DROP TABLE runs; ALTER TABLE copy RENAME TO runs;" + change
    )
    database.close()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE runs SET count = NULL WHERE first = 2", "runs, record 2: count is null, wanted integer"),
        ("UPDATE runs SET lines = NULL WHERE first = 2", "runs, record 2: lines is null, wanted blob"),
        ("UPDATE runs SET t_from = 'x' WHERE first = 3", "runs, record 3: t_from is text, wanted integer"),
        ("UPDATE meta SET value = NULL WHERE key = 'epoch'", "meta: epoch is null, wanted a text"),
        ("UPDATE meta SET value = 'x' WHERE key = 'unsent_from'", "meta: unsent_from is 'x', wanted a number"),
        ("UPDATE meta SET value = '[[1]]' WHERE key = 'accounted'", "accounted is '[[1]]', wanted ranges of numbers"),
    ],
)
def test_a_file_that_holds_what_no_agent_writes_is_refused_by_agent_and_doctor(
    disk: OnDisk, change: str, named: str
) -> None:
    disk.outbox.append([air(1)])
    disk.outbox.append([air(2)])
    disk.close()
    spoilt(disk.path, change)

    check = check_outbox(disk.path)
    with pytest.raises(OutboxError) as refusal:
        disk.open()

    said = str(refusal.value)
    assert said.startswith(f"outbox {disk.path}: damaged: ")
    assert named in said
    assert "keep it for rescue" in said
    assert (check.outcome, f"{check.says}; {check.mend}") == ("fail", said)


def test_a_gap_that_the_disk_spoilt_is_declared_anew(disk: OnDisk) -> None:
    disk.outbox.append([air(1)])
    disk.database.execute("DELETE FROM runs WHERE first = 1")
    disk.again()
    disk.database.execute("UPDATE runs SET lines = ? WHERE first = 3", (b'{"kind":"gap","ranges":[[1',))

    outbox = disk.again()

    told = decode_record(outbox.read(4, 4, LARGE).lines[0])
    assert isinstance(told, Gap)
    assert (told.ranges, told.why) == ([(1, 1)], "unreadable_on_disk")


@pytest.mark.parametrize("dump", sorted(DATABASES.glob("outbox-*.sql")), ids=lambda dump: dump.stem)
def test_an_outbox_of_every_released_schema_is_opened_with_its_records(dump: Path, tmp_path: Path) -> None:
    made = sqlite3.connect(tmp_path / "outbox.sqlite")
    made.executescript(dump.read_text(encoding="utf-8"))
    made.close()
    disk = OnDisk(tmp_path / "outbox.sqlite")

    outbox = disk.open()

    assert (outbox.epoch, outbox.last, outbox.generation) == ("00000000000000aa", 6, 1)
    assert values(outbox) == [3.0, 5.0]
    assert outbox.unsettled_boots() == ["boot-1"]
    assert outbox.append([air(9)]) == (7, 7)
    disk.close()
