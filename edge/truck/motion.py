"""Motion: decides from fixes whether a truck stands or drives, with hysteresis in speed, time and place.

Rules it keeps:
- A truck is still below ``still_m_s`` and in motion above ``moving_m_s``; between, as before. More than ``leave_m`` from
  where it stood is motion, whatever the speed says.
- A stand begins with the first of ``dwell_s`` of stillness; a shorter halt (a crossing, a light) is none.
- A stand ends with the first of ``depart_s`` of motion, or ``depart_m`` of way; less is a shuffle within it.
- A stand that was on at the first fix counts from that fix.
- After ``no_data_s`` without a fix: near the same place the truck stood all the while; elsewhere nobody knows, a stand
  ended with the last fix seen and a new drive begins.
- A stand of a day is cut there, and goes on as a new one: the contract's dwell is at most a day.
"""

from __future__ import annotations

from typing import NamedTuple

from edge.truck.fix import Fix, distance_m

LONGEST_STAND_US = 86_400_000_000


class MotionSettings(NamedTuple):
    """Thresholds of the rules above."""

    still_m_s: float
    moving_m_s: float
    leave_m: float
    dwell_s: float
    depart_s: float
    depart_m: float
    no_data_s: float


class Stand(NamedTuple):
    """A stand that is on: since when [µs since boot], and the mean of its positions [°]."""

    began: int
    lat_deg: float
    lon_deg: float


class StandEnded(NamedTuple):
    """A stand that is over."""

    stand: Stand
    ended: int


class _Candidate(NamedTuple):
    """What may turn out to be a stand or a departure: its first fix and how many followed with their sums."""

    fix: Fix
    fixes: int
    lat_sum: float
    lon_sum: float


class Motion:
    """One truck's motion; ``stand`` is the stand that is on, ``moving`` whether the last fix was in motion."""

    def __init__(self, settings: MotionSettings) -> None:
        self._settings = settings
        self.stand: Stand | None = None
        self.moving = False
        self._last: Fix | None = None
        self._halt: _Candidate | None = None
        self._departure: Fix | None = None
        self._fixes = 0

    def take(self, fix: Fix) -> list[StandEnded]:
        """The stands that are known to be over with this fix, none or one."""
        last, self._last = self._last, fix
        if last is None:
            self.moving = fix.speed_m_s is not None and fix.speed_m_s > self._settings.still_m_s
            if not self.moving:
                self._begin(fix)
            return []
        ended = self._bridge(last, fix) if fix.mono - last.mono > self._settings.no_data_s * 1e6 else []
        self.moving = self._in_motion(last, fix)
        if self.stand is None:
            self._while_driving(fix)
            return ended
        return ended + self._while_standing(self.stand, fix)

    def _in_motion(self, last: Fix, fix: Fix) -> bool:
        if self.stand is not None and self._away(self.stand, fix) > self._settings.leave_m:
            return True
        speed = fix.speed_m_s
        if speed is None:
            way = distance_m(last.lat_deg, last.lon_deg, fix.lat_deg, fix.lon_deg)
            speed = way / max(1e-3, (fix.mono - last.mono) / 1e6)
        if speed <= self._settings.still_m_s:
            return False
        return self.moving or speed >= self._settings.moving_m_s

    def _while_driving(self, fix: Fix) -> None:
        if self.moving:
            self._halt = None
            return
        halt = self._halt
        if halt is None:
            self._halt = _Candidate(fix, 1, fix.lat_deg, fix.lon_deg)
            return
        halt = _Candidate(halt.fix, halt.fixes + 1, halt.lat_sum + fix.lat_deg, halt.lon_sum + fix.lon_deg)
        self._halt = halt
        if fix.mono - halt.fix.mono >= self._settings.dwell_s * 1e6:
            self.stand = Stand(halt.fix.mono, halt.lat_sum / halt.fixes, halt.lon_sum / halt.fixes)
            self._fixes, self._halt, self._departure = halt.fixes, None, None

    def _while_standing(self, stand: Stand, fix: Fix) -> list[StandEnded]:
        if not self.moving:
            self._departure = None
            return self._stay(stand, fix)
        departure = self._departure = self._departure or fix
        way = distance_m(departure.lat_deg, departure.lon_deg, fix.lat_deg, fix.lon_deg)
        if way < self._settings.depart_m and fix.mono - departure.mono < self._settings.depart_s * 1e6:
            return []
        self.stand = self._departure = None
        return [_over(stand, departure.mono)]

    def _stay(self, stand: Stand, fix: Fix) -> list[StandEnded]:
        if fix.mono - stand.began >= LONGEST_STAND_US:
            self.stand = stand._replace(began=fix.mono)
            return [_over(stand, fix.mono)]
        self._fixes += 1
        self.stand = Stand(
            stand.began,
            stand.lat_deg + (fix.lat_deg - stand.lat_deg) / self._fixes,
            stand.lon_deg + (fix.lon_deg - stand.lon_deg) / self._fixes,
        )
        return []

    def _bridge(self, last: Fix, fix: Fix) -> list[StandEnded]:
        """What the time without fixes was."""
        self._departure = self._halt = None
        if self.stand is None:
            if distance_m(last.lat_deg, last.lon_deg, fix.lat_deg, fix.lon_deg) <= self._settings.leave_m:
                self._begin(last)
            return []
        if self._away(self.stand, fix) <= self._settings.leave_m:
            return []
        ended, self.stand = _over(self.stand, last.mono), None
        return [ended]

    def _begin(self, fix: Fix) -> None:
        self.stand, self._fixes = Stand(fix.mono, fix.lat_deg, fix.lon_deg), 1

    @staticmethod
    def _away(stand: Stand, fix: Fix) -> float:
        return distance_m(stand.lat_deg, stand.lon_deg, fix.lat_deg, fix.lon_deg)


def _over(stand: Stand, ended: int) -> StandEnded:
    """A stand that ended, cut at a day."""
    return StandEnded(stand, min(ended, stand.began + LONGEST_STAND_US))
