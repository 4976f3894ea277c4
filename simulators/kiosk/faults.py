"""What can break at a cabinet, what its devices say then, and what that truly means: tables of faults."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple


class Fault(NamedTuple):
    """State and reason that are true while it lasts, the words that tell it, and whether mending opens the door."""

    state: Literal["degraded", "out_of_service", "maintenance"]
    reason: str
    words: tuple[tuple[str, object], ...]
    needs_door: bool = False


JAM: Final = Fault("out_of_service", "paper_jam", (("printer.media", "jammed"),), needs_door=True)
PRINTER: Final = Fault("out_of_service", "printer_offline", (("common.device", "offline"),), needs_door=True)
CARD: Final = Fault(
    "out_of_service", "card_reader_fault", (("cardReader.chipPower", "hardwareError"),), needs_door=True
)
CASH: Final = Fault(
    "out_of_service", "payment_fault", (("cashAcceptor.banknoteReader", "inoperable"),), needs_door=True
)
BACKEND: Final = Fault("out_of_service", "backend_unreachable", (("kiosk.backend", "unreachable"),))
NETWORK: Final = Fault("out_of_service", "network_lost", (("kiosk.network", "lost"),))
POWER: Final = Fault("degraded", "power_on_battery", (("auxiliaries.UPS.powering", True),))
SERVICE: Final = Fault("maintenance", "maintenance", (("vendorMode.service", "active"),))

IPP_JAM: Final = Fault("out_of_service", "paper_jam", (("ipp.media-jam", "error"),), needs_door=True)
IPP_GONE: Final = Fault("out_of_service", "printer_offline", (("ipp.state", "unreachable"),))

TERMINAL_GONE: Final = Fault("out_of_service", "terminal_unreachable", (("terminal.link", "unreachable"),))
SETTLEMENT: Final = Fault("degraded", "settlement_failed", (("terminal.settlement", "failed"),))
READER: Final = Fault("out_of_service", "card_reader_fault", (("terminal.reader", "fault"),))

LOST: Final = Fault("out_of_service", "lost_way", (("robot.pose", "lost"),))
DRIVE: Final = Fault("out_of_service", "unknown", (("robot.drive", "fault"),))
STOPPED: Final = Fault("maintenance", "maintenance", (("robot.drive", "emergencyStop"),))
