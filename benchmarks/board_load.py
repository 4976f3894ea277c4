"""Board load: 2,000 phone pages on the event stream of one hub, each in time, none dropped, in few bytes.

A hub with its embedded store behind nats-server is fed with two counters' queues: a number is called at the first one
every two seconds, and six other queues change at random as often together. The phones are raw sockets in a process of
their own (`benchmarks/phones.py`), on the same two cores as hub, broker and feeder. The latency is counted from the
publish to the arrival at each phone of that number or a newer one; a phone takes at most one message a second by design.

Quick form: 300 phones, and no aim for memory, since what the hub takes once counts too much among so few.
"""

import multiprocessing
import random
import tempfile
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import accumulate
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.hub_station import CITY, hub
from benchmarks.memory import memory_of
from benchmarks.phones import Phone, follow
from edge.contract.batch import encode_batch
from edge.contract.codec import encode_record
from edge.contract.records import Record
from edge.contract.records.counter import CounterQueue, CounterTicket
from edge.contract.topics import Channel, topic
from hub.city import always_open
from hub.city_file import load_city
from machikado.demo.city import write_city
from simulators.brokers import nats

EPOCH = "00112233445566aa"
SEED = 6
EVERY_S = 2.0
OTHERS = (
    ("counter-01", "seal"), ("counter-01", "family_register"), ("counter-01", "moving"),
    ("counter-02", "residence"), ("counter-02", "seal"), ("counter-02", "tax"),
)  # fmt: skip
OPEN_MOST_S = 180.0
SETTLE_S = 3.0


class Counters:
    """Two counters that publish as their agents would."""

    def __init__(self, host: str, port: int) -> None:
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="counters", protocol=paho.MQTTv311)
        self._client.connect(host, port)
        self._client.loop_start()
        self._numbers = {"counter-01": 1, "counter-02": 1}

    def close(self) -> None:
        """Say goodbye."""
        self._client.disconnect()
        self._client.loop_stop()

    def called(self, device: str, service: str, ticket: int, waiting: int) -> float:
        """A number is called; when it was published [s, monotonic]."""
        t = time.time_ns() // 1000
        records: list[Record] = [
            CounterTicket(t=t, service=service, event="called", ticket=ticket, window=1),
            CounterQueue(t=t, service=service, waiting=waiting, windows_open=1, last_called=ticket),
        ]
        first = self._numbers[device]
        self._numbers[device] += len(records)
        payload = encode_batch(EPOCH, first, [encode_record(record) for record in records])
        at = time.monotonic()
        self._client.publish(topic(device, Channel.UP), payload, qos=1)
        return at


def run(quick: bool) -> Iterator[Figure]:
    """Open the phones, play, and look at what each of them saw."""
    count, play_s = (300, 14.0) if quick else (2000, 120.0)
    with ExitStack() as stack:
        broker = stack.enter_context(nats())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="machikado-phones-")))
        write_city(always_open(load_city(CITY)), folder / "city.toml")
        served = stack.enter_context(hub(broker.place, city=folder / "city.toml"))
        counters = Counters(broker.host, broker.port)
        stack.callback(counters.close)
        counters.called("counter-01", "residence", 1, 3)
        alone_mb = memory_of(served.pid).resident_mb
        pipe = stack.enter_context(_Phones(served.host, served.port, count))
        published = _play(counters, play_s)
        time.sleep(SETTLE_S)
        ended_s = time.monotonic()
        phones = _ask(pipe)
        memory = memory_of(served.pid)
    yield from _figures(count, phones, published, ended_s)
    what = _said(count, published)
    yield Figure("board-load hub memory", memory.peak_resident_mb, "MB", what)
    yield Figure(
        "board-load hub memory a phone", (memory.peak_resident_mb - alone_mb) / count * 1000, "kB",
        f"{what}; at its highest, less what it had before the first phone", aim=None if quick else "<= 30",
    )  # fmt: skip


def _said(count: int, published: list[tuple[int, float]]) -> str:
    return (
        f"{count} phones, one hub, nats-server and SQLite on this machine; {len(published)} calls, one in {EVERY_S:g} s"
    )


def _figures(count: int, phones: list[Phone], published: list[tuple[int, float]], ended_s: float) -> Iterator[Figure]:
    waits_s = sorted(wait for phone in phones for wait in latencies(phone, published))
    newest = published[-1][0]
    late = sum(phone.dropped or not phone.seen or phone.seen[-1][0] < newest for phone in phones)
    if not waits_s:
        raise MeasurementFailed("phones: none saw a number; is the hub alive?")
    stream_kb = median(phone.stream_bytes / (ended_s - phone.opened_s) * 0.6 for phone in phones)
    what = _said(count, published)
    yield Figure("board-load p95", waits_s[int(0.95 * (len(waits_s) - 1))], "s", what, aim="<= 2")
    yield Figure("board-load median", median(waits_s), "s", what)
    yield Figure("board-load dropped", late, "phones", what, aim="== 0")
    yield Figure(
        "board-load first load", max(one.page_bytes for one in phones) / 1000, "kB", "page, style, scripts", aim="<= 30"
    )
    yield Figure("board-load stream in 10 min", stream_kb, "kB", what)


def latencies(phone: Phone, published: list[tuple[int, float]]) -> Iterator[float]:
    """From each publish to the arrival of its number, or of a newer one, at a phone [s]; what never came is left out."""
    newest = list(accumulate((number for number, _ in phone.seen), max))
    for number, at in published:
        place = bisect_left(newest, number)
        if place < len(newest):
            yield phone.seen[place][1] - at


def _play(counters: Counters, play_s: float) -> list[tuple[int, float]]:
    rng = random.Random(SEED)
    published: list[tuple[int, float]] = []
    began = time.monotonic()
    for number in range(2, 2 + int(play_s / EVERY_S)):
        published.append((number, counters.called("counter-01", "residence", number, rng.randrange(2, 9))))
        time.sleep(rng.uniform(0.2, EVERY_S - 0.2))
        counters.called(*rng.choice(OTHERS), rng.randrange(1, 999), rng.randrange(0, 9))
        time.sleep(max(0.0, began + (number - 1) * EVERY_S - time.monotonic()))
    return published


class _Phones:
    """The phones' process: ready when the ``with`` block begins."""

    def __init__(self, host: str, port: int, count: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, far_end = context.Pipe()
        self._process = context.Process(target=follow, args=(host, port, count, far_end), daemon=True)

    def __enter__(self) -> Connection:
        self._process.start()
        if not self._pipe.poll(OPEN_MOST_S) or self._pipe.recv() != "ready":
            raise MeasurementFailed(f"phones: not all open within {OPEN_MOST_S:.0f} s; see their traceback above")
        return self._pipe

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()


def _ask(pipe: Connection) -> list[Phone]:
    pipe.send("enough")
    if not pipe.poll(OPEN_MOST_S):
        raise MeasurementFailed(f"phones: silent for {OPEN_MOST_S:.0f} s after the end")
    phones: list[Phone] = pipe.recv()
    return phones
