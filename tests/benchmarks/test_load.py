"""The load generators against real brokers: every message arrives, windows and end-to-end acks are kept."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.errors import MeasurementFailed
from benchmarks.load import AckReader, Lane, Load, play
from benchmarks.paho_publishers import PahoPlayers
from benchmarks.sink import Sink, Subscription
from simulators import brokers
from simulators.servers import HOST, Place, Server

MESSAGES = 2_000
LANES = 2


def numbered_lanes() -> list[Lane]:
    return [
        Lane(f"device-{lane}", f"load/{lane}", [b"%d:%d" % (lane, number) for number in range(MESSAGES // LANES)])
        for lane in range(LANES)
    ]


def deep_broker(name: str) -> Server:
    return {"mosquitto": lambda: brokers.mosquitto(brokers.deep_mosquitto), "nats": brokers.nats}[name]()


@contextmanager
def subscriber(broker: Server) -> Iterator[tuple[list[bytes], threading.Event]]:
    """A plain paho subscriber: what it received, and whether it has seen MESSAGES of them."""
    received: list[bytes] = []
    subscribed, complete = threading.Event(), threading.Event()

    def on_message(_client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        received.append(bytes(message.payload))
        if len(received) >= MESSAGES:
            complete.set()

    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="subscriber")
    client.on_message = on_message
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect(broker.host, broker.port)
    client.loop_start()
    client.subscribe("load/#", qos=1)
    assert subscribed.wait(10)
    try:
        yield received, complete
    finally:
        client.disconnect()
        client.loop_stop()


@pytest.mark.parametrize("name", ["mosquitto", "nats"])
def test_every_message_of_a_load_arrives_once_and_in_its_lanes_order(name: str) -> None:
    with deep_broker(name) as broker, subscriber(broker) as (received, complete):
        played = play(Load(broker.host, broker.port, numbered_lanes(), window=50, timeout_s=20))
        assert complete.wait(10)

    wanted = [lane.payloads for lane in numbered_lanes()]
    assert played.messages == MESSAGES
    assert played.resent == 0
    assert played.cpu_s > 0
    assert [[payload for payload in received if payload.startswith(b"%d:" % lane)] for lane in range(LANES)] == wanted


def test_paho_publishers_deliver_the_same_messages() -> None:
    with (
        deep_broker("mosquitto") as broker,
        subscriber(broker) as (received, complete),
        PahoPlayers(Load(broker.host, broker.port, numbered_lanes(), window=50, timeout_s=20)) as publishers,
    ):
        publishers.go()
        played = publishers.played()
        assert complete.wait(10)

    assert played.messages == MESSAGES
    assert sorted(received) == sorted(payload for lane in numbered_lanes() for payload in lane.payloads)


@pytest.mark.parametrize("qos", [0, 1])
def test_the_counting_sink_counts_what_a_load_publishes(qos: int) -> None:
    with (
        deep_broker("mosquitto") as broker,
        Sink(Subscription(broker.host, broker.port, "load/#", qos, MESSAGES, timeout_s=20)) as sink,
    ):
        played = play(Load(broker.host, broker.port, numbered_lanes(), window=50, timeout_s=20))
        counted = sink.counted()

    assert counted.messages == MESSAGES
    assert counted.ended_s > played.started_s


def through(payload: bytes) -> int | None:
    """The test's own ack: the number of messages accounted for, in decimal."""
    return int(payload)


class ForgetfulHub:
    """A hub over paho that acks in order, and misses one message the first time it comes."""

    def __init__(self, broker: Server, missed: bytes | None) -> None:
        self.accounted = 0
        self._missed = missed
        self._subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="hub")
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.connect(broker.host, broker.port)

    def __enter__(self) -> "ForgetfulHub":
        self._client.loop_start()
        self._client.subscribe("load/#", qos=0)
        assert self._subscribed.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        if message.payload == self._missed:
            self._missed = None
        elif message.payload == b"%d" % self.accounted:
            self.accounted += 1
            client.publish("ack/0", b"%d" % self.accounted, qos=0)


def acked_lane() -> Lane:
    return Lane("device-0", "load/0", [b"%d" % number for number in range(100)], acks=AckReader("ack/0", through))


def test_a_lane_with_acks_resends_what_the_hub_never_got_and_ends_only_when_all_is_accounted_for() -> None:
    with brokers.mosquitto() as broker, ForgetfulHub(broker, missed=b"40") as hub:
        played = play(Load(broker.host, broker.port, [acked_lane()], window=20, resend_after_s=0.2, timeout_s=20))

    assert hub.accounted == 100
    assert played.messages == 100
    assert 0 < played.resent <= 20


def test_a_paho_publisher_with_acks_ends_when_all_is_accounted_for() -> None:
    with (
        brokers.mosquitto() as broker,
        ForgetfulHub(broker, missed=None) as hub,
        PahoPlayers(Load(broker.host, broker.port, [acked_lane()], window=20, timeout_s=20)) as publishers,
    ):
        publishers.go()
        played = publishers.played()

    assert hub.accounted == 100
    assert played.messages == 100


def test_a_lane_whose_acks_never_come_is_an_error_and_not_a_figure() -> None:
    with (
        brokers.mosquitto() as broker,
        pytest.raises(MeasurementFailed, match=r"0 messages answered in 1 s; wanted all|silent for 1 s"),
    ):
        play(Load(broker.host, broker.port, [acked_lane()], window=20, resend_after_s=0.2, timeout_s=1))


def closed_mosquitto(place: Place) -> str:
    return brokers.open_mosquitto(place).replace("allow_anonymous true", "allow_anonymous false")


def test_a_broker_that_refuses_the_lane_is_an_error_and_not_a_figure() -> None:
    with (
        brokers.mosquitto(closed_mosquitto) as broker,
        pytest.raises(MeasurementFailed, match=r"device-0: broker answered CONNECT with 20020005"),
    ):
        play(Load(broker.host, broker.port, numbered_lanes()))


def test_a_load_against_nobody_is_an_error_and_not_a_figure() -> None:
    with socket.socket() as nobody:
        nobody.bind((HOST, 0))

        with pytest.raises(MeasurementFailed, match="Connection refused"):
            play(Load(HOST, nobody.getsockname()[1], numbered_lanes()))
