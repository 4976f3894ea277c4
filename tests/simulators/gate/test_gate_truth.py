"""What the gate's pipeline makes of a simulated library, against what truly happened there."""

from __future__ import annotations

import bisect
from collections import Counter

import numpy as np
import pytest

from edge.contract.records import SourceState
from edge.contract.records.gate import GateAntenna, GateDetection, GateInside, GatePassages, GateSeats
from edge.gate.pipeline import Area, Config
from simulators.gate.settings import Settings
from simulators.gate.simulator import simulator
from simulators.simulator import Truth
from tests.simulators.gate.play import START, Played, play

AREAS = [Area(name="reading", first_channel=0, seats=24), Area(name="study", first_channel=24, seats=16)]
CONFIG = Config(inside_at_start=40, areas=AREAS)
HOURS = 3.0


@pytest.fixture(scope="module", params=[1, 2])
def played(request: pytest.FixtureRequest) -> Played:
    return play(Settings(armed=0.1, shelved_near=0), CONFIG, HOURS, request.param)


def true(played: Played, what: str) -> list[Truth]:
    return [fact for fact in played.truth if fact["what"] == what and _t(fact) <= HOURS * 3.6e9 - 60e6]


def _t(fact: Truth) -> int:
    t = fact["t"]
    assert isinstance(t, int)
    return t - START


def _number(fact: Truth, name: str) -> int:
    value = fact[name]
    assert isinstance(value, int)
    return value


def test_passages_are_within_three_percent_of_the_truth(played: Played) -> None:
    """Beams cannot see two people side by side (1 % of walks); everything else is counted."""
    ways = Counter(fact["direction"] for fact in true(played, "passage"))
    windows = [record for record in played.records if isinstance(record, GatePassages)]

    assert sum(window.entered for window in windows) == pytest.approx(ways["in"], rel=0.03, abs=2)
    assert sum(window.left for window in windows) == pytest.approx(ways["out"], rel=0.03, abs=2)
    assert ways["in"] > 100
    assert true(played, "turn_back")


def test_every_armed_article_that_leaves_is_told_and_nothing_else(played: Played) -> None:
    left = true(played, "detection")
    told = [record for record in played.records if isinstance(record, GateDetection)]

    assert len(left) > 5
    assert sum(each.articles for each in told) == pytest.approx(
        sum(_number(fact, "articles") for fact in left), rel=0.1
    )
    assert len(told) == pytest.approx(len(left), rel=0.1)


def test_the_interval_holds_the_true_number_inside_most_of_the_time(played: Played) -> None:
    said = [(record.t or 0, record) for record in played.records if isinstance(record, GateInside)]
    facts = true(played, "inside")[1:]
    at = [bisect.bisect_right(said, _t(fact) + 6_000_000, key=lambda each: each[0]) - 1 for fact in facts]
    errors = [said[index][1].people - _number(fact, "people") for index, fact in zip(at, facts, strict=True)]
    held = [
        said[index][1].low - 1 <= _number(fact, "people") <= said[index][1].high + 1
        for index, fact in zip(at, facts, strict=True)
    ]

    assert np.mean(np.abs(errors)) < 4
    assert np.mean(held) > 0.8


def test_seats_follow_the_truth_and_the_silent_one_is_found(played: Played) -> None:
    said = {
        area: [
            (record.t or 0, record)
            for record in played.records
            if isinstance(record, GateSeats) and record.area == area
        ]
        for area in ("reading", "study")
    }
    facts = [fact for fact in true(played, "seats") if _t(fact) > 300e6]
    errors = []
    for fact in facts:
        series = said[str(fact["area"])]
        record = series[bisect.bisect_right(series, _t(fact), key=lambda each: each[0]) - 1][1]
        assert record.silent == _number(fact, "silent")
        errors.append(abs(record.occupied - _number(fact, "occupied")))

    assert np.mean(errors) < 1.0


def test_the_line_is_clean_and_the_same_seed_gives_the_same_bytes(played: Played) -> None:
    once, twice = (
        b"".join(e.data for e in simulator(Settings(), np.random.default_rng(5), START).advance(START + 60_000_000))
        for _ in range(2)
    )

    assert played.damaged == 0
    assert once == twice
    assert len(once) > 1000


def test_an_article_on_a_shelf_near_the_gate_gives_no_alarm() -> None:
    settings = Settings(armed=0.0, shelved_near=3, visitors_an_hour=400)

    played = play(settings, CONFIG, 0.3, seed=3)

    assert true(played, "passage")
    assert not [record for record in played.records if isinstance(record, GateDetection)]


def test_a_stuck_beam_and_a_noisy_antenna_are_told_and_end() -> None:
    settings = Settings(stuck_at_s=120.0, stuck_for_s=200.0, noisy_at_s=60.0, noisy_for_s=100.0, shelved_near=0)

    played = play(settings, CONFIG, 0.15, seed=4)

    beams = [(r.source, r.state) for r in played.records if isinstance(r, SourceState)]
    antenna = [r.state for r in played.records if isinstance(r, GateAntenna) and r.antenna == "main-outer"]
    assert beams == [("main.inner", "failed"), ("main.inner", "delivering")]
    assert antenna == ["ok", "noisy", "ok"]
