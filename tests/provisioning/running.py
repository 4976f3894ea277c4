"""A real broker with access rules, for tests: two devices and the hub, each with its own secret."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from provisioning import mosquitto, nats
from provisioning.access import HUB_USER
from provisioning.register import (
    MOSQUITTO_ACCESS,
    MOSQUITTO_PASSWORDS,
    enrol,
    read_register,
    write_mosquitto,
    write_nats,
)
from simulators import brokers, programs
from simulators.servers import Place, Server
from tests.provisioning.mqtt import Client

DEVICES = ("bridge-01", "truck-01")
KINDS = ("nats", "mosquitto")


class Running(NamedTuple):
    """A broker, what it is, and where its register lies."""

    kind: str
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
        self.server.place.configuration.write_text(CONFIGURATIONS[self.kind](self.server.place))
        os.kill(self.server.pid, signal.SIGHUP)


def nats_configuration(place: Place) -> str:
    """Write nats-server's file and give its text."""
    return write_nats(place.directory, nats.NatsSettings(place.host, place.port, str(place.store))).read_text()


def mosquitto_configuration(place: Place) -> str:
    """Write Mosquitto's files and give the configuration's text."""
    here = place.directory
    settings = mosquitto.MosquittoSettings(
        place.host,
        place.port,
        str(place.store),
        str(here / MOSQUITTO_PASSWORDS),
        str(here / MOSQUITTO_ACCESS),
        user="root" if os.geteuid() == 0 else None,
    )
    return write_mosquitto(here, settings).read_text()


CONFIGURATIONS = {"nats": nats_configuration, "mosquitto": mosquitto_configuration}


@contextmanager
def running_broker(kind: str, directory: Path) -> Iterator[Running]:
    """A broker of that kind with its register in ``directory``; skips where the program is not installed."""
    program = {"nats": programs.NATS, "mosquitto": programs.MOSQUITTO}[kind]
    if program.path() is None:
        pytest.skip(f"{program.name} is not installed: {program.install}")
    random_bytes = random.Random(3).randbytes
    for user in (*DEVICES, HUB_USER):
        enrol(directory, user, random_bytes)
    start = {"nats": brokers.nats, "mosquitto": brokers.mosquitto}[kind]
    with start(CONFIGURATIONS[kind], directory) as server:
        yield Running(kind, server, directory)
