"""Durable readings a second, from published to stored, with batches of 50 and one by one, beside three peers.

The peers are a plain paho + influxdb-client script, Node-RED and Telegraf, each in front of the same InfluxDB 1.8.3
behind a Mosquitto whose queues are unbounded here, so that none of them loses what it is late to read. Ours is the hub
with its embedded store behind the same Mosquitto, and behind nats-server for comparison. Every case is played by the
light load generator (`load.py`); single readings in the long form by paho publishers too. A rate of a peer counts what
InfluxDB has; ours what was acked, which is later than stored. Memory is the ingesting process's highest resident set.

`--quick`: 20,000 single messages and 2,000 batches, light generator and Mosquitto only. Long: 100,000, 10,000, and
40,000 single ones by paho.
"""

from collections.abc import Iterable, Iterator

from benchmarks.ceiling import BROKERS
from benchmarks.figures import Figure
from benchmarks.ingest_ours import measure_ours
from benchmarks.ingest_peers import Case, Measured, measure_peer
from benchmarks.peers.stations import PEERS
from simulators import brokers
from simulators.errors import ProgramMissing

QUICK = (Case(50, 2_000, "light"), Case(1, 20_000, "light"))
LONG = (Case(50, 10_000, "light"), Case(1, 100_000, "light"), Case(1, 40_000, "paho"))
AIMS = {
    "ingest-batch-50-light": ">= 200000 and > peer",
    "ingest-single-light": ">= 20000 and > peer",
    "ingest-single-paho": "> peer",
}


def run(quick: bool) -> Iterable[Figure]:
    """The peers' own figures as they are measured, then ours beside each of them."""
    cases = QUICK if quick else LONG
    with brokers.influxdb_1_8() as store:
        peers: dict[Case, dict[str, Measured | None]] = {case: {} for case in cases}
        for case in cases:
            for peer in PEERS:
                try:
                    peer.require()
                except ProgramMissing:
                    peers[case][peer.name] = None
                    continue
                peers[case][peer.name] = result = measure_peer(case, peer, store)
                yield from _own_figures(case, peer.name, result)
    for case in cases:
        yield from _ours_beside(case, ours(case, "mosquitto"), peers[case])
        if not quick:
            yield _ours_alone(case, ours(case, "nats"))


def ours(case: Case, broker: str) -> Measured:
    """The same case by our devices' batches, our hub and its acks, behind "mosquitto" or "nats"."""
    launch = BROKERS[broker]
    with launch() as server:
        return measure_ours(case, server)


def _own_figures(case: Case, peer: str, result: Measured) -> Iterator[Figure]:
    said = case.described(result.stored)
    yield Figure(f"{case.name}-{peer}", result.readings_per_s, "readings/s", said)
    yield Figure(f"{case.name}-{peer}-memory", result.peak_resident_mb, "MB", said)


def _ours_beside(case: Case, result: Measured, peers: dict[str, Measured | None]) -> Iterator[Figure]:
    said = case.described(result.stored, "Mosquitto to the hub's SQLite, acked")
    for peer, theirs in peers.items():
        rate, memory_mb = (theirs.readings_per_s, theirs.peak_resident_mb) if theirs else (None, None)
        yield Figure(case.name, result.readings_per_s, "readings/s", said, peer, rate, AIMS[case.name])
        yield Figure(f"{case.name}-memory", result.peak_resident_mb, "MB", said, peer, memory_mb)


def _ours_alone(case: Case, result: Measured) -> Figure:
    said = case.described(result.stored, "nats-server to the hub's SQLite, acked")
    return Figure(f"{case.name}-nats", result.readings_per_s, "readings/s", said)
