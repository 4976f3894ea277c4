"""Blobs: chunks become files, named by the hash of their content, and the device is told how far it is.

Rules it keeps:
- A chunk is acked only when it is on disk behind all that came before it; one that comes twice or too early changes nothing.
- Only what a stored manifest announces is taken, and not a byte more than it says.
- A file stands under its name only when its content has that hash. One that has not is begun anew once, then refused.
- Past the quota the oldest whole file goes first; the manifests stay, so that it is known what there was.

The files are the whole truth: how far a blob is, is the length of its file.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from edge.contract.blob import Chunk
from edge.contract.control import BlobAck
from edge.contract.records import BlobManifest, kind_of
from edge.host.durable import make_folder, sync_folder
from hub.errors import StoreError
from hub.store.port import Store

READ_BYTES = 1 << 20

ManifestOf = Callable[[str, str], BlobManifest | None]
"""The stored manifest of a device's blob, by its hash."""


MANIFESTS_MOST = 5000
"""Most manifests of a device, newest first, among which one is looked for."""


def manifests(store: Store, device: str, t_from: int = 0) -> list[tuple[int, BlobManifest]]:
    """The newest manifests of a device with their times, oldest first.

    Raises:
        StoreError: the store does not answer.
    """
    found = store.newest(device, kind_of(BlobManifest), t_from, MANIFESTS_MOST)
    return [(t, record) for t, record in found if isinstance(record, BlobManifest)]


def manifest_in(store: Store) -> ManifestOf:
    """Looks manifests up among the stored records."""

    def found(device: str, sha256: str) -> BlobManifest | None:
        return next((one for _, one in reversed(manifests(store, device)) if one.sha256 == sha256), None)

    return found


class Where(NamedTuple):
    """How much of a blob is here: bytes from the beginning, and the file once it is whole."""

    have: int
    file: Path | None


class BlobFiles:
    """The folder of blobs; written by the hub's one writing thread, read by any."""

    def __init__(self, folder: Path, quota_bytes: int, manifest_of: ManifestOf) -> None:
        self._folder = folder
        self._quota = quota_bytes
        self._manifest_of = manifest_of
        self._began_anew: set[str] = set()
        self._manifests: dict[str, BlobManifest] = {}

    def take(self, device: str, chunk: Chunk) -> BlobAck:
        """Write a chunk; what the device is told.

        Raises:
            StoreError: it is not on disk; the device sends it again.
        """
        sha256 = chunk.header.sha256
        if self._whole(sha256) is not None:
            return BlobAck(sha256=sha256, have=self._length(self._whole(sha256)), outcome="whole")
        manifest = self._manifests.get(sha256) or self._manifest_of(device, sha256)
        if manifest is None:
            return BlobAck(sha256=sha256, outcome="unannounced")
        if manifest.size > self._quota:
            return BlobAck(sha256=sha256, outcome="refused")
        self._manifests[sha256] = manifest
        try:
            ack = self._append(manifest, chunk)
        except OSError as problem:
            raise StoreError(
                f"blobs {self._folder}: {problem.strerror}; check the disk's space and health"
            ) from problem
        if ack.outcome != "partial":
            del self._manifests[sha256]
        return ack

    def where(self, sha256: str) -> Where:
        """How much of a blob is here."""
        whole = self._whole(sha256)
        return Where(self._length(whole or self._part(sha256)), whole)

    def _append(self, manifest: BlobManifest, chunk: Chunk) -> BlobAck:
        sha256, part = manifest.sha256, self._part(manifest.sha256)
        have = self._length(part)
        if chunk.header.offset == have and chunk.content:
            if have + len(chunk.content) > manifest.size:
                return BlobAck(sha256=sha256, have=have, outcome="refused")
            if not have:
                self._make_room(manifest.size)
                make_folder(part.parent)
            with part.open("ab") as file:
                file.write(chunk.content)
                file.flush()
                os.fsync(file.fileno())
            have += len(chunk.content)
        if have < manifest.size:
            return BlobAck(sha256=sha256, have=have)
        return self._finish(manifest, part)

    def _finish(self, manifest: BlobManifest, part: Path) -> BlobAck:
        sha256 = manifest.sha256
        if _hash_of(part) == sha256:
            part.replace(part.with_suffix(f".{manifest.form}"))
            sync_folder(part.parent)
            self._began_anew.discard(sha256)
            return BlobAck(sha256=sha256, have=manifest.size, outcome="whole")
        part.unlink()
        outcome: Literal["partial", "refused"] = "refused" if sha256 in self._began_anew else "partial"
        self._began_anew ^= {sha256}
        return BlobAck(sha256=sha256, have=0, outcome=outcome)

    def _make_room(self, size: int) -> None:
        held = [(path.stat().st_mtime, path.stat().st_size, path) for path in self._files()]
        over = sum(bytes_held for _, bytes_held, _ in held) + size - self._quota
        for _, bytes_held, path in sorted(held):
            if over <= 0:
                return
            if path.suffix != ".part":
                path.unlink()
                over -= bytes_held

    def _files(self) -> Iterator[Path]:
        return (path for path in self._folder.glob("??/*") if path.is_file())

    def _part(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / f"{sha256}.part"

    def _whole(self, sha256: str) -> Path | None:
        found = (path for path in (self._folder / sha256[:2]).glob(f"{sha256}.*") if path.suffix != ".part")
        return next(found, None)

    @staticmethod
    def _length(path: Path | None) -> int:
        try:
            return path.stat().st_size if path is not None else 0
        except FileNotFoundError:
            return 0


def _hash_of(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(READ_BYTES):
            found.update(block)
    return found.hexdigest()
