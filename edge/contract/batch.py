"""A batch: a run of consecutively numbered records behind a small header that decodes by itself.

The payload is text: one JSON line for the header, then one JSON line a record, so that it can be read on the wire::

    {"v":1,"epoch":"6f1c…","first":41,"count":2,"crc":3735928559}
    {"kind":"counter_air","t":1795000000000000,"co2_ppm":612.0}
    {"kind":"health",…}

The header's ``crc`` (CRC-32, IEEE 802.3) is over these lines. A header with ``"packed":"zlib"`` is followed by the lines
as one zlib stream (RFC 1950) in their place: a device on a metered line sends a fifth of the bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple

import msgspec

from edge.contract import limits
from edge.contract.codec import UnknownRecord, decode_clean, decode_each
from edge.contract.errors import HeaderError, LimitError, RecordError
from edge.contract.quantity import Epoch
from edge.contract.records import Record

VERSION = 1
HEADER_BYTES = 200
"""Room that a header line may take [bytes]."""


class Header(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who numbered the records, and which numbers they have.

    Attributes:
        v: version of the contract.
        epoch: identity of the outbox that numbered them.
        first: number of the first record.
        count: how many records.
        crc: CRC-32 of the lines, unpacked.
        packed: how the lines are packed; None as they are.
        sent_mono: the device's monotonic time at sending [µs], where a record has no ``t``: the hub then times it.
    """

    v: int
    epoch: Epoch
    first: Annotated[int, msgspec.Meta(ge=1, le=limits.NUMBER_MAX)]
    count: Annotated[int, msgspec.Meta(ge=1, le=limits.BATCH_RECORDS)]
    crc: Annotated[int, msgspec.Meta(ge=0, lt=2**32)]
    sent_mono: Annotated[int, msgspec.Meta(ge=0, le=limits.NUMBER_MAX)] | None = None
    packed: Literal["zlib"] | None = None

    @property
    def last(self) -> int:
        """Number of the last record."""
        return self.first + self.count - 1


class _Version(msgspec.Struct, frozen=True):
    v: int


class Batch(NamedTuple):
    """A decoded batch: as many ``lines`` and ``records`` as the header counts, in the order of their numbers.

    ``clean``: every record is known and right, and stands in it too.
    """

    header: Header
    lines: list[bytes]
    records: Sequence[Record | UnknownRecord | RecordError | LimitError]
    clean: Sequence[Record] | None


_encode = msgspec.json.Encoder().encode
_decode_header = msgspec.json.Decoder(Header).decode
_decode_version = msgspec.json.Decoder(_Version).decode


def encode_batch(
    epoch: str, first: int, lines: Sequence[bytes], sent_mono: int | None = None, pack_from_bytes: int | None = None
) -> bytes:
    """The payload that carries ``lines`` as the records ``first``, ``first + 1``, ….

    Args:
        pack_from_bytes: lines of at least so many bytes together are packed; None: never.

    Raises:
        LimitError: more lines or bytes than a batch may have, before they are packed.
    """
    if not 1 <= len(lines) <= limits.BATCH_RECORDS:
        raise LimitError(f"batch of {len(lines)} records: wanted 1–{limits.BATCH_RECORDS}")
    body = b"\n".join(lines)
    packs = pack_from_bytes is not None and len(body) >= pack_from_bytes
    header = Header(
        v=VERSION, epoch=epoch, first=first, count=len(lines), crc=zlib.crc32(body), sent_mono=sent_mono,
        packed="zlib" if packs else None,
    )  # fmt: skip
    head = _encode(header) + b"\n"
    if len(head) + len(body) > limits.BATCH_BYTES:
        raise LimitError(f"batch of {len(head) + len(body)} bytes: at most {limits.BATCH_BYTES}")
    return head + (zlib.compress(body) if packs else body)


def decode_batch(payload: bytes) -> Batch:
    """What a batch's payload says; refused records stand as the error that refused them.

    Raises:
        HeaderError: the payload cannot be attributed to numbers: too large, no header, another version, a wrong
            checksum or count. Nothing in it may be believed.
    """
    if len(payload) > limits.BATCH_BYTES:
        raise HeaderError(f"batch of {len(payload)} bytes: at most {limits.BATCH_BYTES}")
    head, _, body = payload.partition(b"\n")
    header = _header(head)
    if header.packed is not None:
        body = _unpacked(body)
    if zlib.crc32(body) != header.crc:
        raise HeaderError(
            f"checksum {zlib.crc32(body)}: the header says {header.crc}; the payload was damaged on its way"
        )
    lines = body.split(b"\n")
    if len(lines) != header.count:
        raise HeaderError(f"{len(lines)} records: the header counts {header.count}")
    clean = decode_clean(lines, body)
    return Batch(header, lines, decode_each(lines) if clean is None else clean, clean)


def _unpacked(stream: bytes) -> bytes:
    """The lines of a packed body; never more than a batch may have, however small the stream is."""
    unpacker = zlib.decompressobj()
    try:
        body = unpacker.decompress(stream, limits.BATCH_BYTES + 1)
    except zlib.error as problem:
        raise HeaderError(f"packed lines: {problem}; the payload was damaged on its way") from problem
    if len(body) > limits.BATCH_BYTES:
        raise HeaderError(f"packed lines: more than {limits.BATCH_BYTES} bytes when unpacked")
    if not unpacker.eof or unpacker.unused_data:
        raise HeaderError("packed lines: cut short or followed by something else; the payload was damaged on its way")
    return body


def _header(head: bytes) -> Header:
    if len(head) > HEADER_BYTES:
        raise HeaderError(f"header of {len(head)} bytes: at most {HEADER_BYTES}")
    try:
        header = _decode_header(head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        try:
            version = _decode_version(head).v
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise HeaderError(f"no header: {problem}") from problem
        if version != VERSION:
            raise HeaderError(f"contract version {version}: this end speaks version {VERSION}") from problem
        raise HeaderError(f"header: {problem}") from problem
    if header.v != VERSION:
        raise HeaderError(f"contract version {header.v}: this end speaks version {VERSION}")
    if header.last > limits.NUMBER_MAX:
        raise HeaderError(f"numbers up to {header.last}: at most {limits.NUMBER_MAX}")
    return header
