"""Which status word means what: the tables that a cabinet's table is put together from, one a device.

Paths and words are those of CEN XFS4IoT's ``Common.Status`` for a kiosk's devices; ``ipp.*`` are a printer's state and
its reasons (RFC 8011, sections 5.4.11 and 5.4.12), each with its severity as the word; ``ups.*`` a power supply's flags;
``agent.*`` what the agent itself found; ``kiosk.*``, ``terminal.*`` and ``robot.*`` an application's own words.

A path that is in no table has no say. A word that the table does not know on a path that it knows is *unknown*.
"""

from __future__ import annotations

from collections.abc import Mapping
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
UPS_LINE: Final = "ups.line"
UPS_BATTERY: Final = "ups.low"
ROBOT_POWER: Final = "robot.power"
JOBS_PATH, POWER_PATH, SOURCES_PATH = "agent.jobs", "agent.power", "agent.sources"
IPP_STATE: Final = "ipp.state"
STOPPED: Final = (IPP_STATE, "stopped")
MEDIA_PATH: Final = "printer.media"
PAYMENT_PATHS: Final = frozenset({"cashAcceptor.banknoteReader", "cashAcceptor.intermediateStacker"})
MAINTENANCE_WORDS: Final = {
    "auxiliaries.operatorSwitch": ("maintenance", "supervisor"),
    "vendorMode.service": ("enterPending", "active", "exitPending"),
}
"""Words that say that a person looks at the machine."""

_DOORS: Final = ("auxiliaries.cabinetDoor", "auxiliaries.safeDoor", "auxiliaries.cabinetFrontDoor")


class Condition(NamedTuple):
    """One word's meaning. ``others_left``: the effect while another tray still has paper; None where that is no help."""

    reason: Reason
    effect: Effect
    others_left: Effect | None = None


class Words(NamedTuple):
    """Words that matter by path, and words that take nothing away by path: together all that is known of a path."""

    troubles: Mapping[tuple[str, str], Condition]
    fine: Mapping[str, frozenset[str]]


DEVICE: Final = Words(
    {
        (DEVICE_PATH, "offline"): Condition("printer_offline", "out_of_service"),
        (DEVICE_PATH, "powerOff"): Condition("printer_offline", "out_of_service"),
        (DEVICE_PATH, "noDevice"): Condition("printer_offline", "out_of_service"),
        (DEVICE_PATH, "hardwareError"): Condition("unknown", "out_of_service"),
        (DEVICE_PATH, "userError"): Condition("unknown", "out_of_service"),
        (DEVICE_PATH, "fraudAttempt"): Condition("card_reader_fault", "out_of_service"),
        (DEVICE_PATH, "potentialFraud"): Condition("card_reader_fault", "degraded"),
        (DEVICE_PATH, "starting"): Condition("unknown", "unknown"),
        ("common.devicePosition", "notInPosition"): Condition("unknown", "degraded"),
    },
    {
        DEVICE_PATH: frozenset({"online", "deviceBusy"}),
        "common.devicePosition": frozenset({"inPosition", "unknown"}),
    },
)

PRINTER: Final = Words(
    {
        (MEDIA_PATH, "jammed"): Condition("paper_jam", "out_of_service"),
        (MEDIA_PATH, "retracted"): Condition("document_retained", "degraded"),
        (TONER_PATH, "low"): Condition("toner_low", "degraded"),
        (TONER_PATH, "out"): Condition("toner_out", "out_of_service"),
        ("printer.ink", "low"): Condition("toner_low", "degraded"),
        ("printer.ink", "out"): Condition("toner_out", "out_of_service"),
        ("printer.lamp", "fading"): Condition("unknown", "degraded"),
        ("printer.lamp", "inop"): Condition("unknown", "degraded"),
        **{(TRAY_PREFIX + tray, "low"): Condition("paper_low", "degraded") for tray in TRAYS},
        **{(TRAY_PREFIX + tray, "out"): Condition("paper_out", "out_of_service", "degraded") for tray in TRAYS},
        **{(TRAY_PREFIX + tray, "jammed"): Condition("paper_jam", "out_of_service", "degraded") for tray in TRAYS},
    },
    {
        MEDIA_PATH: frozenset({"unknown", "present", "notPresent", "entering"}),
        TONER_PATH: frozenset({"unknown", "full"}),
        "printer.ink": frozenset({"unknown", "full"}),
        "printer.lamp": frozenset({"unknown", "ok"}),
        **{TRAY_PREFIX + tray: frozenset({"unknown", "full"}) for tray in TRAYS},
    },
)

