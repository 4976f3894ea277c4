"""The benchmark's hub is the real one: it stores what the benchmark's devices publish, and says so."""

import time
from contextlib import closing
from http.client import HTTPConnection

import pytest

from benchmarks.hub_station import PROJECT, hub, stored_and_refused
from benchmarks.ingest_ours import measure_ours
from benchmarks.ingest_peers import Case
from edge.contract.families import FAMILIES
from simulators import brokers

pytestmark = pytest.mark.skipif(
    any(not (PROJECT / "hub" / family / "judgement.py").exists() for family in FAMILIES),
    reason="the hub does not start before every family of its city has its judgement",
)


@pytest.mark.parametrize(("batch", "publishers"), [(1, "light"), (50, "light"), (1, "paho")])
def test_our_hub_stores_and_acks_every_reading(batch: int, publishers: str) -> None:
    with brokers.mosquitto(brokers.deep_mosquitto) as broker:
        measured = measure_ours(Case(batch, 2_000 // batch, publishers), broker)

    assert measured.stored == 2_000
    assert measured.readings_per_s > 0


def test_a_device_that_never_spoke_has_nothing_stored() -> None:
    with brokers.mosquitto() as broker, hub(broker.place) as server:
        assert stored_and_refused(server.place, "counter-b1") == (0, 0)


def test_an_answer_on_a_connection_that_stays_open_does_not_wait_for_nagles_delay() -> None:
    with (
        brokers.mosquitto() as broker,
        hub(broker.place) as server,
        closing(HTTPConnection(server.host, server.port, timeout=10.0)) as api,
    ):
        took_s = sorted(_seconds_of(api) for _ in range(21))

    assert took_s[10] < 0.03


def _seconds_of(api: HTTPConnection) -> float:
    began_s = time.perf_counter()
    api.request("GET", "/api/v1/devices/counter-b1/completeness")
    api.getresponse().read()
    return time.perf_counter() - began_s
