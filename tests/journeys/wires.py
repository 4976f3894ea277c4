"""A counter's wires straight into a hub: bytes as sensors send them, the agent's own decoders and pipeline, the hub's pages.

No broker and no process between: what is tested here is what is said of the bytes, at any time of day and as fast as possible.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import httpx
import msgspec
import numpy as np

from edge.contract.records import Record
from edge.counter.items import RadarFrame, TicketAlive, TicketEvent, TicketWord
from edge.counter.pipeline import Config, pipeline
from edge.counter.sources import BoardItems
from edge.counter.ticket_line import TicketLineDecoder, encode_line, number_after
from edge.kiosk.pipeline import Config as KioskConfig
from edge.kiosk.pipeline import pipeline as kiosk_pipeline
from edge.kiosk.xfs4iot import JobNumbers, items_of
from edge.pipeline import Tick
from firmware_bridge.framing import FrameEncoder
from firmware_bridge.ld2450 import Ld2450Decoder
from firmware_bridge.message_codec import encode_message
from firmware_bridge.message_stream import MessageStream
from firmware_bridge.messages import Hello, Message, SensorKind
from firmware_bridge.serial_line import Arrival
from simulators.counter.thermal import ThermalScene
from tests.hub.station import Station

SECOND_US = 1_000_000
HELLO_EVERY_S = 10.0
COUNTER = "counter-01"
KIOSK = "kiosk-01"
TEN = dt.datetime(2026, 11, 25, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
Damage = Callable[[bytes], bytes]


class Pages(NamedTuple):
    """What the hub answers now."""

    client: httpx.Client

    def words(self, path: str) -> str:
        """What a page says, without its marks and furigana."""
        text = re.sub(r"<rt>.*?</rt>|<script.*?</script>", "", self.client.get(path).text, flags=re.DOTALL)
        return " ".join(re.sub("<[^>]*>", " ", text).split())

    def service(self, key: str) -> dict[str, Any]:
        """What citizens are told of one service."""
        told = self.client.get("/api/v1/now").json()["services"]
        return next(one for one in told if one["key"] == key)

    def device(self, name: str) -> dict[str, Any]:
        """One device as the API has it."""
        return dict(self.client.get(f"/api/v1/devices/{name}").json())

    def figure(self, name: str, key: str) -> dict[str, Any]:
        """One of its figures."""
        return next(one for one in self.device(name)["status"]["figures"] if one["key"] == key)

    def alerts(self, name: str) -> list[str]:
        """The keys of what is going on with it."""
        return [one["key"] for one in self.device(name)["alerts"]]


@contextmanager
def pages(station: Station) -> Iterator[Pages]:
    """The hub's pages and its API."""
    with station.served() as address, httpx.Client(base_url=address, timeout=20) as client:
        yield Pages(client)


class Clock:
    """The time of a test, which begins at ``begins`` and goes on by ``wait``; the hub's clock follows."""

    def __init__(self, station: Station, begins: dt.datetime = TEN) -> None:
        self._station = station
        self.start_us = round(begins.timestamp()) * SECOND_US
        self.mono_us = 0
        self.wait(0)

    def wait(self, seconds: float) -> None:
        """Let so long go by."""
        self.mono_us += round(seconds * SECOND_US)
        self._station.ahead_us = self.start_us + self.mono_us - time.time_ns() // 1000


