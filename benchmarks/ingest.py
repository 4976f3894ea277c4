"""Durable readings a second, from published to stored, with batches of 50 and one by one, beside three peers.

The peers are a plain paho + influxdb-client script, Node-RED and Telegraf, each in front of the same InfluxDB 1.8.3
behind the same Mosquitto, whose queues are unbounded here so that none of them loses what it is late to read. Every
case is played by the light load generator (`load.py`); the single readings of the long form by paho publishers too.
A peer's memory is the highest resident set of its own process; its rate counts what InfluxDB has, ours what was acked.

`--quick`: 20,000 single messages and 2,000 batches, light generator only. Long: 100,000, 10,000, and 40,000
single ones by paho.
"""

from collections.abc import Iterable, Iterator

from benchmarks import influx
from benchmarks.figures import Figure
from benchmarks.ingest_ours import hub_at, measure_ours
from benchmarks.ingest_peers import Case, Measured, measure_peer
from benchmarks.peers.stations import PEERS
from simulators import brokers
from simulators.errors import ProgramMissing
from simulators.servers import Server

QUICK = (Case(50, 2_000, "light"), Case(1, 20_000, "light"))
LONG = (Case(50, 10_000, "light"), Case(1, 100_000, "light"), Case(1, 40_000, "paho"))
AIMS = {
    "ingest-batch-50-light": ">= 200000 and > peer",
    "ingest-single-light": ">= 20000 and > peer",
    "ingest-single-paho": "> peer",
}


def run(quick: bool) -> Iterable[Figure]:
    """The peers' own figures as they are measured, then ours beside each of them."""
    with brokers.influxdb_1_8() as store:
        for case in QUICK if quick else LONG:
            measured: dict[str, Measured | None] = {}
            for peer in PEERS:
                try:
                    peer.require()
                except ProgramMissing:
                    measured[peer.name] = None
                    continue
                measured[peer.name] = result = measure_peer(case, peer, store)
                yield from _own_figures(case, peer.name, result)
            yield from _ours_beside(case, ours(case, store), measured)


def ours(case: Case, store: Server) -> Measured:
    """The same case by our devices' batches, our hub and its acks, behind the same broker and before the same store.

    Raises NotBuilt as long as there is no hub to measure.
    """
    database = f"{case.name}-machikado"
    influx.create_database(store.place, database)
    with (
        brokers.mosquitto(brokers.deep_mosquitto) as broker,
        hub_at(broker.place, store.place, database) as hub,
    ):
        return measure_ours(case, broker, hub)


def _own_figures(case: Case, peer: str, result: Measured) -> Iterator[Figure]:
    said = case.described(result.stored)
    yield Figure(f"{case.name}-{peer}", result.readings_per_s, "readings/s", said)
    yield Figure(f"{case.name}-{peer}-memory", result.peak_resident_mb, "MB", said)


def _ours_beside(case: Case, result: Measured, peers: dict[str, Measured | None]) -> Iterator[Figure]:
    said = case.described(result.stored)
    for peer, theirs in peers.items():
        rate, memory_mb = (theirs.readings_per_s, theirs.peak_resident_mb) if theirs else (None, None)
        yield Figure(case.name, result.readings_per_s, "readings/s", said, peer, rate, AIMS[case.name])
        yield Figure(f"{case.name}-memory", result.peak_resident_mb, "MB", said, peer, memory_mb)
