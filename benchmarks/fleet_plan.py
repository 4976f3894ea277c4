"""What a fleet is told and what it answers: who plays, what everybody does for a while, and what came of it."""

from array import array
from dataclasses import dataclass

from edge.link import LinkConfig

AS_CONFIGURED = LinkConfig()


class Answers:
    """Live readings that the hub has accounted: when each group was appended, how long that took, how many it held.

    Three columns of the same length, times in seconds of the monotonic clock.
    """

    def __init__(self) -> None:
        self.appended_s = array("d")
        self.latency_s = array("d")
        self.readings = array("l")

    def add(self, appended_s: float, now_s: float, readings: int) -> None:
        """One group, accounted now."""
        self.appended_s.append(appended_s)
        self.latency_s.append(now_s - appended_s)
        self.readings.append(readings)


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is in the fleet, and where its brokers are (`host:port`), of which each device takes one in turn.

    `backlog`: records that each device holds when it connects, 10 s apart up to now.
    """

    brokers: tuple[str, ...]
    devices: int
    backlog: int = 0
    connect_over_s: float = 1.0
    seed: int = 5
    prefix: str = "fleet"
    link: LinkConfig = AS_CONFIGURED

    @property
    def names(self) -> list[str]:
        """The devices' names."""
        return [f"{self.prefix}-{index:05d}" for index in range(self.devices)]


@dataclass(frozen=True, slots=True)
class Phase:
    """What every device does for a while: a group commit of `group` live readings each `every_s`, nothing when 0."""

    every_s: float
    group: int
    seconds: float
    until_drained: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a phase gave. Times are of the monotonic clock.

    `drained_s` is when the hub had the last backlog, None when it has not; `opened_s` when the last device was answered.
    `waiting` readings were not accounted when the phase ended; they stand in `answers` all the same.
    """

    started_s: float
    ended_s: float
    opened_s: float | None
    drained_s: float | None
    answers: Answers
    appended: int
    waiting: int
    bytes_sent: int
    bytes_received: int
    cpu_share: float
