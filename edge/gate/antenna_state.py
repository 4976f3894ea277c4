"""State of each antenna, by its noise and its return loss: well, noisy, detuned, or off.

Rules it keeps:
- *off* (not heard) goes before *detuned* (it sends its power back), *detuned* before *noisy*.
- A limit must be passed by ``HYSTERESIS_DB`` to come back, so that a state does not flicker.
- Nothing is said of an antenna before it was heard or had the time to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from edge.contract.records.gate import GateAntenna
from edge.gate.items import LevelsRead
from edge.pipeline import Step, Tick

NOISE_CHANNEL: Final = 240
RETURN_LOSS_CHANNEL: Final = 224
REPORT_EVERY_US: Final = 3_600_000_000
HYSTERESIS_DB: Final = 3.0
State = Literal["ok", "noisy", "detuned", "off"]


def antenna_state(names: dict[int, str], noisy_dbm: float, return_loss_db: float, off_s: float) -> Step:
    """Levels of the antennas' channels to ``GateAntenna``: when the state changes and once an hour."""
    return _AntennaState([_Antenna(number, name, noisy_dbm, return_loss_db) for number, name in names.items()], off_s)


class _AntennaState:
    def __init__(self, antennas: list[_Antenna], off_s: float) -> None:
        self._antennas = antennas
        self._off_us = off_s * 1e6
        self._began: int | None = None

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if self._began is None:
            self._began = mono
        if isinstance(item, LevelsRead):
            levels = dict(item.levels_milli)
            for antenna in self._antennas:
                antenna.hear(mono, levels)
        yield item
        if isinstance(item, Tick):
            for antenna in self._antennas:
                heard_at = self._began if antenna.heard_at is None else antenna.heard_at
                yield from antenna.say(mono, off=mono - heard_at > self._off_us)


class _Antenna:
    def __init__(self, number: int, name: str, noisy_dbm: float, return_loss_db: float) -> None:
        self.heard_at: int | None = None
        self._number = number
        self._name = name
        self._noisy_dbm = noisy_dbm
        self._return_loss_db = return_loss_db
        self._noise_dbm: float | None = None
        self._noisy = False
        self._detuned = False
        self._said: State | None = None
        self._said_at = 0

    def hear(self, mono: int, levels_milli: dict[int, int]) -> None:
        noise = levels_milli.get(NOISE_CHANNEL + self._number)
        if noise is not None:
            self.heard_at = mono
            self._noise_dbm = max(-150.0, min(50.0, noise / 1000))
            self._noisy = self._noise_dbm > self._noisy_dbm - (HYSTERESIS_DB if self._noisy else 0)
        loss = levels_milli.get(RETURN_LOSS_CHANNEL + self._number)
        if loss is not None:
            self.heard_at = mono
            self._detuned = loss / 1000 < self._return_loss_db + (HYSTERESIS_DB if self._detuned else 0)

    def say(self, mono: int, off: bool) -> Iterator[GateAntenna]:
        if self.heard_at is None and not off:
            return
        state: State = "off" if off else "detuned" if self._detuned else "noisy" if self._noisy else "ok"
        if state != self._said or mono - self._said_at >= REPORT_EVERY_US:
            self._said, self._said_at = state, mono
            noise = None if off else self._noise_dbm
            yield GateAntenna(t=mono, antenna=self._name, state=state, noise_dbm=noise)
