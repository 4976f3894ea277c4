"""A chunk of a blob: a small JSON header line, then the bytes. The manifest is a numbered record (``BlobManifest``)."""

from __future__ import annotations

import zlib
from typing import Annotated, NamedTuple

import msgspec

from edge.contract import limits
from edge.contract.errors import HeaderError, LimitError
from edge.contract.quantity import SHA256_PATTERN

VERSION = 1


class ChunkHeader(msgspec.Struct, frozen=True, kw_only=True):
    """Which blob, and where in it."""

    v: int
    sha256: Annotated[str, msgspec.Meta(pattern=SHA256_PATTERN)]
    offset: Annotated[int, msgspec.Meta(ge=0, le=2**31)]
    crc: Annotated[int, msgspec.Meta(ge=0, lt=2**32)]


class Chunk(NamedTuple):
    """A decoded chunk."""

    header: ChunkHeader
    content: bytes


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ChunkHeader).decode


def encode_chunk(sha256: str, offset: int, content: bytes) -> bytes:
    """The payload of one chunk.

    Raises:
        LimitError: it is larger than ``limits.BLOB_CHUNK_BYTES``.
    """
    header = ChunkHeader(v=VERSION, sha256=sha256, offset=offset, crc=zlib.crc32(content))
    payload = _encode(header) + b"\n" + content
    if len(payload) > limits.BLOB_CHUNK_BYTES:
        raise LimitError(f"chunk of {len(payload)} bytes: at most {limits.BLOB_CHUNK_BYTES}")
    return payload


def decode_chunk(payload: bytes) -> Chunk:
    """What a chunk's payload says.

    Raises:
        HeaderError: it is too large, has no header, another version or a wrong checksum.
    """
    if len(payload) > limits.BLOB_CHUNK_BYTES:
        raise HeaderError(f"chunk of {len(payload)} bytes: at most {limits.BLOB_CHUNK_BYTES}")
    head, _, content = payload.partition(b"\n")
    try:
        header = _decode(head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise HeaderError(f"chunk header: {problem}") from problem
    if header.v != VERSION:
        raise HeaderError(f"chunk of contract version {header.v}: this end speaks version {VERSION}")
    if zlib.crc32(content) != header.crc:
        raise HeaderError(f"chunk checksum {zlib.crc32(content)}: the header says {header.crc}")
    return Chunk(header, content)
