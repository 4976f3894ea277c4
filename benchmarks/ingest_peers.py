"""One peer at work: readings published through Mosquitto, and how soon InfluxDB 1.8.3 has them on disk."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import influx
from benchmarks.errors import MeasurementFailed
from benchmarks.load import Lane, Load, Player
from benchmarks.memory import memory_of
from benchmarks.paho_publishers import PahoPlayers
from benchmarks.peers.stations import FIELD, MEASUREMENT, Peer, Site
from simulators import brokers
from simulators.servers import Place, Server

DEVICES = 4
WINDOW = 500
POLL_S = 0.1
MEASURED_PART = 0.95
LIMIT_S = 120.0
TAIL_LIMIT_S = 12.0
TOPIC_FILTER = "city/+/reading"


@dataclass(frozen=True, slots=True)
class Case:
    """How many messages of how many readings, by which publishers ("light" or "paho")."""

    batch: int
    messages: int
    publishers: str

    @property
    def readings(self) -> int:
        """All readings of the case."""
        return self.batch * self.messages

    @property
    def name(self) -> str:
        """The case in a figure's name."""
        return f"ingest-{'single' if self.batch == 1 else f'batch-{self.batch}'}-{self.publishers}"

    def described(self, stored: int, way: str = "Mosquitto to InfluxDB 1.8.3") -> str:
        """The case in words: from which broker into which store, and what of it arrived."""
        of = "all stored" if stored == self.readings else f"{stored} of {self.readings} stored"
        return f"{self.messages} messages of {self.batch}, QoS 1, {DEVICES} {self.publishers} publishers, {way}, {of}"


@dataclass(frozen=True, slots=True)
class Measured:
    """Durable readings a second, how many were stored in the end, and the highest memory of the ingesting process."""

    readings_per_s: float
    stored: int
    peak_resident_mb: float


def players(case: Case, load: Load) -> Player | PahoPlayers:
    """The case's publishers."""
    return Player(load) if case.publishers == "light" else PahoPlayers(load)


def measure_peer(case: Case, peer: Peer, store: Server) -> Measured:
    """Run one peer between a fresh broker and a database of its own.

    Raises MeasurementFailed when it stores less than 95 % within the limit.
    """
    database = f"{case.name}-{peer.name}"
    influx.create_database(store.place, database)
    with (
        brokers.mosquitto(brokers.deep_mosquitto) as broker,
        peer.station(Site(broker.place, TOPIC_FILTER, case.batch, store.place, database)) as station,
        players(case, _load(case, peer, broker)) as publishers,
    ):
        started_s = time.monotonic()
        publishers.go()
        readings_per_s, stored = stored_rate(store.place, database, case.readings, started_s)
        publishers.played()
        return Measured(readings_per_s, stored, memory_of(station.pid).peak_resident_mb)


def stored_rate(store: Place, database: str, wanted: int, started_s: float) -> tuple[float, int]:
    """Readings a second until 95 % were stored, and how many were stored in the end.

    The last part does not count, so that nobody is judged by the timer that flushes an unfinished batch; all the
    same it is waited for. Raises MeasurementFailed when 95 % are not stored within the limit.
    """
    counts = _counts(store, database)
    for stored, now_s in counts:
        if stored >= MEASURED_PART * wanted:
            break
        if now_s - started_s > LIMIT_S:
            raise MeasurementFailed(f"{database}: {stored} of {wanted} readings stored in {LIMIT_S:.0f} s")
    measured_s = now_s
    readings_per_s = stored / (measured_s - started_s)
    while stored < wanted and now_s - measured_s < TAIL_LIMIT_S:
        stored, now_s = next(counts)
    return readings_per_s, stored


def _counts(store: Place, database: str) -> Iterator[tuple[int, float]]:
    """How many readings are stored, and when that was asked; asking takes a tenth of the time at most."""
    pause = threading.Event()
    while True:
        asked_s = time.monotonic()
        yield influx.points(store, database, MEASUREMENT, FIELD), asked_s
        pause.wait(max(POLL_S, 9 * (time.monotonic() - asked_s)))


def _load(case: Case, peer: Peer, broker: Server) -> Load:
    each = case.messages // DEVICES
    lanes = [
        Lane(
            f"device-{device}",
            f"city/device-{device}/reading",
            [peer.message(f"device-{device}", index * case.batch, case.batch) for index in range(each)],
        )
        for device in range(DEVICES)
    ]
    return Load(broker.host, broker.port, lanes, WINDOW, timeout_s=LIMIT_S)
