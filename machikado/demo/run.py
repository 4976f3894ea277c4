"""Starts broker, hub, simulators and agents, each a process of its own but the simulators, and stops them all.

Rules it keeps:
- One demonstration a state folder; a second one is told so.
- Everything listens on loopback, on ports that the system gives; only the page's port may be asked for.
- What was collected stays in the state folder; a second start goes on with it.
- When it ends no process is left; after a SIGKILL only broker and gpsd are, which hold no data of ours. Agents end first,
  then the hub, then what they stood on: none of them sees the others' end as a fault.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from edge.errors import EdgeError
from hub.city import City, DeviceContext, context_of
from hub.city_file import load_city
from hub.store.influx_server import target_of_bucket
from hub.store.influx_setup import setup_influx
from machikado.demo.city import demo_city, write_city
from machikado.demo.setup import Setup, setup_of
from provisioning.access import HUB_USER
from provisioning.device import Broker, DeviceRequest, provision_device, provision_hub
from provisioning.nats import NatsSettings
from provisioning.register import write_nats, write_private
from provisioning.toml_text import toml_text
from simulators.brokers import influxdb_1_8, nats
from simulators.errors import SimulatorError
from simulators.gpsd import find_gpsd, running_gpsd
from simulators.run import run as run_simulator
from simulators.servers import Place
from simulators.simulator import parts_of

STOP_S = 2.0
BUCKET = "machikado/raw"
HUB_STOP_S = 0.8
"""How much of it is the hub's, which ends after the agents [s]."""
HUB = "hub"
PAGE_READY_S = 20.0
LINE_LOOK_S = 0.02
LINE_LOOKS = 500
"""How often a simulator's line is looked for, 10 s in all."""


class Options(NamedTuple):
    """What the command line asks for."""

    state: Path
    port: int
    seed: int
    store: Literal["sqlite", "influx"]


