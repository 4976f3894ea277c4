"""A recording: what an agent's sources delivered, with its times, so that a replay gives the same records.

A MessagePack stream: a header, then one array ``[mono_us, offset_us or nil, item]`` a delivery. A file that ends in the
middle of a delivery (power cut) is read up to there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from edge.contract.families import Family
from edge.delivery import Delivery, Own
from edge.errors import RecordingError
from edge.family import parts_of
from edge.pipeline import Tick
from edge.settle import SettlerState

MAGIC = b"machikado-recording-1\n"


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay must know beside the deliveries.

    Attributes:
        pipeline: the ``[pipeline]`` table in force, which a desired configuration may have put in the TOML's place.
        step, floor: where the settling of times stood when the recording began.
    """

    device: str
    family: Family
    pipeline: dict[str, Any]
    step: int
    floor: int


def unused_name(path: Path) -> Path:
    """``path``, or where that is taken ``NAME-2.SUFFIX``, ``NAME-3.SUFFIX`` …: a recording never overwrites one."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


class RecordingWriter:
    """Appends deliveries to a file; ``flush`` is up to the caller.

    Raises of every method: RecordingError when the disk does not obey.
    """

    def __init__(self, path: Path, header: Header) -> None:
        self._path = path
        try:
            self._file: BinaryIO = path.open("wb")
        except OSError as problem:
            raise RecordingError(f"recording {path}: {problem.strerror}; choose another file") from problem
        self._encode = msgspec.msgpack.Encoder().encode
        self._put(MAGIC, self._block_of(header))

    def _block_of(self, content: object) -> bytes:
        block = self._encode(content)
        return len(block).to_bytes(4, "big") + block

    def _put(self, *parts: bytes) -> None:
        try:
            self._file.write(b"".join(parts))
        except OSError as problem:
            raise RecordingError(f"recording {self._path}: {problem.strerror}; it ends here") from problem

    def write(self, delivery: Delivery) -> None:
        """Append one delivery."""
        self._put(self._block_of(delivery))

    def flush(self) -> None:
        """Hand what was written to the system."""
        try:
            self._file.flush()
        except OSError as problem:
            raise RecordingError(f"recording {self._path}: {problem.strerror}; it ends here") from problem

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class Recording(NamedTuple):
    """A recording that can be replayed."""

    header: Header
    deliveries: Iterator[Delivery]

    @property
    def settler_state(self) -> SettlerState:
        """The settler as it was when the recording began."""
        return SettlerState(self.header.step, self.header.floor)


def is_recording(path: Path) -> bool:
    """Whether a file begins like a recording."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def open_recording(path: Path) -> Recording:
    """Read a recording, delivery by delivery.

    Raises:
        RecordingError: it cannot be read or is no recording.
    """
    try:
        file = path.open("rb")
    except OSError as problem:
        raise RecordingError(f"recording {path}: {problem.strerror}") from problem
    if file.read(len(MAGIC)) != MAGIC:
        file.close()
        raise RecordingError(f"recording {path}: wanted a file made by 'machikado agent run --record'")
    head = _block(file)
    try:
        header = msgspec.msgpack.decode(head or b"", type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        file.close()
        raise RecordingError(f"recording {path}: damaged header: {problem}") from problem
    return Recording(header, _deliveries(path, file, header.family))


def _deliveries(path: Path, file: BinaryIO, family: Family) -> Iterator[Delivery]:
    item: Any = parts_of(family).item | Tick | Own
    kind: Any = tuple[int, int | None, item]
    decode = msgspec.msgpack.Decoder(kind).decode
    with file:
        while (block := _block(file)) is not None:
            try:
                yield Delivery(*decode(block))
            except (msgspec.DecodeError, UnicodeDecodeError) as problem:
                raise RecordingError(f"recording {path}: damaged delivery: {problem}") from problem


def _block(file: BinaryIO) -> bytes | None:
    size = file.read(4)
    if len(size) < 4:
        return None
    block = file.read(int.from_bytes(size, "big"))
    return block if len(block) == int.from_bytes(size, "big") else None
