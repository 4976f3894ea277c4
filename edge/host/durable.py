"""Folders and whole files that survive a power cut: an entry is on disk when its folder was synced, not before.

SQLite syncs the folder of its own files; what is here is for folders that are made and files that are replaced.
"""

from __future__ import annotations

import os
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are not there, each durably.

    Raises:
        OSError: one cannot be made.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in its place, whole or not at all: after a power cut the old one or the new one is there.

    Raises:
        OSError: the old one stands.
    """
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put a folder's entries on disk.

    Raises:
        OSError: the disk does not obey.
    """
    sync_file(folder)


def sync_file(path: Path) -> None:
    """Put a file on disk, whoever wrote it.

    Raises:
        OSError: the disk does not obey.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
