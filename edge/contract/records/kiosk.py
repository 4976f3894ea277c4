"""What a certificate kiosk says: its state, its supplies, its sessions. Never a person, a number or a document."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from edge.contract.quantity import Code, Count, meaning, quantity, tag
from edge.contract.records.base import Priority, Record

Certificate = Literal["residence", "seal", "family_register", "tax", "none"]
Reason = Literal[
    "paper_low",
    "paper_out",
    "paper_jam",
    "toner_low",
    "toner_out",
    "printer_offline",
    "card_reader_fault",
    "payment_fault",
    "network_lost",
    "power_on_battery",
    "door_open",
    "maintenance",
    "backend_unreachable",
    "unknown",
]


class KioskState(Record, tag="kiosk_state", frozen=True, kw_only=True):
    """What the kiosk can do now and why; said when it changes and once a minute."""

    priority: ClassVar[Priority] = Priority.STATE
    shown: ClassVar[tuple[str, ...]] = ("state",)

    state: Annotated[
        Literal["in_service", "degraded", "out_of_service", "maintenance", "unknown"], meaning("state of the whole")
    ]
    reasons: Annotated[list[Reason], msgspec.Meta(max_length=16, description="why it is not in full service")] = []


class KioskSupply(Record, tag="kiosk_supply", frozen=True, kw_only=True):
    """One supply. An unknown level is absent, never 0."""

    supply: Annotated[Code, tag("which tray or cartridge")]
    status: Annotated[Literal["full", "low", "out", "unknown"], meaning("what the device says of it")]
    level_percent: Annotated[float, quantity("%", "remaining", 0, 100)] | None = None
    empty_in_s: Annotated[float, quantity("s", "time until empty at the present rate", 0)] | None = None


class KioskSession(Record, tag="kiosk_session", frozen=True, kw_only=True):
    """One session has ended; ``t`` is its end."""

    certificate: Annotated[Certificate, tag("type of certificate")]
    outcome: Annotated[Literal["issued", "abandoned", "failed"], meaning("how it ended")]
    duration_s: Annotated[float, quantity("s", "from first touch to end", 0, 7200)]
    copies: Annotated[Count, quantity("1", "sheets issued")] = 0


class KioskPower(Record, tag="kiosk_power", frozen=True, kw_only=True):
    """State of the uninterruptible power supply."""

    priority: ClassVar[Priority] = Priority.STATE

    supply: Annotated[Literal["mains", "battery", "battery_low", "unknown"], meaning("where power comes from")]
    charge_percent: Annotated[float, quantity("%", "charge of the battery", 0, 100)] | None = None
    runtime_s: Annotated[float, quantity("s", "time left on battery", 0)] | None = None


RECORDS = (KioskState, KioskSupply, KioskSession, KioskPower)
