"""A device as its author writes it with paho: every reading is published at QoS 1 when it comes, and paho keeps the rest.

Settings: paho's documented defaults. What is not yet answered waits in paho's memory without a bound, is sent again after
a reconnect, which paho does by itself, and is gone with the process. The readings are those of `tests/chaos/readings.py`,
numbered by a page that outlives the process.
"""

import argparse
import signal
import threading
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.peers.stations import PEERS
from edge.counter.items import TicketEvent
from tests.chaos.panel import Journal, Panel
from tests.chaos.readings import NumberedSource


def main() -> None:
    """Run until told to end by SIGTERM."""
    parser = argparse.ArgumentParser(description="numbered readings to MQTT")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--device", required=True)
    parser.add_argument("--reader", required=True, choices=[peer.name for peer in PEERS], help="whose format to write")
    parser.add_argument("--panel", type=Path, required=True, help="the page that counts the readings")
    parser.add_argument("--journal", type=Path, required=True)
    asked = parser.parse_args()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    message = next(peer.message for peer in PEERS if peer.name == asked.reader)

    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=asked.device)
    client.connect(asked.host, asked.port)
    client.loop_start()

    def publish(item: object) -> None:
        if isinstance(item, TicketEvent):
            client.publish(asked.topic, message(asked.device, item.ticket, 1), qos=1)

    NumberedSource(Panel(asked.panel), Journal(asked.journal), "a").run(publish, ended)
    client.loop_stop()


if __name__ == "__main__":
    main()
