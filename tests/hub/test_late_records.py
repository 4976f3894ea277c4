"""A backlog that arrives after what is live: every family's judgement takes it and shows what is now all the same."""

from __future__ import annotations

import random

import pytest

from edge.contract.families import FAMILIES, Family
from edge.contract.records import DeviceAlarm, Record
from hub.city import DeviceContext, context_of
from hub.live import Live, View
from hub.step import Step
from hub.store.port import Row
from tests.hub.living_city import DAY_US, MINUTE_US, hour
from tests.hub.station import EPOCH, open_city

NOW = 1_795_000_000_000_000
CITY = open_city()
LIVE = hour(CITY, NOW)
LATE = hour(CITY, NOW - DAY_US - 7 * MINUTE_US)


def a_device(family: Family) -> DeviceContext:
    """The first device of the family that has something to say."""
    return next(context_of(CITY, one.name) for one in CITY.device if one.family == family)


def follow(live: Live, device: str, records: list[Record]) -> None:
    """What the hub's writer does after a commit, all of it heard now."""
    rows = [Row(device, EPOCH, number, record.t or 0, record, b"") for number, record in enumerate(records, 1)]
    live(Step(rows=rows, heard={device: NOW}))


def alarm(t: int, active: bool) -> Record:
    """The device's own alarm begins or ends."""
    return DeviceAlarm(t=t, code="overheated", active=active)


def in_order(device: str) -> Live:
    """A hub that heard everything when it happened: what judges by the past may say that, too."""
    live = Live(CITY)
    follow(live, device, [*LATE[device], *LIVE[device]])
    return live


def view_of(live: Live, device: str) -> View:
    """As the API answers now."""
    view = live.view(device, NOW)
    assert view is not None
    return view


def shown(view: View) -> tuple[object, ...]:
    """What a reader sees; forecasts and charts may well learn from a backlog."""
    return view.liveness, view.status.level, view.status.headline, view.status.place, [one.key for one in view.alerts]


def times(view: View) -> dict[str, int | None]:
    """When each figure was observed."""
    return {figure.key: figure.t for figure in view.status.figures}


def values(view: View) -> dict[str, object]:
    """What each figure says."""
    return {figure.key: figure.value for figure in view.status.figures}


@pytest.mark.parametrize("order", ["oldest first", "newest first", "mixed"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_backlog_turns_no_live_state_back(family: Family, order: str) -> None:
    device = a_device(family).device
    live = Live(CITY)
    follow(live, device, [*LIVE[device], alarm(NOW - MINUTE_US, active=False)])
    before = view_of(live, device)
    late = [*LATE[device], alarm(NOW - DAY_US, active=True)]
    if order == "newest first":
        late.reverse()
    elif order == "mixed":
        random.Random(7).shuffle(late)

    for record in late:
        follow(live, device, [record])
    after = view_of(live, device)
    undisturbed = view_of(in_order(device), device)

    assert before.status.figures
    assert shown(after) == shown(before)
    assert times(after) == times(before)
    assert values(after) in (values(before), values(undisturbed))
    assert after.health == before.health