class CounterWires:
    """A counter's microcontroller, radar and ticket machine on their lines; its own clock may be wrong by ``clock_wrong_s``."""

    def __init__(
        self,
        station: Station,
        config: Config,
        device: str = "counter-01",
        begins: dt.datetime = TEN,
        clock_wrong_s: float = 0.0,
    ) -> None:
        self.clock = Clock(station, begins)
        self.stream = MessageStream()
        self.ticket_decoder = TicketLineDecoder()
        self._station = station
        self._device = device
        self._pipeline = pipeline(config)
        self._wrong_us = round(clock_wrong_s * SECOND_US)
        self._encoder = FrameEncoder()
        self._board = BoardItems()
        self._radar = Ld2450Decoder()
        self._records: list[Record] = []
        self.scene = ThermalScene(np.random.default_rng(1))
        self._line = 0
        self._hello_s = 0.0
        self._hello()

    def ticket(
        self, event: TicketWord, ticket: int, window: int = 0, service: str = "residence", damage: Damage = bytes
    ) -> None:
        """One event on the ticket machine's line."""
        self._say(TicketEvent(service, event, ticket, window), damage)

    def machine_restarts(self) -> None:
        """The ticket machine is switched off and on."""
        self._line = 0

    def message(self, message: Message, damage: Damage = bytes) -> None:
        """One message on the microcontroller's line."""
        for received in self.stream.feed(damage(self._encoder.encode(*encode_message(message)))):
            arrival = Arrival(0, received.message, received.sequence, received.lost_before, received.restarted)
            for item in self._board(arrival):
                self._process(item)

    def radar(self, data: bytes) -> None:
        """Bytes of the radar's line."""
        for targets in self._radar.feed(data):
            self._process(RadarFrame(len(targets)))

    def wait(self, seconds: float, every_s: float = 1.0) -> None:
        """Let so long go by; the lines that are quiet give their heartbeats."""
        for _ in range(round(seconds / every_s)):
            self.clock.wait(every_s)
            if self.clock.mono_us / SECOND_US - self._hello_s >= HELLO_EVERY_S:
                self._hello()
            self._process(Tick())

    def _hello(self) -> None:
        self._hello_s = self.clock.mono_us / SECOND_US
        self.message(Hello(7, (1, 0, 0), SensorKind.THERMAL_ARRAY, 10_000, 80_000, 250 * 10**9))

    def tickets_alive(self) -> None:
        """The ticket machine's heartbeat."""
        self._say(TicketAlive(), bytes)

    def clock_is_set(self) -> None:
        """The device's clock is right from now on."""
        self._wrong_us = 0

    def arrive(self) -> list[Record]:
        """What the pipeline made of it all reaches the hub; gives it back as it arrived."""
        records, self._records = settled(self._records, self.clock.start_us + self._wrong_us), []
        self._station.send(self._device, records)
        return records

    def _say(self, item: TicketEvent | TicketAlive, damage: Damage) -> None:
        for heard in self.ticket_decoder.feed(damage(encode_line(self._line, item))):
            self._process(heard)
        self._line = number_after(self._line)

    def _process(self, item: object) -> None:
        self._records += self._pipeline.process(self.clock.mono_us, item)


class KioskWires:
    """A kiosk's service provider on its line, and what other sources of it heard."""

    def __init__(self, station: Station, **settings: Any) -> None:
        self.clock = Clock(station)
        self._station = station
        self._pipeline = kiosk_pipeline(KioskConfig(**settings))
        self._jobs = JobNumbers()
        self._records: list[Record] = []

    def say(
        self, kind: str, name: str, payload: object, request_id: int | None = None, damage: Callable[[str], str] = str
    ) -> None:
        """One message of the service provider.

        Raises:
            SourceError: it cannot be read.
        """
        header = {"type": kind, "name": name, "version": "2.0", "requestId": request_id, "completionCode": "success"}
        text = json.dumps(
            {"header": {key: value for key, value in header.items() if value is not None}, "payload": payload}
        )
        self.hear(items_of(damage(text), self._jobs))

    def hear(self, items: Iterable[object]) -> None:
        """What another source made of its bytes."""
        for item in items:
            self._records += self._pipeline.process(self.clock.mono_us, item)

    def arrive(self) -> None:
        """What the pipeline made of it all reaches the hub."""
        records, self._records = self._records, []
        self._station.send(KIOSK, settled(records, self.clock.start_us))


def settled(records: Iterable[Record], start_us: int) -> list[Record]:
    """The records with the time of day in place of the monotonic one."""
    return [msgspec.structs.replace(record, t=start_us + (record.t or 0)) for record in records]
