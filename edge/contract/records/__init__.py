"""The tagged union of everything a device may report.

A record decodes alone. A kind or a field that this version does not know, from a newer device, is kept aside and is
not an error: the hub keeps the line as it came.
"""

from __future__ import annotations

from typing import Final

from edge.contract.families import Family
from edge.contract.records import bridge, counter, gate, kiosk, truck
from edge.contract.records.base import ENVELOPE, Priority, Record, Time, kind_of
from edge.contract.records.delivery import BlobDropped, BlobManifest, EpochClosed, EpochOpened, Gap, RawHeld
from edge.contract.records.device import ClockQuality, DeviceAlarm, Health, ModelState, SourceState

COMMON: Final[tuple[type[Record], ...]] = (
    Gap, EpochOpened, EpochClosed, BlobManifest, BlobDropped, RawHeld, Health, SourceState, DeviceAlarm, ModelState,
)  # fmt: skip

OF_FAMILY: Final[dict[Family, tuple[type[Record], ...]]] = {
    "bridge": bridge.RECORDS,
    "truck": truck.RECORDS,
    "gate": gate.RECORDS,
    "kiosk": kiosk.RECORDS,
    "counter": counter.RECORDS,
}

ALL: Final[tuple[type[Record], ...]] = (*COMMON, *(record for records in OF_FAMILY.values() for record in records))

BY_KIND: Final[dict[str, type[Record]]] = {kind_of(record): record for record in ALL}

__all__ = [
    "ALL", "BY_KIND", "COMMON", "ENVELOPE", "OF_FAMILY", "BlobDropped", "BlobManifest", "ClockQuality", "DeviceAlarm",
    "EpochClosed", "EpochOpened", "Gap", "Health", "ModelState", "Priority", "RawHeld", "Record", "SourceState", "Time",
    "kind_of",
]  # fmt: skip
