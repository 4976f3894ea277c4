"""Small disks that can be filled, and made read-only and back: tmpfs mounts in the harness's own mount namespace.

A file system does not become read-only under a writer on request, so whoever writes there is ended before; started again, it
finds the read-only disk. Without the right to mount (`may_mount`) disk faults are left out of the plan.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

NAMESPACE = "MACHIKADO_CHAOS_NAMESPACE"
FILLER = "filler"
PIECE_BYTES = 64 * 1024
BUSY_TRIES = 50
BUSY_S = 0.1
"""How often, and how long apart [s], a disk is tried that a second agent, soon refused, still has open."""


def in_own_namespace() -> list[str]:
    """The beginning of a command line that runs a program where it may mount; empty where that is refused.

    As root a mount namespace is enough; others get one with a user namespace, where the system allows it.
    """
    for options in (["--mount"], ["--user", "--map-root-user", "--mount"]):
        command = ["unshare", *options, "--propagation", "private"]
        tried = subprocess.run(
            [*command, "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /mnt"], capture_output=True, check=False
        )
        if tried.returncode == 0:
            return ["env", f"{NAMESPACE}=1", *command]
    return []


def may_mount() -> bool:
    """Whether this process was started with `in_own_namespace`."""
    return os.environ.get(NAMESPACE) == "1" and sys.platform == "linux"


class Disk:
    """A tmpfs of its own under a folder, or the folder itself where nobody may mount."""

    def __init__(self, folder: Path, mib: int) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if may_mount():
            _run("mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(folder))

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """Not a byte is free, until the block ends."""
        filler = self.folder / FILLER
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(PIECE_BYTES)) == PIECE_BYTES:
                pass
            while file.write(b"\0"):
                pass
        try:
            yield
        finally:
            filler.unlink(missing_ok=True)

    @contextlib.contextmanager
    def read_only(self) -> Iterator[None]:
        """Nothing can be written until the block ends; who writes there must have ended, or be about to end."""
        for _ in range(BUSY_TRIES):
            with contextlib.suppress(subprocess.CalledProcessError):
                _run("mount", "-o", "remount,ro", str(self.folder))
                break
            time.sleep(BUSY_S)
        else:
            _run("mount", "-o", "remount,ro", str(self.folder))
        try:
            yield
        finally:
            _run("mount", "-o", "remount,rw", str(self.folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
