from __future__ import annotations

import json
import re

import pytest

from edge.contract.records import Record
from edge.contract.records.kiosk import KioskPower, KioskSession, KioskState, KioskSupply
from edge.kiosk.cabinets import CABINETS, KNOWN
from edge.kiosk.conditions import TRAY_PREFIX
from edge.kiosk.items import ProviderLink, ProviderStatus, SessionEnded, SupplyCounted
from edge.kiosk.pipeline import Config, pipeline
from edge.kiosk.state import state_of
from edge.pipeline import Tick
from tests.data_folder import real

SECOND = 1_000_000
WELL = {
    "common.device": "online", "printer.paper.upper": "full", "printer.paper.lower": "full", "printer.toner": "full",
    "printer.media": "notPresent", "cardReader.media": "notPresent", "cardReader.chipPower": "noCard",
    "cashAcceptor.banknoteReader": "ok", "auxiliaries.cabinetDoor": "closed", "auxiliaries.UPS.powering": "false",
    "auxiliaries.UPS.low": "false", "vendorMode.service": "inactive", "kiosk.backend": "reachable", "kiosk.network": "ok",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "state", "reasons"),
    [
        ({}, "in_service", []),
        ({"common.device": "deviceBusy"}, "in_service", []),
        ({"common.device": "hardwareError"}, "out_of_service", ["unknown"]),
        ({"common.device": "offline"}, "out_of_service", ["printer_offline"]),
        ({"common.device": "starting"}, "unknown", ["unknown"]),
        ({"common.device": "aWordOfTheFuture"}, "unknown", ["unknown"]),
        ({"cardReader.media": "aWordOfTheFuture"}, "degraded", ["unknown"]),
        ({"printer.paper.upper": "low"}, "degraded", ["paper_low"]),
        ({"printer.paper.upper": "unknown"}, "in_service", []),
        ({"printer.paper.upper": "out"}, "degraded", ["paper_out"]),
        ({"printer.paper.upper": "out", "printer.paper.lower": "low"}, "degraded", ["paper_low", "paper_out"]),
        ({"printer.paper.upper": "out", "printer.paper.lower": "out"}, "out_of_service", ["paper_out"]),
        ({"printer.paper.upper": "jammed", "printer.paper.lower": "out"}, "out_of_service", ["paper_out", "paper_jam"]),
        ({"printer.media": "jammed"}, "out_of_service", ["paper_jam"]),
        ({"printer.toner": "low"}, "degraded", ["toner_low"]),
        ({"printer.toner": "out"}, "out_of_service", ["toner_out"]),
        ({"cardReader.media": "jammed"}, "out_of_service", ["card_reader_fault"]),
        ({"cashAcceptor.banknoteReader": "inoperable"}, "out_of_service", ["payment_fault"]),
        ({"kiosk.backend": "unreachable"}, "out_of_service", ["backend_unreachable"]),
        ({"kiosk.network": "lost"}, "out_of_service", ["network_lost"]),
        ({"auxiliaries.UPS.powering": "true"}, "degraded", ["power_on_battery"]),
        ({"auxiliaries.cabinetDoor": "open", "printer.media": "jammed"}, "maintenance", ["paper_jam", "door_open"]),
        ({"vendorMode.service": "active"}, "maintenance", ["maintenance"]),
        ({"common.device": "starting", "printer.toner": "out"}, "out_of_service", ["toner_out", "unknown"]),
        ({"pinPad.anything": "broken"}, "in_service", []),
    ],
)
def test_status_words_make_state_and_reasons(changed: dict[str, str], state: str, reasons: list[str]) -> None:
    assert state_of({**WELL, **changed}) == (state, reasons)


@pytest.mark.parametrize("words", [None, {}, {"printer.toner": "full"}])
def test_nothing_known_is_unknown_and_never_in_service(words: dict[str, str] | None) -> None:
    assert state_of(words) == ("unknown", ["unknown"])


def test_a_fault_of_the_cash_unit_only_degrades_where_one_can_pay_otherwise() -> None:
    words = {**WELL, "cashAcceptor.banknoteReader": "inoperable"}

    assert state_of(words, cash_only=False) == ("degraded", ["payment_fault"])


def standard_words() -> dict[str, list[str]]:
    """Every status word of the standard, by the paths on which a kiosk says it."""
    words = json.loads(real("kiosk/xfs4iot_status_enums.json").read_text())
    by_device = {
        f"{device}.{name}": list(choices)
        for device, names in words.items()
        if isinstance(names, dict)
        for name, choices in names.items()
    }
    paper = by_device.pop("printer.paper")
    return {**by_device, **{TRAY_PREFIX + tray: paper for tray in ("upper", "lower", "external", "aux", "aux2")}}


def test_the_table_knows_every_word_of_the_standard_and_no_other() -> None:
    for path, standard in standard_words().items():
        assert KNOWN[path] == set(standard), path