CARD_READER: Final = Words(
    {
        ("cardReader.media", "jammed"): Condition("card_reader_fault", "out_of_service"),
        ("cardReader.chipPower", "hardwareError"): Condition("card_reader_fault", "out_of_service"),
        ("cardReader.chipPower", "noDevice"): Condition("card_reader_fault", "out_of_service"),
        ("cardReader.security", "notReady"): Condition("card_reader_fault", "degraded"),
    },
    {
        "cardReader.media": frozenset({"unknown", "present", "notPresent", "entering", "latched"}),
        "cardReader.chipPower": frozenset({"unknown", "online", "busy", "poweredOff", "noCard"}),
        "cardReader.security": frozenset({"open"}),
    },
)

CASH: Final = Words(
    {
        ("cashAcceptor.banknoteReader", "inoperable"): Condition("payment_fault", "out_of_service"),
        ("cashAcceptor.intermediateStacker", "full"): Condition("payment_fault", "out_of_service"),
    },
    {
        "cashAcceptor.banknoteReader": frozenset({"unknown", "ok"}),
        "cashAcceptor.intermediateStacker": frozenset({"unknown", "empty", "notEmpty"}),
    },
)

OPERATOR: Final = Words(
    {
        **{
            (path, word): Condition("maintenance", "maintenance")
            for path, words in MAINTENANCE_WORDS.items()
            for word in words
        },
        **{(door, "open"): Condition("door_open", "maintenance") for door in _DOORS},
        **{(door, "tampered"): Condition("door_open", "out_of_service") for door in _DOORS},
    },
    {
        "auxiliaries.operatorSwitch": frozenset({"run"}),
        "vendorMode.service": frozenset({"inactive"}),
        **{door: frozenset({"closed", "locked", "bolted"}) for door in _DOORS},
    },
)

POWER: Final = Words(
    {
        (UPS_POWERING, "true"): Condition("power_on_battery", "degraded"),
        (UPS_LINE, "battery"): Condition("power_on_battery", "degraded"),
        (UPS_LINE, "commLost"): Condition("power_not_known", "degraded"),
        (POWER_PATH, "failing"): Condition("power_failing", "out_of_service"),
    },
    {
        UPS_POWERING: frozenset({"false"}),
        UPS_LOW: frozenset({"true", "false"}),
        UPS_LINE: frozenset({"mains", "unknown"}),
        UPS_BATTERY: frozenset({"true", "false"}),
        POWER_PATH: frozenset({"ok"}),
    },
)

NETWORK: Final = Words(
    {
        ("kiosk.backend", "unreachable"): Condition("backend_unreachable", "out_of_service"),
        ("kiosk.network", "lost"): Condition("network_lost", "out_of_service"),
    },
    {"kiosk.backend": frozenset({"reachable"}), "kiosk.network": frozenset({"ok"})},
)

JOBS: Final = Words(
    {
        (JOBS_PATH, "mixup"): Condition("job_mixup", "out_of_service"),
        (JOBS_PATH, "outcomeUnknown"): Condition("outcome_unknown", "out_of_service"),
    },
    {JOBS_PATH: frozenset({"ok"})},
)

SOURCES: Final = Words(
    {(SOURCES_PATH, "silent"): Condition("unknown", "unknown")}, {SOURCES_PATH: frozenset({"heard"})}
)

