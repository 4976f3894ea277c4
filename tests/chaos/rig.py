"""Everything that runs in one run of the chaos harness: broker, store, hub and agents as processes, proxies between them.

The agents are slower to give up and quicker to try again than by default (keep-alive, ack time-out), so that a run needs
seconds and not minutes; nothing else of their settings differs from what ``machikado provision`` writes.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.delivery_rig import InfluxDatabase
from benchmarks.errors import MeasurementFailed
from benchmarks.hub_station import PROJECT, hub
from simulators import brokers
from simulators.servers import Place, Recipe, Server
from tests.chaos.agent import JOURNAL, PANEL
from tests.chaos.books import accounted, newest, read_ledger, read_outbox
from tests.chaos.brokers import Broker
from tests.chaos.disks import Disk
from tests.chaos.panel import Panel
from tests.chaos.plan import BROKER, HUB, INFLUXD, STORE_LINK, DevicePlan, Plan
from tests.chaos.planted import BUGS
from tests.chaos.processes import Process, supervised
from tests.chaos.proxy import TcpProxy

CARD_MIB, HUB_DISK_MIB = 24, 160
DATABASE = "chaos"
OUTBOX = "outbox.sqlite"
HUB_FILE = "hub.db"
ORIGINAL, CLONE = "a", "b"
STORM_RATE_SHARE = 0.9
"""Share of the readings that would be fed within the storm if no agent were ever down."""
CALM_RATE = 4_000
"""Readings a second of each device once the storm is over."""
CLONE_READINGS = 500
STARTING_MOST_S = 60.0
POLL_S = 0.1


@dataclass
class Station:
    """One card in one device: its disk, its sensor's panel, its agent.

    Attributes:
        taken: parts of the journal whose records stood on a card that was taken away.
    """

    plan: DevicePlan
    stream: str
    folder: Path
    disk: Disk
    panel: Panel
    process: Process
    taken: list[tuple[int, int]] = field(default_factory=list)

    @property
    def outbox(self) -> Path:
        """The outbox file."""
        return self.disk.folder / OUTBOX

    @property
    def journal(self) -> Path:
        """The journal of what it promised to keep."""
        return self.folder / JOURNAL

    def journal_bytes(self) -> int:
        """How long the journal is."""
        return self.journal.stat().st_size if self.journal.exists() else 0

    def _files(self) -> list[Path]:
        """All but sockets."""
        return [one for one in self.disk.folder.iterdir() if one.is_file()]

    def copy_card(self, to: Path) -> None:
        """An image of the card; the agent must be down."""
        to.mkdir()
        for file in self._files():
            shutil.copyfile(file, to / file.name)

    def put_card(self, image: Path) -> None:
        """Another card in the place of this one; the agent must be down."""
        for old in self._files():
            old.unlink()
        for new in image.iterdir():
            shutil.copyfile(new, self.disk.folder / new.name)


@dataclass
class Rig:
    """One run's processes, links and disks, by the names that the plan uses."""

    plan: Plan
    folder: Path
    broker: Broker
    processes: dict[str, Process]
    links: dict[str, TcpProxy]
    stations: dict[str, Station]
    hub_disk: Disk
    influx: InfluxDatabase | None
    bug: str
    clones: dict[str, Station] = field(default_factory=dict)
    intruders: int = 0
    skipped: list[str] = field(default_factory=list)
    watched: list[Process] = field(default_factory=list)

    @property
    def hub_file(self) -> Path:
        """The hub's SQLite file."""
        return self.hub_disk.folder / HUB_FILE

    def disk_of(self, target: str) -> Disk:
        """The disk of a device or of the hub."""
        return self.hub_disk if target == HUB else self.stations[target].disk

    def is_even(self, station: Station) -> bool:
        """Whether the hub accounts everything that stands on a card, and not another card's in its place.

        Its agent must be down.
        """
        if not station.outbox.exists():
            return False
        outbox = read_outbox(station.outbox)
        has = read_ledger(self.hub_file, station.plan.name, outbox.epoch).accounted
        digest = hashlib.blake2b(outbox.last_line, digest_size=8).hexdigest()
        return newest(self.hub_file, station.plan.name, outbox.epoch) == (outbox.last, digest) and all(
            number in has for number in range(1, outbox.last + 1)
        )

    def clone(self, name: str, image: Path) -> Station:
        """Another device with an image of this one's card, under the same name; not started yet."""
        station = self.station(self.stations[name].plan, CLONE, image)
        self.clones[name] = station
        self.watched.append(station.process)
        return station

    def station(self, plan: DevicePlan, stream: str, image: Path | None = None) -> Station:
        """A device that is not started yet."""
        folder = self.folder / f"{plan.name}-{stream}"
        folder.mkdir()
        disk = Disk(folder / "card", CARD_MIB)
        panel = Panel(folder / PANEL)
        panel.next = 1
        panel.target = (plan.readings if stream == ORIGINAL else CLONE_READINGS) + 1
        panel.rate = max(1, round(STORM_RATE_SHARE * plan.readings / self.plan.span_s))
        panel.reboots = int(plan.reboots)
        server = Server(_agent(plan, stream, folder, disk, self.links[plan.name], self.bug), folder / "process")
        station = Station(plan, stream, folder, disk, panel, Process(server))
        if image is not None:
            station.put_card(image)
        return station

    def second_agent(self, name: str) -> Server:
        """Another agent on the same card, started by mistake; not started yet."""
        first = self.stations[name]
        return Server(
            _agent(first.plan, first.stream, first.folder, first.disk, self.links[name], ""), first.folder / "second"
        )


