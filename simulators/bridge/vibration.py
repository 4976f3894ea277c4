"""Acceleration of a girder under vehicles and ambient load, by superposing its modes.

Each mode's oscillator is stepped exactly for a force that is constant over a sample; its frequency follows the
structure's temperature once a minute. The force of a vehicle is its weight, its body's bounce and the road's roughness,
moving over the mode shape.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulators.bridge.girder import GirderModes, girder_modes
from simulators.bridge.settings import TRAFFIC_BY_HOUR, Settings, frequency_factor, structure_degc

Real = NDArray[np.float64]

GRAVITY = 9.80665
FOLLOW_S = 60
ROUGHNESS = 0.08
"""Force of the road's roughness over the axle's weight, white over the band (rms)."""
BOUNCE = 0.03
"""Force of the body's bounce over the axle's weight (rms)."""
BOUNCE_TONES = np.array([0.76, 0.83, 0.91, 1.0, 1.08, 1.17, 1.26])
"""A body with a damper bounces in a band, here drawn as seven tones over its own frequency."""


class Vehicle(NamedTuple):
    """One vehicle: when its front axle enters [s], how fast, how heavy, how it bounces."""

    enters_s: float
    speed_m_s: float
    mass_kg: float
    wheelbase_m: float
    bounce_hz: float
    phase: float


class Vibration:
    """The vibrating girder; ``second`` gives the next second of samples."""

    def __init__(self, settings: Settings, rng: np.random.Generator) -> None:
        self.settings = settings
        self.girder, self.reference = _girders(settings)
        self.rate_hz = settings.rate_hz
        self._rng = rng
        self._at_sensors = self.girder.at(np.array(settings.sensors_m))
        self._length_m = sum(settings.spans_m)
        self._state = np.zeros(settings.modes, dtype=np.complex128)
        self._vehicles: list[Vehicle] = []
        self.elapsed_s = 0
        self.arrived: list[Vehicle] = []
        self._follow_temperature()

    @property
    def hour(self) -> float:
        """Local hour of the day, 0 to 24."""
        return (self.settings.hour_of_day + self.elapsed_s / 3600.0) % 24.0

    def leaves_s(self, vehicle: Vehicle) -> float:
        """When a vehicle's last axle has left the girder [s]."""
        return vehicle.enters_s + (self._length_m + vehicle.wheelbase_m) / vehicle.speed_m_s

    def second(self) -> Real:
        """The next second of accelerations at the sensors, (rate_hz, 3) [m/s²]; vehicles are added to ``arrived``."""
        if self.elapsed_s % FOLLOW_S == 0:
            self._follow_temperature()
        count = round(self.rate_hz)
        time_s = self.elapsed_s + np.arange(count) / self.rate_hz
        self._let_arrive()
        force = self._rng.normal(size=(self.settings.modes, count)) * (
            self.settings.ambient * np.sqrt(self.rate_hz / 2.0)
        )
        for vehicle in self._vehicles:
            force += self._vehicle_force(vehicle, time_s)
        modal = self._step(force)
        noise = self.settings.noise_density * np.sqrt(self.rate_hz / 2.0)
        samples = modal.T @ self._at_sensors + noise * self._rng.normal(size=(count, len(self.settings.sensors_m)))
        self.elapsed_s += 1
        return np.asarray(samples)

    def _let_arrive(self) -> None:
        rate = self.settings.vehicles_an_hour / 3600.0 * TRAFFIC_BY_HOUR[int(self.hour)]
        for _ in range(int(self._rng.poisson(rate))):
            heavy = self._rng.random() < 0.12
            vehicle = Vehicle(
                enters_s=self.elapsed_s + float(self._rng.random()),
                speed_m_s=min(22.0, max(6.0, self._rng.normal(13.5, 1.8))),
                mass_kg=float(self._rng.lognormal(np.log(14_000.0 if heavy else 1_400.0), 0.3)),
                wheelbase_m=5.5 if heavy else 2.6,
                bounce_hz=min(5.0, max(0.8, self._rng.normal(3.2 if heavy else 1.4, 0.3))),
                phase=float(self._rng.uniform(0.0, 1.0)),
            )
            self._vehicles.append(vehicle)
            self.arrived.append(vehicle)
        self._vehicles = [one for one in self._vehicles if self.leaves_s(one) > self.elapsed_s]

    def _vehicle_force(self, vehicle: Vehicle, time_s: Real) -> Real:
        along = (time_s - vehicle.enters_s) * vehicle.speed_m_s
        rough = ROUGHNESS * self._rng.normal(size=len(time_s))
        tones = vehicle.bounce_hz * BOUNCE_TONES[:, None] * time_s + vehicle.phase * np.arange(1, 8)[:, None]
        bounce = BOUNCE / np.sqrt(len(BOUNCE_TONES) / 2.0) * np.sin(2.0 * np.pi * tones).sum(axis=0)
        axle = 0.5 * vehicle.mass_kg * GRAVITY * (1.0 + bounce + rough)
        shapes = self.girder.at(along) + self.girder.at(along - vehicle.wheelbase_m)
        return np.asarray(-axle * shapes)

    def _follow_temperature(self) -> None:
        """Oscillators for the temperature as it is now."""
        count = round(self.rate_hz)
        self.degc = structure_degc(self.settings, self.hour)
        self.frequency_hz = self.girder.frequency_hz * frequency_factor(self.settings, self.degc)
        omega, zeta = 2.0 * np.pi * self.frequency_hz, self.settings.damping_ratio
        self._damped = omega * np.sqrt(1.0 - zeta**2)
        pole = -zeta * omega + 1j * self._damped
        powers = np.exp(pole[:, None] / self.rate_hz * np.arange(count + 1))
        gain = (powers[:, 1] - 1.0) / pole
        lag = np.arange(count)[:, None] - np.arange(count)[None, :]
        self._free = powers[:, 1:]
        self._forced = np.where(lag >= 0, powers[:, np.abs(lag)], 0.0) * gain[:, None, None]
        self._omega = omega

    def _step(self, force: Real) -> Real:
        """Modal accelerations (modes, samples), where z' = s·z + p and z = q̇ − s*·q."""
        zeta = self.settings.damping_ratio
        z = self._free * self._state[:, None] + np.einsum("mij,mj->mi", self._forced, force)
        self._state = z[:, -1].copy()
        displacement = z.imag / self._damped[:, None]
        velocity = z.real - (zeta * self._omega)[:, None] * displacement
        omega = self._omega[:, None]
        return np.asarray(force - 2.0 * zeta * omega * velocity - omega**2 * displacement)


def _girders(settings: Settings) -> tuple[GirderModes, GirderModes]:
    """The girder as it is, and as it was before any loss of stiffness."""
    even = np.ones(len(settings.spans_m))
    unit = girder_modes(settings.spans_m, even, settings.mass_kg_m, settings.modes)
    stiffness = float((settings.first_frequency_hz / unit.frequency_hz[0]) ** 2)
    sound = girder_modes(settings.spans_m, stiffness * even, settings.mass_kg_m, settings.modes)
    left = even - np.array(settings.stiffness_loss or [0.0] * len(settings.spans_m))
    if not settings.stiffness_loss:
        return sound, sound
    return girder_modes(settings.spans_m, stiffness * left, settings.mass_kg_m, settings.modes), sound
