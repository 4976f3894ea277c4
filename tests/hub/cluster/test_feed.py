"""What one hub commits is followed by the others, and only by them."""

from __future__ import annotations

from edge.contract.codec import encode_record
from edge.contract.control import State
from edge.contract.records.counter import CounterAir
from hub.cluster.feed import ROWS_A_MESSAGE, Feed
from hub.step import Step
from hub.store.port import Row

T0 = 1_795_000_000_000_000


def row(device: str, number: int) -> Row:
    record = CounterAir(t=T0 + number, co2_ppm=float(number))
    return Row(device, "00112233445566aa", number, T0 + number, record, encode_record(record))


def test_a_committed_step_reaches_the_others_with_the_devices_that_pages_show() -> None:
    told: list[bytes] = []
    followed: list[Step] = []
    one = Feed("one", ["counter-01"], told.append, followed.append)
    other = Feed("other", ["counter-01"], lambda _: None, followed.append)
    state = (State(status="online"), T0)
    step = Step(
        rows=[row("counter-01", number) for number in range(ROWS_A_MESSAGE + 2)] + [row("gate-01", 1)],
        heard={"counter-01": T0, "gate-01": T0},
        states={"counter-01": state},
    )

    one(step)
    for message in told:
        one.hear(message)
        other.hear(message)

    assert len(told) == 2
    assert [each.rows[0].device for each in followed] == ["counter-01", "counter-01"]
    assert sum(len(each.rows) for each in followed) == ROWS_A_MESSAGE + 2
    assert followed[0].rows[7].record == row("counter-01", 7).record
    assert (followed[0].heard, followed[0].states) == ({"counter-01": T0}, {"counter-01": state})


def test_what_cannot_be_read_is_left_out() -> None:
    followed: list[Step] = []

    Feed("one", [], lambda _: None, followed.append).hear(b"{")

    assert followed == []
