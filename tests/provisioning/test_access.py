"""Access rules on real brokers: a device says and hears its own topics, and nothing else, whatever it tries."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from edge.contract.topics import PUBLISHED, READ, Channel, subscription, topic
from provisioning.access import HUB_USER
from provisioning.register import enrol
from tests.provisioning.mqtt import Client
from tests.provisioning.running import KINDS, Running, running_broker


@pytest.fixture(scope="module", params=KINDS)
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_broker(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.mark.parametrize("channel", PUBLISHED)
def test_the_hub_hears_every_channel_that_a_device_publishes(broker: Running, channel: Channel) -> None:
    with broker.client(HUB_USER) as hub, broker.client("bridge-01") as device:
        granted = hub.hear(subscription(channel), qos=1)
        device.say(topic("bridge-01", channel), b"said")

        heard = hub.until(b"said")

    assert granted
    assert heard[-1].topic == topic("bridge-01", channel)


@pytest.mark.parametrize("qos", [0, 1])
@pytest.mark.parametrize("channel", READ)
def test_a_device_hears_every_channel_that_is_its_own_to_read(broker: Running, channel: Channel, qos: int) -> None:
    with broker.client(HUB_USER) as hub, broker.client("bridge-01") as device:
        granted = device.hear(topic("bridge-01", channel), qos)
        hub.say(topic("bridge-01", channel), b"told")

        heard = device.until(b"told")

    assert granted
    assert [each.topic for each in heard] == [topic("bridge-01", channel)]


@pytest.mark.parametrize("qos", [0, 1])
def test_a_device_hears_nothing_of_another_whatever_it_subscribes_to(broker: Running, qos: int) -> None:
    other, own = topic("truck-01", Channel.ACK), topic("bridge-01", Channel.ACK)
    tried = ("#", "+/#", "machikado/#", subscription(Channel.UP), subscription(Channel.ACK), other, "$MQTT/#", "$JS/#")
    with broker.client(HUB_USER) as hub, broker.client("bridge-01") as spy, broker.client("truck-01") as victim:
        victim.hear(other, qos=1)
        for each in (*tried, topic("truck-01", Channel.UP), topic("truck-01", Channel.STATE), "$MQTT/sub/#"):
            spy.hear(each, qos)
        spy.hear(own, qos)

        victim.say(topic("truck-01", Channel.UP), b"private")
        victim.say(topic("truck-01", Channel.STATE), b"private", retain=True)
        hub.say(other, b"private")
        hub.say(own, b"end")
        heard = spy.until(b"end")
        arrived = victim.until(b"private")

    assert {each.topic for each in heard} == {own}
    assert arrived


def test_nothing_that_a_device_publishes_elsewhere_gets_through(broker: Running) -> None:
    with broker.client(HUB_USER) as hub, broker.client("truck-01") as victim, broker.client("bridge-01") as liar:
        for channel in PUBLISHED:
            hub.hear(subscription(channel), qos=1)
        for channel in READ:
            victim.hear(topic("truck-01", channel), qos=1)

        for channel in Channel:
            liar.say(topic("truck-01", channel), b"forged")
        for channel in READ:
            liar.say(topic("bridge-01", channel), b"forged")
        liar.say(topic("truck-01", Channel.STATE), b"forged", retain=True)
        liar.say("machikado/v1/zz", b"forged")
        liar.say(topic("bridge-01", Channel.UP), b"own")
        hub.say(topic("truck-01", Channel.ACK), b"true")
        at_hub, at_victim = hub.until(b"own"), victim.until(b"true")

    assert b"forged" not in {each.payload for each in (*at_hub, *at_victim)}


def test_a_forged_retained_state_is_not_kept(broker: Running) -> None:
    with broker.client("truck-01") as device, broker.client("bridge-01") as liar:
        device.say(topic("truck-01", Channel.STATE), b"true state", retain=True)
        liar.say(topic("truck-01", Channel.STATE), b"forged state", retain=True)
    with broker.client(HUB_USER) as hub:
        hub.hear(topic("truck-01", Channel.STATE).replace("/truck-01/", "/+/"))

        heard = hub.until(b"true state")

    assert [(each.payload, each.retained) for each in heard] == [(b"true state", True)]


def test_a_device_that_vanishes_leaves_its_last_will_retained(broker: Running) -> None:
    state = topic("bridge-01", Channel.STATE)
    with broker.client(HUB_USER) as hub:
        hub.hear(subscription(Channel.STATE))
        device = broker.client("bridge-01", will=(state, b"gone")).__enter__()
        device.say(state, b"here", retain=True)
        device.vanish()
        live = hub.until(b"gone")
    with broker.client(HUB_USER) as late:
        late.hear(subscription(Channel.STATE))
        kept = late.until(b"gone")

    assert b"here" in [each.payload for each in live]
    assert kept[-1].retained


def test_a_will_on_anothers_topic_is_never_said(broker: Running) -> None:
    with broker.client(HUB_USER) as hub:
        hub.hear(subscription(Channel.STATE))
        liar = broker.client("bridge-01", will=(topic("truck-01", Channel.STATE), b"forged will")).__enter__()
        if liar.refused is None:
            liar.vanish()
        with broker.client("bridge-01") as honest:
            honest.say(topic("bridge-01", Channel.STATE), b"after the will")
            heard = hub.until(b"after the will")

    assert b"forged will" not in {each.payload for each in heard}


@pytest.mark.parametrize(
    ("user", "password"),
    [("bridge-01", "wrong"), ("bridge-01", ""), ("nobody", "wrong"), ("bridge-01", "TRUCK"), (HUB_USER, "TRUCK")],
)
def test_a_wrong_password_is_refused(broker: Running, user: str, password: str) -> None:
    with Client(broker.server.port, user, broker.secret("truck-01") if password == "TRUCK" else password) as client:
        assert client.refused == "Not authorized"


def test_a_message_of_two_mebibytes_reaches_the_hub_which_refuses_it_by_name(broker: Running) -> None:
    payload = bytes(2 * 1024 * 1024)
    with broker.client(HUB_USER) as hub, broker.client("bridge-01") as device:
        hub.hear(subscription(Channel.UP))
        device.say(topic("bridge-01", Channel.UP), payload)

        heard = hub.until(payload)

    assert len(heard[-1].payload) == 2 * 1024 * 1024


def test_what_the_broker_keeps_survives_its_restart(broker: Running) -> None:
    state = topic("truck-01", Channel.STATE)
    with broker.client("truck-01") as device:
        device.say(state, b"kept", retain=True)
    broker.server.restart()
    with broker.client(HUB_USER) as hub:
        hub.hear(subscription(Channel.STATE))
        kept = hub.until(b"kept")

    assert kept[-1].retained


def test_a_device_that_is_provisioned_while_the_broker_runs_is_let_in_after_a_reload(broker: Running) -> None:
    with broker.client("truck-01") as connected:
        enrol(broker.directory, "gate-09", random.Random(9).randbytes)
        broker.configure()

        said = _first_connection(broker, "gate-09", broker.secret("gate-09"))
        connected.say(topic("truck-01", Channel.UP), b"still here")

    assert said is None


def test_a_renewed_secret_closes_the_door_to_the_old_one(broker: Running) -> None:
    old = enrol(broker.directory, "gate-08", random.Random(8).randbytes)
    broker.configure()
    before = _first_connection(broker, "gate-08", old)
    new = enrol(broker.directory, "gate-08", random.Random(7).randbytes, renew=True)
    broker.configure()

    after = _first_connection(broker, "gate-08", new)
    with Client(broker.server.port, "gate-08", old) as client:
        refused = client.refused

    assert before is None
    assert after is None
    assert refused == "Not authorized"


def _first_connection(broker: Running, user: str, secret: str) -> str | None:
    """Why the user is refused; None once it is let in. A reload takes effect a moment after the signal."""
    refused: str | None = "never tried"
    for _ in range(15):
        with Client(broker.server.port, user, secret) as client:
            refused = client.refused
        if refused is None:
            return None
    return refused
