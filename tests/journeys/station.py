"""A city in small, always open: a real broker with the access rules that provisioning writes, a hub, and agents.

Everything is a process of its own, started as an installer would: provisioned files, `machikado hub run` and
`machikado agent run`.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from edge.contract.control import DesiredConfig, encode
from edge.contract.topics import Channel, topic
from edge.counter.items import TicketEvent
from edge.counter.ticket_line import encode_line, number_after
from hub.city_file import load_city
from machikado.demo.city import demo_city, write_city
from provisioning.access import HUB_USER
from provisioning.broker import BrokerPlace, Kind, set_up_broker
from provisioning.device import Broker, DeviceRequest, provision_device, provision_hub
from provisioning.toml_text import toml_text
from simulators import brokers, programs
from simulators.servers import Place, Recipe, Server
from simulators.wire import PtyLine
from tests.chaos.books import Held, accounted, sqlite_store
from tests.provisioning.mqtt import Client

PROJECT = Path(__file__).resolve().parents[2]
CITY = PROJECT / "hub" / "cities" / "ota.toml"
WAIT_S = 30.0
PROGRAMS = {"nats": programs.NATS, "mosquitto": programs.MOSQUITTO}
START = {"nats": brokers.nats, "mosquitto": brokers.mosquitto}
QUICK_LINK = {"ack_timeout_s": 1.0, "ack_timeout_most_s": 2.0, "hello_every_s": 0.5}


def until(holds: Callable[[], bool], wait_s: float = WAIT_S) -> None:
    """Wait until something holds; fails the test when it does not in time."""
    deadline_s = time.monotonic() + wait_s
    while not holds():
        assert time.monotonic() < deadline_s, f"not within {wait_s:.0f} s: {holds}"
        time.sleep(0.05)


class Device(NamedTuple):
    """A device's name, folder, and agent."""

    name: str
    folder: Path
    server: Server

    @property
    def outbox(self) -> Path:
        """The outbox file."""
        return self.folder / "outbox.sqlite"