@contextlib.contextmanager
def running(plan: Plan, folder: Path, bug: str = "") -> Iterator[Rig]:
    """Start everything but the sensors' devices; leaving the block stops it."""
    rng = random.Random(f"links-{plan.seed}")
    with contextlib.ExitStack() as stack:
        broker = Broker(plan.broker, folder / "broker")
        stack.enter_context(broker.server)
        influx = None
        if plan.store == "influx":
            influx = InfluxDatabase(stack.enter_context(brokers.influxdb_1_8(folder / "influxdb")), DATABASE)
            influx.create()
        links = {
            name: stack.enter_context(TcpProxy(broker.server.host, broker.server.port, rng, mqtt=name != HUB))
            for name in (*(device.name for device in plan.devices), HUB)
        }
        if influx is not None:
            links[STORE_LINK] = stack.enter_context(TcpProxy(influx.server.host, influx.server.port, rng))
        hub_folder = folder / "hub"
        disk = Disk(hub_folder / "store", HUB_DISK_MIB)
        more = "" if influx is None else influx.settings(links[STORE_LINK])
        main = ("tests.chaos.planted", bug) if bug and BUGS[bug].whose == "hub" else ("machikado", "hub", "run")
        station = hub(links[HUB], more, main, hub_folder)
        processes = {HUB: Process(station), BROKER: _adopted(broker.server)}
        if influx is not None:
            processes[INFLUXD] = _adopted(influx.server)
        planted = bug if bug and BUGS[bug].whose == "agent" else ""
        rig = Rig(plan, folder, broker, processes, links, {}, disk, influx, planted)
        for device in plan.devices:
            rig.stations[device.name] = rig.station(device, ORIGINAL)
            processes[device.name] = rig.stations[device.name].process
        rig.watched += processes.values()
        stack.callback(_close, rig.watched)
        stack.enter_context(supervised(rig.watched))
        processes[HUB].start()
        for one in rig.stations.values():
            one.process.start()
        _await_first_readings(rig)
        yield rig


def _await_first_readings(rig: Rig) -> None:
    """The storm begins when everybody works."""
    for _ in range(round(STARTING_MOST_S / POLL_S)):
        if rig.hub_file.exists() and all(accounted(rig.hub_file, name)[0] > 1 for name in rig.stations):
            return
        time.sleep(POLL_S)
    raise MeasurementFailed(f"chaos: nothing stored of some device {STARTING_MOST_S:.0f} s after the start")


def _close(processes: list[Process]) -> None:
    for process in processes:
        process.server.close()


def _adopted(server: Server) -> Process:
    """A server that runs already."""
    process = Process(server)
    process.adopt()
    return process


def _agent(plan: DevicePlan, stream: str, folder: Path, disk: Disk, broker: TcpProxy, bug: str) -> Recipe:
    def configure(place: Place) -> str:
        return (
            f'[device]\nname = "{plan.name}"\nfamily = "counter"\n'
            f'[outbox]\npath = "{disk.folder}/{OUTBOX}"\n'
            f"quota_mib = {plan.quota_mib}\ncommit_interval_s = {plan.commit_interval_s}\n"
            f'[hub]\nhost = "{broker.host}"\nport = {broker.port}\nkeepalive_s = 4\n'
            "[link]\nack_timeout_s = 2.0\nack_timeout_most_s = 8.0\nhello_every_s = 1.0\n"
            "[agent]\nhealth_every_s = 30.0\n"
            '[[source]]\nkind = "ticket_line"\npath = "/dev/null"\n'
        )

    def command(place: Place) -> list[str]:
        more = (bug,) if bug else ()
        return [sys.executable, "-m", "tests.chaos.agent", str(place.configuration), str(folder), stream, *more]

    return Recipe(f"{plan.name}-{stream}", configure, command, lambda _: True, PROJECT)