_IPP: Final[dict[str, tuple[Reason, Effect]]] = {
    "media-empty": ("paper_out", "out_of_service"), "media-needed": ("paper_out", "out_of_service"),
    "input-tray-missing": ("paper_out", "out_of_service"), "media-low": ("paper_low", "degraded"),
    "media-jam": ("paper_jam", "out_of_service"), "output-area-full": ("paper_jam", "out_of_service"),
    "output-tray-missing": ("paper_jam", "out_of_service"), "output-area-almost-full": ("unknown", "degraded"),
    "toner-empty": ("toner_out", "out_of_service"), "toner-low": ("toner_low", "degraded"),
    "marker-supply-empty": ("toner_out", "out_of_service"), "marker-supply-low": ("toner_low", "degraded"),
    "developer-empty": ("toner_out", "out_of_service"), "developer-low": ("toner_low", "degraded"),
    "marker-waste-full": ("toner_out", "out_of_service"), "marker-waste-almost-full": ("toner_low", "degraded"),
    "door-open": ("door_open", "maintenance"), "cover-open": ("door_open", "maintenance"),
    "interlock-open": ("door_open", "maintenance"), "paused": ("maintenance", "maintenance"),
    "moving-to-paused": ("maintenance", "maintenance"), "shutdown": ("printer_offline", "out_of_service"),
    "offline": ("printer_offline", "out_of_service"), "timed-out": ("printer_offline", "out_of_service"),
    "connecting-to-device": ("printer_offline", "degraded"), "stopped-partly": ("unknown", "degraded"),
    "stopping": ("unknown", "degraded"), "spool-area-full": ("unknown", "degraded"),
    "opc-near-eol": ("toner_low", "degraded"), "opc-life-over": ("toner_out", "out_of_service"),
    "fuser-over-temp": ("unknown", "out_of_service"), "fuser-under-temp": ("unknown", "degraded"),
    "interpreter-resource-unavailable": ("unknown", "degraded"), "other": ("unknown", "degraded"),
}  # fmt: skip
"""A printer's reasons, and what each does as an error; as a warning it only degrades, as a report it does nothing.

But for what is empty or jammed: printers report that too without calling it an error (``toner-empty-report``, measured on
CUPS' own), and a page that then says *in service* would be wrong.
"""
IPP_REASONS: Final = frozenset(_IPP)
_MATTERS_AS_REPORT: Final = frozenset(name for name in _IPP if name.endswith(("-empty", "-jam")))

IPP_PRINTER: Final = Words(
    {
        STOPPED: Condition("unknown", "degraded"),
        (IPP_STATE, "unreachable"): Condition("printer_offline", "out_of_service"),
        ("ipp.accepting", "false"): Condition("maintenance", "maintenance"),
        **{(f"ipp.{name}", "error"): Condition(reason, effect) for name, (reason, effect) in _IPP.items()},
        **{
            (f"ipp.{name}", "warning"): Condition(reason, effect if effect == "maintenance" else "degraded")
            for name, (reason, effect) in _IPP.items()
        },
        **{(f"ipp.{name}", "report"): Condition(_IPP[name][0], "degraded") for name in _MATTERS_AS_REPORT},
    },
    {
        IPP_STATE: frozenset({"idle", "processing", "unknown"}),
        "ipp.reasons": frozenset({"reported", "notReported"}),
        "ipp.accepting": frozenset({"true"}),
        **{f"ipp.{name}": frozenset() if name in _MATTERS_AS_REPORT else frozenset({"report"}) for name in _IPP},
    },
)

TERMINAL: Final = Words(
    {
        ("terminal.link", "unreachable"): Condition("terminal_unreachable", "out_of_service"),
        ("terminal.settlement", "failed"): Condition("settlement_failed", "degraded"),
        ("terminal.paper", "low"): Condition("paper_low", "degraded"),
        ("terminal.paper", "out"): Condition("paper_out", "degraded"),
        ("terminal.reader", "fault"): Condition("card_reader_fault", "out_of_service"),
    },
    {
        "terminal.link": frozenset({"reachable"}),
        "terminal.settlement": frozenset({"done", "pending", "unknown"}),
        "terminal.paper": frozenset({"full", "unknown"}),
        "terminal.reader": frozenset({"ok"}),
    },
)

ROBOT: Final = Words(
    {
        ("robot.pose", "lost"): Condition("lost_way", "out_of_service"),
        ("robot.battery", "low"): Condition("battery_low", "degraded"),
        ("robot.battery", "critical"): Condition("battery_low", "out_of_service"),
        ("robot.drive", "fault"): Condition("unknown", "out_of_service"),
        ("robot.drive", "emergencyStop"): Condition("maintenance", "maintenance"),
    },
    {
        "robot.pose": frozenset({"known", "docked"}),
        "robot.battery": frozenset({"full", "charging", "unknown"}),
        "robot.drive": frozenset({"ok", "charging"}),
        ROBOT_POWER: frozenset({"dock", "battery"}),
    },
)
