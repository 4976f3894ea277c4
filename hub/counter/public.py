"""What citizens are told of a counter: each of its services with its queue, read from the counter's status.

Figures are told in the steps in which they are shown, intervals outward, so that nothing is sent for a change that nobody
would see.
"""

from __future__ import annotations

import math
from typing import Final, cast

from hub.city import DeviceContext
from hub.judgement import Figure, Status
from hub.public import Ahead, PublicLevel, PublicService, opening_today

FIVES_FROM_MIN: Final = 7.5


def services(status: Status, context: DeviceContext, now: int) -> list[PublicService]:
    """One entry a service of the city file, in its order."""
    figures = {figure.key: figure for figure in status.figures}
    people = None
    if not any(_told_by_tickets(one) for one in status.figures):
        people = next((one for one in status.figures if one.key.startswith("people_") and one.value is not None), None)
    return [_service(service.code, figures, people, status, context, now) for service in context.services]


def _service(
    code: str, figures: dict[str, Figure], people: Figure | None, status: Status, context: DeviceContext, now: int
) -> PublicService:
    key = f"{context.device}.{code}"
    is_open, opens = opening_today(context, now, code)
    if not is_open:
        return PublicService(key=key, level="closed", opens=opens)
    level = figures.get(f"level_{code}")
    if level is None or level.value is None:
        if people is not None and status.level != "unknown":
            return PublicService(
                key=key, level=status.level, t=people.t, fresh_for_s=int(people.fresh_for_s), by_people=True
            )
        return PublicService(key=key, level="unknown", t=level.t if level else None)
    wait = figures.get(f"wait_{code}")
    return PublicService(
        key=key,
        level=cast(PublicLevel, level.value),
        t=level.t,
        fresh_for_s=int(level.fresh_for_s),
        wait_min=_interval(wait),
        waiting=_count(figures.get(f"waiting_{code}")),
        called=_count(figures.get(f"called_{code}")),
        ahead=_ahead(wait),
        by_calendar=wait is not None and wait.ahead_by == "calendar",
    )


def _told_by_tickets(figure: Figure) -> bool:
    """Then the counter's level is its services' and not that of the people there."""
    return figure.key.startswith("level_") and figure.value not in (None, "closed")


def _ahead(wait: Figure | None) -> tuple[Ahead, ...]:
    expected = () if wait is None else wait.ahead
    return tuple(Ahead(one.minutes, _down(one.low), round(one.value), _up(one.high)) for one in expected)


def _interval(figure: Figure | None) -> tuple[float, float, float] | None:
    if figure is None or figure.low is None or figure.high is None or not isinstance(figure.value, int | float):
        return None
    return math.floor(figure.low), round(2 * figure.value) / 2, math.ceil(figure.high)


def _down(wait_min: float) -> int:
    """A forecast's lower end in the steps that it is worth, outward: whole minutes, from ``FIVES_FROM_MIN`` on fives."""
    return math.floor(wait_min) if wait_min < FIVES_FROM_MIN else 5 * math.floor(wait_min / 5)


def _up(wait_min: float) -> int:
    """Its upper end."""
    return math.ceil(wait_min) if wait_min < FIVES_FROM_MIN else 5 * math.ceil(wait_min / 5)


def _count(figure: Figure | None) -> int | None:
    return figure.value if figure is not None and isinstance(figure.value, int) else None
