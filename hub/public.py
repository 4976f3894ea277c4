"""What a citizen is told of a place now: how long one waits for a service, and whether a kiosk gives certificates.

Rules it keeps:
- Of a device that is not heard nothing is told: its level is unknown, without a figure, whatever it said last.
- What is closed by its hours is closed, heard or not.
- A source cannot be newer than the hub's last word from its device: a clock that runs ahead makes nothing look fresh.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from hub.city import DeviceContext
from hub.judgement import Status

PublicLevel = Literal["good", "notice", "warning", "bad", "closed", "unknown"]
NO_INFORMATION_S: Final = 300.0
"""After so long without news a level is not shown any more."""


class Ahead(msgspec.Struct, frozen=True, array_like=True):
    """The forecast wait of somebody who comes in so many minutes: ends of the 80 % interval and median, in whole minutes.

    On the wire an array of the four.
    """

    in_min: int
    low: int
    median: int
    high: int


class PublicService(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One service of a counter, or a kiosk's certificates, as a citizen is told of it.

    Attributes:
        key: device and service, ``counter-01.residence``; a kiosk's is its device's name.
        level: how busy; of a kiosk ``good`` where certificates can be had, ``notice`` with some trouble, ``bad`` where not.
        t: the source's last word [µs UTC], None before the first.
        fresh_for_s: after this age it is shown as old; after ``NO_INFORMATION_S`` not at all.
        wait_min: low end of the 80 % interval, median, high end, for somebody who comes now [min].
        waiting: tickets waiting.
        called: the number called last.
        by_people: nothing but the people in the waiting area tells the level.
        ahead: the forecast, nearest first; empty when there is none.
        by_calendar: the forecast rests on weekday and hour alone, not on this place's own days.
        certificates: kinds that the kiosk issues now.
        opens: when it opens today (local time, HH:MM), while it is closed before that.
    """

    key: str
    level: PublicLevel
    t: int | None = None
    fresh_for_s: int = 20
    wait_min: tuple[float, float, float] | None = None
    waiting: int | None = None
    called: int | None = None
    by_people: bool = False
    ahead: tuple[Ahead, ...] = ()
    by_calendar: bool = False
    certificates: tuple[str, ...] = ()
    opens: str | None = None

    @property
    def device(self) -> str:
        """The device that tells it."""
        return self.key.partition(".")[0]

    @property
    def service(self) -> str:
        """The service's code, empty for a kiosk."""
        return self.key.partition(".")[2]


TellServices = Callable[[Status, DeviceContext, int], list[PublicService]]
"""A family's own part: status, what the city says of the device, time [µs UTC]."""


def services_of(
    make: TellServices, status: Status, context: DeviceContext, now: int, heard_t: int | None
) -> list[PublicService]:
    """What citizens are told of a device at ``now`` [µs UTC]; ``heard_t``: when it was heard last, None if it is not now."""
    services = make(status, context, now)
    if heard_t is None:
        return [_untold(one) for one in services]
    return [
        msgspec.structs.replace(one, t=min(one.t, heard_t)) if one.t is not None and one.t > heard_t else one
        for one in services
    ]


def opening_today(context: DeviceContext, now: int, service: str | None = None) -> tuple[bool, str | None]:
    """Whether it is open at ``now`` [µs UTC], and when it opens later today (local HH:MM) while it is not."""
    opening = context.opening(now, service)
    at = opening.opens_at
    if opening.open or at is None or at.date() != dt.datetime.fromtimestamp(now / 1e6, at.tzinfo).date():
        return opening.open, None
    return False, at.strftime("%H:%M")


def _untold(service: PublicService) -> PublicService:
    level: PublicLevel = "closed" if service.level == "closed" else "unknown"
    return PublicService(key=service.key, level=level, opens=service.opens)
