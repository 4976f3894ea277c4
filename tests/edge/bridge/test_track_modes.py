"""Labels stay with their modes: through drift, crossing, absence and the loss of a sensor."""

import numpy as np

from edge.bridge.config import Modes, ReferenceMode
from edge.bridge.identification import Mode
from edge.bridge.identify_modes import Identified
from edge.bridge.track_modes import TrackModes
from edge.contract.records.bridge import BridgeMode

BENDING = np.array([1.0, 0.9, 0.8, 0.7], dtype=complex)
TORSION = np.array([1.0, -0.9, 0.8, -0.7], dtype=complex)


def mode(frequency_hz: float, shape: np.ndarray) -> Mode:
    return Mode(frequency_hz, 0.003, 0.01, 0.001, 20.0, shape)


def labels(step: TrackModes, t: int, *modes: Mode) -> dict[str, float]:
    made = step(t, Identified(t, modes, ("a", "b", "c", "d"), 0.01))
    return {one.mode: one.frequency_hz for one in made if isinstance(one, BridgeMode)}


def test_a_mode_gets_its_label_when_it_was_seen_twice() -> None:
    step = TrackModes(Modes(confirm=2))

    assert labels(step, 1, mode(2.0, BENDING)) == {}
    assert labels(step, 2, mode(2.01, BENDING)) == {"m1": 2.01}


def test_labels_follow_frequency_at_their_first_confirmation() -> None:
    step = TrackModes(Modes(confirm=1))

    assert labels(step, 1, mode(5.0, TORSION), mode(2.0, BENDING)) == {"m1": 2.0, "m2": 5.0}


def test_crossing_modes_keep_their_labels() -> None:
    step = TrackModes(Modes(confirm=1))
    seen = [
        labels(step, n, *sorted((mode(2.0 + 0.01 * n, BENDING), mode(2.2 - 0.01 * n, TORSION)), key=lambda one: one[0]))
        for n in range(21)
    ]

    assert seen[0] == {"m1": 2.0, "m2": 2.2}
    assert seen[-1] == {"m1": 2.2, "m2": 2.0}


def test_a_mode_that_was_away_for_hours_keeps_its_label() -> None:
    step = TrackModes(Modes(confirm=1))
    labels(step, 0, mode(2.0, BENDING), mode(5.0, TORSION))

    for n in range(1, 200):
        labels(step, n, mode(5.0, TORSION))

    assert labels(step, 200, mode(2.03, BENDING)) == {"m1": 2.03}


def test_a_lost_sensor_does_not_cost_a_label() -> None:
    step = TrackModes(Modes(confirm=1))
    labels(step, 1, mode(2.0, BENDING), mode(2.1, TORSION))
    fewer = [np.where([True, True, False, True], shape, np.nan) for shape in (BENDING, TORSION)]

    assert labels(step, 2, mode(2.1, fewer[0]), mode(2.0, fewer[1])) == {"m1": 2.1, "m2": 2.0}


def test_what_was_seen_once_is_forgotten_and_takes_no_label() -> None:
    step = TrackModes(Modes(confirm=2))
    labels(step, 0, mode(3.0, TORSION))

    for n in range(1, 9):
        labels(step, n)

    assert labels(step, 9, mode(3.0, TORSION)) == {}


def test_reference_modes_give_labels_that_survive_a_restart() -> None:
    step = TrackModes(Modes(confirm=2, reference=[ReferenceMode(mode="bending", frequency_hz=2.0)]))

    assert labels(step, 1, mode(2.05, BENDING)) == {"bending": 2.05}
