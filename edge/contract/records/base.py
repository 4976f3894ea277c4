"""What every record has: a kind, a time and how sure that time is."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar, Literal

import msgspec

from edge.contract import limits
from edge.contract.quantity import quantity

Time = Annotated[
    int, msgspec.Meta(ge=0, le=limits.TIME_MAX_US, description="time of the observation", extra={"unit": "µs"})
]


class Priority(IntEnum):
    """Who leaves first and who is evicted last. Lower is more important."""

    ALARM = 0
    STATE = 1
    NORMAL = 2
    BULK = 3


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """One typed observation.

    Attributes:
        t: UTC of the observation [µs since 1970]. Inside a device, until the outbox settles it, the same field counts
            from the device's boot (monotonic), which is why pipelines never read a clock. None on the wire only when
            the device did not know the time: the hub then gives it its own (``clock`` says ``hub``).
        clock: how ``t`` was had. ``settled``: by a clock known to be right. ``bounded``: it lies within ``t_error_s``
            of the truth (left by a boot that never learnt the time). ``hub``: by the hub, at arrival less its age.
        t_error_s: half-width of the bounds [s], only with ``bounded``.
        step: raised each time this device's clock went backward; within one step the times of a series strictly increase.
        mono: time since the device's boot [µs], only where ``t`` is absent; absent too, its age counts as nought.
    """

    priority: ClassVar[Priority] = Priority.NORMAL
    shown: ClassVar[tuple[str, ...]] = ()
    """Fields that people wait for on a display: a change of one is committed and sent promptly."""

    t: Time | None = None
    clock: Annotated[Literal["settled", "bounded", "hub"], msgspec.Meta(description="how the time was had")] = "settled"
    t_error_s: Annotated[float, quantity("s", "half-width of the bounds of the time, with clock bounded", 0)] | None = (
        None
    )
    step: Annotated[int, quantity("1", "how often the clock of the device had gone backward", 0, 2**31)] = 0
    mono: (
        Annotated[
            int, quantity("µs", "time since the device's boot, where the time is not known", 0, limits.NUMBER_MAX)
        ]
        | None
    ) = None


ENVELOPE = ("t", "clock", "t_error_s", "step", "mono")
"""Fields of every record that are about its time, not its content."""


def kind_of(record: Record | type[Record]) -> str:
    """The ``kind`` that a record type is tagged with."""
    return str(record.__struct_config__.tag)
