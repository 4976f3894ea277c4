"""deploy/mosquitto-influx and deploy/nats-cluster run as they stand: the very files, only places and ports changed."""

from __future__ import annotations

import os
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.cluster_rig import ask, together
from edge.contract.batch import encode_batch
from edge.contract.codec import encode_record
from edge.contract.control import Ack, decode
from edge.contract.records.counter import CounterAir
from edge.contract.topics import Channel, topic
from hub.main import setup_influx
from hub.store.influx_setup import Retentions
from provisioning import deployment
from provisioning.access import HUB_USER, NODES_USER
from provisioning.nats_cluster import USERS_FILE
from provisioning.register import enrol, write_mosquitto, write_nats_users
from simulators import brokers, programs
from simulators.brokers import answers_ping
from simulators.nats_cluster import NatsCluster, Node
from simulators.servers import Place, Recipe, Server
from tests.provisioning.mqtt import Client

PROJECT = Path(__file__).parents[2]
DEPLOY = PROJECT / "deploy"
DEVICE = "gate-01"
EPOCH = "00112233445566aa"
T0 = 1_795_000_000_000_000


@pytest.fixture
def secrets_of(tmp_path: Path) -> dict[str, str]:
    """A register with a device, the hub and the nodes."""
    for program in (programs.NATS, programs.MOSQUITTO, programs.INFLUXD_1_8):
        if program.path() is None:
            pytest.skip(f"{program.name} is not installed: {program.install}")
    return {user: enrol(tmp_path, user, random.Random(user).randbytes) for user in (DEVICE, HUB_USER, NODES_USER)}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


def influxd(folder: str) -> Server:
    """InfluxDB with the folder's file; its backup port is for nobody."""

    def configure(place: Place) -> str:
        text = (DEPLOY / folder / "influxdb.conf").read_text(encoding="utf-8")
        text = text.replace("/var/lib/influxdb", str(place.store)).replace("127.0.0.1:8088", "127.0.0.1:0")
        return text.replace("0.0.0.0:8086", f"{place.host}:{place.port}").replace(
            "127.0.0.1:8086", f"{place.host}:{place.port}"
        )

    def command(place: Place) -> list[str]:
        return [str(programs.INFLUXD_1_8.require()), "run", "-config", str(place.configuration)]

    return Server(Recipe("influxdb", configure, command, answers_ping))


def hub(folder: str, name: str, secret: Path, replaced: dict[str, str]) -> Server:
    """A hub with the folder's settings, made ready as the folder's README says."""

    def configure(place: Place) -> str:
        text = (DEPLOY / folder / name).read_text(encoding="utf-8")
        text = text.replace("/etc/machikado/hub/city.toml", str(PROJECT / "hub/cities/ota.toml"))
        text = text.replace("/etc/machikado/hub/broker.password", str(secret))
        text = text.replace("/var/lib/machikado/hub", str(place.store))
        text = text.replace("port = 8000", f"port = {place.port}").replace('host = "0.0.0.0"', f'host = "{place.host}"')
        for before, after in replaced.items():
            assert before in text
            text = text.replace(before, after)
        place.configuration.write_text(text)
        setup_influx(place.configuration, Retentions(0, 0))
        return text

    def command(place: Place) -> list[str]:
        return [sys.executable, "-m", "machikado", "hub", "run", str(place.configuration)]

    def ready(place: Place) -> bool:
        return b"broker: connected" in place.log.read_bytes() and answers_healthz(place)

    return Server(Recipe(name, configure, command, ready, PROJECT))


