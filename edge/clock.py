"""What the device knows of the time: monotonic since boot, and UTC if it is to be believed."""

from __future__ import annotations

import ctypes
import time
from pathlib import Path
from typing import Literal, NamedTuple

from edge.contract.records import ClockQuality

BUILT_US = 1_790_000_000_000_000
"""A clock that is earlier than this software was made is wrong [µs UTC]."""

_STA_UNSYNC = 0x0040
_TIME_ERROR = 5


class _Timeval(ctypes.Structure):
    _fields_ = (("tv_sec", ctypes.c_long), ("tv_usec", ctypes.c_long))


class _Timex(ctypes.Structure):
    """``struct timex`` of adjtimex(2)."""

    _fields_ = (
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("constant", ctypes.c_long),
        ("precision", ctypes.c_long), ("tolerance", ctypes.c_long), ("time", _Timeval), ("tick", ctypes.c_long),
        ("padding", ctypes.c_long * 32),
    )  # fmt: skip


class Reading(NamedTuple):
    """What the clocks say at one moment.

    Attributes:
        mono_us: since boot [µs].
        offset_us: UTC − monotonic [µs], None while UTC is not to be believed.
        quality: how UTC is had.
        error_s: the kernel's estimate of UTC's error, None when it has none.
    """

    mono_us: int
    offset_us: int | None
    quality: ClockQuality
    error_s: float | None


class Clock:
    """The device's clocks; owned by the agent's ``main.py`` alone."""

    def __init__(self, trust: Literal["ntp", "system"]) -> None:
        self._trust = trust
        self._was_synchronised = False

    def mono_us(self) -> int:
        """Time since boot, suspended time included [µs]."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000

    def read(self) -> Reading:
        """Both clocks at once, and how good UTC is."""
        mono = self.mono_us()
        utc = time.time_ns() // 1000
        synchronised, error_s = _kernel_state()
        if synchronised or (self._trust == "system" and utc >= BUILT_US):
            self._was_synchronised = True
            return Reading(mono, utc - mono, "synchronised", error_s)
        if self._was_synchronised and utc >= BUILT_US:
            return Reading(mono, utc - mono, "holdover", error_s)
        return Reading(mono, None, "unknown", error_s)


def boot_identity() -> str:
    """The kernel's identity of this boot."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _kernel_state() -> tuple[bool, float | None]:
    """Whether the kernel says that its clock is synchronised, and its estimated error [s]."""
    timex = _Timex()
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    if state < 0:
        return False, None
    synchronised = state != _TIME_ERROR and not timex.status & _STA_UNSYNC
    return synchronised, timex.esterror / 1e6 if synchronised else None
