"""A simulated campaign as the files that an engineer would have: table, spectra of a sensor, the bridge with its event log."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from simulators.bridge.building_site import DESIGN_MASS, DESIGN_SPANS_M, DESIGN_STIFFNESS, modes_of
from simulators.bridge.campaign import DAY_S, START_S, Campaign, Settings
from simulators.bridge.girder import Real

SENSOR_M = 20.0
"""S5: in the first span, where all six modes are seen."""

EVERY = 36
"""Windows from one spectrum to the next: six hours."""

AVERAGES = 24.0
NOISE_M_S2 = 2e-5
BINS_HZ = np.arange(0.0, 25.0, 0.125)


def spectra(campaign: Campaign, settings: Settings, generator: np.random.Generator) -> tuple[Real, Real]:
    """Times [s UTC] and levels [dB re 1 (m/s²)²/Hz], (rows, bins), of the sensor."""
    rows = np.arange(0, len(campaign.times_s), EVERY)
    shape = modes_of(campaign.built, (), settings.modes).at(np.array([SENSOR_M]))[:, 0]
    ratio = BINS_HZ[None, None, :] / campaign.true_hz[rows][:, :, None]
    damping = np.array(settings.damping)[None, :, None]
    gain = ratio**4 / ((1.0 - ratio**2) ** 2 + (2.0 * damping * ratio) ** 2)
    force = np.square(shape / np.abs(shape).max())[None, :, None] * campaign.level_m_s2[rows][:, None, None] ** 2
    density = (0.02 * force * gain).sum(axis=1) + NOISE_M_S2**2
    drawn = density * generator.gamma(AVERAGES, 1.0 / AVERAGES, density.shape)
    return campaign.times_s[rows], np.round(10.0 * np.log10(drawn), 1)


def write(campaign: Campaign, settings: Settings, generator: np.random.Generator, folder: Path) -> None:
    """``series.csv``, ``spectra.npz`` and ``bridge.toml`` in a folder that is there."""
    times, levels = spectra(campaign, settings, generator)
    np.savez_compressed(folder / "spectra.npz", t=times, f_hz=BINS_HZ, levels_db=levels.astype(np.float32))
    (folder / "bridge.toml").write_text(_bridge(campaign), encoding="utf-8")
    modes = range(1, settings.modes + 1)
    with (folder / "series.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            [
                "t",
                *(f"f{n}" for n in modes),
                *(f"f{n}_std" for n in modes),
                "temperature_deck",
                "temperature_air",
                "level",
            ]
        )
        columns = (campaign.frequencies_hz, campaign.std_hz, campaign.temperatures_degc, campaign.level_m_s2)
        for t, frequencies, stated, degc, level in zip(campaign.times_s, *columns, strict=True):
            cells = ["" if value != value else f"{value:.6f}" for value in (*frequencies, *stated)]
            moment = f"{np.datetime_as_string(np.datetime64(int(t), 's'))}Z"
            writer.writerow([moment, *cells, *(f"{value:.2f}" for value in degc), f"{level:.3e}"])


def _bridge(campaign: Campaign) -> str:
    spans = ", ".join(f"{span:g}" for span in DESIGN_SPANS_M)
    lines = [
        "[girder]", f"spans_m = [{spans}]", f"bending_stiffness_nm2 = {DESIGN_STIFFNESS:g}",
        f"mass_kg_m = {DESIGN_MASS:g}", "shear_stiffness_n = 6e10",
    ]  # fmt: skip
    for one in campaign.truth:
        date = np.datetime_as_string(np.datetime64(int(START_S + 9 * 3600 + DAY_S * one.event.day), "s"))[:10]
        lines += ["", "[[events]]", f'date = "{date}"', f"number = {one.event.number}", f'name = "{one.event.name}"']
    return "\n".join([*lines, ""])