def test_every_word_of_the_standard_is_mapped_and_none_of_a_fault_is_in_service() -> None:
    """Beside a well kiosk, each word either takes nothing away or has a reason; what sounds broken never does nothing."""
    broken = re.compile(
        r"(?i)off|nodevice|error|fraud|out$|jam|inop|retracted|notready|notinposition|low|fading|starting"
    )
    for path, standard in standard_words().items():
        for word in standard:
            said, reasons = state_of({**WELL, path: word})
            harmless = word in CABINETS["kiosk"].fine[path]
            sounds_well = broken.search(word) is None or (path, word) == ("cardReader.chipPower", "poweredOff")

            assert harmless == (said == "in_service" and not reasons) == sounds_well, (path, word)


def play(*items: tuple[float, object], until_s: int = 0, config: Config | None = None) -> list[Record]:
    made = pipeline(config or Config())
    timed = [(round(at_s * SECOND), 0, item) for at_s, item in items]
    timed += [(second * SECOND, 1, Tick()) for second in range(1, until_s + 1)]
    timed.sort(key=lambda each: each[:2])
    return [record for mono, _, item in timed for record in made.process(mono, item)]


def states(records: list[Record]) -> list[tuple[int, str]]:
    return [((record.t or 0) // SECOND, record.state) for record in records if isinstance(record, KioskState)]


def test_a_broken_link_is_unknown_at_once_and_only_a_whole_status_ends_it() -> None:
    records = play(
        (1, ProviderLink(up=True)),
        (2, ProviderStatus(WELL, whole=True)),
        (10, ProviderLink(up=False)),
        (12, ProviderLink(up=True)),
        (13, ProviderStatus({"printer.toner": "low"}, whole=False)),
        (15, ProviderStatus(WELL, whole=True)),
    )

    assert states(records) == [(2, "in_service"), (10, "unknown"), (15, "in_service")]


def test_a_silent_provider_becomes_unknown_and_its_supplies_too() -> None:
    records = play((2, ProviderStatus(WELL, whole=True)), (3, SupplyCounted("upper", 100, 500)), until_s=100)

    assert states(records) == [(2, "in_service"), (48, "unknown")]
    last = [r for r in records if isinstance(r, KioskSupply) and r.supply == "tray1"][-1]
    assert (last.status, last.level_percent, last.empty_in_s) == ("unknown", None, None)


def test_a_provider_that_never_speaks_is_unknown() -> None:
    assert states(play(until_s=60)) == [(47, "unknown")]


def test_the_state_is_said_again_once_a_minute() -> None:
    items = [(float(second), ProviderStatus(WELL, whole=True)) for second in range(0, 130, 10)]

    assert states(play(*items, until_s=130)) == [(0, "in_service"), (60, "in_service"), (120, "in_service")]


@pytest.mark.parametrize(
    ("left", "capacity", "level"), [(-1, 500, None), (0, 500, 0.0), (137, 500, 27.4), (501, 500, None), (3, 0, None)]
)
def test_an_unknown_level_is_absent_and_never_zero(left: int, capacity: int, level: float | None) -> None:
    records = play((1, SupplyCounted("upper", left, capacity)))

    assert [(r.supply, r.level_percent) for r in records if isinstance(r, KioskSupply)] == [("tray1", level)]


def test_steady_use_forecasts_when_the_tray_is_empty() -> None:
    """One sheet a minute from 100: after 40 minutes 60 are left, for 60 minutes."""
    items = [(60.0 * minute, SupplyCounted("upper", 100 - minute, 500)) for minute in range(41)]

    last = [r for r in play(*items) if isinstance(r, KioskSupply)][-1]

    assert last.empty_in_s == pytest.approx(3600, rel=0.01)


def test_a_refill_begins_the_forecast_anew() -> None:
    items = [(60.0 * minute, SupplyCounted("upper", 100 - minute, 500)) for minute in range(41)]

    last = [r for r in play(*items, (2460, SupplyCounted("upper", 500, 500))) if isinstance(r, KioskSupply)][-1]

    assert (last.level_percent, last.empty_in_s) == (100.0, None)


@pytest.mark.parametrize(
    ("session", "told"),
    [
        (SessionEnded("residence", "issued", 92.04, 2), True),
        (SessionEnded("none", "abandoned", 12.0, 0), True),
        (SessionEnded("passport", "issued", 92.0, 1), False),
        (SessionEnded("residence", "exploded", 92.0, 1), False),
        (SessionEnded("residence", "issued", -1.0, 1), False),
        (SessionEnded("residence", "issued", float("nan"), 1), False),
        (SessionEnded("residence", "issued", 92.0, -1), False),
    ],
)
def test_only_a_session_of_the_contracts_words_is_told(session: SessionEnded, told: bool) -> None:
    assert len([r for r in play((1, session)) if isinstance(r, KioskSession)]) == told


@pytest.mark.parametrize(
    ("powering", "low", "supply"),
    [("false", "false", "mains"), ("true", "false", "battery"), ("true", "true", "battery_low")],
)
def test_power_follows_the_words_of_its_supply(powering: str, low: str, supply: str) -> None:
    words = {**WELL, "auxiliaries.UPS.powering": powering, "auxiliaries.UPS.low": low}

    assert [r.supply for r in play((1, ProviderStatus(words, whole=True))) if isinstance(r, KioskPower)] == [supply]
