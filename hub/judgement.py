"""What judgement of a family gives the pages and the API: a status of figures, each with its own age, and alerts.

Rules every family's judgement keeps (``hub/<family>/judgement.py``, class ``Judgement``, one instance a device):
- It is pure: records and the time go in, a status comes out; it reads no clock and no store.
- It accepts late records: an older record than the one it holds of a series never turns the live state back.
- A figure carries the time it was observed; whoever shows it shows the age. What is not known is None, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import msgspec

from edge.contract.records import Record
from hub.display.language import Language
from hub.display.markup import Markup
from hub.words import Words

Level = Literal["good", "notice", "warning", "bad", "unknown"]


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure is expected to be so many minutes from now.

    Attributes:
        minutes: from now.
        value: the median, in the figure's unit.
        low, high: ends of the 80 % interval.
        level: what that value would mean.
    """

    minutes: int
    value: float
    low: float
    high: float
    level: Level = "unknown"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number or word on a page.

    Attributes:
        key: stable name for programs.
        label: what it is called on a page.
        value: None when it is not known.
        unit: SI or stated unit, empty for words.
        t: when it was observed [µs UTC].
        fresh_for_s: after this age the page greys it.
        low, high: ends of its interval, where it has one.
        text: shown instead of ``value`` where a word says more.
        digits: decimals that are worth showing.
        ahead: what it is expected to be later, soonest first; empty where nothing is forecast.
        ahead_by: what the forecast rests on: "days" (this place's own earlier days) or "calendar" (no days yet: what
            weekday, season and time of day usually do to the present level); None without a forecast.
    """

    key: str
    label: Words
    value: float | int | bool | str | None
    unit: str = ""
    t: int | None = None
    fresh_for_s: float = 60.0
    low: float | None = None
    high: float | None = None
    text: Words | None = None
    digits: int = 0
    ahead: list[Expected] = []
    ahead_by: Literal["days", "calendar"] | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a moving device was, for the map."""

    lat_deg: float
    lon_deg: float
    t: int


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How one device's subject is now."""

    level: Level
    headline: Words
    figures: list[Figure]
    place: Place | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person should know; the same ``key`` means the same thing going on."""

    key: str
    severity: Literal["info", "warning", "critical"]
    text: Words
    since: int


class History(NamedTuple):
    """Earlier hours that a judgement learns from: means over whole hours of one field, so many days back.

    With ``hourly`` the newest days are told again each hour, and add to what was told before.
    """

    kind: str
    field: str
    days: int
    hourly: bool = False


@runtime_checkable
class Learner(Protocol):
    """A judgement that learns from its device's earlier hours as well; the hub tells them at its start and from time to time."""

    @property
    def histories(self) -> tuple[History, ...]:
        """What it wants to be told."""
        ...

    def learn(self, history: History, tags: Mapping[str, str], hours: list[tuple[int, float]]) -> None:
        """Take one series: beginnings of hours [µs UTC] with the hour's mean, oldest first; it replaces what was told before."""
        ...


@runtime_checkable
class Ponderer(Learner, Protocol):
    """A learner that makes more of what it was told than the hub can wait for."""

    def ponder(self) -> Callable[[], Callable[[], None]] | None:
        """What there is to compute, None for nothing new.

        It is called in another thread while records are observed, so it may use nothing of the judgement; what it returns
        is then called to take the result over, when nothing else is done with the judgement.
        """
        ...


@runtime_checkable
class Drawer(Protocol):
    """A judgement with a figure of its own for its device's page."""

    def drawing(self, now: int, language: Language) -> Markup | None:
        """The figure at ``now`` [µs UTC]; None while there is nothing to draw. It may be asked in any thread."""
        ...


class Judgement(Protocol):
    """A device's records turned into its status.

    ``past``: kinds of which it needs not only the newest record, and how far back [s]; a restarted hub tells them.
    """

    @property
    def past(self) -> Mapping[str, float]:
        """See above; empty when the newest record of each series says all."""
        ...

    def observe(self, record: Record, t: int) -> None:
        """Take one stored record whose time is ``t`` [µs UTC]; of any kind, in any order."""
        ...

    def status(self, now: int) -> Status:
        """The status at ``now`` [µs UTC]."""
        ...

    def alerts(self, now: int) -> list[Alert]:
        """What is going on at ``now`` [µs UTC]."""
        ...
