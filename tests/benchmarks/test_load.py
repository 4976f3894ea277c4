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


def test_a_lane_with_acks_resends_what_the_hub_never_got_and_ends_only_when_all_is_accounted_for() -> None:
    lost: list[bytes] = []
    wanted = [b"%d" % number for number in range(100)]
    accounted = 0

    def on_message(client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        nonlocal accounted
        if message.payload == b"40" and not lost:
            lost.append(bytes(message.payload))
        elif message.payload == b"%d" % accounted:
            accounted += 1
            client.publish("ack/0", b"%d" % accounted, qos=0)

    with brokers.mosquitto() as broker:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="hub")
        client.on_message = on_message
        subscribed = threading.Event()
        client.on_subscribe = lambda *_: subscribed.set()
        client.connect(broker.host, broker.port)
        client.loop_start()
        client.subscribe("load/#", qos=0)
        assert subscribed.wait(10)

        lane = Lane("device-0", "load/0", wanted, acks=AckReader("ack/0", through))
        played = play(Load(broker.host, broker.port, [lane], window=20, resend_after_s=0.2, timeout_s=20))

        client.disconnect()
        client.loop_stop()

    assert lost == [b"40"]
    assert accounted == 100
    assert played.messages == 100
    assert 0 < played.resent <= 20


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
