"""The bridge's microcontroller: what three accelerometers and two thermometers on a simulated girder say on the line."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.framing import FrameEncoder
from firmware_bridge.message_codec import encode_message
from firmware_bridge.messages import Acceleration, Hello, Levels, Message, SensorKind
from simulators.bridge.settings import Settings, air_degc
from simulators.bridge.vibration import Vibration
from simulators.simulator import Emission, Truth

__all__ = ["Settings", "simulator"]

LINE = "mcu"
LSB_M_S2 = 1e-6
SAMPLES_A_FRAME = 25
HELLO_EVERY_S = 10
LEVELS_EVERY_S = 10
TRUTH_EVERY_S = 60
STRUCTURE_CHANNEL, AIR_CHANNEL = 0, 1


def simulator(settings: object, rng: np.random.Generator, start_us: int) -> BridgeSimulator:
    """A bridge; ``settings`` are ``Settings``."""
    assert isinstance(settings, Settings)
    return BridgeSimulator(settings, rng, start_us)


class BridgeSimulator:
    """Emits whole seconds; the bytes of a frame appear when its last sample has been taken."""

    def __init__(self, settings: Settings, rng: np.random.Generator, start_us: int) -> None:
        self._settings = settings
        self._vibration = Vibration(settings, rng)
        self._boot_id = int(rng.integers(1, 2**32))
        self._encoder = FrameEncoder()
        self._start_us = start_us
        self._frames: list[tuple[int, bytes]] = []
        self._samples = 0
        self._truth: list[Truth] = [self._shapes()]

    @property
    def lines(self) -> tuple[str, ...]:
        """Its one line."""
        return (LINE,)

    def advance(self, until_us: int) -> Iterable[Emission]:
        """Frames up to ``until_us`` [µs UTC]."""
        while self._now_us() < until_us:
            self._one_second()
        due = [data for at, data in self._frames if at <= until_us]
        self._frames = [frame for frame in self._frames if frame[0] > until_us]
        return [Emission(LINE, data) for data in due]

    def truth(self) -> list[Truth]:
        """Modes and temperatures each minute, every vehicle, and once the shapes."""
        told, self._truth = self._truth, []
        return told

    def _now_us(self) -> int:
        return self._start_us + self._vibration.elapsed_s * 1_000_000

    def _one_second(self) -> None:
        second, at_us = self._vibration.elapsed_s, self._now_us()
        hour = self._vibration.hour
        samples = self._vibration.second()
        if second % HELLO_EVERY_S == 0:
            self._say(at_us, self._hello())
        if second % LEVELS_EVERY_S == 0:
            levels = ((STRUCTURE_CHANNEL, self._vibration.degc), (AIR_CHANNEL, air_degc(self._settings, hour)))
            self._say(at_us, Levels(tuple((channel, round(1000.0 * degc)) for channel, degc in levels)))
        self._say_samples(at_us, samples)
        self._tell_truth(second, at_us, hour)

    def _say_samples(self, at_us: int, samples: NDArray[np.float64]) -> None:
        counts = np.clip(np.round(samples / LSB_M_S2), -(2**23), 2**23 - 1).astype("<i4")
        packed = counts.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
        for first in range(0, len(samples), SAMPLES_A_FRAME):
            part = packed[first * 9 : (first + SAMPLES_A_FRAME) * 9]
            taken = first + len(part) // 9
            self._say(at_us + round(taken * 1e6 / self._settings.rate_hz), Acceleration(self._samples + first, part))
        self._samples += len(samples)

    def _say(self, at_us: int, message: Message) -> None:
        message_type, payload = encode_message(message)
        self._frames.append((at_us, self._encoder.encode(message_type, payload)))

    def _hello(self) -> Hello:
        return Hello(
            boot_id=self._boot_id,
            firmware_version=(1, 0, 0),
            sensor_kind=SensorKind.ACCELEROMETER,
            sample_rate_mhz=round(self._settings.rate_hz * 1000.0),
            full_scale_milli=round(LSB_M_S2 * 2**23 * 1000.0),
            lsb_pico=round(LSB_M_S2 * 1e12),
        )

    def _shapes(self) -> Truth:
        shapes = self._vibration.girder.at(np.array(self._settings.sensors_m))
        scaled = shapes / abs(shapes).max(axis=1, keepdims=True)
        return {"t": self._start_us, "what": "mode_shapes", "shapes": np.round(scaled, 6).tolist()}

    def _tell_truth(self, second: int, at_us: int, hour: float) -> None:
        if second % TRUTH_EVERY_S == 0:
            self._truth.append(
                {
                    "t": at_us,
                    "what": "modes",
                    "frequencies_hz": np.round(self._vibration.frequency_hz, 6).tolist(),
                    "damping_ratio": self._settings.damping_ratio,
                    "structure_degc": round(self._vibration.degc, 4),
                    "air_degc": round(air_degc(self._settings, hour), 4),
                }
            )
        for vehicle in self._vibration.arrived:
            self._truth.append(
                {
                    "t": self._start_us + round(vehicle.enters_s * 1e6),
                    "what": "passage",
                    "until": self._start_us + round(self._vibration.leaves_s(vehicle) * 1e6),
                    "mass_kg": round(vehicle.mass_kg, 1),
                    "speed_m_s": round(vehicle.speed_m_s, 3),
                }
            )
        self._vibration.arrived.clear()
