"""A guidance robot's day: it shows people the way, its battery goes down, it docks to charge, now and then it loses its way.

It speaks on line ``xfs`` as its application would: status words under ``robot``, the battery's charge, and the end of each
guidance. Beside them it tells what is true: its state and reasons, each guidance, the charge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from simulators.kiosk.provider import WELL_ROBOT, Provider, session_ended
from simulators.kiosk.settings import Settings
from simulators.simulator import Emission, Truth

STEP_US: Final = 1_000_000
LOW_PERCENT, CRITICAL_PERCENT, CHARGED_PERCENT = 20.0, 5.0, 95.0
DOCK_PERCENT: Final = 15.0
CHARGING_PERCENT_AN_HOUR: Final = 40.0
_WORDS = {
    "lost": ("robot.pose", "lost", "out_of_service", "lost_way"),
    "critical": ("robot.battery", "critical", "out_of_service", "battery_low"),
    "low": ("robot.battery", "low", "degraded", "battery_low"),
}
"""What can be wrong: path, word, the state and the reason that are then true."""


class RobotSimulator:
    """See ``simulators.simulator.Simulator``. It is advanced in steps of a second."""

    def __init__(self, settings: Settings, rng: np.random.Generator, start_us: int) -> None:
        self._settings = settings
        self._rng = rng
        self._now = start_us
        self._charge_percent = settings.robot_charge_percent
        self._docked = False
        self._lost_until: int | None = None
        self._helping: tuple[int, int] | None = None
        self._provider = Provider({}, WELL_ROBOT)
        self._facts: list[Truth] = []
        self._said: tuple[str, tuple[str, ...]] | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        return ("xfs",)

    def advance(self, until_us: int) -> Iterable[Emission]:
        """Everything that the robot says by itself up to ``until_us``, in order."""
        while self._now + STEP_US <= until_us:
            self._now += STEP_US
            self._charge()
            self._wander()
            messages = [*self._help(), *self._tell()]
            yield from (Emission("xfs", message) for message in messages)

    def heard(self, line: str, data: bytes) -> Iterable[bytes]:
        """What the robot answers to one command."""
        return self._provider.answer(data)

    def truth(self) -> list[Truth]:
        facts, self._facts = self._facts, []
        return facts

    def _charge(self) -> None:
        an_hour = CHARGING_PERCENT_AN_HOUR if self._docked else -100 / self._settings.robot_battery_h
        self._charge_percent = min(100.0, max(0.0, self._charge_percent + an_hour / 3600))
        if self._charge_percent <= DOCK_PERCENT and self._helping is None and self._lost_until is None:
            self._docked = True
        if self._charge_percent >= CHARGED_PERCENT:
            self._docked = False

    def _wander(self) -> None:
        if self._lost_until is not None and self._now >= self._lost_until:
            self._lost_until, self._docked = None, True
        elif self._lost_until is None and not self._docked and self._rng.random() < self._settings.lost_a_day / 86_400:
            self._lost_until = self._now + round(self._settings.mended_after_min * 60e6)

    def _help(self) -> Iterator[bytes]:
        """One visitor after the other; who is being shown the way when it loses it finds no help."""
        if self._helping is not None:
            began, until = self._helping
            if self._now < until and self._lost_until is None:
                return
            outcome = "failed" if self._lost_until is not None else "issued"
            duration_ms = (self._now - began) // 1000
            self._helping = None
            self._facts.append({"t": self._now, "what": "session", "certificate": "guidance", "outcome": outcome})
            yield session_ended("guidance", outcome, duration_ms, 0)
        elif not self._docked and self._lost_until is None and self._is_asked():
            self._helping = (self._now, self._now + round(self._rng.uniform(30, 180) * 1e6))

    def _is_asked(self) -> bool:
        return self._rng.random() < self._settings.sessions_an_hour / 3600

    def _tell(self) -> Iterator[bytes]:
        wrong = self._wrong()
        for path in ("robot.pose", "robot.battery"):
            said = next((_WORDS[name][1] for name in wrong if _WORDS[name][0] == path), None)
            self._provider.set(
                path, said or ("charging" if self._docked and path == "robot.battery" else WELL_ROBOT[path])
            )
        self._provider.set("robot.power", "dock" if self._docked else "battery")
        self._provider.charge_percent = self._charge_percent
        yield from self._provider.changes()
        states = [_WORDS[name][2] for name in wrong]
        state = "out_of_service" if "out_of_service" in states else "degraded" if states else "in_service"
        now = state, tuple(sorted({_WORDS[name][3] for name in wrong}))
        if now != self._said:
            self._said = now
            self._facts.append({"t": self._now, "what": "state", "state": state, "reasons": list(now[1])})
        if self._now // STEP_US % 600 == 0:
            self._facts.append({"t": self._now, "what": "charge", "percent": round(self._charge_percent, 1)})

    def _wrong(self) -> list[str]:
        battery = [] if self._docked else ["critical"] * (self._charge_percent < CRITICAL_PERCENT)
        if not battery and not self._docked and self._charge_percent < LOW_PERCENT:
            battery = ["low"]
        return [*(["lost"] if self._lost_until is not None else []), *battery]
