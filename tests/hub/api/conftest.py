"""A hub with a real file, and a client that asks it over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.hub.station import Station, open_city


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(tmp_path / "hub.db", open_city())
    yield made
    made.database.close()


@pytest.fixture
def hub(station: Station) -> Iterator[httpx.Client]:
    with station.served() as address, httpx.Client(base_url=address, timeout=20) as client:
        yield client
