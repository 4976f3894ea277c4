"""Rows of the spectrogram averaged over a report: what is kept, what the model sees, and what a missing channel does."""

from __future__ import annotations

import numpy as np
import pytest

from edge.bridge.average_spectra import AverageSpectra
from edge.bridge.config import Spectrum
from edge.contract.records.bridge import BridgeSpectrum
from edge.pipeline import Tick


def row(minute: int, channel: str, level_db: float, averages: float = 20.0, levels: int = 3) -> BridgeSpectrum:
    return BridgeSpectrum(
        t=minute * 60_000_000, channel=channel, f_first_hz=0.2, f_step_hz=0.2, levels_db=[level_db] * levels,
        averages=averages,
    )  # fmt: skip


def through(step: AverageSpectra, rows: list[BridgeSpectrum]) -> list[object]:
    return [made for one in rows for made in step(0, one)]


def test_rows_go_on_as_they_are_unless_asked_otherwise() -> None:
    rows = [row(1, "z", -60.0), row(2, "z", -70.0)]

    assert through(AverageSpectra(Spectrum()), rows) == rows


def test_a_report_is_the_mean_density_of_its_windows_by_what_they_are_worth() -> None:
    step = AverageSpectra(Spectrum(window_s=60.0, report_s=120.0))

    [made] = through(step, [row(1, "z", -60.0, 10.0), row(2, "z", -50.0, 30.0), row(3, "z", 0.0)])

    assert isinstance(made, BridgeSpectrum)
    assert (made.t, made.channel, made.averages) == (120_000_000, "z", 40.0)
    assert made.levels_db == pytest.approx([10 * np.log10((10 * 1e-6 + 30 * 1e-5) / 40)] * 3, abs=0.05)


def test_a_channel_left_out_of_a_window_has_its_other_windows() -> None:
    step = AverageSpectra(Spectrum(window_s=60.0, report_s=120.0))

    made = through(step, [row(1, "x", -60.0), row(1, "z", -40.0), row(2, "x", -60.0), row(3, "x", 0.0)])

    assert [(one.channel, one.averages) for one in made if isinstance(one, BridgeSpectrum)] == [
        ("x", 40.0),
        ("z", 20.0),
    ]


def test_rows_of_another_length_begin_a_report_of_their_own() -> None:
    step = AverageSpectra(Spectrum(window_s=60.0, report_s=600.0))

    [made] = through(step, [row(1, "z", -60.0), row(2, "z", -60.0, levels=5)])

    assert isinstance(made, BridgeSpectrum)
    assert len(made.levels_db) == 3


def test_what_is_no_row_passes() -> None:
    tick = Tick()

    assert list(AverageSpectra(Spectrum(report_s=600.0))(0, tick)) == [tick]
