from __future__ import annotations

import msgspec
import pytest

from edge.contract.records.gate import GateAntenna, GateDetection, GateInside, GatePassages, GateSeats
from edge.errors import ConfigError
from edge.gate.items import LevelsRead, TagHeard
from edge.gate.pipeline import Antenna, Area, Config, pipeline
from tests.edge.gate.test_beam_pairs import IN, OUT
from tests.edge.gate.walks import SECOND, edges, with_ticks

HOUR = 3600


def walks(*ways: tuple[int, str]) -> list[tuple[int, object]]:
    """Passages at given seconds: (second, ``in`` or ``out``)."""
    happened = [
        (second * 1000 + t, beam, blocked) for second, way in ways for t, beam, blocked in (IN if way == "in" else OUT)
    ]
    return [*edges(*happened)]


def tag(
    at_s: float, antenna: int, signal_dbm: float = -45.0, armed: bool = True, article: int = 7
) -> tuple[int, object]:
    return round(at_s * 1e6), TagHeard(antenna, armed, signal_dbm, round(at_s * 1000), article)


def carried(at_s: float, first: int, armed: bool = True, article: int = 7) -> list[tuple[int, object]]:
    """An article heard near one antenna, then near the other."""
    times = [(first, 0.0), (first, 0.1), (first, 0.2), (1 - first, 0.7), (1 - first, 0.8), (1 - first, 0.9)]
    return [tag(at_s + after, antenna, armed=armed, article=article) for antenna, after in times]


def test_passages_are_counted_in_windows_that_end_on_time() -> None:
    records = with_ticks(pipeline(Config()), walks((10, "in"), (20, "in"), (70, "out")), until_s=130)

    counted = [(r.t, r.entered, r.left, r.window_s) for r in records if isinstance(r, GatePassages)]
    assert counted == [(60 * SECOND, 2, 0, 60.0), (120 * SECOND, 0, 1, 60.0)]


def test_people_inside_never_fall_below_zero() -> None:
    records = with_ticks(
        pipeline(Config(inside_at_start=1)), walks((10, "out"), (20, "out"), (30, "out"), (40, "in")), until_s=120
    )

    people = [r.people for r in records if isinstance(r, GateInside)]
    assert min(people) == 0.0
    assert people[-1] == 1.0


def test_an_unknown_start_gives_everything_up_to_the_capacity() -> None:
    records = with_ticks(pipeline(Config(capacity=50)), walks((10, "in"), (12, "in")), until_s=60)

    last = [r for r in records if isinstance(r, GateInside)][-1]
    assert (last.people, last.high) == (2.0, 50.3)
    assert last.low <= 2.0


def test_a_quiet_night_makes_the_house_empty_and_the_interval_close() -> None:
    alive = [(second * SECOND, LevelsRead([(240, -80_000)])) for second in range(0, 5 * HOUR, 30)]
    items = [*walks(*((10 + 5 * n, "in") for n in range(30)), *((200 + 5 * n, "out") for n in range(26))), *alive]

    records = with_ticks(pipeline(Config(inside_at_start=0)), items, until_s=5 * HOUR)

    inside = [r for r in records if isinstance(r, GateInside)]
    before = [r for r in inside if (r.t or 0) < 4 * HOUR * SECOND][-1]
    assert before.people == 4.0
    assert before.low < 4.0 < before.high
    assert (inside[-1].people, inside[-1].low, inside[-1].high) == (0.0, 0.0, 0.0)


def test_a_silent_board_is_no_quiet_night() -> None:
    records = with_ticks(pipeline(Config(inside_at_start=0)), walks((10, "in")), until_s=5 * HOUR)

    assert [r.people for r in records if isinstance(r, GateInside)][-1] == 1.0


