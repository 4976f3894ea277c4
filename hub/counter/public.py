"""What citizens are told of a counter: each of its services with its queue, read from the counter's status."""

from __future__ import annotations

from typing import cast

from hub.city import DeviceContext
from hub.judgement import Figure, Status
from hub.public import Ahead, PublicLevel, PublicService, opening_today


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
    wait = figures.get(f"wait_{code}")
    return PublicService(
        key=key,
        level=cast(PublicLevel, level.value),
        t=level.t,
        fresh_for_s=level.fresh_for_s,
        wait_min=_interval(wait),
        waiting=_count(figures.get(f"waiting_{code}")),
        called=_count(figures.get(f"called_{code}")),
        ahead=_ahead(wait),
        by_calendar=wait is not None and wait.ahead_by == "calendar",
    )


def _ahead(wait: Figure | None) -> tuple[Ahead, ...]:
    expected = () if wait is None else wait.ahead
    return tuple(Ahead(one.minutes, one.low, one.value, one.high) for one in expected)


def _interval(figure: Figure | None) -> tuple[float, float, float] | None:
    if figure is None or figure.low is None or figure.high is None or not isinstance(figure.value, int | float):
        return None
    return figure.low, float(figure.value), figure.high


def _count(figure: Figure | None) -> int | None:
    return figure.value if figure is not None and isinstance(figure.value, int) else None
