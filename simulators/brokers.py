"""The brokers and databases that machikado is tested with, each as a real server on loopback.

Each function gives a `Server` to use in a `with` block. Brokers are open to everyone unless another `configure` is
given: a function from the server's place (host, port, directory, storage) to the whole configuration text.
"""

import os
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from simulators import programs
from simulators.servers import Place, Recipe, Server

# An MQTT 3.1.1 CONNECT: clean session, keep-alive 10 s, no name. Any CONNACK, a refusal too, shows a working broker.
_MQTT_CONNECT = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x0a\x00\x00"
_CONNACK = 0x20
_PROBE_TIMEOUT_S = 0.5

Configure = Callable[[Place], str]


def open_mosquitto(place: Place) -> str:
    """A Mosquitto that lets everyone do everything, with persistence and without Nagle's delay."""
    account = "user root\n" if os.geteuid() == 0 else ""
    return (
        f"listener {place.port} {place.host}\n"
        "allow_anonymous true\n"
        "set_tcp_nodelay true\n"
        "persistence true\n"
        f"persistence_location {place.store}/\n"
        f"{account}"
    )


def deep_mosquitto(place: Place) -> str:
    """`open_mosquitto` with no bound on what may be queued or in flight to a subscriber."""
    return open_mosquitto(place) + "max_queued_messages 0\nmax_inflight_messages 0\n"


def open_nats(place: Place) -> str:
    """A nats-server with its MQTT side (which needs JetStream and a server name) and no access rules."""
    return (
        'server_name: "machikado"\n'
        f'listen: "{place.host}:-1"\n'
        f'jetstream {{ store_dir: "{place.store}", max_memory_store: 256MB, max_file_store: 4GB }}\n'
        f'mqtt {{ host: "{place.host}", port: {place.port} }}\n'
    )


def mosquitto(configure: Configure = open_mosquitto, directory: Path | None = None) -> Server:
    """Debian's Mosquitto."""

    def command(place: Place) -> list[str]:
        return [str(programs.MOSQUITTO.require()), "-c", str(place.configuration)]

    return Server(Recipe("mosquitto", configure, command, answers_mqtt), directory)


def nats(configure: Configure = open_nats, directory: Path | None = None) -> Server:
    """PyPI's nats-server; `port` is its MQTT side."""

    def command(place: Place) -> list[str]:
        return [str(programs.NATS.require()), "-c", str(place.configuration)]

    return Server(Recipe("nats", configure, command, answers_mqtt), directory)


def influxdb_1_8(directory: Path | None = None) -> Server:
    """InfluxDB 1.8.3 with Flux: what `influxdb-client` writes to and queries."""
    return _influxd("influxdb-1.8", programs.INFLUXD_1_8, "  flux-enabled = true\n", directory)


def influxdb_1_6(directory: Path | None = None) -> Server:
    """Debian's InfluxDB 1.6.7: `/write` and InfluxQL only, `/api/v2` answers 404."""
    return _influxd("influxdb-1.6", programs.INFLUXD_DEBIAN, "", directory)


def _influxd(name: str, program: programs.Program, http_options: str, directory: Path | None) -> Server:
    def configure(place: Place) -> str:
        return (
            "reporting-disabled = true\n"
            f'bind-address = "{place.host}:0"\n'
            f'[meta]\n  dir = "{place.store}/meta"\n'
            f'[data]\n  dir = "{place.store}/data"\n  wal-dir = "{place.store}/wal"\n  query-log-enabled = false\n'
            "[monitor]\n  store-enabled = false\n"
            f'[http]\n  bind-address = "{place.host}:{place.port}"\n  log-enabled = false\n{http_options}'
        )

    def command(place: Place) -> list[str]:
        return [str(program.require()), "run", "-config", str(place.configuration)]

    return Server(Recipe(name, configure, command, answers_ping), directory)


def answers_mqtt(place: Place) -> bool:
    """Whether an MQTT broker answers a CONNECT there."""
    try:
        with socket.create_connection((place.host, place.port), timeout=_PROBE_TIMEOUT_S) as probe:
            probe.sendall(_MQTT_CONNECT)
            answer = probe.recv(4)
    except OSError:
        return False
    return answer[:1] == bytes([_CONNACK])


def answers_ping(place: Place) -> bool:
    """Whether an InfluxDB answers `/ping` there."""
    try:
        with urllib.request.urlopen(f"http://{place.host}:{place.port}/ping", timeout=_PROBE_TIMEOUT_S) as answer:
            return bool(answer.status == 204)
    except (urllib.error.URLError, OSError):
        return False
