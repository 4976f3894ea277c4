"""Doorway: labelled passages of people through a real doorway under an 8×8 thermal array, beside a naive tracker.

Four recorded sequences of a Grid-EYE at 10 frames a second, an empty one among them. A passage is found when its direction
is told from 5 frames before its label to 15 after; every other one told is false. The same sequences bent in ways that a
recording of another day might be tell whether the tracker fits them only: noise, mirrored, warmer, at half the rate.

Quick form: without the bent sequences.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.counter_recordings import recording
from benchmarks.figures import Figure
from benchmarks.peers import naive_doorway
from edge.counter.recorded import FRAME_RATE_HZ, passages, read_frames

EARLY_FRAMES, LATE_FRAMES = 5, 15
FEWEST = 24
NOISE_DEGC = 0.25
SEED = 6

Frames = NDArray[np.float32]
Track = Callable[[Frames], Iterable[tuple[int, str]]]


class Found(NamedTuple):
    """Labelled passages found each way, and how many were told that are none."""

    entered: int
    left: int
    false: int


class Bent(NamedTuple):
    """One way to bend a sequence; `every` is how many recorded frames one of it stands for."""

    bend: Callable[[Frames], Frames]
    every: int = 1
    mirrored: bool = False


def run(quick: bool) -> Iterator[Figure]:
    """The figures, ours beside the naive tracker's; then ours on each bent form."""
    sequences = read_frames(recording("amg8833/grideye.npz"))
    labels = json.loads(recording("amg8833/expected_events.json").read_text(encoding="utf-8"))
    told, naive = found(sequences, labels, ours), found(sequences, labels, naive_doorway.passages)
    labelled = [sum(each[f"{way}_events"] for each in labels.values()) for way in ("in", "out")]
    said = f"{labelled[0]} in, {labelled[1]} out, {sum(map(len, sequences.values()))} frames"
    peer = naive_doorway.NAME
    yield Figure("passages_in", told.entered, "passages", said, peer, naive.entered, f">= {FEWEST}")
    yield Figure("passages_out", told.left, "passages", said, peer, naive.left, f">= {FEWEST}")
    yield Figure("false_passages", told.false, "passages", said, peer, naive.false, "== 0")
    for name, bent in {} if quick else bends().items():
        each = found(sequences, labels, ours, bent)
        yield Figure(f"passages_in_{name}", each.entered, "passages", said)
        yield Figure(f"passages_out_{name}", each.left, "passages", said)
        yield Figure(f"false_passages_{name}", each.false, "passages", said)


def bends() -> dict[str, Bent]:
    """The ways to bend a sequence."""
    rng = np.random.default_rng(SEED)
    return {
        "with_noise": Bent(lambda frames: (frames + rng.normal(0, NOISE_DEGC, frames.shape)).astype(np.float32)),
        "mirrored": Bent(lambda frames: frames[:, :, ::-1], mirrored=True),
        "upside_down": Bent(lambda frames: frames[:, ::-1]),
        "5_degrees_warmer": Bent(lambda frames: frames + np.float32(5.0)),
        "fainter_by_a_fifth": Bent(lambda frames: (frames.mean() + 0.8 * (frames - frames.mean())).astype(np.float32)),
        "at_half_rate": Bent(lambda frames: frames[::2], every=2),
    }


def ours(frames_degc: Frames, every: int = 1) -> Iterator[tuple[int, str]]:
    """Frame and direction of each passage, by the agent's tracker."""
    for told in passages("", frames_degc, FRAME_RATE_HZ / every):
        yield told.frame, told.direction


def found(sequences: dict[str, Frames], labels: dict[str, Any], track: Track, bent: Bent | None = None) -> Found:
    """What a tracker found of the labels; each passage told answers for one label at most."""
    hits = {"in": 0, "out": 0}
    false = 0
    turned = {"in": "out", "out": "in"} if bent is not None and bent.mirrored else {"in": "in", "out": "out"}
    for name, labelled in labels.items():
        told = list(track(sequences[name]) if bent is None else ours(bent.bend(sequences[name]), bent.every))
        frames_each = 1 if bent is None else bent.every
        for event in labelled["events"]:
            begin = event["first_window"] - EARLY_FRAMES
            end = event["first_window"] + event["windows"] + LATE_FRAMES
            way = turned[event["direction"]]
            hit = next((one for one in told if begin <= one[0] * frames_each <= end and one[1] == way), None)
            if hit is not None:
                told.remove(hit)
                hits[event["direction"]] += 1
        false += len(told)
    return Found(hits["in"], hits["out"], false)
