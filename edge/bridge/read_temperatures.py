"""Temperatures of the structure, thinned to one a sensor in a while; what cannot be a temperature is left out."""

from __future__ import annotations

from collections.abc import Iterable

from edge.bridge.items import TemperatureReading
from edge.contract.records.bridge import BridgeTemperature

LOWEST_DEGC, HIGHEST_DEGC = -60.0, 120.0


class ReadTemperatures:
    """The step; remembers when each sensor was last reported."""

    def __init__(self, every_s: float) -> None:
        self._every_us = round(every_s * 1e6)
        self._reported: dict[str, int] = {}

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, TemperatureReading):
            return [item]
        last = self._reported.get(item.sensor)
        credible = LOWEST_DEGC <= item.temperature_degc <= HIGHEST_DEGC
        if not credible or (last is not None and mono - last < self._every_us):
            return []
        self._reported[item.sensor] = mono
        return [BridgeTemperature(t=mono, sensor=item.sensor, temperature_degc=round(item.temperature_degc, 3))]
