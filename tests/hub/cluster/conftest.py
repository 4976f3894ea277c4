"""Real partners for the ledger: one nats-server with JetStream and one InfluxDB a session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from simulators import programs
from simulators.nats_cluster import NatsCluster
from tests.hub.store.conftest import Servers


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture(scope="session")
def one_node() -> Iterator[NatsCluster]:
    if programs.NATS.path() is None:
        pytest.skip(f"{programs.NATS.name} is not installed: {programs.NATS.install}")
    with NatsCluster(nodes=1) as nats:
        yield nats
