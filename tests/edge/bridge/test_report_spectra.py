"""Rows of the spectrogram are scipy's density of the whole window, however the samples came in pieces."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal

from edge.bridge.block import Block
from edge.bridge.config import Spectrum
from edge.bridge.report_spectra import ReportSpectra
from edge.contract.records.bridge import BridgeSpectrum

RATE_HZ = 50.0
WINDOW_S = 60.0
SEGMENT_S = 10.0
HIGHEST_HZ = 20.0
SAMPLES = int(WINDOW_S * RATE_HZ)


def blocks(samples: NDArray[np.float64], cuts: list[int]) -> list[Block]:
    """The samples cut before each number of ``cuts``."""
    edges = sorted({0, *cuts, len(samples)})
    return [
        Block(
            t=round(begin * 1e6 / RATE_HZ), rate_hz=RATE_HZ, samples=samples[begin:end], continues=begin > 0,
            used=np.array([True, True]), names=("x", "z"), velocity=(False, False), first=begin, rate_ratio=1.0,
        )
        for begin, end in pairwise(edges)
    ]  # fmt: skip


@given(
    seed=st.integers(min_value=0, max_value=2**32 - 1),
    cuts=st.lists(st.integers(min_value=1, max_value=SAMPLES // 2), max_size=40),
)
@settings(max_examples=60, deadline=None)
def test_any_chunking_gives_scipys_density(seed: int, cuts: list[int]) -> None:
    samples = 1e-3 * np.random.default_rng(seed).normal(size=(SAMPLES, 2)).cumsum(axis=0)
    step = ReportSpectra(Spectrum(window_s=WINDOW_S, segment_s=SEGMENT_S), HIGHEST_HZ)
    tail = list(range(SAMPLES // 2, SAMPLES, 50))

    made = [out for block in blocks(samples, [*cuts, *tail]) for out in step(0, block)]

    rows = [row for row in made if isinstance(row, BridgeSpectrum)]
    assert [row.channel for row in rows] == ["x", "z"]
    length = int(SEGMENT_S * RATE_HZ)
    frequencies, density = signal.welch(samples, RATE_HZ, "hann", length, axis=0, detrend="constant")
    told = int(HIGHEST_HZ * SEGMENT_S)
    expected = 10.0 * np.log10(density[1 : told + 1])
    for channel, row in enumerate(rows):
        assert row.t == round(WINDOW_S * 1e6)
        assert (row.f_first_hz, row.f_step_hz) == (frequencies[1], frequencies[1])
        np.testing.assert_allclose(row.levels_db, expected[:, channel], atol=0.05 + 1e-8)
