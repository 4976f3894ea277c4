"""Blobs under seeded weather: each is at the hub with its own content in the end, or was declared dropped."""

import random
import shutil
import sqlite3
from pathlib import Path
from typing import TypeVar

import pytest

from edge.blob_sender import BlobsConfig, BlobSender
from edge.blobs import Content, Shelf
from edge.contract.blob import decode_chunk
from edge.contract.control import BlobAck
from edge.contract.records import BlobDropped, BlobManifest
from hub.blobs import BlobFiles

Thing = TypeVar("Thing")
SEEDS = 25
STORM, CALM = 250, 400
QUOTA = 40_000
HOUR = 498_000


class World:
    """One shelf and one hub's folder, with a line between them that loses, doubles and delays."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.rng = random.Random(seed)
        self.disk = sqlite3.connect(":memory:", isolation_level=None)
        self.stored: dict[str, BlobManifest] = {}
        self.folder = folder
        self.made: dict[str, bytes] = {}
        self.dropped: set[str] = set()
        self.gone: set[str] = set()
        self.up: list[bytes] = []
        self.down: list[BlobAck] = []
        self.boot_device()
        self.boot_hub()

    def boot_device(self) -> None:
        self.shelf = Shelf(self.disk, QUOTA)
        self.shelf.open()
        for manifest in self.shelf.unannounced():
            self.announce(manifest)
        self.sender = BlobSender(self.shelf, BlobsConfig(chunk_kib=1, budget_mib_a_day=1000.0))

    def boot_hub(self) -> None:
        self.hub = BlobFiles(self.folder, 10**9, lambda _, sha256: self.stored.get(sha256))

    def announce(self, manifest: BlobManifest) -> None:
        self.stored[manifest.sha256] = manifest
        self.shelf.announced(manifest.sha256)

    def observe(self) -> None:
        content = Content("npz", self.rng.randbytes(self.rng.randint(1, 6000)), self.rng.random(), 0, 1)
        self.made[content.sha256] = content.content
        for record in self.shelf.put(content):
            if isinstance(record, BlobDropped):
                self.dropped.add(record.sha256)
            elif isinstance(record, BlobManifest) and self.rng.random() > 0.1:
                self.announce(record)

    def lose_the_tail(self) -> None:
        """A power cut at the hub: the last bytes that were acked in this tick's file are there, but a torn one may follow."""
        for part in self.folder.glob("??/*.part"):
            if self.rng.random() < 0.5:
                with part.open("ab") as file:
                    file.write(b"\0" * self.rng.randint(1, 50))

    def restore_hub(self) -> None:
        """The hub comes back without its files; what the device no longer has is gone for good, as an operator is told."""
        on_shelf = {sha256 for (sha256,) in self.disk.execute("SELECT sha256 FROM blobs")}
        self.gone |= {file.stem for file in self.folder.glob("??/*.npz")} - on_shelf
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        self.boot_hub()
        self.down.clear()
        self.sender.rewound()

    def tick(self, now: int, stormy: bool) -> None:
        if stormy:
            if self.rng.random() < 0.15:
                self.observe()
            if self.rng.random() < 0.03:
                self.boot_device()
            if self.rng.random() < 0.03:
                self.lose_the_tail()
                self.boot_hub()
            if self.rng.random() < 0.02:
                self.restore_hub()
        elif now == STORM:
            self.boot_device()
        payload = self.sender.next_chunk(float(now), HOUR)
        if payload is not None:
            self.up += self._carried(payload, stormy)
        if stormy and self.rng.random() < 0.2:
            self.rng.shuffle(self.up)
        arrived, self.up = self.up, []
        for one in arrived:
            self.down += self._carried(self.hub.take("d", decode_chunk(one)), stormy)
        for ack in self.down:
            refused = self.sender.ack(ack, float(now))
            if refused is not None:
                self.dropped.add(refused)
        self.down = []

    def _carried(self, thing: Thing, stormy: bool) -> list[Thing]:
        return [thing] * self.rng.choice([0, 1, 1, 1, 2]) if stormy else [thing]

    def run(self) -> None:
        for now in range(STORM + CALM):
            self.tick(now, now < STORM)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_each_blob_arrives_as_it_was_or_is_declared_dropped(seed: int, tmp_path: Path) -> None:
    world = World(seed, tmp_path)

    world.run()

    here = {sha256: file for sha256 in world.made if (file := world.hub.where(sha256).file) is not None}
    assert {sha256: file.read_bytes() for sha256, file in here.items()} == {
        sha256: world.made[sha256] for sha256 in here
    }
    assert set(world.made) - set(here) - world.dropped - world.gone == set()
    assert world.shelf.next_to_send() is None
