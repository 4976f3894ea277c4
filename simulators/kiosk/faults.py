"""What can break at a kiosk, what its provider says then, and what that truly means: one table."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Fault(NamedTuple):
    """State and reason that are true while it lasts, the words that tell it, and whether mending opens the door."""

    state: Literal["degraded", "out_of_service", "maintenance"]
    reason: str
    words: tuple[tuple[str, object], ...]
    needs_door: bool = False


FAULTS: dict[str, Fault] = {
    "jam": Fault("out_of_service", "paper_jam", (("printer.media", "jammed"),), needs_door=True),
    "printer": Fault("out_of_service", "printer_offline", (("common.device", "offline"),), needs_door=True),
    "card": Fault("out_of_service", "card_reader_fault", (("cardReader.chipPower", "hardwareError"),), needs_door=True),
    "cash": Fault("out_of_service", "payment_fault", (("cashAcceptor.banknoteReader", "inoperable"),), needs_door=True),
    "backend": Fault("out_of_service", "backend_unreachable", (("kiosk.backend", "unreachable"),)),
    "network": Fault("out_of_service", "network_lost", (("kiosk.network", "lost"),)),
    "power": Fault("degraded", "power_on_battery", (("auxiliaries.UPS.powering", True),)),
    "service": Fault("maintenance", "maintenance", (("vendorMode.service", "active"),)),
}
