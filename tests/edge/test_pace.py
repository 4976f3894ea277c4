"""The pace's rules, and a city of devices that share one hub, on a clock that the test moves."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import pytest

from edge.pace import FIRST_BYTES, LEAST_BYTES, Pace

MOST = 512 * 1024
TARGET_S = 0.75


def paced(*answers: tuple[float, float]) -> Pace:
    """A pace that got answers to batches of backlog: when each left, and how long it took [s]."""
    pace = Pace(MOST, TARGET_S)
    for sent_at, delay_s in answers:
        pace.answered(sent_at, sent_at + delay_s, of_backlog=True)
    return pace


def test_the_window_doubles_while_answers_are_prompt_up_to_its_bound() -> None:
    windows = [paced(*[(second, 0.01) for second in range(answers)]).window_bytes for answers in (0, 1, 2, 20)]

    assert windows == [FIRST_BYTES, 2 * FIRST_BYTES, 4 * FIRST_BYTES, MOST]


def test_it_changes_once_a_round_not_with_every_answer() -> None:
    pace = paced((0.0, 0.01), (0.005, 0.01), (0.009, 0.01))

    assert pace.window_bytes == 2 * FIRST_BYTES


def test_it_shrinks_in_proportion_when_answers_are_late() -> None:
    pace = paced(*[(second, 0.01) for second in range(6)], (10.0, TARGET_S * 4 / 3))

    assert pace.window_bytes == pytest.approx(MOST * 3 / 4, rel=0.01)


def test_after_it_was_late_once_it_grows_by_little() -> None:
    before = paced(*[(second, 0.01) for second in range(6)], (10.0, TARGET_S * 4 / 3))
    after = paced(*[(second, 0.01) for second in range(6)], (10.0, TARGET_S * 4 / 3), (20.0, 0.01))

    assert 0 < after.window_bytes - before.window_bytes <= LEAST_BYTES


def test_answers_to_live_records_shrink_it_but_do_not_make_it_grow() -> None:
    idle, busy = paced((0.0, 0.01)), paced((0.0, 0.01))

    idle.answered(1.0, 1.01, of_backlog=False)
    busy.answered(1.0, 2.5, of_backlog=False)

    assert idle.window_bytes == 2 * FIRST_BYTES
    assert busy.window_bytes == FIRST_BYTES


def test_a_way_shorter_than_the_target_lets_it_grow_to_what_the_way_holds() -> None:
    pace = paced(*[(2.0 * second, 0.3) for second in range(10)])

    assert pace.window_bytes == MOST


def test_on_a_way_longer_than_the_target_the_backlog_goes_on_in_small_batches() -> None:
    pace = paced(*[(20.0 * second, 1.5) for second in range(10)])

    assert pace.batch_bytes(32 * 1024) == LEAST_BYTES
    assert pace.allows(0, 181.5 + 12.0)


def test_a_hub_that_is_late_all_the_same_gets_pauses_that_end() -> None:
    pace = paced(*[(20.0 * second, 10.0) for second in range(10)])

    assert not pace.allows(0, 190.0)
    assert pace.allows(0, 190.0 + 30.0)
    assert pace.batch_bytes(32 * 1024) == LEAST_BYTES


def test_one_batch_may_always_be_under_way() -> None:
    pace = Pace(1_000, TARGET_S)

    assert pace.allows(0, 0.0)
    assert not pace.allows(1_000, 0.0)


def test_a_new_connection_begins_anew() -> None:
    pace = paced(*[(20.0 * second, 10.0) for second in range(10)])

    pace.begin()

    assert pace.window_bytes == FIRST_BYTES
    assert pace.allows(0, 190.0)


# ---------------------------------------------------------------- a city


class Outcome(NamedTuple):
    """What a simulated hub saw: longest wait in the second half, busy part of it, bytes taken of each device."""

    longest_s: float
    busy: float
    taken: list[int]


def share_a_hub(paces: list[Pace], bytes_per_s: float, way_s: float, seconds: float) -> Outcome:
    """Devices with an endless backlog in front of a hub that takes one batch after the other."""
    under_way = [0] * len(paces)
    taken = [0] * len(paces)
    answers: list[tuple[float, int, int, float]] = []
    free_at = longest_s = 0.0
    busy_s = 0.0
    looks = [(0.001 * index, index) for index in range(len(paces))]
    while looks:
        now, index = heapq.heappop(looks)
        while answers and answers[0][0] <= now:
            at, who, size, sent_at = heapq.heappop(answers)
            under_way[who] -= size
            paces[who].answered(sent_at, at, of_backlog=True)
        while paces[index].allows(under_way[index], now):
            size = paces[index].batch_bytes(32 * 1024)
            begins = max(free_at, now + way_s / 2)
            free_at = begins + size / bytes_per_s
            under_way[index] += size
            if now > seconds / 2:
                longest_s = max(longest_s, free_at + way_s / 2 - now)
                busy_s += size / bytes_per_s
                taken[index] += size
            heapq.heappush(answers, (free_at + way_s / 2, index, size, now))
        if now < seconds:
            heapq.heappush(looks, (now + 0.02, index))
    return Outcome(longest_s, busy_s / (seconds / 2), taken)


@pytest.mark.parametrize("devices", [1, 20, 300])
def test_a_city_that_comes_back_shares_the_hub_and_keeps_what_waits_short(devices: int) -> None:
    outcome = share_a_hub([Pace(MOST, TARGET_S) for _ in range(devices)], 8e6, 0.05, 60.0)

    assert outcome.longest_s < 1.5
    assert outcome.busy > 0.9
    assert max(outcome.taken) < 3 * min(outcome.taken)


def test_a_larger_city_than_small_batches_allow_still_keeps_what_waits_bounded() -> None:
    outcome = share_a_hub([Pace(MOST, TARGET_S) for _ in range(300)], 5e5, 0.05, 40.0)

    assert outcome.longest_s < 7.0
    assert outcome.busy > 0.9


def test_without_it_a_city_would_wait_for_everyones_window() -> None:
    outcome = share_a_hub([Endless(MOST, TARGET_S) for _ in range(300)], 8e6, 0.05, 20.0)

    assert outcome.longest_s > 10.0


class Endless(Pace):
    """What the link did before: a window that no delay makes smaller."""

    def answered(self, sent_at: float, now: float, of_backlog: bool) -> None:
        """Change nothing."""

    def batch_bytes(self, most: int) -> int:
        """The largest."""
        return most

    def allows(self, under_way: int, now: float) -> bool:
        """Up to the bound."""
        return under_way < MOST
