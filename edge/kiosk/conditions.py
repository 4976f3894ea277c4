"""Which status word means what for the kiosk as a whole: one table, from word to reason and effect.

Paths and words are those of CEN XFS4IoT's ``Common.Status``; ``kiosk.*`` is the kiosk application's own addition.
A path that is not in the table has no say. A word that the table does not know on a path that it knows is *unknown*.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from edge.contract.records.kiosk import Reason

Effect = Literal["degraded", "unknown", "out_of_service", "maintenance"]

SEVERITY: Final[tuple[Effect, ...]] = ("degraded", "unknown", "out_of_service", "maintenance")
"""The later one decides: what is known to be out of service is so, whatever else is not known."""

TRAYS: Final = ("upper", "lower", "external", "aux", "aux2")
TRAY_PREFIX: Final = "printer.paper."
TONER_PATH: Final = "printer.toner"
DEVICE_PATH: Final = "common.device"
UPS_POWERING, UPS_LOW = "auxiliaries.UPS.powering", "auxiliaries.UPS.low"
PAYMENT_PATHS: Final = frozenset({"cashAcceptor.banknoteReader", "cashAcceptor.intermediateStacker"})

_DOORS: Final = ("auxiliaries.cabinetDoor", "auxiliaries.safeDoor", "auxiliaries.cabinetFrontDoor")


class Condition(NamedTuple):
    """One word's meaning. ``others_left``: the effect while another tray still has paper; None where that is no help."""

    reason: Reason
    effect: Effect
    others_left: Effect | None = None


TABLE: Final[dict[tuple[str, str], Condition]] = {
    (DEVICE_PATH, "offline"): Condition("printer_offline", "out_of_service"),
    (DEVICE_PATH, "powerOff"): Condition("printer_offline", "out_of_service"),
    (DEVICE_PATH, "noDevice"): Condition("printer_offline", "out_of_service"),
    (DEVICE_PATH, "hardwareError"): Condition("unknown", "out_of_service"),
    (DEVICE_PATH, "userError"): Condition("unknown", "out_of_service"),
    (DEVICE_PATH, "fraudAttempt"): Condition("card_reader_fault", "out_of_service"),
    (DEVICE_PATH, "potentialFraud"): Condition("card_reader_fault", "degraded"),
    (DEVICE_PATH, "starting"): Condition("unknown", "unknown"),
    ("printer.media", "jammed"): Condition("paper_jam", "out_of_service"),
    (TONER_PATH, "low"): Condition("toner_low", "degraded"),
    (TONER_PATH, "out"): Condition("toner_out", "out_of_service"),
    ("cardReader.media", "jammed"): Condition("card_reader_fault", "out_of_service"),
    ("cardReader.chipPower", "hardwareError"): Condition("card_reader_fault", "out_of_service"),
    ("cardReader.chipPower", "noDevice"): Condition("card_reader_fault", "out_of_service"),
    ("cashAcceptor.banknoteReader", "inoperable"): Condition("payment_fault", "out_of_service"),
    ("cashAcceptor.intermediateStacker", "full"): Condition("payment_fault", "out_of_service"),
    ("auxiliaries.operatorSwitch", "maintenance"): Condition("maintenance", "maintenance"),
    ("auxiliaries.operatorSwitch", "supervisor"): Condition("maintenance", "maintenance"),
    ("vendorMode.service", "enterPending"): Condition("maintenance", "maintenance"),
    ("vendorMode.service", "active"): Condition("maintenance", "maintenance"),
    ("vendorMode.service", "exitPending"): Condition("maintenance", "maintenance"),
    (UPS_POWERING, "true"): Condition("power_on_battery", "degraded"),
    ("kiosk.backend", "unreachable"): Condition("backend_unreachable", "out_of_service"),
    ("kiosk.network", "lost"): Condition("network_lost", "out_of_service"),
    **{(TRAY_PREFIX + tray, "low"): Condition("paper_low", "degraded") for tray in TRAYS},
    **{(TRAY_PREFIX + tray, "out"): Condition("paper_out", "out_of_service", "degraded") for tray in TRAYS},
    **{(TRAY_PREFIX + tray, "jammed"): Condition("paper_jam", "out_of_service", "degraded") for tray in TRAYS},
    **{(door, "open"): Condition("door_open", "maintenance") for door in _DOORS},
    **{(door, "tampered"): Condition("door_open", "out_of_service") for door in _DOORS},
}

FINE: Final[dict[str, frozenset[str]]] = {
    DEVICE_PATH: frozenset({"online", "deviceBusy"}),
    "printer.media": frozenset({"unknown", "present", "notPresent", "entering", "retracted"}),
    TONER_PATH: frozenset({"unknown", "full"}),
    "cardReader.media": frozenset({"unknown", "present", "notPresent", "entering", "latched"}),
    "cardReader.chipPower": frozenset({"unknown", "online", "busy", "poweredOff", "noCard"}),
    "cashAcceptor.banknoteReader": frozenset({"unknown", "ok"}),
    "cashAcceptor.intermediateStacker": frozenset({"unknown", "empty", "notEmpty"}),
    "auxiliaries.operatorSwitch": frozenset({"run"}),
    "vendorMode.service": frozenset({"inactive"}),
    UPS_POWERING: frozenset({"false"}),
    UPS_LOW: frozenset({"true", "false"}),
    "kiosk.backend": frozenset({"reachable"}),
    "kiosk.network": frozenset({"ok"}),
    **{TRAY_PREFIX + tray: frozenset({"unknown", "full"}) for tray in TRAYS},
    **{door: frozenset({"closed", "locked", "bolted"}) for door in _DOORS},
}
"""Words that take nothing away, by path: together with ``TABLE`` everything that is known of a path."""

_NEW_WORD: Final = Condition("unknown", "degraded")
_NEW_DEVICE_WORD: Final = Condition("unknown", "unknown")


def condition_of(path: str, word: str) -> Condition | None:
    """What a word means, or None when it takes nothing away or its path has no say."""
    if path not in FINE or word in FINE[path]:
        return None
    return TABLE.get((path, word), _NEW_DEVICE_WORD if path == DEVICE_PATH else _NEW_WORD)
