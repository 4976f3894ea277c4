"""A robot's battery: it goes down while the robot moves, and up on the charger, where the robot drives by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulators.kiosk.faults import Fault

LOW_PERCENT, CRITICAL_PERCENT, CHARGED_PERCENT = 20.0, 5.0, 95.0
DOCK_PERCENT: Final = 15.0
CHARGING_PERCENT_AN_HOUR: Final = 40.0


class Battery:
    """The true charge, and whether it is being charged."""

    def __init__(self, percent: float, lasts_h: float) -> None:
        self.percent = percent
        self.docked = False
        self._lasts_h = lasts_h

    def let_pass(self, seconds: float, free: bool) -> None:
        """So long goes by; a robot that is ``free`` to drive goes to its charger when the charge is low."""
        an_hour = CHARGING_PERCENT_AN_HOUR if self.docked else -100 / self._lasts_h
        self.percent = min(100.0, max(0.0, self.percent + an_hour * seconds / 3600))
        if self.percent <= DOCK_PERCENT and free:
            self.docked = True
        if self.percent >= CHARGED_PERCENT:
            self.docked = False

    def words(self) -> dict[str, str]:
        """What the robot says of it."""
        if self.docked:
            return {"robot.battery": "charging", "robot.power": "dock"}
        level = "critical" if self.percent < CRITICAL_PERCENT else "low" if self.percent < LOW_PERCENT else "full"
        return {"robot.battery": level, "robot.power": "battery"}

    def wrong(self) -> Iterator[Fault]:
        """What its charge truly means."""
        if not self.docked and self.percent < LOW_PERCENT:
            yield Fault("out_of_service" if self.percent < CRITICAL_PERCENT else "degraded", "battery_low", ())
