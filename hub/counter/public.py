"""What citizens are told of a counter: each of its services with its queue, read from the counter's status."""

from __future__ import annotations

import re
from typing import Final, cast

from hub.city import DeviceContext
from hub.judgement import Figure, Status
from hub.public import Ahead, PublicLevel, PublicService, opening_today

_FORECAST: Final = re.compile(r"forecast_(?P<service>.+)_(?P<minutes>\d+)")


def services(status: Status, context: DeviceContext, now: int) -> list[PublicService]:
    """One entry a service of the city file, in its order."""
    figures = {figure.key: figure for figure in status.figures}
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
                key=key, level=status.level, t=people.t, fresh_for_s=people.fresh_for_s, by_people=True
            )
        return PublicService(key=key, level="unknown", t=level.t if level else None)
    return PublicService(
        key=key,
        level=cast(PublicLevel, level.value),
        t=level.t,
        fresh_for_s=level.fresh_for_s,
        wait_min=_interval(figures.get(f"wait_{code}")),
        waiting=_count(figures.get(f"waiting_{code}")),
        called=_count(figures.get(f"called_{code}")),
        ahead=_ahead(code, status.figures),
    )


def _ahead(code: str, figures: list[Figure]) -> tuple[Ahead, ...]:
    found = []
    for figure in figures:
        match = _FORECAST.fullmatch(figure.key)
        interval = _interval(figure)
        if match and match["service"] == code and interval is not None:
            low, median, high = interval
            found.append(Ahead(in_min=int(match["minutes"]), low=low, median=median, high=high))
    return tuple(sorted(found, key=lambda one: one.in_min))


def _interval(figure: Figure | None) -> tuple[float, float, float] | None:
    if figure is None or figure.low is None or figure.high is None or not isinstance(figure.value, int | float):
        return None
    return figure.low, float(figure.value), figure.high


def _count(figure: Figure | None) -> int | None:
    return figure.value if figure is not None and isinstance(figure.value, int) else None
