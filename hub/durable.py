"""Folders and files that survive a power cut: an entry is on disk when its folder was synced, not before.

The same few lines stand at the device's end (`edge/durable.py`): the two ends share the contract and nothing else.
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
