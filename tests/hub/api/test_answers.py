"""What the API answers is what was committed: devices, completeness, quarantine, alerts, series, metrics."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest

from edge.contract.batch import encode_batch
from edge.contract.codec import encode_record
from edge.contract.control import State, encode
from edge.contract.records import Gap
from edge.contract.records.counter import CounterAir
from edge.contract.records.kiosk import KioskState
from edge.contract.topics import Channel, topic
from tests.hub.living_city import hour
from tests.hub.station import EPOCH, Station, open_city

MINUTE_US = 60_000_000


def air(t: int, co2_ppm: float) -> CounterAir:
    return CounterAir(t=t, co2_ppm=co2_ppm)


def test_the_overview_has_every_device_of_the_city_also_the_unheard(station: Station, hub: httpx.Client) -> None:
    station.send("counter-01", [air(station.now(), 700.0)])

    devices = {one["device"]: one for one in hub.get("/api/v1/overview").json()["devices"]}

    assert set(devices) == {one.name for one in station.live.city.device}
    assert devices["counter-01"]["liveness"] == "live"
    assert devices["truck-03"]["liveness"] == "never"
    assert devices["truck-03"]["status"]["level"] == "unknown"
    assert devices["truck-03"]["heard_t"] is None


def test_devices_come_in_pages_that_meet_without_gap_or_overlap(station: Station, hub: httpx.Client) -> None:
    for name in ("counter-01", "counter-02", "gate-01", "kiosk-01", "truck-01"):
        station.send(name, [air(station.now(), 700.0)])

    first = hub.get("/api/v1/devices", params={"limit": 2}).json()
    second = hub.get("/api/v1/devices", params={"limit": 2, "after": first["next"]}).json()
    third = hub.get("/api/v1/devices", params={"limit": 2, "after": second["next"]}).json()

    names = [one["name"] for page in (first, second, third) for one in page["devices"]]
    assert names == ["counter-01", "counter-02", "gate-01", "kiosk-01", "truck-01"]
    assert third["next"] is None


def test_a_page_of_devices_ends_early_where_their_states_are_large(station: Station, hub: httpx.Client) -> None:
    models = {f"{'m' * 26}{number:04}": "1.0.0" for number in range(1400)}
    payload = encode(State(status="online", family="gate", models=models))
    for number in range(120):
        station.receive(topic(f"gate-{number:03}", Channel.STATE), payload)

    answer = hub.get("/api/v1/devices", params={"limit": 1000})

    assert len(answer.content) < 6 * 1024 * 1024
    assert 1 <= len(answer.json()["devices"]) < 120
    assert answer.json()["next"] == answer.json()["devices"][-1]["name"]


def test_completeness_names_missing_refused_and_lost_numbers(station: Station, hub: httpx.Client) -> None:
    now = station.now()
    station.send("counter-01", [air(now, 700.0)] * 3, first=1)
    station.send("counter-01", [air(now, 701.0)] * 2, first=6)
    wrong = encode_batch(EPOCH, 8, [b'{"kind":"counter_air","t":%d,"co2_ppm":-5.0}' % now])
    station.receive(topic("counter-01", Channel.UP), wrong)
    gap = Gap(t=now, ranges=[(4, 4)], why="outbox_full", records=1)
    station.receive(topic("counter-01", Channel.UP), encode_batch(EPOCH, 9, [encode_record(gap)]))

    answer = hub.get("/api/v1/devices/counter-01/completeness").json()

    (epoch,) = answer["epochs"]
    assert (epoch["complete_through"], epoch["last"]) == (4, 9)
    assert epoch["missing"] == [[5, 5]]
    assert (epoch["stored"], epoch["refused"], epoch["lost"]) == (6, 1, 1)
    assert epoch["tail"] == "unknown after 9"
    (lost,) = answer["lost"]
    assert (lost["first"], lost["last"], lost["why"]) == (4, 4, "outbox_full")


def test_the_quarantine_has_the_payload_and_its_reason_newest_first_in_pages(
    station: Station, hub: httpx.Client
) -> None:
    for number in range(5):
        station.receive(topic("counter-01", Channel.UP), b"not a batch %d" % number)
    station.receive(topic("gate-01", Channel.UP), b"elsewhere")

    first = hub.get("/api/v1/quarantine", params={"device": "counter-01", "limit": 3}).json()
    second = hub.get("/api/v1/quarantine", params={"device": "counter-01", "limit": 3, "before": first["next"]}).json()

    ids = [row["id"] for page in (first, second) for row in page["quarantine"]]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 5
    assert second["next"] is None
    assert all("header" in row["reason"] for row in first["quarantine"])
    assert first["quarantine"][0]["payload_base64"] == "bm90IGEgYmF0Y2ggNA=="


def test_alerts_say_whose_they_are_and_since_when(station: Station, hub: httpx.Client) -> None:
    now = station.now()
    station.send("kiosk-01", [KioskState(t=now, state="out_of_service", reasons=["paper_out"])])

    (found,) = hub.get("/api/v1/alerts").json()["alerts"]

    assert found["device"] == "kiosk-01"
    assert found["alert"]["severity"] == "critical"
    assert found["alert"]["since"] == now


@pytest.fixture
def irregular(station: Station) -> list[tuple[int, float]]:
    """700 readings at irregular times over an hour, committed out of order."""
    generator = np.random.default_rng(7)
    end = station.now() // MINUTE_US * MINUTE_US
    times = np.sort(generator.choice(np.arange(end - 60 * MINUTE_US, end, 1000), 700, replace=False))
    readings = [(int(t), float(v)) for t, v in zip(times, np.round(generator.normal(800, 90, 700), 3), strict=True)]
    shuffled = generator.permutation(700)
    station.send("counter-01", [air(*readings[at]) for at in shuffled])
    return readings


CONDENSE: dict[str, Callable[[list[float]], Any]] = {
    "mean": np.mean,
    "min": np.min,
    "max": np.max,
    "sum": np.sum,
    "count": len,
    "last": lambda v: v[-1],
}


@pytest.mark.parametrize("aggregate", CONDENSE)
def test_condensed_series_equal_numpy_on_the_same_readings(
    station: Station, hub: httpx.Client, irregular: list[tuple[int, float]], aggregate: str
) -> None:
    every_us = 7 * MINUTE_US
    windows: dict[int, list[float]] = {}
    for t, value in irregular:
        windows.setdefault(t - t % every_us, []).append(value)
    wanted = [(start, CONDENSE[aggregate](values)) for start, values in sorted(windows.items())]

    answer = ask_series(hub, every="7m", aggregate=aggregate, **{"from": "-2h"})

    (series,) = answer["series"]
    assert [t for t, _ in series["points"]] == [start for start, _ in wanted]
    assert [value for _, value in series["points"]] == pytest.approx([value for _, value in wanted], rel=1e-12)


def test_single_readings_come_oldest_first_within_the_half_open_interval(
    hub: httpx.Client, irregular: list[tuple[int, float]]
) -> None:
    t_from, t_to = irregular[100][0], irregular[200][0]

    answer = ask_series(hub, **{"from": str(t_from), "to": str(t_to)})

    (series,) = answer["series"]
    assert series["points"] == [list(reading) for reading in irregular[100:200]]
    assert series["truncated"] is False


def test_a_cut_series_says_so(hub: httpx.Client, irregular: list[tuple[int, float]]) -> None:
    answer = ask_series(hub, limit=10, **{"from": "-2h"})

    (series,) = answer["series"]
    assert series["points"] == [list(reading) for reading in irregular[:10]]
    assert series["truncated"] is True


@pytest.mark.parametrize("aggregate", CONDENSE)
def test_a_long_question_is_answered_as_from_its_readings_after_they_were_condensed(
    station: Station, hub: httpx.Client, irregular: list[tuple[int, float]], aggregate: str
) -> None:
    before = ask_series(hub, every="5m", aggregate=aggregate, **{"from": "-7h"})

    computed = station.roller.work(station.now())
    after = ask_series(hub, every="5m", aggregate=aggregate, **{"from": "-7h"})

    (one,), (other,) = before["series"], after["series"]
    assert computed >= 60
    assert [t for t, _ in other["points"]] == [t for t, _ in one["points"]]
    assert [v for _, v in other["points"]] == pytest.approx([v for _, v in one["points"]], rel=1e-12)


def ask_series(hub: httpx.Client, **params: Any) -> dict[str, Any]:
    answer = hub.get("/api/v1/devices/counter-01/series", params={"kind": "counter_air", "field": "co2_ppm", **params})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_latest_has_the_newest_record_of_each_series(station: Station, hub: httpx.Client) -> None:
    now = station.now()
    records = hour(open_city(), now)["gate-01"]
    station.send("gate-01", records)

    latest = hub.get("/api/v1/devices/gate-01/latest").json()["latest"]

    seats = {one["tags"]["area"]: one for one in latest if one["kind"] == "gate_seats"}
    assert set(seats) == {"reading", "study", "children"}
    assert {one["t"] for one in seats.values()} == {now}
    assert seats["children"]["fields"] == {"seats": 16, "occupied": 4, "silent": 1}


LINE = re.compile(r'^[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? -?[0-9]+(\.[0-9]+)?$')


def test_every_line_of_the_metrics_is_of_the_exposition_format(station: Station, hub: httpx.Client) -> None:
    station.send("counter-01", [air(station.now(), 700.0)] * 4)

    answer = hub.get("/metrics")

    lines = answer.text.splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    typed = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert [line for line in samples if not LINE.match(line)] == []
    assert {line.split("{")[0].split(" ")[0] for line in samples} == set(typed)
    assert len(typed) == len(set(typed))
    assert 'machikado_device_live{device="counter-01",family="counter"} 1' in samples
    assert "machikado_ledger_stored 4" in samples
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")


def test_the_history_of_alerts_comes_newest_first_in_pages_with_what_goes_on(
    station: Station, hub: httpx.Client
) -> None:
    now = station.now()
    station.alerts.look(now)
    for at in (2, 6, 10):
        t = now + at * 1_000_000
        station.send("kiosk-01", [KioskState(t=t, state="out_of_service", reasons=["paper_out"])])
        station.alerts.look(t)
        station.send("kiosk-01", [KioskState(t=t + 1, state="in_service", reasons=[])] if at < 10 else [])
        station.alerts.look(t + 2_000_000)

    first = hub.get("/api/v1/alerts", params={"history": 1, "limit": 2}).json()
    second = hub.get("/api/v1/alerts", params={"history": 1, "limit": 2, "before": first["next"]}).json()
    refused = hub.get("/api/v1/alerts", params={"history": 1, "limit": 1001})

    told = [(one["device"], one["alert"]["since"] - now, one["until"]) for one in first["alerts"] + second["alerts"]]
    assert told == [
        ("kiosk-01", 10_000_000, None),
        ("kiosk-01", 6_000_000, now + 8_000_000),
        ("kiosk-01", 2_000_000, now + 4_000_000),
    ]
    assert (len(first["alerts"]), second["next"]) == (2, None)
    assert (refused.status_code, refused.json()["error"][:10]) == (400, "limit 1001")


def test_certificates_say_where_they_can_be_had_and_never_by_what_is_old(station: Station, hub: httpx.Client) -> None:
    before = hub.get("/api/v1/certificates").json()["offers"]
    for device in ("kiosk-01", "robot-01"):
        station.send(device, [KioskState(t=station.now(), state="in_service")])
    after = hub.get("/api/v1/certificates").json()["offers"]

    assert {one["available"] for one in before} == {None}
    assert [one["certificate"] for one in after] == ["family_register", "guidance", "residence", "seal", "tax"]
    assert {(one["device"], one["called"]["en"]) for one in after} == {
        ("kiosk-01", "Certificate kiosk"), ("robot-01", "Guidance robot"),
    }  # fmt: skip
    assert {one["available"] for one in after} == {True}


def test_what_to_mend_is_listed(station: Station, hub: httpx.Client) -> None:
    station.send("kiosk-01", [KioskState(t=station.now(), state="out_of_service", reasons=["paper_jam"])])

    listed = [one for one in hub.get("/api/v1/maintenance").json()["work"] if one["device"] == "kiosk-01"]

    assert [(one["severity"], one["affected"]) for one in listed] == [("critical", None)]
