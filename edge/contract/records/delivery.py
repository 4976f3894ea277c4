"""Records by which a device tells what became of other records."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from edge.contract import limits
from edge.contract.quantity import SHA256_PATTERN, Count, Epoch, meaning, quantity
from edge.contract.records.base import Priority, Record, Time

NumberRange = tuple[
    Annotated[int, msgspec.Meta(ge=1, le=limits.NUMBER_MAX)], Annotated[int, msgspec.Meta(ge=1, le=limits.NUMBER_MAX)]
]


class Gap(Record, tag="gap", frozen=True, kw_only=True):
    """Declares records lost: which numbers, how many, from when to when, and why."""

    priority: ClassVar[Priority] = Priority.ALARM

    ranges: Annotated[
        list[NumberRange], msgspec.Meta(max_length=limits.LIST_ITEMS, description="numbers declared lost")
    ]
    why: Annotated[
        Literal["outbox_full", "rewound_past_quota", "unreadable_on_disk", "refused_on_device"],
        meaning("what took them"),
    ]
    records: Annotated[Count, quantity("1", "how many records")]
    t_from: Annotated[Time | None, quantity("µs", "time of the oldest of them")] = None
    t_to: Annotated[Time | None, quantity("µs", "time of the newest of them")] = None


class EpochOpened(Record, tag="epoch_opened", frozen=True, kw_only=True):
    """First record of an epoch: why the numbering began anew."""

    priority: ClassVar[Priority] = Priority.STATE

    why: Annotated[
        Literal["first", "outbox_lost", "behind_the_hub", "differs_from_the_hub"],
        meaning("why a new outbox identity was made"),
    ]
    previous: Annotated[Epoch | None, meaning("identity of the outbox before this one")] = None
    previous_last: (
        Annotated[int, quantity("1", "last number given in the previous epoch", 0, limits.NUMBER_MAX)] | None
    ) = None


class EpochClosed(Record, tag="epoch_closed", frozen=True, kw_only=True):
    """Last record of an epoch: nothing follows, the tail is known."""

    priority: ClassVar[Priority] = Priority.STATE


class BlobManifest(Record, tag="blob", frozen=True, kw_only=True):
    """Announces a blob whose chunks travel by themselves: its content hash, size and form."""

    sha256: Annotated[
        str, msgspec.Meta(pattern=SHA256_PATTERN, extra={"role": "code"}, description="SHA-256 of the content")
    ]
    size: Annotated[int, quantity("byte", "size of the content", 1, 2**31)]
    form: Annotated[Literal["miniseed", "jpeg", "npz"], meaning("format of the content")]
    about: Annotated[
        int, quantity("1", "number of the record that it belongs to, 0 for none", 0, limits.NUMBER_MAX)
    ] = 0
    t_from: Annotated[Time | None, quantity("µs", "UTC of the beginning of what it holds")] = None
    t_to: Annotated[Time | None, quantity("µs", "UTC of the end of what it holds")] = None


class BlobDropped(Record, tag="blob_dropped", frozen=True, kw_only=True):
    """Declares a blob lost that the hub does not have whole."""

    priority: ClassVar[Priority] = Priority.STATE

    sha256: Annotated[
        str, msgspec.Meta(pattern=SHA256_PATTERN, extra={"role": "code"}, description="SHA-256 of the content")
    ]
    why: Annotated[Literal["shelf_full", "refused_by_hub"], meaning("what took it")]


class RawHeld(Record, tag="raw_held", frozen=True, kw_only=True):
    """What raw observations the device holds and can be asked for; said once an hour."""

    priority: ClassVar[Priority] = Priority.STATE

    held_from: Annotated[Time, quantity("µs", "UTC of the oldest that is held, 0 for none")]
    held_bytes: Annotated[Count, quantity("byte", "size of all of it")]