class Demo:
    """One running demonstration."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._state = options.state.resolve()
        self._stop = threading.Event()
        self._agents_gone = threading.Event()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def run(self) -> None:
        """Start everything, say where the page is, and wait for Ctrl-C.

        Raises:
            SimulatorError: another demonstration uses the state folder, or a part does not start.
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stop.set())
        with contextlib.ExitStack() as closing:
            closing.enter_context(_only_one(self._state))
            closing.callback(self._stop_processes)
            closing.callback(self._agents_gone.set)
            city = self._city()
            broker = closing.enter_context(nats(self._broker_text(city), self._state / "broker"))
            page = self._start_hub(broker.port, closing.enter_context(self._store()))
            contexts = [context_of(city, device.name) for device in city.device]
            setups = {one.device: setup_of(one, self._folder(one.device), _free_port) for one in contexts}
            self._start_simulators(contexts, setups)
            for context in contexts:
                _await_lines(setups[context.device], self._stop)
                setup = closing.enter_context(_with_gpsd(setups[context.device], self._stop))
                self._start_agent(context, setup, broker.port)
            closing.callback(self._stop_processes)
            print(f"machikado demo: {self._address(page)} (Ctrl-C stops everything)", flush=True)
            print(f"  {len(contexts)} devices; logs and data in {self._state}", flush=True)
            self._watch()

    # ---------------------------------------------------------------- parts

    def _city(self) -> City:
        city = demo_city(load_city(Path(str(files("hub") / "cities" / "ota.toml"))), time.strftime("%H:%M"))
        self._state.mkdir(parents=True, exist_ok=True)
        write_city(city, self._state / "city.toml")
        return city

    def _broker_text(self, city: City) -> Any:
        folder = self._state / "broker"
        provision_hub(self._state / "hub", folder, secrets.token_bytes)
        for device in city.device:
            self._provision(context_of(city, device.name), Setup({}, {}, [], {}), 1883)

        def text(place: Place) -> str:
            path = write_nats(folder, NatsSettings(place.host, place.port, str(place.store)))
            return path.read_text(encoding="utf-8")

        return text

    def _folder(self, device: str) -> Path:
        return self._state / "devices" / device

    def _provision(self, context: DeviceContext, setup: Setup, port: int) -> Path:
        made = provision_device(
            DeviceRequest(
                name=context.device,
                family=context.family,
                out_dir=self._folder(context.device),
                broker=Broker(port=port),
                sources=setup.sources,
                pipeline=setup.pipeline,
                clock={"trust": "system"},
                agent={"health_every_s": 10.0},
                quota_mib=32,
            ),
            self._state / "broker",
            secrets.token_bytes,
            replace=True,
        )
        return made.config

    @contextlib.contextmanager
    def _store(self) -> Iterator[dict[str, Any]]:
        """The hub's ``[store]`` table, with an InfluxDB behind it where one is asked for."""
        path = {"path": str(self._state / "hub" / "hub.sqlite")}
        if self._options.store == "sqlite":
            yield path
            return
        with influxdb_1_8(self._state / "influxdb") as server:
            url = f"http://{server.host}:{server.port}"
            setup_influx(target_of_bucket(url, BUCKET))
            print(f"  InfluxDB at {url}, bucket {BUCKET}", flush=True)
            yield {**path, "kind": "influx", "influx_url": url, "influx_bucket": BUCKET}

    def _start_hub(self, broker_port: int, store: dict[str, Any]) -> Path:
        page = self._state / "hub" / "address"
        page.unlink(missing_ok=True)
        table = {
            "city": str(self._state / "city.toml"),
            "store": store,
            "broker": {
                "port": broker_port,
                "username": HUB_USER,
                "password_file": str(self._state / "hub" / "broker.password"),
            },
            "api": {"port": self._options.port, "address_file": str(page)},
        }
        write_private(self._state / "hub" / "hub.toml", toml_text(table, "The demonstration's hub."))
        self._start(HUB, "hub", "run", str(self._state / "hub" / "hub.toml"))
        return page

    def _start_agent(self, context: DeviceContext, setup: Setup, port: int) -> None:
        self._start(context.device, "agent", "run", str(self._provision(context, setup, port)))

    def _start(self, name: str, *arguments: str) -> None:
        log = self._state / "logs" / f"{name}.log"
        log.parent.mkdir(exist_ok=True)
        with log.open("ab") as output:
            self._processes[name] = subprocess.Popen(
                [*_dying_with_us(), sys.executable, "-m", "machikado", *arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip

    def _start_simulators(self, contexts: list[DeviceContext], setups: dict[str, Setup]) -> None:
        for number, context in enumerate(contexts):
            arguments = (context, setups[context.device], np.random.default_rng([self._options.seed, number]))
            threading.Thread(target=self._simulate, args=arguments, name=context.device, daemon=True).start()

    def _simulate(self, context: DeviceContext, setup: Setup, rng: np.random.Generator) -> None:
        try:
            run_simulator(
                parts_of(context.family), setup.simulator, rng, time.time_ns() // 1000, setup.lines,
                self._folder(context.device) / "truth.jsonl", 1.0, time.monotonic,
                self._agents_gone.wait, self._agents_gone,
            )  # fmt: skip
        except (SimulatorError, EdgeError) as problem:
            print(f"simulator of {context.device}: {problem}", file=sys.stderr, flush=True)

    # ---------------------------------------------------------------- going on and ending

    def _address(self, page: Path) -> str:
        until = time.monotonic() + PAGE_READY_S
        while time.monotonic() < until and not self._stop.is_set():
            if page.exists():
                return page.read_text(encoding="ascii").strip()
            if self._processes[HUB].poll() is not None:
                break
            self._stop.wait(0.05)
        log = self._state / "logs" / "hub.log"
        said = log.read_text(encoding="utf-8", errors="replace").splitlines()[-1:] if log.exists() else []
        raise SimulatorError(f"the hub does not start: {said[0] if said else 'it said nothing'} ({log})")

    def _watch(self) -> None:
        """Until Ctrl-C; a process that ends by itself is said once."""
        said: set[str] = set()
        while not self._stop.wait(0.5):
            for name, process in self._processes.items():
                if process.poll() is not None and name not in said:
                    said.add(name)
                    log = self._state / "logs" / f"{name}.log"
                    print(f"{name} ended with {process.returncode}; see {log}", file=sys.stderr, flush=True)

    def _stop_processes(self) -> None:
        """End agents, then the hub; harmless the second time."""
        until = time.monotonic() + STOP_S
        agents = [process for name, process in self._processes.items() if name != HUB]
        _end(agents, until - HUB_STOP_S)
        self._agents_gone.set()
        _end([process for name, process in self._processes.items() if name == HUB], until)


def _dying_with_us() -> list[str]:
    """What to put before a command so that it gets SIGTERM when this process is killed; nothing where that is not there."""
    setpriv = shutil.which("setpriv")
    return [] if setpriv is None else [setpriv, "--pdeathsig", "TERM", "--"]


def _end(processes: list[subprocess.Popen[bytes]], until: float) -> None:
    """Ask processes to end, and kill those that still run at ``until`` [s, monotonic]."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    for process in processes:
        try:
            process.wait(max(0.05, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _only_one(state: Path) -> Iterator[None]:
    try:
        state.mkdir(parents=True, exist_ok=True)
        opened = (state / "lock").open("w")
    except OSError as problem:
        raise SimulatorError(f"state folder {state}: {problem.strerror}; give --state another folder") from problem
    with opened as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise SimulatorError(
                f"state folder {state}: another demo uses it; give --state another folder"
            ) from problem
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _await_lines(setup: Setup, stop: threading.Event) -> None:
    """Wait until the simulator has made its serial lines: an agent that comes first would report a sensor that is gone."""
    paths = [Path(target.removeprefix("pty:")) for target in setup.lines.values() if target.startswith("pty:")]
    for _ in range(LINE_LOOKS):
        if all(path.exists() for path in paths) or stop.wait(LINE_LOOK_S):
            return


@contextlib.contextmanager
def _with_gpsd(setup: Setup, stop: threading.Event) -> Iterator[Setup]:
    """The set-up, with a real gpsd between receiver and agent where there is one."""
    if setup.gpsd_line is None or find_gpsd() is None:
        yield setup
        return
    with running_gpsd(setup.gpsd_line, stop.wait) as gpsd:
        yield setup._replace(sources=[{"kind": "gpsd", "name": "gps", "host": gpsd.host, "port": gpsd.port}])


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
