"""Real agents on simulators: one process a device, over the true lines, for as long as somebody wants to look."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.errors import MeasurementFailed
from edge.contract.families import Family
from hub.city import DeviceContext, context_of
from hub.city_file import load_city
from machikado.demo.setup import Setup, setup_of
from provisioning.toml_text import toml_text
from simulators.run import run
from simulators.simulator import parts_of

PROJECT = Path(__file__).resolve().parent.parent
END_S = 10.0


class Live(NamedTuple):
    """A device whose agent runs (or ran)."""

    family: Family
    config: Path
    recording: Path
    outbox: Path
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """End the agent as systemd would.

        Raises MeasurementFailed when it does not end well.
        """
        self.process.terminate()
        if self.process.wait(END_S) != 0:
            raise MeasurementFailed(
                f"agent of {self.family}: ended with {self.process.returncode}: {self.said()[-400:]}"
            )

    def said(self) -> str:
        """Its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def lines(self) -> list[bytes]:
        """What the agent numbered, in order, once it has ended."""
        database = sqlite3.connect(self.outbox)
        try:
            rows = database.execute("SELECT lines FROM runs ORDER BY first").fetchall()
        finally:
            database.close()
        return [line for (lines,) in rows for line in lines.split(b"\n")]


def city_context(family: Family) -> DeviceContext:
    """The first device of a family in the shipped city."""
    city = load_city(Path(str(files("hub") / "cities" / "ota.toml")))
    contexts = (context_of(city, device.name) for device in city.device)
    return next(context for context in contexts if context.family == family)


def free_port() -> int:
    """A port of the system's choice."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def write_config(folder: Path, context: DeviceContext, setup: Setup, broker_port: int | None) -> Path:
    """A device's TOML; without a broker its port is one where nobody answers."""
    table = {
        "device": {"name": context.device, "family": context.family},
        "hub": {"port": free_port() if broker_port is None else broker_port},
        "outbox": {"path": str(folder / "outbox.sqlite"), "commit_interval_s": 0.2},
        "clock": {"trust": "system"},
        "agent": {"health_every_s": 2.0},
        "pipeline": setup.pipeline,
        "source": setup.sources,
    }
    path = folder / "DEVICE.toml"
    path.write_text(toml_text(table, "A device that is looked at."), encoding="utf-8")
    return path


def set_up(folder: Path, family: Family, broker_port: int | None = None) -> tuple[Path, Setup]:
    """The configuration of a family's first device, and how its simulator is set up."""
    folder.mkdir(parents=True, exist_ok=True)
    context = city_context(family)
    setup = setup_of(context, folder, free_port)
    return write_config(folder, context, setup, broker_port), setup


@contextlib.contextmanager
def agent(
    folder: Path, family: Family, config: Path, record: bool = False, notify: str | None = None
) -> Iterator[Live]:
    """An agent's process, gone afterwards; ``notify`` is where it says that it is ready."""
    recording, log = folder / "live.rec", folder / "agent.log"
    command = [sys.executable, "-m", "machikado", "agent", "run", str(config)]
    environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
    if notify is not None:
        environment["NOTIFY_SOCKET"] = notify
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--record", str(recording)] if record else command,
            cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
        )  # fmt: skip
    try:
        yield Live(family, config, recording, folder / "outbox.sqlite", process, log)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@contextlib.contextmanager
def simulation(family: Family, setup: Setup, speed: float) -> Iterator[None]:
    """A family's simulator on its lines, in a thread of this process."""
    stop = threading.Event()
    thread = threading.Thread(
        target=run,
        args=(
            parts_of(family), setup.simulator, np.random.default_rng(5), time.time_ns() // 1000, setup.lines, None, speed,
            time.monotonic, stop.wait, stop,
        ),
        daemon=True,
    )  # fmt: skip
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(END_S)


@contextlib.contextmanager
def live(
    folder: Path, family: Family, record: bool = False, speed: float = 1.0, broker_port: int | None = None
) -> Iterator[Live]:
    """An agent of a family with its simulator; both are gone afterwards."""
    config, setup = set_up(folder, family, broker_port)
    with simulation(family, setup, speed), agent(folder, family, config, record) as running:
        yield running
