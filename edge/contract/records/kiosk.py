"""What a kiosk says: its state, its supplies, its sessions. Never a person, a number or a document.

A copy terminal, a form-filling unit, a payment terminal and a guidance robot say the same things of themselves.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from edge.contract.quantity import Code, Count, Digest, meaning, quantity, tag
from edge.contract.records.base import Priority, Record

Cabinet = Literal["kiosk", "copy_terminal", "form_unit", "payment_terminal", "guide_robot"]
"""Which machine it is; they differ by configuration and a table of states only."""
Certificate = Literal["residence", "seal", "family_register", "tax", "none", "copy", "form", "payment", "guidance"]
"""What was given: a certificate, or what another cabinet gives instead (a map's copy, a filled form, a payment, a way)."""
Means = Literal["cash", "credit", "emoney", "code", "other"]
Reason = Literal[
    "document_retained",
    "job_mixup",
    "outcome_unknown",
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
    "power_failing",
    "power_not_known",
    "terminal_unreachable",
    "settlement_failed",
    "battery_low",
    "lost_way",
    "unknown",
]


class KioskState(Record, tag="kiosk_state", frozen=True, kw_only=True):
    """What the kiosk can do now and why; said when it changes and once a minute."""

    priority: ClassVar[Priority] = Priority.STATE
    shown: ClassVar[tuple[str, ...]] = ("state",)

    state: Annotated[
        Literal["in_service", "degraded", "out_of_service", "maintenance", "unknown"], meaning("state of the whole")
    ]
    reasons: Annotated[list[Reason], msgspec.Meta(max_length=24, description="why it is not in full service")] = []


class KioskService(Record, tag="kiosk_service", frozen=True, kw_only=True):
    """How long it was in each state in a window that ends at ``t``; what the agent did not see is in none of them."""

    window_s: Annotated[float, quantity("s", "length of the window", 0)]
    in_service_s: Annotated[float, quantity("s", "in full service", 0)] = 0.0
    degraded_s: Annotated[float, quantity("s", "serving, with something wrong", 0)] = 0.0
    out_of_service_s: Annotated[float, quantity("s", "out of service", 0)] = 0.0
    maintenance_s: Annotated[float, quantity("s", "being serviced", 0)] = 0.0
    unknown_s: Annotated[float, quantity("s", "not known", 0)] = 0.0
    failures: Annotated[Count, quantity("1", "how often it went out of service")] = 0


class KioskSupply(Record, tag="kiosk_supply", frozen=True, kw_only=True):
    """One supply. An unknown level is absent, never 0; ``not_reported``: its printer never speaks of it."""

    supply: Annotated[Code, tag("which tray or cartridge")]
    status: Annotated[Literal["full", "low", "out", "unknown", "not_reported"], meaning("what the device says of it")]
    level_percent: Annotated[float, quantity("%", "remaining", 0, 100)] | None = None
    empty_in_s: Annotated[float, quantity("s", "time until empty at the present rate", 0)] | None = None


class KioskSession(Record, tag="kiosk_session", frozen=True, kw_only=True):
    """One session has ended; ``t`` is its end."""

    certificate: Annotated[Certificate, tag("type of certificate, or what else was given")]
    outcome: Annotated[
        Literal["issued", "abandoned", "failed", "unknown"], meaning("how it ended; issued: it was given")
    ]
    duration_s: Annotated[float, quantity("s", "from first touch to end", 0, 7200)]
    copies: Annotated[Count, quantity("1", "sheets issued")] = 0
    saved_s: Annotated[float, quantity("s", "time that it spared over doing the same by hand", 0, 7200)] | None = None


class KioskPower(Record, tag="kiosk_power", frozen=True, kw_only=True):
    """State of the uninterruptible power supply."""

    priority: ClassVar[Priority] = Priority.STATE

    supply: Annotated[
        Literal["mains", "battery", "battery_low", "unknown", "comm_lost"],
        meaning("where power comes from; comm_lost: the supply itself is not heard any more"),
    ]
    charge_percent: Annotated[float, quantity("%", "charge of the battery", 0, 100)] | None = None
    runtime_s: Annotated[float, quantity("s", "time left on battery", 0)] | None = None


class KioskPrivacy(Record, tag="kiosk_privacy", frozen=True, kw_only=True):
    """A document or a card stayed in the machine: somebody's papers now lie where others may find them."""

    priority: ClassVar[Priority] = Priority.ALARM

    event: Annotated[Literal["document_retained", "card_retained"], tag("what stayed behind")]
    count: Annotated[Count, quantity("1", "how many since the agent started, this one included")]


class KioskTakings(Record, tag="kiosk_takings", frozen=True, kw_only=True):
    """Payments of one means, summed over a window that ends at ``t``."""

    means: Annotated[Means, tag("means of payment")]
    window_s: Annotated[float, quantity("s", "length of the window", 0)]
    payments: Annotated[Count, quantity("1", "payments in the window")]
    amount_yen: Annotated[Count, quantity("JPY", "their sum")]


class KioskConfiguration(Record, tag="kiosk_configuration", frozen=True, kw_only=True):
    """A part of what the kiosk issues by (forms, offices, software), as a digest that the hub compares with others'."""

    priority: ClassVar[Priority] = Priority.STATE

    part: Annotated[Code, tag("which part")]
    digest: Annotated[Digest, meaning("the same for the same content")]


RECORDS = (
    KioskState, KioskService, KioskSupply, KioskSession, KioskPower, KioskPrivacy, KioskTakings, KioskConfiguration,
)  # fmt: skip
