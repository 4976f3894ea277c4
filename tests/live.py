"""Real agents on simulators: one process a device, over the true lines, until a test has seen enough."""

from __future__ import annotations

import contextlib
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

from edge.contract.families import Family
from hub.city import DeviceContext, context_of
from hub.city_file import load_city
from machikado.demo.setup import Setup, setup_of
from provisioning.toml_text import toml_text
from simulators.run import run
from simulators.simulator import parts_of

SPEED = 4.0
PROJECT = Path(__file__).parents[1]


class Live(NamedTuple):
    """A device whose agent runs (or ran)."""

    family: Family
    config: Path
    recording: Path
    outbox: Path
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """End the agent as systemd would."""
        self.process.terminate()
        assert self.process.wait(10) == 0, self.log.read_text()

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


def write_config(folder: Path, name: str, family: Family, setup: Setup, agent: dict[str, object] | None = None) -> Path:
    """A device's TOML whose broker is a port where nobody answers."""
    table = {
        "device": {"name": name, "family": family},
        "hub": {"port": free_port()},
        "outbox": {"path": str(folder / "outbox.sqlite"), "commit_interval_s": 0.2},
        "clock": {"trust": "system"},
        "agent": {"health_every_s": 2.0, **(agent or {})},
        "pipeline": setup.pipeline,
        "source": setup.sources,
    }
    path = folder / "DEVICE.toml"
    path.write_text(toml_text(table, "A test's device."))
    return path


@contextlib.contextmanager
def live(folder: Path, family: Family, record: bool = True, speed: float = SPEED) -> Iterator[Live]:
    """An agent of a family with its simulator; both are gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    context = city_context(family)
    setup = setup_of(context, folder, free_port)
    config = write_config(folder, context.device, family, setup)
    recording, log = folder / "live.rec", folder / "agent.log"
    stop = threading.Event()
    simulation = threading.Thread(
        target=run,
        args=(
            parts_of(family), setup.simulator, np.random.default_rng(5), time.time_ns() // 1000, setup.lines, None, speed,
            time.monotonic, stop.wait, stop,
        ),
        daemon=True,
    )  # fmt: skip
    command = [sys.executable, "-m", "machikado", "agent", "run", str(config)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--record", str(recording)] if record else command,
            cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
    simulation.start()
    try:
        yield Live(family, config, recording, folder / "outbox.sqlite", process, log)
    finally:
        stop.set()
        simulation.join(5)
        if process.poll() is None:
            process.kill()
            process.wait()
