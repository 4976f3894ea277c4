"""How each peer is started between a broker and an InfluxDB, and what one reading looks like on its wire."""

import json
import string
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.prepare import node_red_script
from simulators import programs
from simulators.servers import Place, Recipe, Server

FOLDER = Path(__file__).parent
MEASUREMENT, FIELD = "reading", "value"
TELEGRAF_METRIC_BATCH_SIZE = 1_000
FIRST_TIME_MS = 1_790_000_000_000


@dataclass(frozen=True, slots=True)
class Site:
    """What a peer stands between: broker, topic filter and its messages' size, InfluxDB and its database."""

    broker: Place
    topic: str
    readings_a_message: int
    influx: Place
    database: str

    def fill(self, file: str) -> str:
        """A settings file of this folder with the site's `${...}` filled in."""
        return string.Template((FOLDER / file).read_text(encoding="utf-8")).substitute(
            MQTT_HOST=self.broker.host,
            MQTT_PORT=self.broker.port,
            TOPIC=self.topic,
            INFLUX_HOST=self.influx.host,
            INFLUX_PORT=self.influx.port,
            DATABASE=self.database,
            TELEGRAF_UNDELIVERED_MESSAGES=max(1, TELEGRAF_METRIC_BATCH_SIZE // self.readings_a_message),
        )


@dataclass(frozen=True, slots=True)
class Peer:
    """One peer: its name, a message of some readings in its wire format, and how it is started.

    `message(device, first, count)` holds the readings `first` to `first + count - 1` of a device, a millisecond apart.
    `require` raises ProgramMissing when the peer is not installed here.
    """

    name: str
    message: Callable[[str, int, int], bytes]
    station: Callable[[Site], Server]
    require: Callable[[], object]


def json_message(device: str, first: int, count: int) -> bytes:
    """One reading as a JSON object, more as a list."""
    readings = [
        {"device": device, "number": number, "time_ms": FIRST_TIME_MS + number, "value": number / 8}
        for number in range(first, first + count)
    ]
    return json.dumps(readings[0] if count == 1 else readings).encode()


def line_message(device: str, first: int, count: int) -> bytes:
    """The same readings in InfluxDB's line protocol, a line each, time in ns."""
    return "\n".join(
        f"{MEASUREMENT},device={device} value={number / 8} {FIRST_TIME_MS + number}000000"
        for number in range(first, first + count)
    ).encode()


def _script(site: Site) -> Server:
    url = f"http://{site.influx.host}:{site.influx.port}"

    def command(_place: Place) -> list[str]:
        broker = ["--mqtt-host", site.broker.host, "--mqtt-port", str(site.broker.port), "--topic", site.topic]
        script = str(FOLDER / "paho_influx_script.py")
        return [sys.executable, script, *broker, "--influx-url", url, "--bucket", f"{site.database}/autogen"]

    return Server(Recipe("paho-influx-script", lambda _place: "", command, _has_logged("subscribed")))


def _telegraf(site: Site) -> Server:
    def command(place: Place) -> list[str]:
        return [str(programs.TELEGRAF.require()), "--config", str(place.configuration)]

    return Server(
        Recipe("telegraf", lambda _place: site.fill("telegraf.conf"), command, _has_logged("Connected [tcp:"))
    )


def _node_red(site: Site) -> Server:
    def command(place: Place) -> list[str]:
        (place.store / "flows.json").write_text(site.fill("node_red_flow.json"), encoding="utf-8")
        settings = ["--settings", str(place.configuration), "--userDir", str(place.store)]
        return [str(programs.NODE.require()), str(node_red_script()), *settings]

    def configure(place: Place) -> str:
        settings = (FOLDER / "node_red_settings.js").read_text(encoding="utf-8")
        return settings + f"module.exports.uiHost = '{place.host}';\nmodule.exports.uiPort = {place.port};\n"

    return Server(Recipe("node-red", configure, command, _has_logged("Connected to broker")))


def _has_logged(text: str) -> Callable[[Place], bool]:
    return lambda place: text in place.log.read_text(encoding="utf-8", errors="replace")


SCRIPT = Peer("script", json_message, _script, lambda: None)
NODE_RED = Peer("node-red", json_message, _node_red, lambda: (programs.NODE.require(), node_red_script()))
TELEGRAF = Peer("telegraf", line_message, _telegraf, programs.TELEGRAF.require)
PEERS = (SCRIPT, NODE_RED, TELEGRAF)
