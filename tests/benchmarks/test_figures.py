"""The figure line, its aim and the exit status."""

import json

import pytest

from benchmarks.errors import BadAim
from benchmarks.figures import Figure, aim_met, exit_status


def a_figure(value: float = 250_000.0, peer_value: float | None = 100_000.0, aim: str | None = ">= 200000") -> Figure:
    return Figure("ingest-batch-50", value, "readings/s", "2000 messages of 50", "telegraf", peer_value, aim)


def test_a_line_has_every_field_of_the_agreed_form() -> None:
    line = json.loads(a_figure().line(quick=True))

    assert line == {
        "figure": "ingest-batch-50",
        "value": 250_000,
        "unit": "readings/s",
        "peer": "telegraf",
        "peer_value": 100_000,
        "ratio": 2.5,
        "input": "2000 messages of 50",
        "aim": ">= 200000",
        "met": True,
        "form": "quick",
    }


def test_the_long_form_says_so_and_a_missing_peer_is_null() -> None:
    line = json.loads(a_figure(peer_value=None).line(quick=False))

    assert (line["form"], line["peer"], line["peer_value"], line["ratio"]) == ("long", "telegraf", None, None)


def test_a_line_refuses_a_number_that_json_does_not_have() -> None:
    with pytest.raises(ValueError):
        a_figure(value=float("nan")).line(quick=False)


@pytest.mark.parametrize(
    ("aim", "value", "peer_value", "met"),
    [
        (">= 200000", 200_000, None, True),
        (">= 200000", 199_999, None, False),
        ("<= 45", 45.1, None, False),
        ("< 1", 0.99, None, True),
        ("< 1", 1.0, None, False),
        ("== 0", 0, None, True),
        ("== 0", 1, None, False),
        ("> peer", 11, 10, True),
        ("> peer", 10, 10, False),
        ("<= 0.5 x peer", 5, 10, True),
        ("<= 0.5 x peer", 6, 10, False),
        (">= 20 and > peer", 25, 20, True),
        (">= 20 and > peer", 25, 30, False),
        (">= 20 and > peer", 25, None, None),
        (">= 20 and > peer", 15, None, False),
    ],
)
def test_an_aim_is_computed_from_its_text(aim: str, value: float, peer_value: float | None, met: bool | None) -> None:
    assert aim_met(aim, value, peer_value) is met


@pytest.mark.parametrize("aim", ["", "200000", "at least 5", ">= many", ">= 5 MB", "> 2 times peer", ">= 5 and"])
def test_an_aim_that_cannot_be_computed_is_refused(aim: str) -> None:
    with pytest.raises(BadAim, match="aim '"):
        aim_met(aim, 1.0, 1.0)


def test_the_exit_status_tells_met_from_missed_from_a_missing_peer() -> None:
    met, missed, alone = a_figure(), a_figure(value=1.0), a_figure(peer_value=None)

    assert exit_status([]) == 0
    assert exit_status([met, met]) == 0
    assert exit_status([met, missed]) == 3
    assert exit_status([met, alone]) == 4
    assert exit_status([missed, alone]) == 4


def test_a_reported_number_without_an_aim_fails_nothing() -> None:
    assert exit_status([Figure("ingest-telegraf", 27.0, "MB", "2000 messages")]) == 0
