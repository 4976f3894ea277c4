"""The same load by plain paho: one process a lane, as a device that uses the library would publish.

Settings: paho's documented defaults but for the in-flight window, which is the load's. A lane with an `AckReader` ends
when its acks account for everything; nothing is sent twice.
"""

import contextlib
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from types import TracebackType

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.errors import MeasurementFailed
from benchmarks.load import KEEPALIVE_S, Load, Played, Player


class PahoPlayers:
    """One paho process a lane, connected when the `with` block begins, publishing from `go` on."""

    def __init__(self, load: Load) -> None:
        one_lane = [Load(load.host, load.port, [lane], load.window, timeout_s=load.timeout_s) for lane in load.lanes]
        self._players = [Player(part, _serve) for part in one_lane]
        self._started = contextlib.ExitStack()

    def __enter__(self) -> "PahoPlayers":
        for player in self._players:
            self._started.enter_context(player)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._started.close()

    def go(self) -> None:
        """Start all of them."""
        for player in self._players:
            player.go()

    def played(self) -> Played:
        """Wait for all of them. Raises MeasurementFailed when one was not answered in time."""
        return together([player.played() for player in self._players])


def together(parts: Sequence[Played]) -> Played:
    """What several processes played at the same time, as one."""
    return Played(
        sum(part.messages for part in parts),
        sum(part.resent for part in parts),
        min(part.started_s for part in parts),
        max(part.ended_s for part in parts),
        sum(part.cpu_s for part in parts),
    )


def _serve(load: Load, pipe: Connection) -> None:
    lane = load.lanes[0]
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=lane.client_id)
    client.max_inflight_messages_set(load.window)
    if lane.username is not None:
        client.username_pw_set(lane.username, lane.password)
    acks, ready, answered, all_answered = lane.acks, threading.Event(), 0, threading.Event()

    def on_publish(*_: object) -> None:
        nonlocal answered
        answered += 1
        if answered == len(lane.payloads):
            all_answered.set()

    def on_message(_client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        nonlocal answered
        accounted = acks.accounted(bytes(message.payload)) if acks else None
        answered = max(answered, accounted or 0)
        if answered >= len(lane.payloads):
            all_answered.set()

    def on_connect(*_: object) -> None:
        if acks is None:
            ready.set()
        else:
            client.subscribe(acks.topic, qos=0)

    client.on_connect = on_connect
    client.on_subscribe = lambda *_: ready.set()
    if acks is None:
        client.on_publish = on_publish
    else:
        client.on_message = on_message
    client.connect(load.host, load.port, keepalive=KEEPALIVE_S)
    client.loop_start()
    if not ready.wait(load.timeout_s):
        pipe.send(MeasurementFailed(f"lane {lane.client_id}: broker did not let it in"))
        return
    pipe.send("ready")
    pipe.recv()
    started_s, cpu_before_s = time.monotonic(), time.process_time()
    for payload in lane.payloads:
        client.publish(lane.topic, payload, qos=1)
    if not all_answered.wait(load.timeout_s):
        pipe.send(MeasurementFailed(f"lane {lane.client_id}: {answered} of {len(lane.payloads)} messages answered"))
        return
    pipe.send(Played(answered, 0, started_s, time.monotonic(), time.process_time() - cpu_before_s))
    client.disconnect()
    client.loop_stop()
