"""What an opened recording is, and how its deliveries get the ticks that a running agent would have had.

Rules it keeps:
- Times never fall, and a ``Tick`` stands at every second between deliveries, as a running agent gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from edge.contract.families import Family
from edge.delivery import Delivery
from edge.pipeline import Tick
from edge.settle import SettlerState

TICK_US = 1_000_000
WAVEFORM_SUFFIXES = frozenset((".npy", ".npz", ".csv"))
SIDECAR_SUFFIXES = frozenset((".toml", ".json"))


class Recording(NamedTuple):
    """A recording that can be replayed once.

    Attributes:
        family: whose pipeline takes the deliveries.
        device: name of the device that made it, or one made of the file's name.
        pipeline: the ``[pipeline]`` table that goes with it; empty where the file has none.
        deliveries: every item with its time, oldest first.
        duration_s: from the first delivery to the last.
        description: one line for people.
        settler_state: where the settling of times stood when it began.
    """

    family: Family
    device: str
    pipeline: dict[str, Any]
    deliveries: Iterator[Delivery]
    duration_s: float
    description: str
    settler_state: SettlerState = SettlerState()


def with_ticks(deliveries: Iterable[Delivery]) -> Iterator[Delivery]:
    """The deliveries with a ``Tick`` at every whole second from the first one on, as an agent would have had them."""
    tick_at: int | None = None
    for delivery in deliveries:
        if tick_at is None:
            tick_at = delivery.mono_us + TICK_US
        while tick_at <= delivery.mono_us:
            yield Delivery(tick_at, delivery.offset_us, Tick())
            tick_at += TICK_US
        yield delivery


def device_of(path: Path) -> str:
    """A device's name made of a file's: lower case letters, digits and hyphens."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in path.stem.lower())
    return "-".join(part for part in kept.split("-") if part)[:24].strip("-") or "recording"
