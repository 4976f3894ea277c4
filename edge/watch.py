"""Watch: what a technician needs on the spot, from the newest raw items and the agent's standing.

Rules it keeps:
- Only the newest items are kept, bounded in age and number; nothing is computed from them until somebody asks.
- It changes nothing: no item is taken away from the pipeline, nothing is numbered.

One thread writes, others may ask. It reads no clock.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import msgspec

from edge.contract.families import Family
from edge.contract.records import ClockQuality

RECENT_US = 30_000_000
RECENT_ITEMS = 1024

Verdict = Literal["ok", "warn", "fail"]


@runtime_checkable
class HasFirmware(Protocol):
    """A source whose other end says which firmware it runs."""

    @property
    def firmware(self) -> str | None:
        """As its HELLO said, None before the first."""
        ...


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that the sensors show now: a name, a value with its unit, and what to make of it.

    Attributes:
        value: None where there is nothing to show yet.
        verdict: whether that is as it should be; None where nobody can say.
    """

    name: str
    value: float | str | None
    unit: str = ""
    note: str = ""
    verdict: Verdict | None = None


class Seen(NamedTuple):
    """An item as a source delivered it, and when [µs since boot]."""

    source: str
    mono_us: int
    item: object


Summary = Callable[[Sequence[Seen], object], list[Line]]
"""A family's ``watch.summary``: newest items (oldest first) and the pipeline's settings to lines."""


class SourceSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One source: its state, items since the start, the age of the newest [s], and the firmware at its other end."""

    name: str
    state: str
    items: int
    age_s: float | None = None
    firmware: str | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How the agent stands.

    Attributes:
        mono_us: since boot [µs]; t: UTC [µs], None while it is not known.
        broker: ``not tried`` where no agent runs.
        last_ack_s: age of the hub's last ack [s], None when there was none since the start.
        sources: state of each source by its name.
    """

    mono_us: int
    t: int | None
    clock_quality: ClockQuality
    clock_error_s: float | None = None
    broker: Literal["connected", "away", "not tried"] = "not tried"
    last_ack_s: float | None = None
    outbox_records: int | None = None
    outbox_bytes: int | None = None
    outbox_oldest_s: float | None = None
    sources: dict[str, str] = {}


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is shown at one moment; ``agent_runs`` is False when watch opened the sources itself."""

    device: str
    family: Family
    agent_version: str
    agent_runs: bool
    standing: Standing
    sources: list[SourceSeen]
    lines: list[Line]


class Watched:
    """The newest items of every source, and the agent's last standing."""

    def __init__(self, device: str, family: Family, agent_version: str, agent_runs: bool) -> None:
        self._device = device
        self._family = family
        self._agent_version = agent_version
        self._agent_runs = agent_runs
        self._lock = threading.Lock()
        self._recent: deque[Seen] = deque(maxlen=RECENT_ITEMS)
        self._counts: dict[str, int] = {}
        self._standing: Standing | None = None

    def saw(self, seen: Seen) -> None:
        """A source delivered."""
        with self._lock:
            self._recent.append(seen)
            self._counts[seen.source] = self._counts.get(seen.source, 0) + 1
            while self._recent[0].mono_us < seen.mono_us - RECENT_US:
                self._recent.popleft()

    def stand(self, standing: Standing) -> None:
        """The agent stands so now."""
        with self._lock:
            self._standing = standing

    def snapshot(self, summary: Summary, settings: object, firmware: dict[str, str | None]) -> Snapshot | None:
        """What is to be shown, None before the agent said how it stands.

        Args:
            summary: of the family.
            settings: of the pipeline in force.
            firmware: what the other end of each source runs, by the source's name.
        """
        with self._lock:
            standing, recent, counts = self._standing, list(self._recent), dict(self._counts)
        if standing is None:
            return None
        newest = {seen.source: seen.mono_us for seen in recent}
        sources = [
            SourceSeen(
                name=name,
                state=standing.sources.get(name, "silent"),
                items=counts.get(name, 0),
                age_s=max(0.0, (standing.mono_us - newest[name]) / 1e6) if name in newest else None,
                firmware=version,
            )
            for name, version in firmware.items()
        ]
        return Snapshot(
            device=self._device,
            family=self._family,
            agent_version=self._agent_version,
            agent_runs=self._agent_runs,
            standing=standing,
            sources=sources,
            lines=summary(recent, settings),
        )
