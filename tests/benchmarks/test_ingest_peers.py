"""Each peer, with its documentation's settings, really stores what is published."""

from collections.abc import Iterator

import pytest

from benchmarks import ingest
from benchmarks.ingest_peers import Case, Measured, measure_peer
from benchmarks.peers.stations import PEERS, Peer, json_message, line_message
from simulators import brokers, programs
from simulators.errors import ProgramMissing
from simulators.servers import Server


@pytest.fixture(scope="module")
def store() -> Iterator[Server]:
    if programs.INFLUXD_1_8.path() is None:
        pytest.skip(f"InfluxDB 1.8.3 is not here; {programs.INFLUXD_1_8.install}")
    with brokers.influxdb_1_8() as server:
        yield server


@pytest.mark.parametrize("batch", [1, 50])
@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_peer_stores_every_reading(peer: Peer, batch: int, store: Server) -> None:
    try:
        peer.require()
    except ProgramMissing as missing:
        pytest.skip(str(missing))

    measured = measure_peer(Case(batch, 2_000 // batch, "light"), peer, store)

    assert measured.stored == 2_000
    assert measured.readings_per_s > 0
    assert 5 < measured.peak_resident_mb < 1_000


def test_the_peers_get_the_same_readings_in_their_own_formats() -> None:
    assert json_message("d", 8, 1) == b'{"device": "d", "number": 8, "time_ms": 1790000000008, "value": 1.0}'
    assert line_message("d", 8, 2) == (
        b"reading,device=d value=1.0 1790000000008000000\nreading,device=d value=1.125 1790000000009000000"
    )


def test_a_peer_that_is_not_there_is_null_beside_our_figure() -> None:
    case = Case(1, 20_000, "light")
    peers = {"telegraf": None, "script": Measured(10_000, 20_000, 57.0)}

    figures = list(ingest._ours_beside(case, Measured(30_000, 20_000, 60.0), peers))

    assert [(figure.peer, figure.peer_value, figure.met) for figure in figures] == [
        ("telegraf", None, None),
        ("telegraf", None, None),
        ("script", 10_000, True),
        ("script", 57.0, None),
    ]
