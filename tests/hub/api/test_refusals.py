"""A question that cannot be answered is refused in one line with the limit; none takes the hub down or grows it."""

from __future__ import annotations

import httpx
import pytest

from edge.contract.records.bridge import BridgeSpectrum
from edge.contract.records.counter import CounterAir
from hub.api import parts as parts_module
from hub.ledger_reader import TEXT_MOST
from tests.hub.station import Station

AIR = "/api/v1/devices/counter-01/series?kind=counter_air&field=co2_ppm"
REFUSED = {
    f"{AIR}&limit=100001": "limit 100001",
    f"{AIR}&limit=0": "limit 0",
    f"{AIR}&limit=many": "limit 'many'",
    f"{AIR}&every=5": "duration '5'",
    f"{AIR}&every=999999999d": "at most 36500d",
    f"{AIR}&every=0s": "window of 0",
    f"{AIR}&every=1m&aggregate=median": "aggregate 'median'",
    f"{AIR}&from=yesterday": "time 'yesterday'",
    f"{AIR}&from=2026-11-23T10:00:00": "wanted an offset",
    f"{AIR}&from=99999999999999999999": "time '99999999999999999999'",
    f"{AIR}&from={'9' * 5000}": "time '9999",
    f"{AIR}&from=²": "time '²'",
    f"{AIR}&from=now&to=-1h": "not empty",
    f"{AIR}&tag=service": "name:value",
    f"{AIR}&tag=service:tax": "tag 'service'",
    f"{AIR}{'&tag=a:b' * 17}": "at most 16",
    "/api/v1/devices/x/series?kind=nothing&field=co2_ppm": "kind 'nothing'",
    "/api/v1/devices/x/series?kind=counter_air&field=t);DROP": "field 't);DROP'",
    "/api/v1/devices/x/series?kind=counter_air": "field",
    "/api/v1/devices?limit=1001": "limit 1001: wanted 1–1000",
    "/api/v1/devices?limit=-1": "limit -1",
    "/api/v1/quarantine?limit=1001": "limit 1001",
    "/api/v1/quarantine?before=99999999999999999999999": "before",
    "/api/v1/devices/x/completeness?limit=5000": "limit 5000",
}


@pytest.mark.parametrize(("question", "said"), REFUSED.items(), ids=range(len(REFUSED)))
def test_a_wrong_question_is_refused_in_one_line_that_names_it(hub: httpx.Client, question: str, said: str) -> None:
    answer = hub.get(question)

    assert answer.status_code == 400, answer.text
    assert said in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert len(answer.json()["error"]) < 300


def test_a_device_that_the_city_has_not_is_not_found(hub: httpx.Client) -> None:
    answer = hub.get("/api/v1/devices/nowhere")

    assert answer.status_code == 404
    assert answer.json() == {"error": "device 'nowhere': not in the city file"}


def test_a_list_counts_as_all_its_items(station: Station, hub: httpx.Client) -> None:
    spectrum = "/api/v1/devices/bridge-01/series?kind=bridge_spectrum&field=levels_db&from=-1h"
    now = station.now()
    station.send(
        "bridge-01",
        [
            BridgeSpectrum(
                t=now - number, channel="a1", f_first_hz=0.1, f_step_hz=0.1, levels_db=[-90.5] * 512, averages=9.0
            )
            for number in range(400)
        ][:20],
    )

    usual, refused = hub.get(spectrum), hub.get(f"{spectrum}&limit=5000")

    assert len(usual.json()["series"][0]["points"]) == 20
    assert refused.status_code == 400
    assert "wanted 1–195 points" in refused.json()["error"]


def test_a_question_that_looks_at_too_much_is_refused_and_the_next_one_answered(
    station: Station, hub: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = station.now()
    station.send("counter-01", [CounterAir(t=now - number * 1000, co2_ppm=700.0) for number in range(4000)])
    monkeypatch.setattr("hub.store.sqlite.INSTRUCTIONS_A_LOOK", 100)

    refused = hub.get(f"{AIR}&every=1h")
    monkeypatch.undo()
    answered = hub.get(f"{AIR}&every=1h")

    assert len(station.parts.store.newest("counter-01", "counter_air", 0, 10)) == 10
    assert refused.status_code == 400
    assert refused.json()["error"] == "the question looks at too many readings: narrow the interval"
    assert sum(len(one["points"]) for one in answered.json()["series"]) >= 1


def test_more_large_answers_than_allowed_wait_and_are_then_refused(
    station: Station, hub: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts_module, "QUEUE_S", 0.1)
    for _ in range(parts_module.QUERIES_AT_ONCE):
        station.parts.turns.acquire()

    busy = hub.get(AIR)
    station.parts.turns.release()
    answered = hub.get(AIR)

    assert busy.status_code == 503
    assert "try again" in busy.json()["error"]
    assert answered.status_code == 200


def test_a_topic_as_long_as_mqtt_allows_does_not_swell_the_quarantine(station: Station, hub: httpx.Client) -> None:
    station.receive("machikado/v1/00/" + "x" * 60_000 + "/up", b"nothing")

    (row,) = hub.get("/api/v1/quarantine").json()["quarantine"]

    assert len(row["topic"]) == TEXT_MOST
    assert len(row["reason"]) <= TEXT_MOST


def test_a_broken_file_is_said_in_one_line_and_the_hub_stays(station: Station, hub: httpx.Client) -> None:
    station.parts.ledger._db.close()

    answer = hub.get("/api/v1/devices")

    assert answer.status_code == 503
    assert answer.json()["error"].startswith("ledger: ")
    assert hub.get("/api/v1/overview").status_code == 200
