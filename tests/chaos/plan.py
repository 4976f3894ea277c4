"""The fault plan of one run: which faults hit whom, when and for how long, all of it drawn from the seed.

Rules it keeps:
- The same seed gives the same plan; nothing of it depends on how the run goes.
- The weather varies by seed: each run draws how likely each kind of fault is, so that some kinds meet often in one run and
  not at all in the next.
- Hub, broker and an agent are killed at least once in every run.
- Faults overlap freely, but for what one disk or one card can suffer at once.
"""

from __future__ import annotations

import random
from typing import Final, NamedTuple

BROKERS: Final = ("nats", "mosquitto")
STORES: Final = ("sqlite", "influx")
DEVICES: Final = ("counter-01", "counter-02", "counter-03", "counter-04")
BROKER, HUB, INFLUXD, STORE_LINK = "broker", "hub", "influxd", "store"

SPAN_S: Final = 18.0
READINGS: Final = 25_600
"""Readings of a run, over all devices: 200 runs are more than five million."""
LAST_START: Final = 0.8
"""A fault begins at the latest at this share of the span."""
CLONED_BY: Final = 0.2
"""And the cloning of a card, which must be even with the hub, at this share of that."""


class Fault(NamedTuple):
    """One fault.

    Attributes:
        at_s: when it begins, from the start of the storm.
        span_s: how long it lasts.
        kind: a key of ``KINDS``.
        target: the process, link, disk, card or clock that it hits.
        detail: what else ``KINDS`` draws for it; 0 where nothing.
    """

    at_s: float
    span_s: float
    kind: str
    target: str
    detail: float

    def __str__(self) -> str:
        return f"{self.kind}({self.target}) {self.at_s:.1f}+{self.span_s:.1f}s"


class DevicePlan(NamedTuple):
    """One device of a run.

    Attributes:
        readings: how many it observes in all.
        quota_mib: what its outbox may take; a small one makes it drop, and say so, what it cannot send in time.
        commit_interval_s: its group commit.
        reboots: each start of its agent is a new boot of the device, too.
    """

    name: str
    readings: int
    quota_mib: float
    commit_interval_s: float
    reboots: bool


class Plan(NamedTuple):
    """Everything about a run that its seed decides."""

    seed: int
    broker: str
    store: str
    devices: tuple[DevicePlan, ...]
    faults: tuple[Fault, ...]
    span_s: float


class Kind(NamedTuple):
    """One kind of fault: on whom it falls, how long it lasts [s], and the details it is drawn with."""

    targets: str
    span_s: tuple[float, float]
    details: tuple[float, ...] = (0,)


HOUR_S: Final = 3600.0
KINDS: Final[dict[str, Kind]] = {
    "kill": Kind("processes", (0.0, 1.5)),
    "wipe": Kind("broker", (0.0, 1.0)),
    "freeze": Kind("processes", (0.5, 5.0)),
    "cut": Kind("links", (0.3, 5.0)),
    "silent_up": Kind("links", (0.5, 5.0)),
    "silent_down": Kind("links", (0.5, 5.0)),
    "half_open_near": Kind("links", (0.5, 3.0)),
    "half_open_far": Kind("links", (0.5, 3.0)),
    "delay": Kind("links", (2.0, 8.0), (0.03, 0.1, 0.4)),
    "stall": Kind("links", (2.0, 8.0), (0.05, 0.2)),
    "duplicate": Kind("uplinks", (4.0, 12.0), (0.2, 0.6)),
    "disk_full": Kind("disks", (1.0, 5.0)),
    "read_only": Kind("disks", (1.0, 4.0)),
    "clock": Kind("devices", (2.0, 6.0), (HOUR_S, -HOUR_S, 0)),
    "card_restored": Kind("devices", (1.0, 9.0)),
    "card_cloned": Kind("devices", (4.0, 10.0)),
    "second_agent": Kind("devices", (0.0, 0.0)),
    "access_wrong": Kind("broker", (1.0, 5.0)),
    "store_errors": Kind("store", (0.5, 5.0)),
    "store_slow": Kind("store", (2.0, 6.0), (0.3, 1.0)),
}
"""Every kind. The detail of ``delay`` and ``store_slow`` is seconds, of ``stall`` and ``duplicate`` a probability, of
``clock`` the step [s], 0 for 1970."""

