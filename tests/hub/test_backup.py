"""A hub's backup, made while it runs, and its way back."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.backup import HUB_FILE, MANIFEST, Manifest, back_up, checked, restore
from hub.books import Books
from hub.errors import StoreError
from hub.rollup import Roller
from hub.schema import open_writer
from hub.store.sqlite_rollup import SqliteRollups
from machikado.main import main
from tests.hub.devices import DEVICE, EPOCH, T0, airs, batch, hub_at

DAY_S = 86_400
NOW = T0 + DAY_S * 1_000_000


def settings_of(path: Path) -> Path:
    settings = path.with_name("hub.toml")
    settings.write_text(f'[store]\npath = "{path}"\n', encoding="utf-8")
    return settings


@pytest.fixture
def hub_file(tmp_path: Path) -> Path:
    """A hub's file with five readings, and the marks of their windows beside it."""
    path = tmp_path / "state" / "hub.sqlite"
    with hub_at(path) as hub:
        marks = SqliteRollups(path.with_name(path.name + ".rollups"))
        step = hub.ingest.step([batch(1, airs(1, 5))])
        with Roller(hub.store, marks, marks).writing(step.rows):
            hub.books.commit(step, hub.store.insert)
        marks.close()
    return path


def numbers(path: Path) -> list[int]:
    with hub_at(path) as hub:
        return hub.numbers()


# ---------------------------------------------------------------- the copy


@contextmanager
def writing(path: Path) -> Iterator[list[float]]:
    """A hub that commits a batch after the other as fast as it can; gives how long each commit took [s]."""
    stop = threading.Event()
    took: list[float] = []

    def write() -> None:
        with hub_at(path) as hub:
            number = hub.books.account_of(DEVICE, EPOCH).through + 1
            while not stop.is_set():
                began = time.monotonic()
                hub.take(batch(number, airs(number, number + 49)))
                took.append(time.monotonic() - began)
                number += 50

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield took
    finally:
        stop.set()
        thread.join()


