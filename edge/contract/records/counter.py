"""What a counter says: how many wait, what the air and the ticket machine tell. Counts leave the device, frames never do."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from edge.contract.quantity import Code, Count, meaning, quantity, tag
from edge.contract.records.base import Priority, Record


class CounterPeople(Record, tag="counter_people", frozen=True, kw_only=True):
    """People in the waiting area by the thermal sensor, over one window; ``t`` is its end."""

    zone: Annotated[Code, tag("which waiting area")]
    people: Annotated[float, quantity("1", "estimate", 0, 1000)]
    low: Annotated[float, quantity("1", "lower end of the 80 % interval", 0, 1000)]
    high: Annotated[float, quantity("1", "upper end of the 80 % interval", 0, 1000)]
    method: Annotated[Literal["model", "rule", "fused"], meaning("what made the estimate")]
    saturated: Annotated[bool, meaning("more people than the sensor can tell apart")] = False


class CounterPassages(Record, tag="counter_passages", frozen=True, kw_only=True):
    """People across the entrance line over one window; ``t`` is the window's end."""

    line: Annotated[Code, tag("which line")]
    entered: Annotated[Count, quantity("1", "people in")]
    left: Annotated[Count, quantity("1", "people out")]
    window_s: Annotated[float, quantity("s", "length of the window", 0, 86_400)]


class CounterAir(Record, tag="counter_air", frozen=True, kw_only=True):
    """The air of the waiting area."""

    co2_ppm: Annotated[float, quantity("ppm", "carbon dioxide", 0, 40_000)] | None = None
    temperature_degc: Annotated[float, quantity("°C", "temperature", -40, 85)] | None = None
    humidity_percent: Annotated[float, quantity("%", "relative humidity", 0, 100)] | None = None
    illuminance_lux: Annotated[float, quantity("lx", "illuminance", 0, 200_000)] | None = None


class CounterOccupancy(Record, tag="counter_occupancy", frozen=True, kw_only=True):
    """Whether anybody is there, by the air and the light."""

    occupied: Annotated[bool, meaning("whether anybody is there")]
    probability: Annotated[float, quantity("1", "probability that anybody is there", 0, 1)]
    method: Annotated[Literal["model", "rule"], meaning("what made the estimate")]


class CounterTicket(Record, tag="counter_ticket", frozen=True, kw_only=True):
    """One event of the ticket machine. A ticket's number is a place in a queue and is reused every day."""

    service: Annotated[Code, tag("service of the city file")]
    event: Annotated[Literal["issued", "called", "no_show", "finished"], meaning("what happened")]
    ticket: Annotated[int, quantity("1", "number on the slip", 0, 99_999)]
    window: Annotated[int, quantity("1", "which window serves, 0 when none", 0, 999)] = 0


class CounterQueue(Record, tag="counter_queue", frozen=True, kw_only=True):
    """The queue of one service as the ticket machine's events tell it; said when it changes and as a heartbeat."""

    shown: ClassVar[tuple[str, ...]] = ("waiting", "last_called")

    service: Annotated[Code, tag("service of the city file")]
    waiting: Annotated[Count, quantity("1", "tickets issued and not yet called")]
    windows_open: Annotated[Count, quantity("1", "windows that called somebody lately")]
    last_called: Annotated[int, quantity("1", "number called last", 0, 99_999)] | None = None
    last_wait_s: Annotated[float, quantity("s", "how long the one called last had waited", 0, 86_400)] | None = None


class CounterHeartbeat(Record, tag="counter_heartbeat", frozen=True, kw_only=True):
    """The ticket machine's line is alive though nothing happens."""

    priority: ClassVar[Priority] = Priority.STATE

    source: Annotated[Code, tag("which source")]


RECORDS = (CounterPeople, CounterPassages, CounterAir, CounterOccupancy, CounterTicket, CounterQueue, CounterHeartbeat)