ON_THE_CARD: Final = frozenset({"disk_full", "read_only", "card_restored", "card_cloned"})
"""Kinds of which one device suffers one at a time."""
EXCHANGES: Final = frozenset({"card_restored", "card_cloned"})
"""Kinds of which one device suffers one a run: of three copies of a card none can know what the others sent."""


def draw(seed: int, readings: int = READINGS, span_s: float = SPAN_S, with_disks: bool = True) -> Plan:
    """The plan of a seed; without disk faults where nobody may mount."""
    rng = random.Random(f"chaos-{seed}")
    broker, store = rng.choice(BROKERS), rng.choice(STORES)
    names = DEVICES[: rng.choice((3, 4))]
    devices = tuple(
        DevicePlan(
            name,
            readings // len(names) + (readings % len(names) if name == names[0] else 0),
            quota_mib=rng.choice((64.0, 64.0, 64.0, 64.0, 64.0, 0.5)),
            commit_interval_s=rng.choice((0.2, 1.0)),
            reboots=rng.random() < 0.4,
        )
        for name in names
    )
    targets = _targets(names, store, with_disks)
    kinds = [kind for kind, one in KINDS.items() if targets[one.targets]]
    weights = [rng.random() ** 2 for _ in kinds]
    faults = [
        _fault("kill", (HUB,), span_s, rng),
        _fault("kill", names, span_s, rng),
        _fault(rng.choice(("kill", "wipe")), (BROKER,), span_s, rng),
    ]
    for kind in rng.choices(kinds, weights, k=rng.randint(10, 18)):
        fault = _fault(kind, targets[KINDS[kind].targets], span_s, rng)
        if _may_join(fault, faults):
            faults.append(fault)
    return Plan(seed, broker, store, devices, tuple(sorted(faults)), span_s)


def _targets(names: tuple[str, ...], store: str, with_disks: bool) -> dict[str, tuple[str, ...]]:
    in_store = (INFLUXD,) if store == "influx" else ()
    link_of_store = (STORE_LINK,) if store == "influx" else ()
    return {
        # Twice: what stands in the middle touches everybody.
        "processes": (*names, BROKER, HUB, BROKER, HUB, *in_store),
        "links": (*names, HUB, *link_of_store),
        "uplinks": names,
        "devices": names,
        "disks": (*names, HUB) if with_disks else (),
        "broker": (BROKER,),
        "store": link_of_store,
    }


def _fault(kind: str, targets: tuple[str, ...], span_s: float, rng: random.Random) -> Fault:
    low, high = KINDS[kind].span_s
    at_s = rng.uniform(0.0, LAST_START * span_s * (CLONED_BY if kind == "card_cloned" else 1.0))
    lasts_s = min(rng.uniform(low, high), span_s - at_s)
    return Fault(at_s, lasts_s, kind, rng.choice(targets), rng.choice(KINDS[kind].details))


def _may_join(fault: Fault, others: list[Fault]) -> bool:
    same = [one for one in others if one.target == fault.target]
    if fault.kind in EXCHANGES and any(one.kind in EXCHANGES for one in same):
        return False
    if fault.kind in ("disk_full", "read_only", "clock", "access_wrong", *EXCHANGES):
        rivals = ON_THE_CARD if fault.kind in ON_THE_CARD else frozenset({fault.kind})
        return not any(one.kind in rivals and _overlap(one, fault) for one in same)
    return True


def _overlap(one: Fault, other: Fault) -> bool:
    margin_s = 1.0
    return one.at_s - margin_s < other.at_s + other.span_s and other.at_s - margin_s < one.at_s + one.span_s
