"""The life of a real hub whose disk is watched, behind a real broker.

`lived` runs it: `machikado hub run` under strace, and beside it devices that send their batches one after another, each
when the one before was acked. The hub's acks are its promises; they are seen where they leave its process.

As a program, `python -m tests.powercut.hub_life SYNCHRONOUS HUB.toml`, it is the hub itself, with a log that is brought
into the file often and, unless SYNCHRONOUS is ``as-it-is``, the pragma's value that is planted.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import hub.main
from edge.contract.batch import encode_batch
from edge.contract.codec import encode_record
from edge.contract.control import Ack, decode
from edge.contract.records import Gap
from edge.contract.records.counter import CounterAir, CounterPassages
from edge.contract.topics import Channel, topic
from hub.schema import open_writer
from simulators.brokers import nats
from simulators.disk.log import traced
from simulators.servers import Server
from tests.powercut.outbox_life import AS_IT_IS, LOG_PAGES, ROOT
from tests.provisioning.mqtt import Client

FILE = "state/hub/hub.sqlite"
DEVICES = ("counter-01", "counter-02")
EPOCHS = ("0123456789abcdef", "fedcba9876543210")
T0 = 1_795_000_000_000_000
READY_S = 30.0
ACK_S = 2.0
ATTEMPTS = 10

Sent = dict[tuple[str, str, int], bytes]
"""Lines by device, epoch and number."""


def lived(folder: Path, log: Path, synchronous: str, rounds: int) -> Sent:
    """A hub's life in a folder, recorded in a log; what was sent to it."""
    sent: Sent = {}
    with nats() as broker:
        settings, address = _settings(folder, log, broker)
        with _running(settings, log, address, synchronous), Client(broker.port, "driver", "none") as client:
            for device in DEVICES:
                client.hear(topic(device, Channel.ACK))
            for turn in range(rounds):
                for device in DEVICES:
                    _say(client, device, turn, sent)
    return sent


def starts_on(folder: Path, log: Path) -> None:
    """Start the hub on files that are there, and end it in order.

    Raises:
        RuntimeError: it does not start.
    """
    with nats() as broker:
        settings, address = _settings(folder, log, broker)
        with _running(settings, log, address, AS_IT_IS):
            pass


def _settings(folder: Path, log: Path, broker: Server) -> tuple[Path, Path]:
    """The hub's TOML, and the file that will tell its address."""
    settings, address = log.with_name("hub.toml"), log.with_name("address")
    address.unlink(missing_ok=True)
    settings.write_text(
        f'city = "{ROOT}/hub/cities/ota.toml"\n[broker]\nhost = "{broker.host}"\nport = {broker.port}\n'
        f'[api]\nport = 0\naddress_file = "{address}"\n[store]\npath = "{folder / FILE}"\n',
        encoding="utf-8",
    )
    return settings, address


def _say(client: Client, device: str, turn: int, sent: Sent) -> None:
    """One batch, until its ack is there; now and then something that is refused, and a batch that leaves a hole."""
    epoch = EPOCHS[turn // 6 % 2]
    first = 1 + 10 * (turn % 6) + (turn // 12) * 60 + (3 if turn % 6 == 4 else 0)
    lines = [_line(turn, first + n) for n in range(1 + turn % 7)]
    if turn % 6 == 5:
        lines.append(encode_record(Gap(t=T0, ranges=[(first - 10, first - 8)], why="outbox_full", records=3)))
    sent |= {(device, epoch, number): line for number, line in enumerate(lines, first)}
    if turn % 3 == 1:
        client.say(topic(device, Channel.UP), b"what no hub can read %d" % turn)
    last = first + len(lines) - 1
    for _ in range(ATTEMPTS):
        client.say(topic(device, Channel.UP), encode_batch(epoch, first, lines))
        with contextlib.suppress(queue.Empty):
            while not _accounts(decode(Ack, client.heard.get(timeout=ACK_S).payload), epoch, last):
                pass
            return
    raise RuntimeError(f"the hub under strace: no ack of {last} of {device}")


def _accounts(ack: Ack, epoch: str, number: int) -> bool:
    return ack.epoch == epoch and (ack.through >= number or any(low <= number <= high for low, high in ack.ranges))


def _line(turn: int, number: int) -> bytes:
    t = T0 + turn * 40_000_000 + number * 1_000_000
    if number % 5 == 0:
        return encode_record(CounterPassages(t=t, line="door", entered=number, left=turn, window_s=60.0))
    return encode_record(CounterAir(t=t, co2_ppm=float(number)))


@contextlib.contextmanager
def _running(settings: Path, log: Path, address: Path, synchronous: str) -> Iterator[None]:
    """The hub under strace, from when it answers until it ended in order."""
    command = [sys.executable, "-m", "tests.powercut.hub_life", synchronous, str(settings)]
    said = log.with_name("hub.log")
    with said.open("wb") as output, subprocess.Popen(traced(command, log), cwd=ROOT, stderr=output) as strace:
        try:
            _until_ready(address, strace, said)
            yield
        finally:
            with contextlib.suppress(OSError):
                for child in Path(f"/proc/{strace.pid}/task/{strace.pid}/children").read_text().split():
                    os.kill(int(child), signal.SIGTERM)
            strace.wait(READY_S)


def _until_ready(address: Path, strace: subprocess.Popen[bytes], said: Path) -> None:
    """Until it answers and is connected to the broker."""
    end = time.monotonic() + READY_S
    while not (address.exists() and _is_healthy(address.read_text().strip())):
        if strace.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the hub under strace: not ready in {READY_S:g} s: {said.read_text()[-500:]}")
        time.sleep(0.05)


def _is_healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}healthz", timeout=1.0) as answer:
            return bool(answer.status == 200)
    except (ValueError, OSError):
        return False


def planted(synchronous: str, settings: Path) -> None:
    """The hub, its file opened as production opens it, and then as asked."""

    def opened(path: Path) -> sqlite3.Connection:
        database = open_writer(path)
        database.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
        if synchronous != AS_IT_IS:
            database.execute(f"PRAGMA synchronous={synchronous}")
        return database

    hub.main.open_writer = opened  # type: ignore[attr-defined]
    hub.main.run(settings)


if __name__ == "__main__":
    planted(sys.argv[1], Path(sys.argv[2]))
