"""The plan's figure says the same over every store."""

from __future__ import annotations

from math import sin

import msgspec

from edge.contract.records.bridge import BridgeMode, BridgeSpectrum, BridgeTemperature
from hub.bridge import live_figure
from hub.city import context_of
from hub.display.span_figure import Question
from hub.store.port import Store
from tests.hub.station import open_city
from tests.hub.store.rows import MINUTE_US, T0, row_of

HOURS = 30


def test_a_figure_has_spectra_frequencies_and_temperatures_of_every_store(store: Store) -> None:
    rows = []
    for number in range(6 * HOURS):
        t = T0 - (6 * HOURS - number) * 10 * MINUTE_US
        for record in (
            BridgeMode(t=t, mode="m1", frequency_hz=3.5 + 0.01 * sin(number), frequency_std_hz=0.01),
            BridgeTemperature(t=t, sensor="air", temperature_degc=number / 10.0),
            BridgeSpectrum(
                t=t, channel="a1", f_first_hz=0.5, f_step_hz=0.5, levels_db=[-80.0 + bin_ for bin_ in range(40)],
                averages=9.0,
            ),
        ):  # fmt: skip
            rows.append(row_of(len(rows) + 1, record))
    assert store.write(rows) == []
    context = context_of(msgspec.structs.replace(open_city(), time_zone="UTC"), "bridge-01")

    day = live_figure.read(Question(context, store, store.series, "1d", T0))("en")
    campaign = live_figure.read(Question(context, store, store.series, "campaign", T0))("en")

    assert "Spectrogram of sensor “span 1, middle”" in day.svg
    assert "data:image/png;base64," in day.svg
    assert any("lowest 3.6 °C, highest 17.9 °C, last 17.9 °C" in one for one in day.says)
    assert any(one.startswith("Natural frequency, mode 1: median 3.5") for one in day.says)
    assert [T0 - (one.t or 0) for one in day.newest] == [10 * MINUTE_US] * 3
    assert campaign.says[0].startswith("From 2026-11-17 05:07 to 2026-11-18 11:07")
