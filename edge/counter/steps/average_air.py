"""Averages the readings of the air over an interval and reports them; what is not credible is left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from edge.contract.records.counter import CounterAir
from edge.counter.items import AirReading, Co2Reading
from edge.pipeline import Tick

CREDIBLE: Final[dict[str, tuple[float, float]]] = {
    "co2_ppm": (200.0, 40_000.0),
    "temperature_degc": (-40.0, 85.0),
    "humidity_percent": (0.0, 100.0),
    "illuminance_lux": (0.0, 200_000.0),
}
"""Below 200 ppm of CO₂ a sensor is warming up or broken: the open air has above 400."""


class AverageAir:
    """Air readings in, one record an interval out; a quantity without a credible reading is absent."""

    def __init__(self, interval_s: float) -> None:
        self._interval_us = round(interval_s * 1e6)
        self._interval = 0
        self._readings: dict[str, list[float]] = {}

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, Co2Reading):
            item = AirReading(co2_ppm=item.co2_ppm)
        if not isinstance(item, AirReading | Tick):
            return (item,)
        interval = mono // self._interval_us
        ended = [self._record()] if self._readings and interval != self._interval else []
        self._interval = interval
        if isinstance(item, Tick):
            return (*ended, item)
        for field, (low, high) in CREDIBLE.items():
            value: float | None = getattr(item, field)
            if value is not None and low <= value <= high:
                self._readings.setdefault(field, []).append(value)
        return ended

    def _record(self) -> CounterAir:
        readings, self._readings = self._readings, {}
        return CounterAir(
            t=(self._interval + 1) * self._interval_us,
            co2_ppm=_mean(readings.get("co2_ppm")),
            temperature_degc=_mean(readings.get("temperature_degc")),
            humidity_percent=_mean(readings.get("humidity_percent")),
            illuminance_lux=_mean(readings.get("illuminance_lux")),
        )


def _mean(values: list[float] | None) -> float | None:
    return None if not values else round(sum(values) / len(values), 3)
