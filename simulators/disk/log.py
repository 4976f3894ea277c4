"""What a process wrote to the files of one folder and when it synced them, from strace's log.

`traced` puts strace before a command; `operations` reads the log. Everything the process did to files is an operation on a
*file* (an inode, counted from 0) or on a *folder's entry*. What it promised to others is a `Said`: the bytes it wrote to a
file named ``promises`` in that folder, and the bytes it sent on sockets, so that promises stand in order with the writes.

Limits: Linux; a file is written by one thread at a time (a sync counts from its return); a file written by ``write`` is
written from its beginning (or its end, ``O_APPEND``) on, without seeking; nothing is written through a memory map but what
needs no promise (SQLite's ``-shm``, which it makes anew after a power cut).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from simulators.errors import SimulatorError

PROMISES = "promises"
"""Name of the file to which a traced program writes what it promises."""

_CALLS = (
    "openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,sync_file_range,copy_file_range,fallocate,"
    "fsync,fdatasync,ftruncate,truncate,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat"
)
_UNDERSTOOD = frozenset(
    ("openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "unlink", "rename", "mkdir", "sendto")
)
_LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)[^=]*$", re.DOTALL)
_UNFINISHED = re.compile(r"^(\d+) +(\w+\(.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(?:\.\.\.)?')
_FD = re.compile(r"^(\d+)<((?:\\x[0-9a-f]{2}|[^>])*)>")


class Written(NamedTuple):
    """Bytes put into a file; ``data`` is empty where only sizes were recorded."""

    file: int
    offset: int
    size: int
    data: bytes


class Resized(NamedTuple):
    """A file cut or grown to ``size`` bytes."""

    file: int
    size: int


class Synced(NamedTuple):
    """All that was done to a file before is on the disk."""

    file: int


class Made(NamedTuple):
    """A new file's entry."""

    path: str
    file: int


class Removed(NamedTuple):
    """An entry taken away."""

    path: str


class Renamed(NamedTuple):
    """An entry that takes another's place."""

    path: str
    to: str


class FolderMade(NamedTuple):
    """A new folder's entry."""

    path: str


class FolderSynced(NamedTuple):
    """All entries that were changed in a folder before are on the disk."""

    path: str


class Said(NamedTuple):
    """What others heard of the process from here on."""

    data: bytes


Operation = Written | Resized | Synced | Made | Removed | Renamed | FolderMade | FolderSynced | Said


def traced(command: list[str], log: Path, with_data: bool = True) -> list[str]:
    """The command under strace; ``with_data`` also records what is written, and what is sent on sockets.

    Raises:
        SimulatorError: strace is not installed.
    """
    program = shutil.which("strace")
    if program is None:
        raise SimulatorError("strace is not installed; type: apt-get install -y strace")
    calls = _CALLS + (",sendto,sendmsg" if with_data else "")
    most = "4194304" if with_data else "0"
    return [
        program, "-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", most, "-e", f"trace={calls}", "-o", str(log), *command
    ]  # fmt: skip


def operations(log: Path, folder: Path) -> Iterator[Operation]:
    """The operations on files under ``folder`` and what was said, in order.

    Raises:
        SimulatorError: the process did something to these files that is not understood here.
    """
    reader = _Reader(str(folder))
    with log.open(encoding="ascii", errors="replace") as lines:
        for call, arguments, result in _calls(lines):
            yield from reader.operations(call, arguments, result)


def _calls(lines: Iterator[str]) -> Iterator[tuple[str, str, int]]:
    """Finished calls that succeeded, in the order of their ends."""
    begun: dict[str, str] = {}
    for raw in lines:
        line = raw.rstrip("\n")
        if unfinished := _UNFINISHED.match(line):
            begun[unfinished[1]] = unfinished[2]
            continue
        if resumed := _RESUMED.match(line):
            line = f"{resumed[1]} {begun.pop(resumed[1])}{resumed[2]}"
        if (whole := _LINE.match(line)) and int(whole[4]) >= 0:
            yield whole[2], whole[3], int(whole[4])


class _Reader:
    """Follows which descriptor is which file."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._files: dict[str, int] = {}
        self._count = 0
        self._position: dict[int, int] = {}
        self._size: dict[int, int] = {}
        self._open: dict[int, int] = {}

    def operations(self, call: str, arguments: str, result: int) -> Iterator[Operation]:
        """What one call did."""
        if call == "sendto":
            yield Said(_bytes(arguments))
            return
        paths = [self._inside(path) for path in self._paths(call, arguments)]
        if not paths or not all(paths):
            return
        if call not in _UNDERSTOOD:
            raise SimulatorError(f"{call}({arguments[:80]}): a write that the recording does not understand")
        path = paths[0] or ""
        if call == "openat":
            yield from self._opened(path, arguments, result)
        elif call in ("write", "pwrite64"):
            yield from self._written(call, path, arguments, result)
        elif call in ("fsync", "fdatasync"):
            number = _descriptor(arguments)
            yield Synced(self._open[number]) if number in self._open else FolderSynced(path)
        elif call == "ftruncate":
            file, size = self._open[_descriptor(arguments)], int(arguments.rsplit(", ", 1)[1])
            self._size[file] = size
            yield Resized(file, size)
        elif call == "unlink":
            self._files.pop(path)
            yield Removed(path)
        elif call == "rename":
            self._files[paths[1] or ""] = self._files.pop(path)
            yield Renamed(path, paths[1] or "")
        else:
            yield FolderMade(path)

    def _inside(self, path: str) -> str | None:
        """The path within the folder; None for all others and for SQLite's shared memory."""
        inside = path == self._folder or path.startswith(self._folder + "/")
        return path if inside and not path.endswith("-shm") else None

    def _paths(self, call: str, arguments: str) -> list[str]:
        if call in ("openat", "unlink", "rename", "mkdir", "open", "creat", "truncate", "unlinkat", "renameat"):
            return [_decoded(text) for text in _TEXT.findall(arguments)]
        described = _FD.match(arguments)
        return [_decoded(described[2]).removesuffix(" (deleted)")] if described else []

    def _opened(self, path: str, arguments: str, number: int) -> Iterator[Operation]:
        self._open.pop(number, None)
        if path not in self._files:
            if "O_CREAT" not in arguments:
                return  # a folder, opened to be synced
            self._files[path] = self._count
            self._count += 1
            yield Made(path, self._files[path])
        elif "O_TRUNC" in arguments:
            self._size[self._files[path]] = 0
            yield Resized(self._files[path], 0)
        self._open[number] = self._files[path]
        self._position[number] = self._size.get(self._files[path], 0) if "O_APPEND" in arguments else 0

    def _written(self, call: str, path: str, arguments: str, size: int) -> Iterator[Operation]:
        data = _bytes(arguments)[:size]
        if path.rsplit("/", 1)[1] == PROMISES:
            yield Said(data)
            return
        number = _descriptor(arguments)
        if call == "pwrite64":
            offset = int(arguments.rsplit(", ", 1)[1])
        else:
            offset = self._position[number]
            self._position[number] += size
        file = self._open[number]
        self._size[file] = max(self._size.get(file, 0), offset + size)
        yield Written(file, offset, size, data)


def _descriptor(arguments: str) -> int:
    return int(arguments.split("<", 1)[0])


def _decoded(escaped: str) -> str:
    return bytes.fromhex(escaped.replace("\\x", "")).decode() if "\\x" in escaped else escaped


def _bytes(arguments: str) -> bytes:
    found = _TEXT.search(arguments)
    return bytes.fromhex(found[1].replace("\\x", "")) if found else b""
