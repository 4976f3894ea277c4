"""A hub restored from a backup: with its generation raised, the devices send again what the backup lacks."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from edge.contract.records import Priority
from edge.contract.topics import Channel, topic
from edge.link import Link, LinkConfig
from edge.outbox import Outbox
from edge.outbox_rows import Entry
from hub.step import Received
from machikado.main import main
from tests.hub.devices import ARRIVAL, DEVICE, EPOCH, HELLO, T0, Hub, air, birth, hub_at


class Device:
    """An outbox and its link; the first record of the epoch is number 1, so that reading n has number n + 1."""

    def __init__(self) -> None:
        self.outbox = Outbox(sqlite3.connect(":memory:", isolation_level=None), 1 << 20, lambda: EPOCH)
        self.outbox.open()
        self.link = Link(self.outbox, LinkConfig(batch_records=4), lambda: HELLO)

    def observe(self, first: int, last: int) -> None:
        self.outbox.append([Entry(air(number), Priority.NORMAL, T0) for number in range(first, last + 1)])

    def talk_to(self, hub: Hub) -> None:
        """A connection until nothing is left to say."""
        self.link.connected(0.0)
        messages = [birth(EPOCH, hello=HELLO)]
        while messages:
            step = hub.take(*messages)
            for (device, epoch), reply in step.replies.items():
                account = hub.books.account_of(device, epoch)
                self.link.ack(account.ack(hub.books.generation, epoch, *reply), 0.0)
            batches = self.link.next_batches(0.0, 0)
            messages = [Received(topic(DEVICE, Channel.UP), batch.payload, ARRIVAL) for batch in batches]


@pytest.fixture
def restored(tmp_path: Path) -> tuple[Path, Device]:
    """A hub's file as it was after five readings, and the device that saw the hub take ten."""
    path, backup, device = tmp_path / "hub.sqlite", tmp_path / "backup.sqlite", Device()
    with hub_at(path) as hub:
        device.observe(1, 5)
        device.talk_to(hub)
        copy = sqlite3.connect(backup)
        hub.database.backup(copy)
        copy.close()
        device.observe(6, 10)
        device.talk_to(hub)
        assert hub.numbers() == list(range(1, 12))
    for file in tmp_path.glob("hub.sqlite*"):
        file.unlink()
    shutil.copy(backup, path)
    return path, device


def settings_of(path: Path) -> Path:
    settings = path.with_name("hub.toml")
    settings.write_text(f'[store]\npath = "{path}"\n', encoding="utf-8")
    return settings


def test_a_restored_hub_gets_again_what_its_backup_lacks(
    restored: tuple[Path, Device], capsys: pytest.CaptureFixture[str]
) -> None:
    path, device = restored

    status = main(["hub", "restored", str(settings_of(path))])
    with hub_at(path) as hub:
        device.talk_to(hub)

        assert status == 0
        said = f"generation {hub.books.generation}: start the hub, the devices will see it\n"
        assert capsys.readouterr().out == said
        assert hub.books.generation > 1
        assert hub.numbers() == list(range(1, 12))


def test_without_it_the_hole_is_known_and_stays(restored: tuple[Path, Device]) -> None:
    path, device = restored

    with hub_at(path) as hub:
        device.talk_to(hub)
        device.observe(11, 11)
        device.talk_to(hub)

        assert hub.numbers() == [1, 2, 3, 4, 5, 6, 12]
        assert list(hub.books.account_of(DEVICE, EPOCH).holes()) == [(7, 11)]


def test_a_hub_whose_file_is_not_there_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["hub", "restored", str(settings_of(tmp_path / "hub.sqlite"))])

    assert status == 1
    assert "put the backup in its place first" in capsys.readouterr().err
    assert not (tmp_path / "hub.sqlite").exists()
