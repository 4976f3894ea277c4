from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import get_args

import pytest

from edge.contract.records import Record
from edge.contract.records.kiosk import KioskPower, KioskSession, KioskState, KioskSupply, Reason
from hub.city import DeviceContext, context_of
from hub.city_file import load_city
from hub.judgement import Figure, Status
from hub.kiosk import wording
from hub.kiosk.judgement import Judgement

SECOND = 1_000_000
HOUR = 3600 * SECOND
NOON = 1_795_575_600 * SECOND
"""2026-11-25 12:00 in Tokyo, a Wednesday."""


@pytest.fixture(scope="module")
def context() -> DeviceContext:
    city = load_city(Path(__file__).parents[3] / "hub" / "cities" / "ota.toml")
    return context_of(city, next(device.name for device in city.device if device.family == "kiosk"))


def judged(*records: tuple[int, Record], context: DeviceContext | None = None) -> Judgement:
    judgement = Judgement(context)
    for t, record in records:
        judgement.observe(record, t)
    return judgement


def figure(status: Status, key: str) -> Figure:
    return next(each for each in status.figures if each.key == key)


@pytest.mark.parametrize(
    ("state", "level", "headline", "available"),
    [
        (KioskState(state="in_service"), "good", "証明書を発行できます", True),
        (
            KioskState(state="degraded", reasons=["paper_low"]), "notice",
            "証明書を発行できます（用紙が残りわずかです）", True,
        ),
        (
            KioskState(state="out_of_service", reasons=["paper_out", "toner_low"]), "bad",
            "現在、証明書を発行できません（用紙がなくなりました）", False,
        ),
        (KioskState(state="maintenance", reasons=["door_open"]), "warning", "ただいま点検・補充中です", False),
        (KioskState(state="unknown", reasons=["unknown"]), "unknown", "現在の状態を確認できません", None),
    ],
)  # fmt: skip
def test_the_headline_says_whether_certificates_can_be_had_here(
    context: DeviceContext, state: KioskState, level: str, headline: str, available: bool | None
) -> None:
    status = judged((NOON, state), context=context).status(NOON + 10 * SECOND)

    assert (status.level, status.headline.ja, figure(status, "available").value) == (level, headline, available)


def test_an_old_state_is_unknown_and_never_available() -> None:
    status = judged((NOON, KioskState(state="in_service"))).status(NOON + 200 * SECOND)

    assert (status.level, figure(status, "available").value) == ("unknown", None)


def test_at_night_the_kiosk_is_closed_and_not_broken(context: DeviceContext) -> None:
    night = NOON + 13 * HOUR

    status = judged((night, KioskState(state="in_service")), context=context).status(night)

    assert status.headline.ja == "ただいま利用時間外です"


def test_each_reason_has_an_alert_that_says_what_to_do_since_it_began() -> None:
    judgement = judged(
        (NOON, KioskState(state="degraded", reasons=["paper_low"])),
        (NOON + 60 * SECOND, KioskState(state="out_of_service", reasons=["paper_low", "paper_jam"])),
    )

    alerts = {alert.key: alert for alert in judgement.alerts(NOON + 70 * SECOND)}

    assert {key: (alert.severity, alert.since) for key, alert in alerts.items()} == {
        "kiosk.paper_low": ("critical", NOON), "kiosk.paper_jam": ("critical", NOON + 60 * SECOND),
    }  # fmt: skip
    assert alerts["kiosk.paper_jam"].text.ja == "用紙が詰まっています。本体を開けて、詰まった用紙を取り除いてください"
    judgement.observe(KioskState(state="in_service"), NOON + 80 * SECOND)
    assert judgement.alerts(NOON + 90 * SECOND) == []


def test_a_late_state_does_not_turn_the_live_one_back() -> None:
    judgement = judged(
        (NOON, KioskState(state="in_service")),
        (NOON - 60 * SECOND, KioskState(state="out_of_service", reasons=["paper_out"])),
    )

    assert judgement.status(NOON).level == "good"
    assert judgement.alerts(NOON) == []


@pytest.mark.parametrize(
    ("supply", "value", "text"),
    [
        (KioskSupply(supply="tray1", status="full", level_percent=62.0), 62.0, "十分"),
        (
            KioskSupply(supply="tray1", status="low", level_percent=12.0, empty_in_s=10_800),
            12.0,
            "残りわずか（約3時間でなくなる見込み）",
        ),
        (KioskSupply(supply="tray1", status="low"), None, "残りわずか"),
        (KioskSupply(supply="tray1", status="unknown"), None, None),
    ],
)
def test_a_supply_shows_its_level_and_forecast_and_nothing_where_it_is_unknown(
    context: DeviceContext, supply: KioskSupply, value: float | None, text: str | None
) -> None:
    shown = figure(judged((NOON, supply), context=context).status(NOON), "supply.tray1")

    assert (shown.value, shown.text and shown.text.ja, shown.label.ja) == (value, text, "用紙トレイ1")


def test_a_supply_that_will_soon_be_empty_asks_for_a_refill_before_it_is() -> None:
    judgement = judged((NOON, KioskSupply(supply="tray1", status="low", level_percent=3.0, empty_in_s=1500)))

    assert [alert.key for alert in judgement.alerts(NOON + 60 * SECOND)] == ["kiosk.soon_empty.tray1"]


def test_sessions_count_for_the_day_in_which_they_ended_in_any_order() -> None:
    session = KioskSession(certificate="residence", outcome="issued", duration_s=90.0, copies=2)
    records: list[tuple[int, Record]] = [
        (NOON - 13 * HOUR, session), (NOON - 11 * HOUR, session), (NOON, session), (NOON, KioskState(state="in_service")),
    ]  # fmt: skip

    for order in permutations(records):
        status = judged(*order).status(NOON + SECOND)
        assert (figure(status, "sessions_today").value, figure(status, "issued_today").value) == (2, 4)


def test_no_sessions_is_zero_only_where_the_day_was_heard_of() -> None:
    yesterday = judged((NOON - 24 * HOUR, KioskState(state="in_service")))
    today = judged((NOON, KioskState(state="in_service")))

    assert figure(yesterday.status(NOON), "sessions_today").value is None
    assert figure(today.status(NOON), "sessions_today").value == 0


def test_power_is_shown_in_words() -> None:
    shown = figure(judged((NOON, KioskPower(supply="battery"))).status(NOON), "power")

    assert (shown.value, shown.text and shown.text.ja) == ("battery", "予備電池で動作中")


def test_every_reason_of_the_contract_has_words_in_three_languages() -> None:
    assert set(wording.TROUBLES) == set(get_args(Reason))
    for trouble in wording.TROUBLES.values():
        assert all([*(trouble.said.ja, trouble.said.easy, trouble.said.en), trouble.to_do.ja, trouble.to_do.easy])
