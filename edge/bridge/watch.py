"""What a technician sees of a bridge: level, noise floor and gravity of each channel, and temperatures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.bridge.assemble import decoded, is_whole
from edge.bridge.channel_health import judge, noise_floor
from edge.bridge.config import Channel, Config
from edge.bridge.items import AccelerationChunk, TemperatureReading
from edge.watch import Line, Seen, Verdict

GRAVITY_M_S2: Final = 9.80665
NEAR_GRAVITY: Final = 0.1
"""A mean within this share of gravity is gravity."""
LOOK_S: Final = 10


def summary(items: Sequence[Seen], settings: object) -> list[Line]:
    """The newest 10 s, one line a channel and what it says of the mounting."""
    config = settings if isinstance(settings, Config) else Config()
    chunks = [seen.item for seen in items if isinstance(seen.item, AccelerationChunk) and is_whole(seen.item)]
    lines: list[Line] = []
    if chunks:
        newest = chunks[-1]
        chunks = [one for one in chunks if (one.run, one.rate_hz, one.channels) == _like(newest)]
        lines += _channels(chunks, config)
    else:
        lines.append(Line("acceleration", None, "", "no sample yet: has the board said HELLO?", "fail"))
    temperatures = {seen.item.sensor: seen.item for seen in items if isinstance(seen.item, TemperatureReading)}
    return lines + [Line(f"temperature {name}", one.temperature_degc, "°C") for name, one in temperatures.items()]


def _like(chunk: AccelerationChunk) -> tuple[int, float, int]:
    return chunk.run, chunk.rate_hz, chunk.channels


def _channels(chunks: list[AccelerationChunk], config: Config) -> list[Line]:
    rate_hz, count = chunks[-1].rate_hz, chunks[-1].channels
    channels = config.channels or [Channel(name=f"ch{number + 1}") for number in range(count)]
    if len(channels) != count:
        note = f"the board sends {count}, [[pipeline.channels]] names {len(channels)}"
        return [Line("channels", float(count), "", note, "fail")]
    samples = np.concatenate([decoded(chunk) for chunk in chunks])[-round(LOOK_S * rate_hz) :]
    samples = samples * np.array([channel.in_si for channel in channels])
    lost = chunks[-1].first_sample - chunks[0].first_sample - sum(_length(chunk) for chunk in chunks[:-1])
    lines = [Line("rate", rate_hz, "Hz", f"{lost} samples lost", "ok" if lost == 0 else "warn")]
    for index, channel in enumerate(channels):
        lines += _one(channel, samples[:, index], rate_hz)
    if count == 3 and not any(channel.is_velocity for channel in channels):
        lines.append(_orientation(channels, samples.mean(axis=0)))
    return lines


def _length(chunk: AccelerationChunk) -> int:
    return len(chunk.data) // ((3 if chunk.encoding == "i24" else 4) * chunk.channels)


def _one(channel: Channel, samples: NDArray[np.float64], rate_hz: float) -> list[Line]:
    unit = "m/s" if channel.is_velocity else "m/s²"
    last = Line(f"{channel.name} now", _short(float(samples[-1])), unit, f"mean {_short(float(samples.mean()))}")
    size = round(rate_hz)
    whole = len(samples) // size
    if whole == 0:
        return [last]
    blocks = samples[-whole * size :].reshape(whole, size)
    seconds = np.stack((blocks.mean(axis=1), blocks.std(axis=1)), axis=1)
    finding = judge(samples, rate_hz, channel, seconds)
    note = f"quietest of {whole} s; {finding}"
    verdict: Verdict = "ok" if finding == "ok" else "warn"
    return [last, Line(f"{channel.name} noise floor", _short(noise_floor(seconds)), unit, note, verdict)]


def _orientation(channels: list[Channel], mean: NDArray[np.float64]) -> Line:
    """Where gravity points, when the three channels are the axes of one sensor; else what each says of it."""
    size = float(np.linalg.norm(mean))
    if abs(size - GRAVITY_M_S2) <= NEAR_GRAVITY * GRAVITY_M_S2:
        axis = int(np.argmax(abs(mean)))
        tilt_deg = float(np.degrees(np.arccos(min(1.0, abs(float(mean[axis])) / size))))
        sign = "+" if mean[axis] > 0 else "−"
        return Line("gravity axis", f"{sign}{channels[axis].name}", "", f"{tilt_deg:.1f}° off that axis", "ok")
    upright = [
        channel.name
        for channel, one in zip(channels, mean, strict=True)
        if abs(abs(float(one)) - GRAVITY_M_S2) <= NEAR_GRAVITY * GRAVITY_M_S2
    ]
    if upright:
        return Line("gravity axis", ", ".join(upright), "", "each channel a sensor of its own")
    return Line("gravity axis", None, "", f"mean is {size:.3g} m/s²: gravity is filtered out, or not along a channel")


def _short(value: float) -> float:
    return float(f"{value:.4g}")
