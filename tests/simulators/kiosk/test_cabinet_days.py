"""A day at each cabinet while its devices let slip everything about people: what its agent publishes is true, and nobody."""

from __future__ import annotations

import random
from collections import Counter
from typing import get_args

import msgspec
import pytest

from benchmarks.planted_people import Datum, Search, person
from edge.contract.batch import encode_batch
from edge.contract.codec import encode_record
from edge.contract.records.kiosk import (
    Cabinet,
    KioskPower,
    KioskPrivacy,
    KioskService,
    KioskSession,
    KioskState,
    KioskSupply,
    KioskTakings,
)
from simulators.kiosk.settings import Settings
from simulators.simulator import Truth
from tests.simulators.kiosk.playing import POLL_S, SECOND, START, SUPPLIES, Played, play

HOURS = 10
PEOPLE = 12
BATCH = 100
SLIPPED = ("my_number", "kanji", "kana", "latin", "address", "card_serial", "spool_file", "vendor_log")
CARDS = ("4980123456789016", "3540 1234 5678 9011")

pytestmark = pytest.mark.xdist_group("cabinet-days")


def planted() -> list[Datum]:
    """Some people's data and two cards' numbers."""
    people = [person(random.Random(seed)) for seed in range(PEOPLE)]
    data = [Datum(kind, one.data[kind]) for one in people for kind in SLIPPED]
    return [*(Datum("card_number", number) for number in CARDS), *data]


@pytest.fixture(scope="module", params=get_args(Cabinet))
def day(request: pytest.FixtureRequest) -> tuple[Cabinet, Played]:
    texts = [datum.text for datum in planted()]
    settings = Settings(
        cabinet=request.param, hour_of_day=8.0, opens_h=8.25, closes_h=17.25, faults_a_day=30, lets_slip=texts, forgets=0.05
    )  # fmt: skip
    return request.param, play(settings, HOURS, seed=11)


def facts(played: Played, what: str) -> list[Truth]:
    return [fact for fact in played.truth if fact["what"] == what]


def at(fact: Truth) -> int:
    t = fact["t"]
    assert isinstance(t, int)
    return t - START


def number(fact: Truth, key: str) -> int:
    value = fact[key]
    assert isinstance(value, int)
    return value


def true_states(played: Played) -> list[tuple[int, object, object]]:
    """From when on which state with which reasons is true."""
    return [(at(fact), fact["state"], fact["reasons"]) for fact in facts(played, "state")]


def test_every_session_is_published_once_as_it_was(day: tuple[Cabinet, Played]) -> None:
    _, played = day

    told = [
        (r.certificate, r.outcome, r.copies, r.duration_s, r.saved_s)
        for r in played.records
        if isinstance(r, KioskSession)
    ]

    true = [
        (f["certificate"], f["outcome"], f["copies"], f["duration_s"], f.get("saved_s"))
        for f in facts(played, "session")
    ]
    assert [one[:3] for one in told] == [one[:3] for one in true]
    for said, was in zip(told, true, strict=True):
        assert said[3:] == (
            pytest.approx(was[3], abs=0.06),
            None if was[4] is None else pytest.approx(was[4], abs=0.06),
        )
    assert {"issued", "abandoned"} <= {outcome for _, outcome, *_ in true}
    assert len(true) >= 20


def test_the_state_and_every_reason_are_the_true_ones_whenever_it_was_asked(day: tuple[Cabinet, Played]) -> None:
    _, played = day
    said = [(r.t or 0, r.state, sorted(r.reasons)) for r in played.records if isinstance(r, KioskState)]
    true = true_states(played)
    moments = range(0, HOURS * 3600 * SECOND, POLL_S * SECOND)

    differ = [
        (moment // SECOND, newest, was)
        for moment in moments
        for newest in [next(one[1:] for one in reversed(said) if one[0] <= moment)]
        for was in [next(one[1:] for one in reversed(true) if one[0] <= moment)]
        if newest != was
    ]

    assert differ == []
    assert len({state for _, state, _ in said}) >= 3


def test_the_time_in_each_state_is_the_true_one(day: tuple[Cabinet, Played]) -> None:
    _, played = day
    windows = [r for r in played.records if isinstance(r, KioskService)]
    end = windows[-1].t or 0
    true = [one for one in true_states(played) if one[0] <= end]
    spans: Counter[object] = Counter()
    for (since, state, _), until in zip(true, [*(one[0] for one in true[1:]), end], strict=True):
        spans[state] += (until - since) / 1e6

    for state in ("in_service", "degraded", "out_of_service", "maintenance", "unknown"):
        summed = sum(getattr(window, f"{state}_s") for window in windows)
        assert summed == pytest.approx(spans[state], abs=POLL_S * len(true)), state
    assert sum(spans.values()) == pytest.approx(end / 1e6, abs=2)


def test_takings_are_the_true_totals_by_means(day: tuple[Cabinet, Played]) -> None:
    cabinet, played = day
    payments: Counter[object] = Counter()
    yen: Counter[object] = Counter()
    for record in played.records:
        if isinstance(record, KioskTakings):
            payments[record.means] += record.payments
            yen[record.means] += record.amount_yen

    paid = facts(played, "payment")

    assert payments == Counter(fact["means"] for fact in paid)
    assert yen == sum((Counter({fact["means"]: number(fact, "yen")}) for fact in paid), Counter())
    assert bool(paid) == (cabinet in ("copy_terminal", "payment_terminal"))


def test_what_is_left_and_what_stayed_behind_are_the_true_ones(day: tuple[Cabinet, Played]) -> None:
    cabinet, played = day
    newest = {r.supply: r.level_percent for r in played.records if isinstance(r, KioskSupply)}
    charges = [r.charge_percent for r in played.records if isinstance(r, KioskPower) and r.charge_percent is not None]

    left = {name: value for name, value in (facts(played, "supplies") or [{}])[-1].items() if name not in ("t", "what")}
    true = {SUPPLIES[name]: value for name, value in left.items() if name in SUPPLIES}

    assert newest.keys() == true.keys()
    for code, value in true.items():
        assert isinstance(value, int)
        assert newest[code] == pytest.approx(value / (40 if code == "toner" else 5), abs=2)
    assert sum(isinstance(r, KioskPrivacy) for r in played.records) == len(facts(played, "retained"))
    assert bool(charges) == (cabinet == "guide_robot")


def test_nothing_that_its_devices_let_slip_is_published_or_recorded(day: tuple[Cabinet, Played]) -> None:
    cabinet, played = day
    search = Search(planted())
    lines = [encode_record(record) for record in played.records]
    batches = [
        encode_batch("00112233", first + 1, lines[first : first + BATCH]) for first in range(0, len(lines), BATCH)
    ]

    slipped = {fact["text"] for fact in facts(played, "slip")}
    on_the_wire = {datum.text for datum in search.found(b"\n".join(played.wire))}

    assert len(slipped) >= 20
    assert slipped <= on_the_wire, cabinet
    assert search.found(b"\n".join(batches)) == []
    assert search.found(msgspec.msgpack.encode(played.items)) == []


def test_the_same_seed_plays_the_same_day_and_another_does_not() -> None:
    for cabinet in get_args(Cabinet):
        settings = Settings(cabinet=cabinet, faults_a_day=50)
        first, again, other = (play(settings, 1, seed=seed) for seed in (5, 5, 6))

        assert first == again
        assert first.truth != other.truth
