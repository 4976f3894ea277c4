"""The simulated cabinets: each is a row of what it has, what it gives, how people use it and what breaks there.

Nothing else of the simulator knows which cabinet it plays. What the words mean to the agent is the agent's own table
(``edge/kiosk/cabinets.py``); the truth is told by the rows here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from edge.contract.records.kiosk import Cabinet, Certificate, Means
from simulators.kiosk import faults
from simulators.kiosk.faults import Fault


class Given(NamedTuple):
    """One thing that sessions are for.

    Attributes:
        share: of the sessions.
        tray: what it is printed on, None for nothing.
        one_more: chance that a session wants no further copy, whose number is geometric; None where it gives no sheets.
        typical_s: median length of a session, lognormal with ``spread`` (in nepers) [s].
        saves_s: least and most time that it spares over the same by hand, None where nobody counts that [s].
        yen: what one copy costs, by equal chance; empty where nothing is paid here.
    """

    certificate: Certificate
    share: float
    tray: str | None = None
    one_more: float | None = 0.65
    typical_s: float = 95.0
    spread: float = 0.35
    saves_s: tuple[float, float] | None = None
    yen: tuple[int, ...] = ()


class Kind(NamedTuple):
    """One cabinet.

    Attributes:
        well: every status word by its path, while all is well; those under ``ipp`` are its printer's.
        gives: what sessions are for.
        faults: what breaks, by name.
        sessions_an_hour, abandons: how busy it is at the busiest time, and the share of sessions that people give up.
        paper: sheets in its trays at the start, by name; ``capacity`` those of a full one.
        toner: the name of its toner or black colourant, None for none.
        level_paths: on which path a supply's word is said, by the supply's name.
        counts: who tells how much is left: the provider, the printer, or nobody.
        works_without_paper: it only degrades when its paper is out.
        has_door: who mends it or fills it up opens a door that is watched.
        pays: shares of the means of payment, where it takes payments.
        roams: it lives on a battery and a charger.
    """

    well: Mapping[str, object]
    gives: tuple[Given, ...]
    faults: Mapping[str, Fault]
    sessions_an_hour: float
    abandons: float
    paper: Mapping[str, int] = {}
    capacity: int = 500
    toner: str | None = None
    level_paths: Mapping[str, str] = {}
    counts: Literal["xfs", "ipp", "nobody"] = "nobody"
    works_without_paper: bool = False
    has_door: bool = True
    pays: Mapping[Means, float] = {}
    roams: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """Its lines: the provider's, and the printer's where that is asked by itself."""
        return ("xfs", "ipp") if "ipp.state" in self.well else ("xfs",)


_CABINET: Final[dict[str, object]] = {
    "auxiliaries.cabinetDoor": "closed",
    "auxiliaries.UPS.powering": False,
    "auxiliaries.UPS.low": False,
    "vendorMode.service": "inactive",
    "kiosk.backend": "reachable",
    "kiosk.network": "ok",
}
_PRINTER: Final[dict[str, object]] = {
    "common.device": "online",
    "printer.media": "notPresent",
    "printer.paper.upper": "full",
    "printer.toner": "full",
}
_READER: Final[dict[str, object]] = {"cardReader.media": "notPresent", "cardReader.chipPower": "noCard"}
_CASH: Final[dict[str, object]] = {
    "cashAcceptor.banknoteReader": "ok",
    "cashAcceptor.intermediateStacker": "empty",
}

KINDS: Final[dict[Cabinet, Kind]] = {
    "kiosk": Kind(
        well={**_PRINTER, "printer.paper.lower": "full", **_READER, **_CASH, **_CABINET},
        gives=(
            Given("residence", 0.5, "upper"),
            Given("seal", 0.28, "upper"),
            Given("family_register", 0.14, "lower"),
            Given("tax", 0.08, "upper"),
        ),
        faults={
            "jam": faults.JAM, "printer": faults.PRINTER, "card": faults.CARD, "cash": faults.CASH,
            "backend": faults.BACKEND, "network": faults.NETWORK, "power": faults.POWER, "service": faults.SERVICE,
        },
        sessions_an_hour=14.0,
        abandons=0.06,
        paper={"upper": 320, "lower": 140},
        toner="toner",
        level_paths={"upper": "printer.paper.upper", "lower": "printer.paper.lower", "toner": "printer.toner"},
        counts="xfs",
    ),
    "copy_terminal": Kind(
        well={"ipp.state": "idle", "ipp.media-jam": "", **_CASH, **_CABINET},
        gives=(
            Given("copy", 0.4, "main", 0.5, 180.0, 0.5, yen=(300, 400)),
            Given("copy", 0.6, "tray-2", 0.5, 240.0, 0.5, yen=(500,)),
        ),
        faults={
            "jam": faults.IPP_JAM, "printer": faults.IPP_GONE, "cash": faults.CASH, "backend": faults.BACKEND,
            "network": faults.NETWORK, "power": faults.POWER, "service": faults.SERVICE,
        },
        sessions_an_hour=8.0,
        abandons=0.1,
        paper={"main": 260, "tray-2": 90},
        toner="black",
        counts="ipp",
        pays={"cash": 1.0},
    ),
    "form_unit": Kind(
        well={**_PRINTER, **_READER, **_CABINET},
        gives=(Given("form", 1.0, "upper", 0.6, 70.0, 0.4, saves_s=(120.0, 420.0)),),
        faults={
            "jam": faults.JAM, "printer": faults.PRINTER, "card": faults.CARD, "network": faults.NETWORK,
            "power": faults.POWER, "service": faults.SERVICE,
        },
        sessions_an_hour=12.0,
        abandons=0.15,
        paper={"upper": 240},
        toner="toner",
        level_paths={"upper": "printer.paper.upper", "toner": "printer.toner"},
        counts="xfs",
    ),
    "payment_terminal": Kind(
        well={
            "terminal.link": "reachable", "terminal.settlement": "done", "terminal.paper": "full",
            "terminal.reader": "ok",
        },
        gives=(Given("payment", 1.0, "roll", None, 25.0, 0.4, yen=(200, 300, 300, 450, 750, 900, 1500)),),
        faults={"unreachable": faults.TERMINAL_GONE, "settlement": faults.SETTLEMENT, "reader": faults.READER},
        sessions_an_hour=30.0,
        abandons=0.03,
        paper={"roll": 70},
        capacity=160,
        level_paths={"roll": "terminal.paper"},
        works_without_paper=True,
        has_door=False,
        pays={"credit": 0.35, "emoney": 0.35, "code": 0.27, "other": 0.03},
    ),
    "guide_robot": Kind(
        well={"robot.pose": "known", "robot.battery": "full", "robot.drive": "ok", "robot.power": "battery"},
        gives=(Given("guidance", 1.0, None, None, 75.0, 0.45),),
        faults={"lost": faults.LOST, "drive": faults.DRIVE, "stopped": faults.STOPPED},
        sessions_an_hour=10.0,
        abandons=0.05,
        has_door=False,
        roams=True,
    ),
}  # fmt: skip
