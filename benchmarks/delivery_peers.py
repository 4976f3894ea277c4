"""What arrives through Telegraf, Mosquitto and plain paho publishers when the broker is killed once: a peer for scale.

Everyone has its documentation's settings for messages that must not be lost: QoS 1 throughout, Telegraf's persistent
session, Mosquitto's persistence. Mosquitto keeps its default of writing that to disk every half hour.
"""

import threading
import time
from dataclasses import dataclass

from benchmarks import influx
from benchmarks.ingest_peers import DEVICES, TOPIC_FILTER, WINDOW
from benchmarks.load import Lane, Load
from benchmarks.paho_publishers import PahoPlayers
from benchmarks.peers.stations import FIELD, MEASUREMENT, TELEGRAF, Site
from simulators import brokers
from simulators.servers import Server

KILLED_WHEN_STORED = 0.25
POLL_S = 0.05
LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Arrived:
    """How many readings were published, and how many of them were in the store some seconds after the kill."""

    published: int
    stored: int
    waited_s: float


def telegraf_with_its_broker_killed_once(store: Server, messages: int, wait_s: float) -> Arrived:
    """Kill and restart the broker when a quarter is stored, wait `wait_s` [s], and count.

    Publishing goes on meanwhile, and the publishers reconnect by themselves. Raises ProgramMissing without Telegraf.
    """
    TELEGRAF.require()
    database = "delivery-telegraf"
    influx.create_database(store.place, database)
    pause = threading.Event()
    with (
        brokers.mosquitto(brokers.deep_mosquitto) as broker,
        TELEGRAF.station(Site(broker.place, TOPIC_FILTER, 1, store.place, database)),
        PahoPlayers(_load(broker, messages)) as publishers,
    ):
        publishers.go()
        deadline_s = time.monotonic() + LIMIT_S
        while _stored(store, database) < KILLED_WHEN_STORED * messages and time.monotonic() < deadline_s:
            pause.wait(POLL_S)
        broker.kill()
        broker.restart()
        pause.wait(wait_s)
        return Arrived(messages, _stored(store, database), wait_s)


def _stored(store: Server, database: str) -> int:
    return influx.points(store.place, database, MEASUREMENT, FIELD)


def _load(broker: Server, messages: int) -> Load:
    names = [f"device-{index}" for index in range(DEVICES)]
    lanes = [
        Lane(name, f"city/{name}/reading", [TELEGRAF.message(name, number, 1) for number in range(messages // DEVICES)])
        for name in names
    ]
    return Load(broker.host, broker.port, lanes, WINDOW, timeout_s=LIMIT_S)
