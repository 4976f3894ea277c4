"""What strace saw of a process, read back as operations on files and folders."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
    operations,
    traced,
)
from simulators.errors import SimulatorError

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace: apt-get install -y strace")


def seen(folder: Path, program: str) -> list[Operation]:
    """What a Python program did in the folder, its working directory."""
    log = folder.parent / "strace.log"
    subprocess.run(traced([sys.executable, "-c", program, str(folder)], log), check=True, timeout=60)
    return list(operations(log, folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    return made


def test_writes_syncs_and_promises_stand_in_their_order(folder: Path) -> None:
    program = (
        "import os, sys; where = sys.argv[1]\n"
        "f = os.open(where + '/a', os.O_CREAT | os.O_RDWR); os.write(f, b'one'); os.write(f, b'two'); os.fdatasync(f)\n"
        "os.pwrite(f, b'\\x00\\xff\"', 1); os.ftruncate(f, 5)\n"
        "open(where + '/promises', 'wb', 0).write(b'kept')\n"
    )

    assert seen(folder, program) == [
        Made(f"{folder}/a", 0),
        Written(0, 0, 3, b"one"),
        Written(0, 3, 3, b"two"),
        Synced(0),
        Written(0, 1, 3, b'\x00\xff"'),
        Resized(0, 5),
        Made(f"{folder}/promises", 1),
        Said(b"kept"),
    ]


def test_entries_are_operations_of_their_folder(folder: Path) -> None:
    program = (
        "import os, sys; where = sys.argv[1]\n"
        "os.mkdir(where + '/in'); open(where + '/in/a', 'x').close(); os.rename(where + '/in/a', where + '/in/b')\n"
        "os.fsync(os.open(where + '/in', os.O_RDONLY)); os.unlink(where + '/in/b')\n"
    )

    assert seen(folder, program) == [
        FolderMade(f"{folder}/in"),
        Made(f"{folder}/in/a", 0),
        Renamed(f"{folder}/in/a", f"{folder}/in/b"),
        FolderSynced(f"{folder}/in"),
        Removed(f"{folder}/in/b"),
    ]


def test_what_is_appended_goes_to_the_end(folder: Path) -> None:
    program = (
        "import sys; where = sys.argv[1] + '/a'\n"
        "open(where, 'wb').write(b'one'); open(where, 'ab').write(b'two'); open(where, 'wb').write(b'3')\n"
    )

    assert seen(folder, program) == [
        Made(f"{folder}/a", 0),
        Written(0, 0, 3, b"one"),
        Written(0, 3, 3, b"two"),
        Resized(0, 0),
        Written(0, 0, 1, b"3"),
    ]


def test_what_is_sent_on_a_socket_is_a_promise(folder: Path) -> None:
    program = "import socket; a, b = socket.socketpair(); a.sendall(b'ack 7')"

    assert seen(folder, program) == [Said(b"ack 7")]


def test_a_write_that_is_not_understood_is_an_error_not_a_hole(folder: Path) -> None:
    program = "import os, sys; f = os.open(sys.argv[1] + '/a', os.O_CREAT | os.O_RDWR); os.writev(f, [b'one'])"

    with pytest.raises(SimulatorError, match="writev"):
        seen(folder, program)
