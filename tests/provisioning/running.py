"""A real broker with access rules, for tests: two devices and the hub, each with its own secret."""

from __future__ import annotations

import functools
import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from provisioning.access import HUB_USER
from provisioning.broker import BrokerPlace, Kind, set_up_broker
from provisioning.register import enrol, read_register
from simulators import brokers, programs
from simulators.servers import Place, Server
from tests.provisioning.mqtt import Client

DEVICES = ("bridge-01", "truck-01")
KINDS: tuple[Kind, ...] = ("nats", "mosquitto")


class Running(NamedTuple):
    """A broker, what it is, and where its register lies."""

    kind: Kind
    server: Server
    directory: Path

    def secret(self, user: str) -> str:
        """The secret of a user as the register has it now."""
        return read_register(self.directory).users[user].secret

    def client(self, user: str, will: tuple[str, bytes] | None = None) -> Client:
        """A connection under a user's own secret."""
        return Client(self.server.port, user, self.secret(user), will)

    def configure(self) -> None:
        """Write the broker's files again from the register and tell the broker."""
        self.server.place.configuration.write_text(_configuration(self.kind, self.server.place))
        os.kill(self.server.pid, signal.SIGHUP)


def _configuration(kind: Kind, place: Place) -> str:
    account = "root" if kind == "mosquitto" and os.geteuid() == 0 else None
    wanted = BrokerPlace(kind=kind, store=str(place.store), host=place.host, port=place.port, account=account)
    return set_up_broker(place.directory, wanted).read_text()


@contextmanager
def running_broker(kind: Kind, directory: Path) -> Iterator[Running]:
    """A broker of that kind with its register in ``directory``; skips where the program is not installed."""
    program = {"nats": programs.NATS, "mosquitto": programs.MOSQUITTO}[kind]
    if program.path() is None:
        pytest.skip(f"{program.name} is not installed: {program.install}")
    random_bytes = random.Random(3).randbytes
    for user in (*DEVICES, HUB_USER):
        enrol(directory, user, random_bytes)
    start = {"nats": brokers.nats, "mosquitto": brokers.mosquitto}[kind]
    with start(functools.partial(_configuration, kind), directory) as server:
        yield Running(kind, server, directory)
