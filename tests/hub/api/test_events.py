"""The event stream tells of a change soon, tells of silence without any record, and is bounded in number."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from edge.contract.records.counter import CounterAir, CounterQueue
from edge.contract.records.truck import TruckPosition
from hub.api import streams as streams_module
from hub.city import context_of
from hub.judgement import Status
from hub.live import LOOK_EVERY_US
from hub.public import PublicService, services_of
from hub.words import Words
from tests.hub.station import Station


@contextmanager
def stream(hub: httpx.Client, path: str = "/api/v1/events") -> Iterator[Iterator[tuple[str, str]]]:
    """(event, data) as they come."""

    def events(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
        name = ""
        for line in lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, line.removeprefix("data: ")

    with hub.stream("GET", path, timeout=10) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer.iter_lines())


HEARTBEATS = 5


def next_of(events: Iterator[tuple[str, str]], device: str) -> dict[str, object]:
    """The device's next view, within ``HEARTBEATS`` heartbeats (of two seconds)."""
    heartbeats = 0
    for name, data in events:
        heartbeats += name == "time"
        assert heartbeats <= HEARTBEATS, f"nothing of {device}"
        if name == "device" and json.loads(data)["device"] == device:
            found: dict[str, object] = json.loads(data)
            return found
    raise AssertionError("the stream ended")


def test_a_new_stream_tells_the_time_and_every_device(station: Station, hub: httpx.Client) -> None:
    with stream(hub) as events:
        first = next(events)
        devices = {json.loads(next(events)[1])["device"] for _ in station.live.devices}

    assert first[0] == "time"
    assert abs(int(first[1]) - station.now()) < 5_000_000
    assert devices == set(station.live.devices)


def test_a_committed_record_is_told_within_two_seconds(station: Station, hub: httpx.Client) -> None:
    with stream(hub) as events:
        while next_of(events, "truck-03")["liveness"] != "never":
            pass
        sent = time.monotonic()
        station.send("counter-01", [CounterAir(t=station.now(), co2_ppm=812.0)])
        view = next_of(events, "counter-01")
        while view["liveness"] != "live":
            view = next_of(events, "counter-01")
        took_s = time.monotonic() - sent

    assert took_s < 2.0


def test_a_device_that_goes_silent_is_told_though_nothing_was_committed(station: Station, hub: httpx.Client) -> None:
    station.send("counter-01", [CounterAir(t=station.now(), co2_ppm=812.0)])

    with stream(hub) as events:
        while next_of(events, "counter-01")["liveness"] != "live":
            pass
        station.ahead_us = 121_000_000
        view = next_of(events, "counter-01")
        while view["liveness"] == "live":
            view = next_of(events, "counter-01")

    assert view["liveness"] == "silent"
    assert view["status"]["level"] == "unknown"  # type: ignore[index]


def test_time_alone_is_looked_at_at_most_once_a_second_however_many_streams_ask(station: Station) -> None:
    station.send("counter-01", [CounterAir(t=station.now(), co2_ppm=812.0)])
    heard = station.live.view("counter-01", station.now()).heard_t  # type: ignore[union-attr]
    versions = []

    for after_us in (119_900_000, 119_900_000 + LOOK_EVERY_US // 2, 119_900_000 + LOOK_EVERY_US):
        station.live.look(heard + after_us)  # type: ignore[operator]
        versions.append(station.live.version)

    assert versions[1] == versions[0]
    assert versions[2] == versions[0] + 1


def test_streams_are_bounded_and_a_closed_one_makes_room(
    station: Station, hub: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams_module, "STREAMS_MOST", 2)

    with stream(hub) as first, stream(hub) as second:
        next(first)
        next(second)
        refused = hub.get("/api/v1/events")
    until = time.monotonic() + 5
    while station.app.state.feeds.streams and time.monotonic() < until:
        time.sleep(0.05)
    with stream(hub) as again:
        told = next(again)

    assert refused.status_code == 503
    assert "at most 2" in refused.json()["error"]
    assert told[0] == "time"


def test_silence_is_one_alert_though_the_family_says_it_too(station: Station, hub: httpx.Client) -> None:
    now = station.now()
    station.send("truck-01", [TruckPosition(t=now, lat_deg=35.56, lon_deg=139.72, speed_m_s=3.0)])

    station.ahead_us = 200_000_000
    alerts = hub.get("/api/v1/alerts").json()["alerts"]

    assert [(one["device"], one["alert"]["key"]) for one in alerts] == [("truck-01", "device_silent")]


def queue(station: Station, waiting: int, called: int) -> CounterQueue:
    return CounterQueue(t=station.now(), service="seal", waiting=waiting, windows_open=1, last_called=called)


def test_a_queue_is_told_when_it_changes_and_its_age_with_each_beat(station: Station, hub: httpx.Client) -> None:
    station.send("counter-01", [queue(station, 2, 201)])

    with stream(hub, "/api/v1/now/events?at_once=true") as events:
        beat = json.loads(next(events)[1])
        first = [json.loads(next(events)[1]) for _ in hub.get("/api/v1/now").json()["services"]]
        station.send("counter-01", [queue(station, 2, 201)])
        station.send("counter-01", [queue(station, 3, 201)])
        told = [next(events), next(events)]

    assert beat["age"]["counter-01"] <= 5
    assert next(one for one in first if one["key"] == "counter-01.seal")["waiting"] == 2
    assert [name for name, _ in told] == ["service", "beat"], "what says the same again is not told"
    assert json.loads(told[0][1])["waiting"] == 3


def test_a_silent_counter_tells_no_figure(station: Station, hub: httpx.Client) -> None:
    station.send("counter-01", [queue(station, 2, 201)])
    station.ahead_us = 130_000_000

    services = {one["key"]: one for one in hub.get("/api/v1/now").json()["services"]}

    assert services["counter-01.seal"] == {"key": "counter-01.seal", "level": "unknown"}


def test_a_clock_that_runs_ahead_makes_nothing_look_fresh(station: Station, hub: httpx.Client) -> None:
    ahead = station.now() + 3_600_000_000
    status = Status(level="good", headline=Words(ja="", easy="", en=""), figures=[])
    context = context_of(station.live.city, "counter-01")
    station.send("counter-01", [CounterQueue(t=ahead, service="seal", waiting=2, windows_open=1)])

    told = services_of(lambda *_: [PublicService(key="a.b", level="good", t=ahead)], status, context, 100, heard_t=90)
    over_the_api = {one["key"]: one for one in hub.get("/api/v1/now").json()["services"]}

    assert told[0].t == 90
    assert over_the_api["counter-01.seal"].get("t", 0) <= station.now()
