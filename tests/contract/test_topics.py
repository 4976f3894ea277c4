"""Topics: every channel of every device is spelled one way and read back, and nothing else is a topic."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract.errors import TopicError
from edge.contract.topics import (
    DEVICE_PATTERN,
    PUBLISHED,
    READ,
    Channel,
    check_device_name,
    parse_topic,
    shard_of,
    subscription,
    topic,
)

DEVICES = st.from_regex(re.compile(DEVICE_PATTERN), fullmatch=True)


@given(device=DEVICES, channel=st.sampled_from(Channel))
def test_a_topic_is_read_back(device: str, channel: Channel) -> None:
    assert parse_topic(topic(device, channel)) == (device, channel)


def test_every_channel_is_published_or_read_and_never_both() -> None:
    assert sorted((*PUBLISHED, *READ)) == sorted(Channel)


def test_the_shard_is_fixed_for_ever() -> None:
    assert topic("bridge-01", Channel.UP) == f"machikado/v1/{shard_of('bridge-01')}/bridge-01/up"
    assert [shard_of(name) for name in ("bridge-01", "truck-07", "a")] == ["b4", "c0", "ca"]


@given(device=DEVICES, channel=st.sampled_from(Channel))
def test_the_hubs_filter_matches_the_topic_level_by_level(device: str, channel: Channel) -> None:
    levels = subscription(channel).split("/")

    spelled = topic(device, channel).split("/")

    assert len(levels) == len(spelled)
    assert all(want in ("+", has) for want, has in zip(levels, spelled, strict=True))


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "A", "a_b", "a/b", "a+", "#", "a b", "a\n", "橋", "a" * 49, "a.b", "a\0"]
)
def test_a_name_that_could_be_something_else_on_a_broker_is_refused(name: str) -> None:
    with pytest.raises(TopicError, match="wanted"):
        check_device_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "machikado/v1",
        "machikado/v2/00/bridge-01/up",
        f"machikado/v1/00/{'a' * 49}/up",
        "machikado/v1/zz/bridge-01/up",
        "machikado/v1/00/bridge-01/up",
        f"{topic('bridge-01', Channel.UP)}/",
        f"{topic('bridge-01', Channel.UP)}\n",
        f"/{topic('bridge-01', Channel.UP)}",
        topic("bridge-01", Channel.UP).replace("/up", "/down"),
        topic("bridge-01", Channel.UP).replace("/up", "/config/other"),
        topic("bridge-01", Channel.UP).upper(),
    ],
)
def test_what_is_no_topic_of_the_contract_is_refused(text: str) -> None:
    with pytest.raises(TopicError):
        parse_topic(text)
