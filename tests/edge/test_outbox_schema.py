"""The outbox's file: who may open it, and what is told of one that cannot be used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from edge.errors import OutboxError
from edge.outbox_schema import connect
from tests.edge.outboxes import OnDisk, air, values

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
