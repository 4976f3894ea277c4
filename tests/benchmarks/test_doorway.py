"""The doorway benchmark's account of passages, and its naive peer."""

import numpy as np

from benchmarks.doorway import Found, found
from benchmarks.peers import naive_doorway

LABELS = {"walk": {"events": [{"direction": "in", "first_window": 30, "windows": 9}]}}
FRAMES = {"walk": np.zeros((60, 8, 8), dtype=np.float32)}


def test_a_passage_answers_for_one_label_and_every_other_is_false() -> None:
    assert found(FRAMES, LABELS, lambda _: [(35, "in"), (36, "in")]) == Found(1, 0, 1)


def test_the_wrong_direction_and_the_wrong_time_are_false() -> None:
    assert found(FRAMES, LABELS, lambda _: [(35, "out"), (3, "in")]) == Found(0, 0, 2)


def test_the_naive_tracker_counts_who_walks_across_and_not_who_turns_back() -> None:
    columns = [None] * 30 + list(range(8)) + [None] * 30 + [0, 1, 2, 3, 2, 1, 0] + [None] * 30
    frames = np.full((len(columns), 8, 8), 22.0, dtype=np.float32)
    for frame, column in enumerate(columns):
        if column is not None:
            frames[frame, 4, column] += 5.0

    assert [direction for _, direction in naive_doorway.passages(frames)] == ["in"]
