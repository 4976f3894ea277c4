"""The files of ``deploy/mosquitto-influx`` and ``deploy/nats-cluster``: a city's broker and store beside its hubs.

``deploy/mosquitto-influx`` is one machine with one hub. In ``deploy/nats-cluster`` each of ``nats-1``, ``nats-2`` and
``nats-3`` is a machine (or a container), ``hub-1`` and ``hub-2`` run wherever they reach them and ``influxdb``.
"""

from __future__ import annotations

from provisioning import mosquitto, nats_cluster
from provisioning.access import HUB_USER
from provisioning.compose import OURS, Node, compose_text, service
from provisioning.deployment import (
    HUB_STATE,
    MOSQUITTO_IMAGE,
    MOSQUITTO_MOUNTS,
    NATS_PROGRAM,
    ON_HOST,
    PROGRAM,
    SETTINGS,
    hub_mounts,
    hub_table,
    mosquitto_settings,
)
from provisioning.device import PASSWORD_FILE
from provisioning.toml_text import toml_text
from provisioning.units import broker_unit, hub_unit

HUB_CONFIG = str(SETTINGS / "hub" / "hub.toml")
NODE_CONFIG = str(SETTINGS / "broker" / "nats.conf")
NODE_STATE = "/var/lib/machikado/broker"
NODES = ("nats-1", "nats-2", "nats-3")
HUBS = ("hub-1", "hub-2")
MQTT, NATIVE, ROUTE = 1883, 4222, 6222
INFLUX_CONFIG = "/etc/influxdb/influxdb.conf"
INFLUX_IMAGE: dict[str, Node] = {"image": "influxdb:1.8"}
NATS_IMAGE: dict[str, Node] = {"image": "nats:2.11-alpine"}


def influx_configuration(address: str) -> str:
    """InfluxDB 1.8's file, listening on ``HOST:PORT``: no reports to its makers, Flux for people, bounded questions."""
    return "\n".join(
        (
            "# Written by machikado. With another than a loopback address, set auth-enabled and store.influx_token_file.",
            "reporting-disabled = true",
            'bind-address = "127.0.0.1:8088"',
            "[meta]",
            '  dir = "/var/lib/influxdb/meta"',
            "[data]",
            '  dir = "/var/lib/influxdb/data"',
            '  wal-dir = "/var/lib/influxdb/wal"',
            '  index-version = "tsi1"',
            "  query-log-enabled = false",
            "[coordinator]",
            '  query-timeout = "60s"',
            "[http]",
            f'  bind-address = "{address}"',
            "  flux-enabled = true",
            "  log-enabled = false",
            "",
        )
    )


def mosquitto_influx_files() -> dict[str, str]:
    """Every generated file of ``deploy/mosquitto-influx`` by name."""
    table = hub_table()
    store: dict[str, object] = {
        "path": f"{HUB_STATE}/hub.sqlite",
        "kind": "influx",
        "influx_url": "http://127.0.0.1:8086",
    }
    hub = toml_text({**table, "store": store}, "The one hub beside Mosquitto and InfluxDB: the ledger is its own file.")
    services = {
        "mosquitto": service(
            "mosquitto -c /etc/mosquitto/mosquitto.conf", MOSQUITTO_MOUNTS, (), MOSQUITTO_IMAGE | ON_HOST
        ),
        "influxdb": service(
            f"influxd -config {INFLUX_CONFIG}",
            (f"./influxdb.conf:{INFLUX_CONFIG}:ro", "influxdb:/var/lib/influxdb"),
            (),
            INFLUX_IMAGE | ON_HOST,
        ),
        "hub": service(
            f"machikado hub run {HUB_CONFIG}",
            hub_mounts("hub.toml", "hub"),
            ("mosquitto", "influxdb"),
            OURS | ON_HOST,
        ),
    }
    return {
        "mosquitto.conf": mosquitto.configuration(mosquitto_settings()),
        "influxdb.conf": influx_configuration("127.0.0.1:8086"),
        "hub.toml": hub,
        "machikado-hub.service": hub_unit(PROGRAM, HUB_CONFIG, ("mosquitto.service", "influxdb.service")),
        "compose.yaml": compose_text(services, ("mosquitto", "influxdb", "hub")),
    }


def worker_table(name: str) -> dict[str, object]:
    """The configuration of one of the hubs of a cluster; its pages are for a reverse proxy in front of all."""
    return {
        "city": str(SETTINGS / "hub" / "city.toml"),
        "broker": {
            "host": [f"{node}:{MQTT}" for node in NODES],
            "username": HUB_USER,
            "password_file": str(SETTINGS / "hub" / PASSWORD_FILE),
        },
        "store": {"path": f"{HUB_STATE}/hub.sqlite", "kind": "influx", "influx_url": "http://influxdb:8086"},
        "api": {"host": "0.0.0.0", "port": 8000},
        "cluster": {"name": name, "servers": [f"nats://{node}:{NATIVE}" for node in NODES]},
    }


def node_settings(name: str) -> nats_cluster.NodeSettings:
    """One node, listening on every address of its machine."""
    return nats_cluster.NodeSettings(name, f"0.0.0.0:{MQTT}", f"0.0.0.0:{NATIVE}", f"0.0.0.0:{ROUTE}", NODE_STATE)


def nats_cluster_files() -> dict[str, str]:
    """Every generated file of ``deploy/nats-cluster`` by name."""
    users = f"/etc/machikado/broker/{nats_cluster.USERS_FILE}"
    services = {
        node: service(
            f"-c {NODE_CONFIG}",
            (f"./{node}.conf:{NODE_CONFIG}:ro", f"{users}:{users}:ro", f"{node}:{NODE_STATE}"),
            (),
            NATS_IMAGE | {"ports": [f"{MQTT + at}:{MQTT}"]},
        )
        for at, node in enumerate(NODES)
    }
    services["influxdb"] = service(
        f"influxd -config {INFLUX_CONFIG}",
        (f"./influxdb.conf:{INFLUX_CONFIG}:ro", "influxdb:/var/lib/influxdb"),
        (),
        INFLUX_IMAGE,
    )
    for at, hub in enumerate(HUBS):
        services[hub] = service(
            f"machikado hub run {HUB_CONFIG}",
            hub_mounts(f"{hub}.toml", hub),
            (*NODES, "influxdb"),
        ) | {"ports": [f"{8000 + at}:8000"]}
    return {
        **{f"{node}.conf": nats_cluster.node_configuration(node_settings(node)) for node in NODES},
        **{f"{hub}.toml": toml_text(worker_table(hub), f"{hub} of several that share the devices.") for hub in HUBS},
        "influxdb.conf": influx_configuration("0.0.0.0:8086"),
        "machikado-nats.service": broker_unit(NATS_PROGRAM, NODE_CONFIG),
        "machikado-hub.service": hub_unit(PROGRAM, HUB_CONFIG),
        "compose.yaml": compose_text(services, (*NODES, "influxdb", *HUBS)),
    }
