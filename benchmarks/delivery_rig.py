"""The rig of the delivery benchmark: broker, store, hub and two agents as processes of their own, and ticket machines.

`machikado agent run` and `machikado hub run` are started as in earnest, with their default settings but for the clock
(this machine's is believed) and the health records (rare, so that a quiet device is quiet).
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from benchmarks import influx
from benchmarks.hub_station import PROJECT, Address, hub
from benchmarks.stepped_agent import set_offset
from benchmarks.ticket_feed import Pace, TicketFeed
from simulators.servers import Place, Recipe, Server

RETENTIONS = ("raw", "rollup")
NUMBERED, STEPPED = "counter-01", "counter-02"

AGENT, HUB = ("machikado", "agent", "run"), ("machikado", "hub", "run")


class Planted(NamedTuple):
    """Modules and arguments that run agent and hub: the real ones, or ones with a bug in them."""

    agent: tuple[str, ...] = AGENT
    hub: tuple[str, ...] = HUB


Launch = Callable[[], Server]


class InfluxDatabase(NamedTuple):
    """A database of its own on a running InfluxDB."""

    server: Server
    name: str

    def create(self) -> None:
        """Make it, with the hub's two retention policies."""
        influx.create_database(self.server.place, self.name)
        for retention in RETENTIONS:
            influx.records(
                self.server.place,
                self.name,
                f'CREATE RETENTION POLICY "{retention}" ON "{self.name}" DURATION INF REPLICATION 1 SHARD DURATION 7d',
            )

    def settings(self, by: Address | None = None) -> str:
        """What the hub's `[store]` table says of it, or of a proxy before it."""
        at = by or self.server
        where = f"http://{at.host}:{at.port}"
        return f'kind = "influx"\ninflux_url = "{where}"\ninflux_bucket = "{self.name}/{RETENTIONS[0]}"\n'


@dataclass(slots=True)
class AgentStation:
    """One agent, its line and when it was up (monotonic)."""

    server: Server
    feed: TicketFeed
    folder: Path
    up: list[tuple[float, float]] = field(default_factory=list)
    _since_s: float | None = None

    @property
    def outbox(self) -> Path:
        """The outbox file."""
        return self.folder / "outbox.sqlite"

    def start(self) -> None:
        """Start it and wait until it is connected."""
        self.server.start()
        self._since_s = time.monotonic()

    def kill(self) -> None:
        """SIGKILL."""
        self._ended()
        self.server.kill()

    def restart(self, wipe: bool = False) -> None:
        """Start it again on what its disk kept."""
        self.start()

    def stop(self) -> None:
        """Ask it to end."""
        self._ended()
        self.server.stop()

    def _ended(self) -> None:
        if self._since_s is not None:
            self.up.append((self._since_s, time.monotonic()))
            self._since_s = None


@dataclass(frozen=True, slots=True)
class Rig:
    """Everything that runs in one case."""

    broker: Server
    hub: Server
    numbered: AgentStation
    stepped: AgentStation
    offset_file: Path
    influx: InfluxDatabase | None

    @property
    def hub_file(self) -> Path:
        """The hub's SQLite file: its books, and the embedded store."""
        return self.hub.place.store / "hub.db"


@contextlib.contextmanager
def running_rig(
    folder: Path, broker: Launch, store: InfluxDatabase | None, paces: tuple[Pace, Pace], planted: Planted
) -> Iterator[Rig]:
    """Start everything; leaving the block stops it. `paces`: of the numbered and of the stepped device."""
    if store is not None:
        store.create()
    offset_file = folder / "offset"
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(broker())
        station = stack.enter_context(hub(place.place, store.settings() if store else "", planted.hub))
        stations = []
        for name, pace, main in (
            (NUMBERED, paces[0], planted.agent),
            (STEPPED, paces[1], ("benchmarks.stepped_agent",)),
        ):
            own = folder / name
            own.mkdir()
            feed = stack.enter_context(TicketFeed(own / "tickets", pace))
            more = (str(offset_file),) if name == STEPPED else ()
            server = Server(_agent(name, own, place.place, main, more), own)
            stack.callback(server.close)
            stations.append(AgentStation(server, feed, own))
        set_offset(offset_file, _utc_less_mono_us())
        for one in stations:
            one.start()
        yield Rig(place, station, stations[0], stations[1], offset_file, store)


def _utc_less_mono_us() -> int:
    """UTC − time since boot, of whole seconds [µs]."""
    return (time.time_ns() - time.clock_gettime_ns(time.CLOCK_BOOTTIME)) // 1_000_000_000 * 1_000_000


def _agent(name: str, folder: Path, broker: Place, main: tuple[str, ...], more: tuple[str, ...]) -> Recipe:
    seen = 0

    def configure(place: Place) -> str:
        return (
            f'[device]\nname = "{name}"\nfamily = "counter"\n'
            f'[outbox]\npath = "{folder}/outbox.sqlite"\n'
            f'[hub]\nhost = "{broker.host}"\nport = {broker.port}\n'
            '[clock]\ntrust = "system"\n[agent]\nhealth_every_s = 600.0\n'
            f'[[source]]\nkind = "ticket_line"\npath = "{folder}/tickets"\n'
        )

    def command(place: Place) -> list[str]:
        nonlocal seen
        seen = place.log.stat().st_size if place.log.exists() else 0
        return [sys.executable, "-m", *main, str(place.configuration), *more]

    def connected(place: Place) -> bool:
        return b"broker: connected" in place.log.read_bytes()[seen:]

    return Recipe(name, configure, command, connected, PROJECT)
