"""What the API answers: one type an answer, from which the OpenAPI document is made."""

from __future__ import annotations

import msgspec

from hub.judgement import Alert
from hub.kiosk.offers import Offer
from hub.kiosk.upkeep import Work
from hub.ledger_port import DeviceRow, EpochRow, LostRow, QuarantineRow
from hub.live import View
from hub.public import PublicService
from hub.store.port import Aggregate


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A JSON object."""


class Problem(Answer, frozen=True, kw_only=True):
    """Why a question got no answer, in one line."""

    error: str


class Overview(Answer, frozen=True, kw_only=True):
    """Every device as it is at ``now`` [µs UTC]; ``version`` grows with every change."""

    now: int
    version: int
    devices: list[View]


class Devices(Answer, frozen=True, kw_only=True):
    """A page of devices; ``next`` goes into ``after`` for the next one."""

    devices: list[DeviceRow]
    next: str | None


class Completeness(Answer, frozen=True, kw_only=True):
    """What the ledger knows of a device, newest epoch first."""

    device: str
    epochs: list[EpochRow]
    lost: list[LostRow]


class LatestRecord(Answer, frozen=True, kw_only=True):
    """The newest record of one series."""

    kind: str
    tags: dict[str, str]
    t: int
    number: int
    fields: dict[str, object]


class LatestRecords(Answer, frozen=True, kw_only=True):
    """The newest record of each series of a device."""

    device: str
    latest: list[LatestRecord]


class SeriesPart(Answer, frozen=True, kw_only=True):
    """One series: (time [µs UTC], value), oldest first; ``truncated`` when the limit cut it."""

    tags: dict[str, str]
    points: list[tuple[int, float | int | bool | str]]
    truncated: bool


class SeriesAnswer(Answer, frozen=True, kw_only=True):
    """A field over [from, to) [µs UTC]; with ``every_us`` a point stands at its window's beginning."""

    device: str
    kind: str
    field: str
    from_: int = msgspec.field(name="from")
    to: int
    every_us: int | None
    aggregate: Aggregate | None
    series: list[SeriesPart]


class OneAlert(Answer, frozen=True, kw_only=True):
    """An alert and whose it is; of the history it has its ``id``, and ``until`` [µs UTC] once it has ended."""

    device: str
    alert: Alert
    id: int | None = None
    until: int | None = None


class Alerts(Answer, frozen=True, kw_only=True):
    """What a person should know at ``now`` [µs UTC], or a page of what was; ``next`` goes into ``before``."""

    now: int
    alerts: list[OneAlert]
    next: int | None = None


class Now(Answer, frozen=True, kw_only=True):
    """What citizens are told at ``now`` [µs UTC]."""

    now: int
    services: list[PublicService]


class Quarantine(Answer, frozen=True, kw_only=True):
    """A page of refusals, newest first; ``next`` goes into ``before`` for the next one."""

    quarantine: list[QuarantineRow]
    next: int | None


class Blob(Answer, frozen=True, kw_only=True):
    """A waveform or photo that a device announced.

    Attributes:
        t_from, t_to: what it holds, from and to [µs UTC].
        have: bytes from the beginning that are here; with ``whole`` it can be had under ``/api/v1/blobs``.
    """

    sha256: str
    form: str
    size: int
    t_from: int | None
    t_to: int | None
    have: int
    whole: bool


class Blobs(Answer, frozen=True, kw_only=True):
    """The blobs that a device announced since ``from_`` [µs UTC], newest first; what was pruned has ``have`` 0."""

    device: str
    blobs: list[Blob]


class Certificates(Answer, frozen=True, kw_only=True):
    """Which certificates can be had where at ``now`` [µs UTC]."""

    now: int
    offers: list[Offer]


class Maintenance(Answer, frozen=True, kw_only=True):
    """What to mend first at ``now`` [µs UTC]."""

    now: int
    work: list[Work]


ANSWERS = (
    Problem, Overview, Devices, View, Completeness, LatestRecords, SeriesAnswer, Alerts, Quarantine, Blobs, Certificates,
    Maintenance, Now,
    PublicService,
)  # fmt: skip
"""Every type that an answer is made of."""
