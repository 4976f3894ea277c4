"""Real stores for one body of tests: SQLite, InfluxDB 1.8.3 and Debian's 1.6.7, each test in a database of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from hub.books import Books
from hub.schema import open_reader, open_writer
from hub.store.influx import InfluxStore
from hub.store.influx_server import InfluxTarget
from hub.store.influx_setup import setup_influx
from hub.store.port import Store
from hub.store.sqlite import SqliteStore
from simulators import brokers
from simulators.errors import ProgramMissing
from simulators.servers import Server

_DATABASES = itertools.count(1)
LAUNCHERS = {"influxdb-1.8.3": brokers.influxdb_1_8, "influxdb-1.6.7": brokers.influxdb_1_6}


class Servers:
    """Servers started when first asked for, one of each kind a session."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[str, Server] = {}

    def server(self, name: str) -> Server:
        """The running server of that name; skips the test where its program is missing."""
        if name not in self._running:
            try:
                self._running[name] = self._stack.enter_context(LAUNCHERS[name]())
            except ProgramMissing as missing:
                pytest.skip(str(missing))
        return self._running[name]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


def fresh_target(server: Server, **settings: object) -> InfluxTarget:
    """A database of its own on a running server, set up."""
    url = f"http://{server.host}:{server.port}"
    target = InfluxTarget(url=url, database=f"test{next(_DATABASES)}", **settings)  # type: ignore[arg-type]
    setup_influx(target)
    return target


@pytest.fixture(params=list(LAUNCHERS))
def influx_target(request: pytest.FixtureRequest, servers: Servers) -> InfluxTarget:
    return fresh_target(servers.server(request.param))


@pytest.fixture
def influx(influx_target: InfluxTarget) -> Iterator[InfluxStore]:
    store = InfluxStore(influx_target)
    yield store
    store.close()


@pytest.fixture
def influx_1_8(servers: Servers) -> Iterator[InfluxStore]:
    store = InfluxStore(fresh_target(servers.server("influxdb-1.8.3")))
    yield store
    store.close()


STORES = ["sqlite", *LAUNCHERS]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        with sqlite_store(tmp_path / "hub.sqlite") as made:
            yield made
    else:
        influx = InfluxStore(fresh_target(servers.server(request.param)))
        yield influx
        influx.close()


@contextmanager
def sqlite_store(path: Path) -> Iterator[SqliteStore]:
    """The embedded store in a hub file of its own, which knows the devices of the rows."""
    writer, reader = open_writer(path), open_reader(path)
    books = Books(writer)

    def epoch_id(device: str, epoch: str) -> int:
        return books.epoch_id(device, epoch)

    with closing(writer), closing(reader):
        yield SqliteStore(writer, reader, epoch_id, books.device_id)
