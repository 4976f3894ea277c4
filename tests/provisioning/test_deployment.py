"""The files in deploy/one-machine are what the builders write, and they work."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
import yaml

from edge.contract.topics import Channel, topic
from hub import config as hub_config
from provisioning import deployment, deployment_city
from provisioning.access import HUB_USER
from provisioning.register import enrol, write_mosquitto
from simulators import brokers, programs
from simulators.servers import Place
from tests.provisioning.mqtt import Client

DEPLOY = Path(__file__).parents[2] / "deploy"
FOLDER = DEPLOY / "one-machine"


FOLDERS = {
    "one-machine": deployment.files(),
    "mosquitto-influx": deployment_city.mosquitto_influx_files(),
    "nats-cluster": deployment_city.nats_cluster_files(),
}
FILES = [(folder, name) for folder, files in FOLDERS.items() for name in files]


@pytest.mark.parametrize(("folder", "name"), FILES)
def test_a_file_of_a_folder_is_what_the_builder_writes(folder: str, name: str) -> None:
    assert (DEPLOY / folder / name).read_text(encoding="utf-8") == FOLDERS[folder][name]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_describes_every_file_it_has(folder: str) -> None:
    readme = (DEPLOY / folder / "README.md").read_text(encoding="utf-8")

    assert {path.name for path in (DEPLOY / folder).iterdir()} == {*FOLDERS[folder], "README.md"}
    assert all(f"`{name}`" in readme for name in FOLDERS[folder])


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_compose_file_mounts_files_that_are_there_and_runs_what_the_units_run(folder: str) -> None:
    document = yaml.safe_load((DEPLOY / folder / "compose.yaml").read_text(encoding="utf-8"))
    units = "".join(text for name, text in FOLDERS[folder].items() if name.endswith(".service"))

    for name, service in document["services"].items():
        mounts = [mount.split(":")[:2] for mount in service["volumes"]]
        inside = {target for _, target in mounts}
        assert all((DEPLOY / folder / source[2:]).is_file() for source, _ in mounts if source.startswith("./")), name
        assert all(source in document["volumes"] for source, _ in mounts if source[0] not in "./"), name
        config = service["command"][-1]
        assert config in inside, name
        assert set(service.get("depends_on", [])) <= document["services"].keys(), name
        if "machikado" in service["command"]:
            assert " ".join(["/opt/machikado/bin/machikado", *service["command"][1:]]) in units
            assert (DEPLOY / folder / ".." / service["build"]["dockerfile"].removeprefix("deploy/")).is_file()


@pytest.mark.parametrize(
    ("folder", "name"), [each for each in FILES if each[1].startswith("hub") and each[1].endswith("l")]
)
def test_a_hub_reads_its_settings(folder: str, name: str) -> None:
    config = hub_config.load(DEPLOY / folder / name)

    assert config.broker.username == HUB_USER
    assert config.store.path.startswith("/var/lib/machikado/hub/")
    assert str(deployment.SETTINGS / "hub" / "hub.toml") in (DEPLOY / folder / "machikado-hub.service").read_text()


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
