"""Modes are scored against the published ones: found, missed and invented are told apart."""

import numpy as np
import pytest

from benchmarks.bridge_frame import PUBLISHED_HZ, RATE_HZ, in_one_unit, scored
from benchmarks.bridge_quakes import hits


def test_the_published_modes_score_full_marks() -> None:
    score = scored([PUBLISHED_HZ.tolist()] * 3)

    assert score == (24, 0.0, 0)


def test_a_missing_and_an_invented_mode_are_counted() -> None:
    score = scored([[*PUBLISHED_HZ[1:], 3.1]])

    assert (score.found, score.spurious) == (7, 1)


def test_what_lies_outside_the_band_is_not_scored() -> None:
    score = scored([[*PUBLISHED_HZ, 0.5, 12.166]])

    assert score.spurious == 0


def test_the_error_is_the_root_mean_square_in_per_cent() -> None:
    score = scored([(PUBLISHED_HZ * 1.001).tolist()])

    assert score.rms_percent == pytest.approx(0.1)


def test_velocities_become_accelerations_in_one_unit(tmp_path) -> None:  # type: ignore[no-untyped-def]
    t = np.arange(2560) / RATE_HZ
    samples = np.tile(np.sin(2 * np.pi * 2.0 * t)[:, None], (1, 6))
    np.save(tmp_path / "x.npy", samples)
    (tmp_path / "out").mkdir()

    converted = np.load(in_one_unit(tmp_path / "x.npy", tmp_path / "out"))

    np.testing.assert_allclose(converted[:, 0], 4 * np.pi * np.cos(2 * np.pi * 2.0 * t), atol=1e-6)
    np.testing.assert_array_equal(converted[:, 3], samples[:, 3])


def test_a_published_range_is_hit_by_a_frequency_within_it(tmp_path) -> None:  # type: ignore[no-untyped-def]
    record = tmp_path / "meloland__Calexico_x.npz"

    assert hits([record], [[2.7]]) == 1
    assert hits([record], [[3.3]]) == 0
