"""Every state in which a power cut may leave a disk, from what was written and synced before.

Rules it keeps:
- What was synced stays. Of the writes since, any may have reached the disk and any not, whatever their order; one may have
  reached it in part (torn).
- A folder's entries (made, removed, renamed) reach the disk in their order; those before a sync of the folder stay.
  Syncing a file does not put its entry on the disk: some file systems do so, none has to.
- Nothing that was not written appears, but for zeros where a later write of the same file went further.

It does no I/O; which of the many choices are tried is drawn from the generator that is given.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from simulators.disk.log import (
    FolderMade,
    FolderSynced,
    Made,
    Operation,
    Removed,
    Renamed,
    Resized,
    Said,
    Synced,
    Written,
)

PREFIXES_MOST = 24
"""How many prefixes of the writes that were not synced are tried at one point; of more, so many are drawn."""

Change = Written | Resized
Entry = Made | Removed | Renamed | FolderMade


class State(NamedTuple):
    """What may be on the disk when power comes back.

    Attributes:
        point: how many operations had been done when it went.
        how: which of the writes that were not synced are there.
        files: contents by path.
    """

    point: int
    how: str
    files: dict[str, bytes]

    def write(self, recorded: Path, folder: Path) -> None:
        """Put the files, recorded in one folder, into another."""
        for path, content in self.files.items():
            at = folder / Path(path).relative_to(recorded)
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(content)


class Disk:
    """What is on the disk for sure, and what may be."""

    def __init__(self) -> None:
        self._synced: dict[int, bytes] = {}
        self._entries: dict[str, int | None] = {}
        self.unsynced: list[Change] = []
        self.unsynced_entries: list[Entry] = []

    def take(self, operation: Operation) -> None:
        """One more operation was done."""
        if isinstance(operation, Written | Resized):
            self.unsynced.append(operation)
        elif isinstance(operation, Synced):
            of_file = [one for one in self.unsynced if one.file == operation.file]
            self._synced[operation.file] = _changed(self._synced.get(operation.file, b""), of_file)
            self.unsynced = [one for one in self.unsynced if one.file != operation.file]
        elif isinstance(operation, FolderSynced):
            stay = [one for one in self.unsynced_entries if not _is_in(one, operation.path)]
            _enter(self._entries, [one for one in self.unsynced_entries if _is_in(one, operation.path)])
            self.unsynced_entries = stay
        elif not isinstance(operation, Said):
            self.unsynced_entries.append(operation)

    def files(self, kept: Sequence[Change], entries: int) -> dict[str, bytes]:
        """Contents by path, when ``kept`` and the first ``entries`` unsynced entries have reached the disk."""
        present = dict(self._entries)
        _enter(present, self.unsynced_entries[:entries])
        missing = {one.path for one in self.unsynced_entries[entries:] if isinstance(one, FolderMade)}
        return {
            path: _changed(self._synced.get(file, b""), [one for one in kept if one.file == file])
            for path, file in present.items()
            if file is not None and not any(path.startswith(folder + "/") for folder in missing)
        }


def states(operations: Sequence[Operation], rng: random.Random, subsets: int) -> Iterator[State]:
    """States at every point where the most is at stake: before each sync, after each promise, and at the end.

    At each: everything that was synced; each prefix of what was not; each prefix of the folder's entries, with all of the
    writes and with none; and ``subsets`` drawn ones, of which one write may be torn.
    """
    disk = Disk()
    for point, operation in enumerate(operations):
        if isinstance(operation, Synced | FolderSynced):
            yield from _cut(disk, point, rng, subsets)
        disk.take(operation)
        if isinstance(operation, Said):
            yield from _cut(disk, point + 1, rng, subsets)
    yield from _cut(disk, len(operations), rng, subsets)


def _cut(disk: Disk, point: int, rng: random.Random, subsets: int) -> Iterator[State]:
    changes, entries = disk.unsynced, len(disk.unsynced_entries)
    lengths = list(range(len(changes) + 1))
    if len(lengths) > PREFIXES_MOST:
        lengths = sorted({0, len(changes), *rng.sample(lengths, PREFIXES_MOST)})
    for length in lengths:
        yield State(point, f"first {length} of {len(changes)} writes", disk.files(changes[:length], entries))
    for count in range(entries):
        for kept in (changes, []):
            how = f"first {count} of {entries} entries, {len(kept)} writes"
            yield State(point, how, disk.files(kept, count))
    for _ in range(subsets if changes else 0):
        kept = [one for one in changes if rng.random() < 0.5]
        at = rng.randrange(len(kept)) if kept else 0
        if kept and rng.random() < 0.5:
            kept[at] = _torn(kept[at], rng.randrange(_size(kept[at]) + 1))
        how = f"{len(kept)} drawn of {len(changes)} writes"
        yield State(point, how, disk.files(kept, rng.randint(0, entries)))


def torn(operations: Sequence[Operation], name: str, every: int = 1) -> Iterator[State]:
    """The last synced writes to the file of this name, each torn at every byte (or every so many bytes).

    The other writes of that sync have all reached the disk, or those before it only.
    """
    disk, last = Disk(), _last_sync(operations, name)
    for operation in operations[:last]:
        disk.take(operation)
    changes, entries = list(disk.unsynced), len(disk.unsynced_entries)
    for at, change in enumerate(changes):
        for size in range(0, _size(change), every):
            part = _torn(change, size)
            how = f"write {at + 1} of {len(changes)} torn after {size} bytes"
            yield State(last, how, disk.files([*changes[:at], part], entries))
            if at + 1 < len(changes):
                yield State(
                    last, how + ", the later ones whole", disk.files([*changes[:at], part, *changes[at + 1 :]], entries)
                )


def _last_sync(operations: Sequence[Operation], name: str) -> int:
    """Where the last sync of that file stands that had something to sync."""
    path_of: dict[int, str] = {}
    written: set[int] = set()
    last = 0
    for at, operation in enumerate(operations):
        if isinstance(operation, Made):
            path_of[operation.file] = operation.path
        elif isinstance(operation, Written):
            written.add(operation.file)
        elif isinstance(operation, Synced) and operation.file in written:
            written.discard(operation.file)
            if Path(path_of[operation.file]).name == name:
                last = at
    return last


def _size(change: Change) -> int:
    return change.size if isinstance(change, Written) else 0


def _torn(change: Change, size: int) -> Change:
    return change if isinstance(change, Resized) else change._replace(size=size, data=change.data[:size])


def _changed(content: bytes, changes: Sequence[Change]) -> bytes:
    if not changes:
        return content
    made = bytearray(content)
    for one in changes:
        end = one.size if isinstance(one, Resized) else one.offset + len(one.data)
        if end > len(made):
            made += bytes(end - len(made))
        if isinstance(one, Resized):
            del made[one.size :]
        else:
            made[one.offset : end] = one.data
    return bytes(made)


def _is_in(entry: Entry, folder: str) -> bool:
    return entry.path.rsplit("/", 1)[0] == folder


def _enter(entries: dict[str, int | None], changes: Sequence[Entry]) -> None:
    """Make, remove and rename; a folder's own entry is None."""
    for one in changes:
        if isinstance(one, Made):
            entries[one.path] = one.file
        elif isinstance(one, FolderMade):
            entries[one.path] = None
        elif isinstance(one, Removed):
            entries.pop(one.path, None)
        else:
            entries[one.to] = entries.pop(one.path)