def test_a_copy_made_under_a_busy_writer_is_of_one_moment_and_keeps_it_from_nothing(
    hub_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.backup.PAGES_A_STEP", 3)
    with hub_at(hub_file) as hub:
        for first in range(6, 20_000, 1_000):
            hub.take(batch(first, airs(first, first + 999)))
    with writing(hub_file) as took:
        while not took:
            time.sleep(0.01)
        before = len(took)

        made = back_up(hub_file, "sqlite", tmp_path / "backup", NOW)

        during = len(took) - before

    shutil.copy(tmp_path / "backup" / HUB_FILE, tmp_path / "copy.sqlite")
    with hub_at(tmp_path / "copy.sqlite") as copy:
        account = copy.books.account_of(DEVICE, EPOCH)
        assert copy.numbers() == list(range(1, account.through + 1))
    assert account.stored == made.accounted == made.records >= 20_000
    assert during >= 5


def test_a_backup_says_what_it_is_and_holds_the_windows_too(hub_file: Path, tmp_path: Path) -> None:
    made = back_up(hub_file, "sqlite", tmp_path / "backups" / "monday", NOW)

    assert (made.t, made.generation, made.devices, made.epochs, made.accounted, made.records) == (NOW, 1, 1, 1, 5, 5)
    assert sorted(path.name for path in (tmp_path / "backups" / "monday").iterdir()) == [
        "hub.sqlite", "hub.sqlite.rollups", "manifest.json",
    ]  # fmt: skip
    assert checked(tmp_path / "backups" / "monday") == made


def test_a_backup_is_never_written_over_another(hub_file: Path, tmp_path: Path) -> None:
    back_up(hub_file, "sqlite", tmp_path / "backup", NOW)

    with pytest.raises(StoreError, match="is there already"):
        back_up(hub_file, "sqlite", tmp_path / "backup", NOW)


def test_a_damaged_file_gives_no_backup(hub_file: Path, tmp_path: Path) -> None:
    content = bytearray(hub_file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    hub_file.write_bytes(content)

    with pytest.raises(StoreError):
        back_up(hub_file, "sqlite", tmp_path / "backup", NOW)
    assert not (tmp_path / "backup").exists()
    assert not (tmp_path / "backup.partial").exists()


def test_without_a_hubs_file_there_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is not there"):
        back_up(tmp_path / "hub.sqlite", "sqlite", tmp_path / "backup", NOW)


# ---------------------------------------------------------------- the way back


@pytest.fixture
def backup(hub_file: Path, tmp_path: Path) -> Path:
    back_up(hub_file, "sqlite", tmp_path / "backup", NOW)
    with hub_at(hub_file) as hub:
        hub.take(batch(6, airs(6, 9)))
    return tmp_path / "backup"


def test_a_restore_brings_the_copy_back_a_generation_on_and_keeps_what_stood_there(
    hub_file: Path, backup: Path
) -> None:
    done = restore(hub_file, backup, NOW)

    assert numbers(hub_file) == [1, 2, 3, 4, 5]
    assert done.aside is not None
    assert numbers(done.aside) == list(range(1, 10))
    with hub_at(hub_file) as hub:
        assert hub.books.generation == done.generation == NOW // 1_000_000


def test_a_second_restore_of_one_backup_is_above_the_first_whatever_the_clock_says(
    hub_file: Path, backup: Path
) -> None:
    first = restore(hub_file, backup, NOW)

    second = restore(hub_file, backup, NOW - DAY_S * 1_000_000)

    assert second.generation == first.generation + 1


def test_a_second_restore_in_the_place_of_a_file_that_is_gone_is_above_the_first(hub_file: Path, backup: Path) -> None:
    first = restore(hub_file, backup, NOW)
    hub_file.unlink()

    second = restore(hub_file, backup, NOW + 1_000_000)

    assert second.generation > first.generation


def test_a_hub_that_runs_on_the_file_is_not_disturbed(hub_file: Path, backup: Path) -> None:
    with hub_at(hub_file) as hub:
        with pytest.raises(StoreError, match="a hub runs on it; stop it first"):
            restore(hub_file, backup, NOW)
        hub.take(batch(10, airs(10, 10)))

    assert numbers(hub_file) == list(range(1, 11))


def test_a_backup_comes_back_in_the_place_of_a_file_that_is_damaged_beyond_reading(
    hub_file: Path, backup: Path
) -> None:
    hub_file.write_bytes(b"the disk wrote this" * 1000)
    hub_file.with_name(hub_file.name + "-wal").write_bytes(b"and this" * 1000)

    restore(hub_file, backup, NOW)

    assert numbers(hub_file) == [1, 2, 3, 4, 5]


def _without_manifest(backup: Path) -> None:
    (backup / MANIFEST).unlink()


def _with_a_byte_changed(backup: Path) -> None:
    content = bytearray((backup / HUB_FILE).read_bytes())
    content[-1] ^= 1
    (backup / HUB_FILE).write_bytes(content)


def _without_its_windows(backup: Path) -> None:
    (backup / f"{HUB_FILE}.rollups").unlink()


def _of_a_newer_hub(backup: Path) -> None:
    manifest = json.loads((backup / MANIFEST).read_text())
    (backup / MANIFEST).write_text(json.dumps({**manifest, "schema": 99}))


def _with_a_path_in_it(backup: Path) -> None:
    manifest = json.loads((backup / MANIFEST).read_text())
    manifest["files"]["../../etc/passwd"] = manifest["files"][HUB_FILE]
    (backup / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "spoil", [_without_manifest, _with_a_byte_changed, _without_its_windows, _of_a_newer_hub, _with_a_path_in_it]
)
def test_a_backup_that_is_not_whole_is_refused_and_changes_nothing(
    spoil: object, hub_file: Path, backup: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(spoil)
    spoil(backup)

    status = main(["hub", "restore", str(settings_of(hub_file)), str(backup)])

    assert status == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert numbers(hub_file) == list(range(1, 10))
    assert not list(hub_file.parent.glob("*.incoming*")) + list(hub_file.parent.glob("*.before-*"))


def test_windows_of_what_is_sent_again_are_condensed_after_a_restore(hub_file: Path, backup: Path) -> None:
    restore(hub_file, backup, NOW)

    marks = SqliteRollups(hub_file.with_name(hub_file.name + ".rollups"))
    assert {key.kind for key in marks.load()} == {"counter_air"}
    marks.close()


def test_the_commands_say_what_they_did(hub_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_of(hub_file)

    made = main(["hub", "backup", str(settings), str(tmp_path / "b")]), capsys.readouterr().out
    put = main(["hub", "restore", str(settings), str(tmp_path / "b"), "--json"]), json.loads(capsys.readouterr().out)

    assert made == (0, f"{tmp_path}/b: 5 records of 1 devices, generation 1\n")
    assert put[0] == 0
    assert put[1]["records"] == 5
    assert put[1]["aside"].startswith(f"{hub_file}.before-")


def test_a_generation_is_kept_by_whoever_opens_the_file_next(hub_file: Path, backup: Path) -> None:
    done = restore(hub_file, backup, NOW)

    database = open_writer(hub_file)
    assert Books(database).generation == done.generation
    database.close()


def test_a_manifest_is_what_the_documentation_says() -> None:
    assert set(Manifest.__struct_fields__) == {
        "version", "t", "schema", "generation", "devices", "epochs", "accounted", "records", "store", "files",
    }  # fmt: skip
    assert sqlite3.sqlite_version_info >= (3, 37)
