"""A hub without a broker: real file, ingest, books, store and API, fed with batches as a device would send them."""

from __future__ import annotations

import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from edge.contract.batch import encode_batch
from edge.contract.codec import encode_record
from edge.contract.records import Record
from edge.contract.topics import Channel, topic
from hub.alerts import AlertBook
from hub.api.app import create_app
from hub.api.parts import Parts
from hub.blobs import BlobFiles, manifest_in
from hub.books import Books
from hub.city import City, always_open
from hub.city_file import load_city
from hub.condensed import Condensed
from hub.ingest import Ingest
from hub.ledger_reader import LedgerReader
from hub.live import Live
from hub.rollup import Roller
from hub.schema import open_reader, open_writer
from hub.step import Received
from hub.store.sqlite import SqliteStore
from hub.store.sqlite_rollup import SqliteRollups
from hub.writer import Commit, Counters

OTA = Path(__file__).parents[2] / "hub/cities/ota.toml"
EPOCH = "00112233445566aa"
BATCH = 50


def open_city() -> City:
    """The demo's city with everything open, so that no test depends on the hour."""
    return always_open(load_city(OTA))


class Station:
    """The hub under test; ``ahead_us`` moves its clock."""

    def __init__(self, path: Path, city: City) -> None:
        self.database = open_writer(path)
        books = Books(self.database)
        store = SqliteStore(self.database, open_reader(path), books.epoch_id, books.device_id)
        self.ahead_us = 0
        self.live = Live(city)
        self.alerts = AlertBook(self.database, books.transaction, self.live.alerts)
        marks = SqliteRollups(path.with_name(path.name + ".rollups"))
        self.roller = Roller(store, marks, marks)
        self._commit = Commit(books, store, self.roller)
        self._ingest = Ingest(books.account_of, self._commit.are_stored)
        self._next: defaultdict[str, int] = defaultdict(lambda: 1)
        self.counters = Counters()
        self.parts = Parts(
            self.live,
            LedgerReader(open_reader(path)),
            store,
            Condensed(store, marks, self.roller).series,
            BlobFiles(path.with_name(path.name + ".blobs"), 1 << 30, manifest_in(store)),
            self.counters,
            self.now,
            lambda: 0,
            lambda: True,
        )
        self.app = create_app(self.parts)

    def now(self) -> int:
        return time.time_ns() // 1000 + self.ahead_us

    def send(self, device: str, records: Sequence[Record], first: int | None = None) -> None:
        """Commit records as the next numbers of the device (or from ``first`` on)."""
        payloads = []
        for at in range(0, len(records), BATCH):
            part = records[at : at + BATCH]
            number = self._next[device] if first is None else first + at
            payloads.append(encode_batch(EPOCH, number, [encode_record(record) for record in part]))
            self._next[device] = max(self._next[device], number + len(part))
        self.receive(topic(device, Channel.UP), *payloads)

    def receive(self, where: str, *payloads: bytes) -> None:
        """Commit messages as they came from the broker, in one step."""
        step = self._ingest.step([Received(where, payload, self.now()) for payload in payloads])
        self._commit(step)
        self.counters.messages += len(payloads)
        self.counters.records += len(step.rows)
        self.counters.refused += len(step.quarantined)
        self.live(step)

    @contextmanager
    def served(self) -> Iterator[str]:
        """The API and the pages on a free port; gives their address."""
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        server = uvicorn.Server(
            uvicorn.Config(self.app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
        )
        self.parts.is_ending = False
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            self.parts.is_ending = True
            server.should_exit = True
            thread.join(10)
            listener.close()
