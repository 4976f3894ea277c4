"""Chunks become a file only as their manifest announces it, in order, and under its true hash."""

import hashlib
from pathlib import Path

import pytest

from edge.contract.blob import Chunk, decode_chunk, encode_chunk
from edge.contract.control import BlobAck
from edge.contract.records import BlobManifest
from hub.blobs import BlobFiles
from hub.errors import StoreError

CONTENT = bytes(range(256)) * 4
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def files(folder: Path, quota: int = 100_000, size: int = len(CONTENT)) -> BlobFiles:
    manifest = BlobManifest(sha256=SHA256, size=size, form="miniseed")
    return BlobFiles(folder, quota, lambda device, sha256: manifest if (device, sha256) == ("b", SHA256) else None)


def chunk(first: int, last: int, content: bytes = CONTENT, sha256: str = SHA256) -> Chunk:
    return decode_chunk(encode_chunk(sha256, first, content[first:last]))


def test_chunks_in_order_make_the_file(tmp_path: Path) -> None:
    blobs = files(tmp_path)

    first = blobs.take("b", chunk(0, 600))
    second = blobs.take("b", chunk(600, 1024))

    assert first == BlobAck(sha256=SHA256, have=600)
    assert second == BlobAck(sha256=SHA256, have=1024, outcome="whole")
    where = blobs.where(SHA256)
    assert where.file is not None
    assert where.file.suffix == ".miniseed"
    assert where.file.read_bytes() == CONTENT


def test_a_chunk_that_comes_twice_or_too_early_changes_nothing(tmp_path: Path) -> None:
    blobs = files(tmp_path)
    blobs.take("b", chunk(0, 600))

    acks = [blobs.take("b", one) for one in (chunk(0, 600), chunk(700, 1024))]

    assert acks == [BlobAck(sha256=SHA256, have=600)] * 2


def test_a_restarted_hub_goes_on_where_the_file_ends(tmp_path: Path) -> None:
    files(tmp_path).take("b", chunk(0, 600))

    ack = files(tmp_path).take("b", chunk(600, 1024))

    assert ack.outcome == "whole"


def test_what_nobody_announced_waits_for_its_manifest(tmp_path: Path) -> None:
    acks = [files(tmp_path).take("another", chunk(0, 600)), files(tmp_path).take("b", chunk(0, 6, sha256="0" * 64))]

    assert [ack.outcome for ack in acks] == ["unannounced", "unannounced"]
    assert not any(tmp_path.iterdir())


def test_a_file_with_another_hash_is_begun_anew_once_and_then_refused(tmp_path: Path) -> None:
    blobs = files(tmp_path)
    wrong = CONTENT[::-1]

    acks = [blobs.take("b", chunk(0, 1024, wrong)), blobs.take("b", chunk(0, 1024, wrong))]

    assert [(ack.have, ack.outcome) for ack in acks] == [(0, "partial"), (0, "refused")]


def test_a_damaged_tail_is_healed_by_beginning_anew(tmp_path: Path) -> None:
    blobs = files(tmp_path)
    blobs.take("b", chunk(0, 600))
    part = next(tmp_path.glob("*/*.part"))
    part.write_bytes(CONTENT[:590] + b"\0" * 10)

    blobs.take("b", chunk(600, 1024))
    ack = blobs.take("b", chunk(0, 1024))

    assert ack.outcome == "whole"


def test_more_than_was_announced_is_refused(tmp_path: Path) -> None:
    ack = files(tmp_path, size=500).take("b", chunk(0, 600))

    assert ack.outcome == "refused"


def test_a_blob_above_the_quota_is_refused_and_the_oldest_makes_room(tmp_path: Path) -> None:
    assert files(tmp_path, quota=1000).take("b", chunk(0, 600)).outcome == "refused"
    old = tmp_path / "ab" / ("ab" * 32 + ".jpeg")
    old.parent.mkdir()
    old.write_bytes(b"x" * 500)

    files(tmp_path, quota=1400).take("b", chunk(0, 600))

    assert not old.exists()


def test_a_disk_that_does_not_obey_is_try_again(tmp_path: Path) -> None:
    (tmp_path / SHA256[:2]).write_text("in the way")

    with pytest.raises(StoreError, match="check the disk"):
        files(tmp_path).take("b", chunk(0, 600))