def answers_healthz(place: Place) -> bool:
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(f"http://{place.host}:{place.port}/healthz", timeout=0.5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def send_until_acked(port: int, secret: str) -> Ack:
    """A device's batch of three readings, sent until the hub acks it."""
    lines = [encode_record(CounterAir(t=T0 + number, co2_ppm=float(number))) for number in (1, 2, 3)]
    with Client(port, DEVICE, secret) as device:
        device.hear(topic(DEVICE, Channel.ACK))
        halt = threading.Event()
        for _ in range(60):
            device.say(topic(DEVICE, Channel.UP), encode_batch(EPOCH, 1, lines))
            halt.wait(0.5)
            if not device.heard.empty():
                return decode(Ack, device.heard.get().payload)
    raise AssertionError("no ack in 30 s")


def completeness(server: Server) -> list[tuple[int, int]]:
    epochs = ask(server, f"/api/v1/devices/{DEVICE}/completeness")["epochs"]
    return [(epoch["complete_through"], epoch["stored"]) for epoch in epochs]


def test_mosquitto_and_influxdb_with_one_hub_take_a_devices_readings(
    stack: ExitStack, secrets_of: dict[str, str], tmp_path: Path
) -> None:
    secret = tmp_path / "hub.password"
    secret.write_text(secrets_of[HUB_USER] + "\n")

    def configure(place: Place) -> str:
        write_mosquitto(tmp_path, deployment.mosquitto_settings(tmp_path))
        text = (DEPLOY / "mosquitto-influx" / "mosquitto.conf").read_text(encoding="utf-8")
        text = text.replace("/etc/mosquitto", str(tmp_path)).replace("/var/lib/mosquitto", str(place.store))
        account = "user root\n" if os.geteuid() == 0 else ""
        return text.replace("listener 1883 0.0.0.0", f"listener {place.port} {place.host}") + account

    store = stack.enter_context(influxd("mosquitto-influx"))
    broker = stack.enter_context(brokers.mosquitto(configure, tmp_path / "broker"))
    replaced = {"port = 1883": f"port = {broker.port}", "127.0.0.1:8086": f"127.0.0.1:{store.port}"}
    one = stack.enter_context(hub("mosquitto-influx", "hub.toml", secret, replaced))

    ack = send_until_acked(broker.port, secrets_of[DEVICE])

    assert (ack.through, completeness(one)) == (3, [(3, 3)])


def test_three_nats_nodes_with_two_hubs_take_a_devices_readings_and_both_hubs_tell_of_them(
    stack: ExitStack, secrets_of: dict[str, str], tmp_path: Path
) -> None:
    secret = tmp_path / "hub.password"
    secret.write_text(secrets_of[HUB_USER] + "\n")
    writing = threading.Lock()

    def configure(place: Place, node: Node, nodes: list[Node]) -> str:
        with writing:
            users = write_nats_users(tmp_path, [f"{place.host}:{each.route}" for each in nodes])
            (place.directory / USERS_FILE).write_text(users.read_text())
        text = (DEPLOY / "nats-cluster" / f"nats-{node.number}.conf").read_text(encoding="utf-8")
        for before, after in (
            ("/var/lib/machikado/broker", str(place.store)),
            ("0.0.0.0:4222", f"{place.host}:{node.native}"),
            ("0.0.0.0:6222", f"{place.host}:{node.route}"),
            ('host: "0.0.0.0"\n  port: 1883', f'host: "{place.host}"\n  port: {place.port}'),
        ):
            assert before in text
            text = text.replace(before, after)
        return text

    store = stack.enter_context(influxd("nats-cluster"))
    nats = stack.enter_context(NatsCluster(configure, tmp_path / "nodes"))
    replaced = {f"nats-{at + 1}:1883": broker for at, broker in enumerate(nats.brokers)}
    replaced |= {f"nats://nats-{at + 1}:4222": url for at, url in enumerate(nats.urls)}
    replaced["influxdb:8086"] = f"127.0.0.1:{store.port}"
    hubs = [hub("nats-cluster", f"hub-{at}.toml", secret, replaced) for at in (1, 2)]
    for each in hubs:
        stack.callback(each.close)
    together(hubs)

    ack = send_until_acked(nats.servers[2].port, secrets_of[DEVICE])

    assert ack.through == 3
    assert [completeness(each) for each in hubs] == [[(3, 3)], [(3, 3)]]