class Station:
    """Broker and hub; devices are added as a test wants them."""

    def __init__(self, kind: Kind, folder: Path, stack: ExitStack, store: dict[str, Any] | None = None) -> None:
        self.kind: Kind = kind
        self.folder = folder
        self._stack = stack
        self._store = store or {}
        self._random = random.Random(3).randbytes
        self._city = folder / "city.toml"
        write_city(demo_city(load_city(CITY), "00:00"), self._city)
        self.broker_folder = folder / "broker"
        provision_hub(folder / "hub", self.broker_folder, self._random)
        self.broker = START[kind](self._broker_text, self.broker_folder)
        self.hub = Server(Recipe("hub", self._hub_text, _hub_command, _is_healthy, PROJECT), folder / "hub")

    def start(self) -> None:
        """Start broker and hub."""
        self._stack.enter_context(self.broker)
        self._stack.enter_context(self.hub)

    def _broker_text(self, place: Place) -> str:
        account = "root" if self.kind == "mosquitto" and os.geteuid() == 0 else None
        wanted = BrokerPlace(kind=self.kind, store=str(place.store), host=place.host, port=place.port, account=account)
        return set_up_broker(place.directory, wanted).read_text()

    def _hub_text(self, place: Place) -> str:
        table = {
            "city": str(self._city),
            "store": {"path": str(self.hub_file), **self._store},
            "broker": {
                "port": self.broker.port,
                "username": HUB_USER,
                "password_file": str(self.folder / "hub" / "broker.password"),
            },
            "api": {"port": place.port},
        }
        return toml_text(table, "A hub under test.")

    @property
    def hub_file(self) -> Path:
        """The hub's SQLite file."""
        return self.folder / "hub" / "hub.sqlite"

    # ---------------------------------------------------------------- devices

    def device(
        self,
        name: str,
        family: str,
        source: dict[str, Any],
        main: tuple[str, ...] = ("machikado", "agent", "run"),
        more: tuple[str, ...] = (),
        **settings: Any,
    ) -> Device:
        """Provision a device, let the broker know, and start its agent."""
        folder = self.folder / "devices" / name
        settings = {"link": QUICK_LINK, "clock": {"trust": "system"}, "commit_interval_s": 0.2, **settings}
        provision_device(
            DeviceRequest(
                name=name, family=family, out_dir=folder, broker=Broker(port=self.broker.port), sources=[source],
                **settings,
            ),
            self.broker_folder,
            self._random,
        )  # fmt: skip
        self.broker.restart()
        return self.start_agent(name, folder, main, more)

    def start_agent(self, name: str, folder: Path, main: tuple[str, ...], more: tuple[str, ...] = ()) -> Device:
        """Start an agent on files that are there; ready when it has tried to reach the broker, its sources open."""
        seen = 0

        def text(_: Place) -> str:
            return (folder / "DEVICE.toml").read_text(encoding="utf-8")

        def command(place: Place) -> list[str]:
            nonlocal seen
            seen = place.log.stat().st_size if place.log.exists() else 0
            return [sys.executable, "-m", *main, str(folder / "DEVICE.toml"), *more]

        def runs(place: Place) -> bool:
            return b"broker: " in place.log.read_bytes()[seen:]

        device = Device(name, folder, Server(Recipe(name, text, command, runs, PROJECT), folder / "process"))
        self._stack.enter_context(device.server)
        return device

    def listener(self) -> Client:
        """A connection under the hub's own credential."""
        secret = (self.folder / "hub" / "broker.password").read_text(encoding="utf-8").strip()
        return Client(self.broker.port, HUB_USER, secret)

    def speaker(self, device: str) -> Client:
        """A connection under a device's own credential."""
        secret = (self.folder / "devices" / device / "broker.password").read_text(encoding="utf-8").strip()
        return Client(self.broker.port, device, secret)

    def desire(self, device: str, revision: int, pipeline: dict[str, object]) -> None:
        """Publish a desired configuration as the hub does: retained."""
        with self.listener() as hub:
            wanted = DesiredConfig(revision=revision, pipeline=pipeline)
            hub.say(topic(device, Channel.CONFIG), encode(wanted), retain=True)

    # ---------------------------------------------------------------- what the hub has

    def stored(self, device: str, kind: str) -> list[Held]:
        """Every record of a kind in the embedded store, by number."""
        found = (one for one in sqlite_store(self.hub_file, device) if one.kind == kind)
        return sorted(found, key=lambda one: (one.epoch, one.number))

    def tickets(self, device: str) -> list[int]:
        """The tickets that are in the store, sorted."""
        return sorted(one.says["ticket"] for one in self.stored(device, "counter_ticket"))

    def is_complete(self, device: str) -> bool:
        """Whether the device's newest epoch has no holes."""
        through, last = accounted(self.hub_file, device)
        return through == last > 0

    def ask(self, path: str) -> Any:
        """The status API's answer."""
        return json.loads(self.text(path))

    def text(self, path: str) -> str:
        """What the hub serves there."""
        return self.raw(path).decode()

    def raw(self, path: str) -> bytes:
        """What the hub serves there, as bytes."""
        url = f"http://{self.hub.host}:{self.hub.port}{path}"
        with urllib.request.urlopen(url, timeout=10.0) as answer:
            return bytes(answer.read())


class TicketMachine:
    """A ticket machine on a pseudo-terminal; its tickets are numbered from 1."""

    def __init__(self, path: Path, service: str = "tax") -> None:
        self.path = path
        self.given = 0
        self._service = service
        self._line = PtyLine(path)
        self._number = 0

    def __enter__(self) -> TicketMachine:
        self._line.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    @property
    def source(self) -> dict[str, Any]:
        """The device's ``[[source]]`` table for it."""
        return {"kind": "ticket_line", "name": "tickets", "path": str(self.path)}

    def give(self, count: int) -> None:
        """Give out so many tickets, a few milliseconds apart."""
        for _ in range(count):
            self.given += 1
            self._line.write(encode_line(self._number, TicketEvent(self._service, "issued", self.given)))
            self._number = number_after(self._number)
            time.sleep(0.002)


@contextmanager
def running_station(kind: Kind, folder: Path, store: dict[str, Any] | None = None) -> Iterator[Station]:
    """A station with broker and hub running; skips where the broker is not installed."""
    if PROGRAMS[kind].path() is None:
        pytest.skip(f"{PROGRAMS[kind].name} is not installed: {PROGRAMS[kind].install}")
    with ExitStack() as stack:
        station = Station(kind, folder, stack, store)
        station.start()
        yield station


def _hub_command(place: Place) -> list[str]:
    return [sys.executable, "-m", "machikado", "hub", "run", str(place.configuration)]


def _is_healthy(place: Place) -> bool:
    try:
        with urllib.request.urlopen(f"http://{place.host}:{place.port}/healthz", timeout=0.5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
