"""The files in deploy/one-machine are what the builders write, and they work."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from edge.contract.topics import Channel, topic
from hub import config as hub_config
from provisioning import deployment
from provisioning.access import HUB_USER
from provisioning.register import enrol, write_mosquitto
from simulators import brokers, programs
from simulators.servers import Place
from tests.provisioning.mqtt import Client

FOLDER = Path(__file__).parents[2] / "deploy" / "one-machine"


@pytest.mark.parametrize("name", deployment.files())
def test_a_file_of_the_folder_is_what_the_builder_writes(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == deployment.files()[name]


def test_the_folder_describes_every_file_it_has() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")

    assert {path.name for path in FOLDER.iterdir()} == {*deployment.files(), "README.md"}
    assert all(f"`{name}`" in readme for name in deployment.files())


def test_the_hub_reads_its_settings() -> None:
    config = hub_config.load(FOLDER / "hub.toml")

    assert config.broker.username == HUB_USER
    assert config.store.path.startswith("/var/lib/machikado/hub/")
    assert str(deployment.SETTINGS / "hub" / "hub.toml") in (FOLDER / "machikado-hub.service").read_text()


def test_mosquitto_runs_on_the_file_with_only_its_places_changed(tmp_path: Path) -> None:
    if programs.MOSQUITTO.path() is None:
        pytest.skip(f"Mosquitto is not installed: {programs.MOSQUITTO.install}")
    secret = enrol(tmp_path, "gate-01", random.Random(1).randbytes)
    hub_secret = enrol(tmp_path, HUB_USER, random.Random(2).randbytes)

    def configure(place: Place) -> str:
        write_mosquitto(tmp_path, deployment.mosquitto_settings(tmp_path))
        account = "user root\n" if os.geteuid() == 0 else ""
        text = (FOLDER / "mosquitto.conf").read_text(encoding="utf-8")
        text = text.replace("/etc/mosquitto", str(tmp_path)).replace("/var/lib/mosquitto", str(place.store))
        return text.replace("listener 1883 0.0.0.0", f"listener {place.port} {place.host}") + account

    with (
        brokers.mosquitto(configure, tmp_path / "broker") as server,
        Client(server.port, HUB_USER, hub_secret) as hub,
        Client(server.port, "gate-01", secret) as gate,
    ):
        hub.hear(topic("gate-01", Channel.UP).replace("/gate-01/", "/+/"))
        gate.say(topic("gate-01", Channel.UP), b"through")
        heard = hub.until(b"through")

    assert len(heard) == 1
