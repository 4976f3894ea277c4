"""Records about the device itself, of every family."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from edge.contract.quantity import Code, Count, meaning, quantity, tag
from edge.contract.records.base import Priority, Record

ClockQuality = Literal["synchronised", "holdover", "unknown"]


class Health(Record, tag="health", frozen=True, kw_only=True):
    """How the device is. A value that the machine does not offer is absent, never 0."""

    priority: ClassVar[Priority] = Priority.STATE

    clock_quality: Annotated[ClockQuality, meaning("synchronised by NTP or GNSS, kept over since, or never known")]
    uptime_s: Annotated[float, quantity("s", "time since the device booted", 0)]
    outbox_records: Annotated[Count, quantity("1", "records not yet accounted by the hub")]
    outbox_bytes: Annotated[Count, quantity("byte", "size of the outbox on disk")]
    outbox_oldest_s: Annotated[float, quantity("s", "age of the oldest record not yet accounted", 0)] | None = None
    cpu_percent: Annotated[float, quantity("%", "use of all cores since the last health record", 0, 100)] | None = None
    memory_percent: Annotated[float, quantity("%", "memory in use", 0, 100)] | None = None
    agent_memory_bytes: Annotated[Count, quantity("byte", "resident memory of the agent")] | None = None
    disk_free_bytes: Annotated[Count, quantity("byte", "free space where the outbox lies")] | None = None
    temperature_degc: Annotated[float, quantity("°C", "temperature of the processor", -60, 150)] | None = None
    clock_offset_s: Annotated[float, quantity("s", "estimated error of the clock")] | None = None
    records_refused: Annotated[Count, quantity("1", "records refused on the device since its start")] = 0


class SourceState(Record, tag="source_state", frozen=True, kw_only=True):
    """A source began or ceased to deliver; said when it changes."""

    priority: ClassVar[Priority] = Priority.STATE

    source: Annotated[Code, tag("which source of the device")]
    state: Annotated[Literal["delivering", "silent", "failed"], meaning("what the source does now")]
    frames_bad: Annotated[Count, quantity("1", "frames that were damaged since the start")] = 0
    frames_lost: Annotated[Count, quantity("1", "frames known to be missing since the start")] = 0


class DeviceAlarm(Record, tag="device_alarm", frozen=True, kw_only=True):
    """Something on the device needs a person, or no longer does."""

    priority: ClassVar[Priority] = Priority.ALARM

    code: Annotated[
        Literal[
            "no_acks",
            "outbox_full",
            "disk_full",
            "clock_unknown",
            "clock_stepped",
            "overheated",
            "source_failed",
            "model_failed",
            "config_rolled_back",
            "two_devices_with_one_identity",
        ],
        tag("what is wrong"),
    ]
    active: Annotated[bool, meaning("true when it begins, false when it ends")]


class ModelState(Record, tag="model_state", frozen=True, kw_only=True):
    """Which model runs on the device, and whether it does."""

    priority: ClassVar[Priority] = Priority.STATE

    model: Annotated[Code, tag("name in the models' manifest")]
    version: Annotated[Code, meaning("version in the models' manifest")]
    running: Annotated[bool, meaning("false when it could not be loaded: the plain rule is used instead")]
