"""What a kiosk's sources deliver: status words of its devices, counts, ended sessions. Never who came.

Words are strings, because that is what devices say; a source keeps only those that a cabinet's table knows, so that
neither an item nor a recording of items holds anything else of what a device said.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from edge.contract.quantity import Code, Digest
from edge.contract.records.kiosk import Certificate, Means

SupplyName = Literal[
    "upper", "lower", "external", "aux", "aux2", "toner",
    "main", "bypass", "tray-1", "tray-2", "tray-3", "tray-4", "black", "cyan", "magenta", "yellow", "ink",
]  # fmt: skip
"""Supplies by their devices' names: trays and toner of XFS4IoT, trays and colourants of IPP and the Printer MIB."""
SupplyStatus = Literal["full", "low", "out", "unknown", "not_reported"]
Outcome = Literal["issued", "abandoned", "failed", "unknown"]
Retained = Literal["document_retained", "card_retained"]


class ProviderStatus(msgspec.Struct, frozen=True, tag="provider_status"):
    """Status words by their path (``printer.paper.upper`` → ``low``); ``whole`` replaces all of its source's."""

    words: dict[str, str]
    whole: bool
    source: Code = "xfs"


class ProviderLink(msgspec.Struct, frozen=True, tag="provider_link"):
    """The connection with a source's device came up or broke."""

    up: bool
    source: Code = "xfs"


class SupplyCounted(msgspec.Struct, frozen=True, tag="supply_counted"):
    """What is left of a supply, of how much; a negative number is not known. ``status`` where the device judges itself."""

    supply: SupplyName
    left: int
    capacity: int
    status: SupplyStatus | None = None


class JobStarted(msgspec.Struct, frozen=True, tag="job_started"):
    """The application sent a job. ``job`` counts them on this device; the application's own name of it ends in the source."""

    job: int


class SessionEnded(msgspec.Struct, frozen=True, tag="session_ended"):
    """The application ended a session; ``job`` where it says which job that was."""

    certificate: Certificate
    outcome: Outcome
    duration_s: float
    copies: int
    job: int | None = None
    saved_s: float | None = None


class DocumentRetained(msgspec.Struct, frozen=True, tag="document_retained"):
    """A forgotten document or card was drawn back into the machine."""

    event: Retained


class PaymentTaken(msgspec.Struct, frozen=True, tag="payment_taken"):
    """Payments of one means since the last such item."""

    means: Means
    payments: int
    amount_yen: int


class ConfigurationSeen(msgspec.Struct, frozen=True, tag="configuration_seen"):
    """The digest of a part of what the kiosk issues by."""

    part: Code
    digest: Digest


class BatteryRead(msgspec.Struct, frozen=True, tag="battery_read"):
    """Charge and time left of the power supply's battery, or of a robot's; None where the device does not say."""

    charge_percent: float | None = None
    runtime_s: float | None = None


Item = (
    ProviderStatus | ProviderLink | SupplyCounted | JobStarted | SessionEnded | DocumentRetained | PaymentTaken
    | ConfigurationSeen | BatteryRead
)  # fmt: skip
