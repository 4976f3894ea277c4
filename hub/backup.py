"""Backup: a consistent copy of the hub's files taken while the hub runs, checked, with a manifest; and its way back.

Rules it keeps:
- The copy is one moment's: a read transaction is held while pages are copied in steps. With the write-ahead log that keeps
  no writer waiting; the log grows by what is written meanwhile.
- The books are copied before the windows beside them: whatever record the copy of the books holds, its window is
  condensed or marked in the copy of the windows.
- A backup that is there is whole: it is made beside its place, checked, synced, and renamed last.
- Only a backup whose files are what its manifest says comes back; never under a running hub; what stood before is kept.
- A restored file has a higher generation before it is in place, so that no hub ever runs on it with the old one.

It reads no clock.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from edge.host.durable import make_folder, sync_file, sync_folder
from hub.books import Books
from hub.errors import StoreError
from hub.schema import MIGRATIONS, open_reader, open_writer

PAGES_A_STEP = 2_000
PAUSE_S = 0.005
"""Between steps: the disk is the writer's, too."""
MANIFEST = "manifest.json"
HUB_FILE = "hub.sqlite"
ROLLUPS = ".rollups"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a backup."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is.

    Attributes:
        t: when it was begun [µs UTC].
        schema: of the hub's file.
        generation: that the hub had.
        devices, epochs: how many it knew.
        accounted: records that it had stored, over all epochs.
        records: rows of them in the hub's own file; 0 where InfluxDB has them.
        store: where readings are.
        files: by name.
    """

    version: int = 1
    t: int
    schema: int
    generation: int
    devices: int
    epochs: int
    accounted: int
    records: int
    store: str
    files: dict[str, Kept]


class Restored(NamedTuple):
    """What a restore did.

    Attributes:
        generation: that the devices will see.
        manifest: of the backup.
        aside: where the files that stood there are now; None where there were none.
    """

    generation: int
    manifest: Manifest
    aside: Path | None


def back_up(path: Path, store: str, destination: Path, t: int) -> Manifest:
    """Copy the hub's files into a new folder.

    Raises:
        StoreError: the folder is there already, or the files cannot be read, copied or are damaged.
    """
    if not path.exists():
        raise StoreError(f"hub file {path}: is not there; has the hub been started once?")
    if destination.exists():
        raise StoreError(f"{destination}: is there already; name a folder that is not")
    beside = destination.with_name(destination.name + ".partial")
    try:
        make_folder(destination.absolute().parent)
        shutil.rmtree(beside, ignore_errors=True)
        manifest = _made(path, store, beside, t)
        beside.rename(destination)
        sync_folder(destination.absolute().parent)
    except (OSError, sqlite3.Error) as problem:
        raise StoreError(f"backup {destination}: {problem}; check the disk's space and the folder's owner") from problem
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return manifest


def _made(path: Path, store: str, folder: Path, t: int) -> Manifest:
    """All of a backup in a new folder, on disk."""
    folder.mkdir(mode=0o700)
    names = [HUB_FILE]
    _copy(path, folder / HUB_FILE)
    if (windows := path.with_name(path.name + ROLLUPS)).exists():
        names.append(HUB_FILE + ROLLUPS)
        _copy(windows, folder / (HUB_FILE + ROLLUPS))
    manifest = _described(folder / HUB_FILE, store, t, {name: _kept(folder / name) for name in names})
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    for name in (*names, MANIFEST):
        sync_file(folder / name)
    sync_folder(folder)
    return manifest


def _copy(source: Path, target: Path) -> None:
    """One moment of a database in use, as one file without a log."""
    with contextlib.closing(open_reader(source)) as reader, contextlib.closing(sqlite3.connect(target)) as copy:
        # Held open, so that what is written meanwhile does not make the copy begin again.
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reader.backup(copy, pages=PAGES_A_STEP, sleep=PAUSE_S)
        reader.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode=DELETE")
        _sound(copy, target)


def _sound(database: sqlite3.Connection, path: Path) -> None:
    (said,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise StoreError(f"{path.name}: damaged: {said}; keep the older backups, and look at the disk")


def _described(copy: Path, store: str, t: int, files: dict[str, Kept]) -> Manifest:
    with contextlib.closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as database:

        def number(sql: str) -> int:
            return int(database.execute(sql).fetchone()[0])

        return Manifest(
            t=t,
            schema=number("PRAGMA user_version"),
            generation=number("SELECT coalesce(max(value), 1) FROM meta WHERE key = 'generation'"),
            devices=number("SELECT count(*) FROM devices"),
            epochs=number("SELECT count(*) FROM epochs"),
            accounted=number("SELECT coalesce(sum(stored), 0) FROM epochs"),
            records=number("SELECT count(*) FROM records"),
            store=store,
            files=files,
        )


def _kept(path: Path) -> Kept:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return Kept(bytes=path.stat().st_size, sha256=digest.hexdigest())


def checked(backup: Path) -> Manifest:
    """The manifest of a backup whose files are what it says, sound and of a schema that this hub knows.

    Raises:
        StoreError: it is none, or not whole.
    """
    try:
        manifest = msgspec.json.decode((backup / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as problem:
        raise StoreError(f"{backup}: no backup of a hub: {MANIFEST}: {problem}") from problem
    if manifest.version != 1 or manifest.schema > len(MIGRATIONS) or HUB_FILE not in manifest.files:
        raise StoreError(
            f"{backup}: version {manifest.version}, schema {manifest.schema}: of a newer hub; update this one"
        )
    for name, wanted in manifest.files.items():
        if name not in (HUB_FILE, HUB_FILE + ROLLUPS):
            raise StoreError(f"{backup}: {name!r}: no file of a hub's backup")
        try:
            found = _kept(backup / name)
            if found != wanted:
                raise StoreError(
                    f"{backup / name}: is not what its manifest says ({found.bytes} bytes); use another backup"
                )
            with contextlib.closing(sqlite3.connect(f"file:{backup / name}?mode=ro", uri=True)) as database:
                _sound(database, backup / name)
        except (OSError, sqlite3.Error) as problem:
            raise StoreError(f"{backup / name}: {problem}; use another backup") from problem
    return manifest


def restore(path: Path, backup: Path, now: int) -> Restored:
    """Put a backup's files in the place of the hub's, with a generation above all that devices may have seen.

    Raises:
        StoreError: the backup is none, a hub runs on the files, or the disk does not obey.
    """
    manifest = checked(backup)
    seconds = now // 1_000_000
    try:
        make_folder(path.parent)
        above = _let_go(path)
        new = [(path.with_name(path.name + name.removeprefix(HUB_FILE)), backup / name) for name in manifest.files]
        for place, source in new:
            shutil.copyfile(source, _incoming(place))
        with contextlib.closing(open_writer(_incoming(path))) as database:
            generation = Books(database).raise_generation(max(above + 1, seconds))
            database.execute("PRAGMA journal_mode=DELETE")
        for place, _ in new:
            sync_file(_incoming(place))
        aside = _set_aside(path, seconds)
        # The windows first: a hub that finds its old books beside newer windows condenses; the books decide.
        for place, _ in reversed(new):
            _incoming(place).replace(place)
        sync_folder(path.parent)
    except (OSError, sqlite3.Error) as problem:
        raise StoreError(f"restore to {path}: {problem}; check the disk's space and the folder's owner") from problem
    return Restored(generation, manifest, aside)


def _incoming(place: Path) -> Path:
    return place.with_name(place.name + ".incoming")


def _let_go(path: Path) -> int:
    """The generation of the file that stands there, 0 when it cannot be read; its log is brought into it.

    Raises:
        StoreError: a hub runs on it.
    """
    if not path.exists():
        return 0
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=0.5)) as database:
        try:
            # Any other connection to a file with a write-ahead log holds a lock that this one cannot share.
            database.execute("PRAGMA locking_mode=EXCLUSIVE")
            database.execute("BEGIN EXCLUSIVE")
            database.execute("COMMIT")
            row = database.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
            return int(row[0]) if row else 1
        except sqlite3.OperationalError as problem:
            if "locked" in str(problem):
                raise StoreError(f"hub file {path}: a hub runs on it; stop it first") from problem
            return 0
        except sqlite3.DatabaseError:
            return 0


def _set_aside(path: Path, seconds: int) -> Path | None:
    """Keep what stood there under another name; the hub's file itself stays in place until the new one takes it."""
    aside: Path | None = None
    for file in _files_of(path):
        kept = file.with_name(file.name.replace(path.name, f"{path.name}.before-{seconds}", 1))
        kept.unlink(missing_ok=True)
        if file == path:
            os.link(file, kept)
            aside = kept
        else:
            file.rename(kept)
    return aside


def _files_of(path: Path) -> Iterator[Path]:
    """The files of a hub that are there, logs first."""
    for name in (path.name, path.name + ROLLUPS):
        for suffix in ("-wal", "-shm", ""):
            if (file := path.with_name(name + suffix)).exists():
                yield file
