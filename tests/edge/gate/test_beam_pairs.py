from __future__ import annotations

import pytest

from edge.contract.records import SourceState
from edge.gate.beam_pairs import BeamTimes, beam_pairs
from edge.gate.findings import EdgesLost, Passage
from edge.gate.items import BeamEdge, BoardAlive
from edge.pipeline import Step, Tick
from tests.edge.gate.walks import SECOND, edges, through_step

O, I = "outer", "inner"  # noqa: E741
IN = ((0, O, True), (90, I, True), (250, O, False), (340, I, False))
OUT = ((0, I, True), (90, O, True), (250, I, False), (340, O, False))


def step() -> Step:
    return beam_pairs(["main"], BeamTimes(stuck_s=30.0, handover_ms=180))


def passages(made: list[object]) -> list[str]:
    return [each.direction for each in made if isinstance(each, Passage)]


@pytest.mark.parametrize(
    ("happened", "wanted"),
    [
        pytest.param(IN, ["in"], id="outer first is in"),
        pytest.param(OUT, ["out"], id="inner first is out"),
        pytest.param(((0, O, True), (300, O, False)), [], id="a look in"),
        pytest.param(((0, O, True), (90, I, True), (900, I, False), (990, O, False)), [], id="turned back at both beams"),
        pytest.param(
            ((0, O, True), (90, I, True), (250, O, False), (900, O, True), (1300, I, False), (1400, O, False)),
            [],
            id="turned back when nearly through",
        ),
        pytest.param(
            ((0, O, True), (90, I, True), (250, O, False), (800, O, True), (1200, O, False), (1300, I, False)),
            ["in"],
            id="stepped back and went on",
        ),
        pytest.param(
            (*IN, (500, O, True), (590, I, True), (750, O, False), (840, I, False)), ["in", "in"], id="one after the other"
        ),
        pytest.param(
            (
                (0, O, True), (90, I, True), (250, O, False),
                (290, O, True), (340, I, False), (380, I, True), (540, O, False), (630, I, False),
            ),
            ["in", "in"],
            id="a second person close behind",
        ),
        pytest.param(
            (
                (0, I, True), (90, O, True), (250, I, False),
                (290, I, True), (340, O, False), (380, O, True), (540, I, False), (630, O, False),
            ),
            ["out", "out"],
            id="a second person close behind on the way out",
        ),
        pytest.param((*IN, *((t + 1000, b, x) for t, b, x in OUT)), ["in", "out"], id="in and out again"),
        pytest.param(((0, O, True), (0, O, True), *IN[1:]), ["in"], id="an edge said twice"),
    ],
)  # fmt: skip
def test_the_order_of_the_beams_tells_who_went_which_way(
    happened: tuple[tuple[int, str, bool], ...], wanted: list[str]
) -> None:
    assert passages(through_step(step(), edges(*happened))) == wanted


def test_the_boards_clock_may_wrap_in_the_middle_of_a_handover() -> None:
    wrap = 2**32 - 300
    timed = [
        (mono, BeamEdge(e.lane, e.beam, e.blocked, e.counter, (e.clock_ms + wrap) % 2**32))
        for mono, e in edges(
            (0, O, True), (90, I, True), (250, O, False), (290, O, True), (340, I, False), (380, I, True),
            (540, O, False), (630, I, False),
        )
    ]  # fmt: skip

    assert passages(through_step(step(), timed)) == ["in", "in"]


def test_a_stuck_beam_is_said_once_and_the_other_counts_without_direction() -> None:
    stuck = step()
    blocked = edges((0, I, True), (40_000, O, True), (40_300, O, False), (50_000, I, False))

    made = through_step(
        stuck,
        [
            *blocked[:1],
            (31 * SECOND, Tick()),
            (32 * SECOND, Tick()),
            *blocked[1:],
            *(
                (m + 60 * SECOND, BeamEdge(e.lane, e.beam, e.blocked, e.counter + 1, e.clock_ms + 60_000))
                for m, e in edges(*IN)
            ),
        ],
    )

    states = [(each.source, each.state) for each in made if isinstance(each, SourceState)]
    assert states == [("main.inner", "failed"), ("main.inner", "delivering")]
    assert passages(made)[0] == "unknown"


def test_lost_edges_are_told_and_make_no_passage() -> None:
    whole = edges(*IN)

    made = through_step(step(), [whole[0], whole[1], whole[3], *((m + SECOND, _later(e)) for m, e in edges(*IN))])

    assert [each for each in made if isinstance(each, EdgesLost)] == [EdgesLost("main", 1)]
    assert passages(made) == ["in"]


def _later(edge: BeamEdge) -> BeamEdge:
    return BeamEdge(edge.lane, edge.beam, edge.blocked, edge.counter + 2, edge.clock_ms + 1000)


def test_a_board_that_boots_begins_its_counters_anew_without_loss() -> None:
    made = through_step(step(), [*edges(*IN), (SECOND, BoardAlive(restarted=True)), *edges(*OUT)])

    assert passages(made) == ["in", "out"]
    assert not [each for each in made if isinstance(each, EdgesLost)]


def test_a_lane_without_a_name_is_left_out() -> None:
    assert through_step(step(), edges(*IN, lane=3)) == []