def test_drift_of_the_past_night_corrects_the_next_day() -> None:
    """Each day 50 come and 50 leave, but the beams see only 48 leave: uncorrected, a day would end with 2 left."""
    day = [*((100 + 20 * n, "in") for n in range(50)), *((1200 + 20 * n, "out") for n in range(48))]
    second_day = [(second + 6 * HOUR, way) for second, way in day]
    alive = [(second * SECOND, LevelsRead([(240, -80_000)])) for second in range(0, 8 * HOUR, 30)]

    records = with_ticks(pipeline(Config(inside_at_start=0)), [*walks(*day, *second_day), *alive], until_s=8 * HOUR)

    inside = [r for r in records if isinstance(r, GateInside)]
    first_evening = [r.people for r in inside if (r.t or 0) < 3 * HOUR * SECOND][-1]
    assert first_evening == 2.0
    assert inside[-1].people == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize(
    ("items", "wanted"),
    [
        pytest.param(carried(10, first=1), [("out", 1)], id="an armed article leaves"),
        pytest.param(carried(10, first=0), [], id="an armed article comes in"),
        pytest.param(carried(10, first=1, armed=False), [], id="a checked-out article leaves"),
        pytest.param([*carried(10, 1), *carried(10.2, 1, article=8)], [("out", 2)], id="two together are one event"),
        pytest.param([*carried(10, 1), *carried(16, 1)], [("out", 1)], id="the same one again at once"),
        pytest.param([*carried(10, 1), *carried(60, 1)], [("out", 1), ("out", 1)], id="the same one much later"),
        pytest.param([tag(10, 1), tag(10.1, 1)], [], id="too few readings"),
        pytest.param([tag(10 + n / 10, 1, -60.0) for n in range(40)], [], id="far from the gate"),
        pytest.param([tag(10 + n / 10, 1) for n in range(400)], [], id="parked at the gate"),
        pytest.param([tag(10 + n / 10, 1) for n in range(6)], [("unknown", 1)], id="one antenna, nobody passing"),
        pytest.param([*[tag(10 + n / 10, 1) for n in range(6)], *walks((10, "out"))], [("out", 1)], id="with somebody out"),
        pytest.param([*[tag(10 + n / 10, 1) for n in range(6)], *walks((10, "in"))], [], id="with somebody in"),
    ],
)  # fmt: skip
def test_an_alarm_is_given_once_for_armed_articles_that_leave(
    items: list[tuple[int, object]], wanted: list[tuple[str, int]]
) -> None:
    records = with_ticks(pipeline(Config()), items, until_s=80)

    assert [(r.direction, r.articles) for r in records if isinstance(r, GateDetection)] == wanted


def test_seats_change_only_after_a_while_and_silent_ones_are_told_apart() -> None:
    config = Config(areas=[Area(name="reading", first_channel=0, seats=3)], seat_silent_s=20.0)
    levels = [
        (second * SECOND, LevelsRead([(0, 900 if second >= 30 else 100), (1, 100)])) for second in range(0, 60, 2)
    ]

    records = with_ticks(pipeline(config), levels, until_s=59)

    said = [((r.t or 0) // SECOND, r.seats, r.occupied, r.silent) for r in records if isinstance(r, GateSeats)]
    assert said == [(0, 2, 0, 0), (21, 2, 0, 1), (35, 2, 1, 1)]


@pytest.mark.parametrize(
    ("levels", "wanted"),
    [
        ([(240, -80_000), (224, 16_000)], ["ok"]),
        ([(240, -50_000), (224, 16_000)], ["noisy"]),
        ([(240, -50_000), (224, 4_000)], ["detuned"]),
        ([], ["off"]),
    ],
)
def test_an_antennas_state_follows_its_noise_and_its_return_loss(
    levels: list[tuple[int, int]], wanted: list[str]
) -> None:
    config = Config(antennas=[Antenna(number=0, name="a", lane="main", side="outer")])
    items = [(second * SECOND, LevelsRead(levels)) for second in range(0, 90, 5)]

    records = with_ticks(pipeline(config), items, until_s=90)

    assert [r.state for r in records if isinstance(r, GateAntenna)] == wanted


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (Config(lanes=["a"]), "lane 'main' is not listed"),
        (
            Config(areas=[Area(name="a", first_channel=0, seats=4), Area(name="b", first_channel=3, seats=2)]),
            "areas a and b share channel 3",
        ),
        (Config(areas=[Area(name="a", first_channel=200, seats=30)]), "channel 224 is above 223"),
        (object(), "wanted a gate's"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(config: object, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        pipeline(config)


def test_the_same_items_give_the_same_bytes() -> None:
    items = [*walks((10, "in"), (20, "out")), *carried(30, 1)]
    items.sort(key=lambda each: each[0])

    once, twice = (msgspec.json.encode(with_ticks(pipeline(Config()), items, 90)) for _ in range(2))

    assert once == twice
    assert b"gate_detection" in once
