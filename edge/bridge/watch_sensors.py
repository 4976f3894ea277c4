"""The health of every channel, before anything is computed from it.

Rules it keeps:
- A channel is judged over each window; what is sick is marked unused until it was clean for several windows.
- A second that cannot be trusted by itself (a value that is not finite) is unused at once.
- A finding is said when it changes, and each hour.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from edge.bridge.block import Block
from edge.bridge.channel_health import judge, noise_floor, out_of_family
from edge.bridge.config import Channel, Config
from edge.contract.records.bridge import BridgeSensor, SensorFinding


class WatchSensors:
    """The step; holds one window of samples."""

    def __init__(self, config: Config) -> None:
        self._health = config.health
        self._channels = tuple(config.channels)
        self._blocks: list[NDArray[np.float64]] = []
        self._seconds = 0
        self._finding: list[SensorFinding] = []
        self._trusted = np.zeros(0, dtype=np.bool_)
        self._clean: list[int] = []
        self._said: list[SensorFinding | None] = []
        self._said_at = 0

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, Block):
            return [item]
        if not self._finding:
            self._begin(item)
        self._blocks.append(item.samples)
        self._seconds += 1
        out: list[object] = []
        if self._seconds >= self._health.window_s:
            out += self._judge(item)
        finite = np.isfinite(item.samples).all(axis=0)
        item.used = finite & self._trusted
        if not finite.all():
            # The filter behind this step remembers; a channel that is unused may carry anything but infinity.
            item.samples = np.where(np.isfinite(item.samples), item.samples, 0.0)
        return [*out, item]

    def _begin(self, block: Block) -> None:
        count = len(block.names)
        if not self._channels:
            self._channels = tuple(Channel(name=name) for name in block.names)
        self._finding = ["ok"] * count
        self._clean = [self._health.clean_windows] * count
        self._trusted = np.ones(count, dtype=np.bool_)
        self._said = [None] * count

    def _judge(self, block: Block) -> list[BridgeSensor]:
        columns = np.ascontiguousarray(np.concatenate(self._blocks).T)
        means, deviations = _each_second(self._blocks)
        self._blocks, self._seconds = [], 0
        now: list[SensorFinding] = [
            judge(columns[index], block.rate_hz, channel, np.stack((means[:, index], deviations[:, index]), axis=1))
            for index, channel in enumerate(self._channels)
        ]
        levels = np.median(deviations, axis=0)
        for alike in (np.array(block.velocity), ~np.array(block.velocity)):
            sound = alike & np.isfinite(levels) & np.array([one in ("ok", "spikes", "noisy") for one in now])
            for index in np.flatnonzero(out_of_family(levels, sound, self._health.out_of_family)).tolist():
                now[index] = "out_of_family"
        for index, finding in enumerate(now):
            self._clean[index] = self._clean[index] + 1 if finding == "ok" else 0
            if finding != "ok" or self._clean[index] >= self._health.clean_windows:
                self._finding[index] = finding
        self._trusted = np.array([finding == "ok" for finding in self._finding])
        return self._say(block, [noise_floor(deviations[:, [c, c]]) for c in range(len(now))])

    def _say(self, block: Block, floors: list[float]) -> list[BridgeSensor]:
        everything = block.end - self._said_at >= self._health.repeat_s * 1e6
        if everything or not self._said_at:
            self._said_at = block.end
        out = []
        for index, finding in enumerate(self._finding):
            if finding == self._said[index] and not everything:
                continue
            self._said[index] = finding
            floor = floors[index]
            known = np.isfinite(floor) and not block.velocity[index]
            out.append(
                BridgeSensor(
                    t=block.end,
                    channel=block.names[index],
                    finding=finding,
                    used=finding == "ok",
                    noise_floor_m_s2=float(f"{floor:.3g}") if known else None,
                )
            )
        return out


def _each_second(blocks: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means and standard deviations, each (blocks, channels)."""
    if len({len(block) for block in blocks}) == 1:
        # As below, all seconds at once.
        whole = np.stack(blocks)
        means = whole.sum(axis=1) / whole.shape[1]
        return means, np.sqrt(((whole - means[:, None, :]) ** 2).sum(axis=1) / whole.shape[1])
    means = np.array([block.sum(axis=0) / len(block) for block in blocks])
    squares = np.array(
        [((block - mean) ** 2).sum(axis=0) / len(block) for block, mean in zip(blocks, means, strict=True)]
    )
    return means, np.sqrt(squares)
