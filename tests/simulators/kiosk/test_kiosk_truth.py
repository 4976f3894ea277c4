"""What the kiosk's pipeline makes of a simulated kiosk, against what truly happened there."""

from __future__ import annotations

import json

import numpy as np
import pytest

from edge.contract.records.kiosk import KioskPower, KioskPrivacy, KioskSession, KioskState, KioskSupply
from simulators.kiosk.settings import Settings
from simulators.kiosk.simulator import simulator
from simulators.simulator import Truth
from tests.simulators.kiosk.playing import SECOND, START, Played, play

pytestmark = pytest.mark.xdist_group("kiosk-truth")


@pytest.fixture(scope="module", params=[1, 2, 3])
def day(request: pytest.FixtureRequest) -> Played:
    return play(Settings(faults_a_day=24), 24, request.param)


def true_state(played: Played, at_us: int) -> tuple[str, list[str]]:
    told = [fact for fact in played.truth if fact["what"] == "state" and _t(fact) <= at_us]
    return str(told[-1]["state"]), sorted(_list(told[-1]["reasons"]))


def _t(fact: Truth) -> int:
    t = fact["t"]
    assert isinstance(t, int)
    return t - START


def _list(value: object) -> list[str]:
    assert isinstance(value, list)
    return value


def test_state_and_reasons_are_the_true_ones_within_a_second(day: Played) -> None:
    said = [
        (record.t or 0, record.state, sorted(record.reasons))
        for record in day.records
        if isinstance(record, KioskState)
    ]
    differ = 0
    asked = range(5 * SECOND, 24 * 3600 * SECOND, 60 * SECOND)
    for at in asked:
        last = [each for each in said if each[0] <= at][-1]
        true = {true_state(day, at)[0], true_state(day, at - SECOND)[0]}
        differ += last[1] not in true

    assert differ == 0
    assert len({each[1] for each in said}) >= 4


def test_every_session_is_told_once_with_its_copies(day: Played) -> None:
    told = [record for record in day.records if isinstance(record, KioskSession)]
    true = [fact for fact in day.truth if fact["what"] == "session"]

    assert [(r.certificate, r.outcome, r.copies) for r in told] == [
        (f["certificate"], f["outcome"], f["copies"]) for f in true
    ]
    assert len(true) > 40


def test_the_forecast_of_an_empty_tray_is_right_within_a_third() -> None:
    """Poisson arrivals of 40 sheets give the rate within about a fifth; a morning that gets busier adds to it."""
    errors = []
    for seed in range(6):
        settings = Settings(
            hour_of_day=9, sessions_an_hour=30, paper={"upper": 120, "lower": 400}, faults_a_day=0, mended_after_min=600
        )
        played = play(settings, 7, seed)
        emptied = [_t(fact) for fact in played.truth if fact["what"] == "empty" and fact["supply"] == "upper"]
        told = [
            (record.t or 0, record.empty_in_s)
            for record in played.records
            if isinstance(record, KioskSupply)
            and record.supply == "tray1"
            and 30 <= (record.level_percent or 0) * 5 <= 80
        ]
        errors += [
            abs((at + empty_in_s * SECOND - emptied[0]) / (emptied[0] - at))
            for at, empty_in_s in told
            if emptied and empty_in_s is not None
        ]

    assert len(errors) > 50
    assert np.median(errors) < 1 / 3


def test_a_printer_that_cannot_count_gives_no_level() -> None:
    played = play(Settings(paper_unknown=True, faults_a_day=0), 0.5, seed=1)

    trays = [
        record for record in played.records if isinstance(record, KioskSupply) and record.supply.startswith("tray")
    ]
    assert trays
    assert {record.level_percent for record in trays} == {None}


def test_a_provider_that_falls_silent_is_unknown_until_it_speaks_again() -> None:
    played = play(Settings(mute_at_s=120, mute_for_s=120, faults_a_day=0), 0.1, seed=1)

    changes: list[tuple[str, int]] = []
    for record in played.records:
        if isinstance(record, KioskState) and (not changes or changes[-1][0] != record.state):
            changes.append((record.state, (record.t or 0) // SECOND))
    assert [state for state, _ in changes] == ["in_service", "unknown", "in_service"]
    assert 120 <= changes[1][1] <= 170
    assert changes[2][1] == 240


@pytest.mark.parametrize(
    ("request_bytes", "codes"),
    [
        (b'{"header":{"type":"command","name":"Common.Status","requestId":3}}', [None, "success"]),
        (b'{"header":{"type":"command","name":"Printer.PrintRaw","requestId":4}}', [None, "unsupportedCommand"]),
        (b"hello", [None]),
    ],
)
def test_the_provider_answers_commands_as_the_standard_says(request_bytes: bytes, codes: list[str | None]) -> None:
    simulated = simulator(Settings(), np.random.default_rng(1), START)

    headers = [json.loads(message)["header"] for message in simulated.heard("xfs", request_bytes)]

    assert [header.get("completionCode") for header in headers] == codes
    assert headers[0]["type"] == "acknowledge"


def test_the_same_seed_gives_the_same_bytes_and_the_same_truth() -> None:
    def run() -> tuple[bytes, list[Truth]]:
        simulated = simulator(Settings(faults_a_day=50), np.random.default_rng(9), START)
        return b"".join(e.data for e in simulated.advance(START + 6 * 3600 * SECOND)), simulated.truth()

    assert run() == run()
    assert len(run()[0]) > 1000


def test_every_forgotten_certificate_is_told_once() -> None:
    played = play(Settings(forgets=0.5, faults_a_day=0), 3, seed=2)

    told = [record.t for record in played.records if isinstance(record, KioskPrivacy)]
    true = [fact for fact in played.truth if fact["what"] == "retained"]
    assert len(told) == len(true) > 5


def test_a_robots_guidances_state_and_charge_are_the_true_ones() -> None:
    settings = Settings(cabinet="guide_robot", sessions_an_hour=20, faults_a_day=24, battery_h=2, mended_after_min=5)

    played = play(settings, 6, seed=4)

    told = [(r.certificate, r.outcome) for r in played.records if isinstance(r, KioskSession)]
    true = [(f["certificate"], f["outcome"]) for f in played.truth if f["what"] == "session"]
    assert told == true
    assert len(true) > 20
    said = [(r.t or 0, r.state, list(r.reasons)) for r in played.records if isinstance(r, KioskState)]
    for at in range(60 * SECOND, 6 * 3600 * SECOND, 60 * SECOND):
        assert [each for each in said if each[0] <= at][-1][1] in {
            true_state(played, at)[0], true_state(played, at - SECOND)[0],
        }  # fmt: skip
    assert {state for _, state, _ in said} >= {"in_service", "out_of_service"}
    charges = [r.charge_percent for r in played.records if isinstance(r, KioskPower) and r.charge_percent is not None]
    assert charges
    assert min(charges) < 30
