"""A printer's MIBs: tables of what they mean, and Net-SNMP's own agent that answers for a printer on the wire."""

from __future__ import annotations

import logging
import socket
import threading

import pytest

from edge.contract.records.kiosk import KioskState, KioskSupply
from edge.errors import SourceError
from edge.kiosk.items import Item, ProviderStatus, SupplyCounted
from edge.kiosk.pipeline import Config
from edge.kiosk.printer_mib import COLUMNS, Columns, MibValue, items_of
from edge.kiosk.snmp_source import SnmpSettings, SnmpSource
from simulators import programs
from simulators.kiosk.partners import COMMUNITY, set_mib, snmp_printer
from tests.edge.kiosk.test_state import play


def columns(**told: dict[str, MibValue]) -> Columns:
    """A printer that runs idle without an error, and what is told beside or instead."""
    well: dict[str, dict[str, MibValue]] = {
        "hrDeviceStatus": {"1": 2}, "hrPrinterStatus": {"1": 3}, "hrPrinterDetectedErrorState": {"1": b"\x00\x00"},
    }  # fmt: skip
    return {**{name: {} for name in COLUMNS}, **well, **told}


def words_of(said: Columns) -> dict[str, str]:
    status, *_ = items_of(said, "printer")
    assert isinstance(status, ProviderStatus)
    return {path.removeprefix("ipp."): word for path, word in status.words.items()}


# RFC 2790, hrPrinterDetectedErrorState: bit, and whether hrDeviceStatus is then down(5) or warning(3).
BITS = [
    (b"\x80", {"media-low": "warning"}),
    (b"\x40", {"media-empty": "error"}),
    (b"\x20", {"toner-low": "warning"}),
    (b"\x10", {"toner-empty": "error"}),
    (b"\x08", {"door-open": "error"}),
    (b"\x04", {"media-jam": "error"}),
    (b"\x02", {"offline": "error"}),
    (b"\x01", {"other": "warning"}),
    (b"\x00\x80", {"input-tray-missing": "warning"}),
    (b"\x00\x40", {"output-tray-missing": "warning"}),
    (b"\x00\x20", {"marker-supply-empty": "warning"}),
    (b"\x00\x10", {"output-area-almost-full": "warning"}),
    (b"\x00\x08", {"output-area-full": "warning"}),
    (b"\x00\x04", {"media-empty": "warning"}),
    (b"\x00\x02", {"other": "warning"}),
    (b"\x00\x01", {}),
    (b"\x00\x00\xff", {}),
    (b"\x40\x04", {"media-empty": "error"}),
    (b"", {}),
]


@pytest.mark.parametrize(("bits", "reasons"), BITS)
def test_a_bit_is_ipps_reason_with_rfc_2790s_severity(bits: bytes, reasons: dict[str, str]) -> None:
    said = words_of(columns(hrPrinterDetectedErrorState={"1": bits}))

    assert said == {"state": "idle", "reasons": "reported", **reasons}


def test_a_printer_that_only_warns_has_no_error() -> None:
    said = words_of(columns(hrDeviceStatus={"1": 3}, hrPrinterDetectedErrorState={"1": b"\x40"}))

    assert said["media-empty"] == "warning"


# RFC 3805, section 2.2.13.2: hrDeviceStatus and hrPrinterStatus of each state of a printer.
@pytest.mark.parametrize(
    ("device", "printer", "state"),
    [
        pytest.param(2, 3, "idle", id="idle"),
        pytest.param(2, 4, "processing", id="busy"),
        pytest.param(3, 3, "idle", id="non-critical alert"),
        pytest.param(5, 1, "stopped", id="critical alert, unavailable or offline"),
        pytest.param(5, 5, "stopped", id="moving online"),
        pytest.param(2, 1, "idle", id="standby"),
        pytest.param(2, 5, "processing", id="warming up"),
        pytest.param(1, 2, "unknown", id="unknown"),
        pytest.param(2, 77, "unknown", id="no status of the standard"),
        pytest.param(None, "three", "unknown", id="no number"),
    ],
)
def test_two_statuses_make_one_state(device: MibValue, printer: MibValue, state: str) -> None:
    assert words_of(columns(hrDeviceStatus={"1": device}, hrPrinterStatus={"1": printer}))["state"] == state


def test_a_printer_without_the_bits_does_not_report_reasons() -> None:
    assert words_of(columns(hrPrinterDetectedErrorState={}))["reasons"] == "notReported"


@pytest.mark.parametrize(
    ("level", "capacity", "status"),
    [(-1, 100, "unknown"), (-2, 100, "unknown"), (-3, 100, "unknown"), (0, 100, "out"), (10, 100, "low"), (11, 100, "full"),
     (50, -2, "unknown"), (50, 0, "unknown"), (101, 100, "unknown"), ("many", 100, "unknown")],
)  # fmt: skip
def test_a_negative_level_is_not_known_and_never_empty(level: MibValue, capacity: int, status: str) -> None:
    said = columns(
        prtInputType={"1.1": 3}, prtInputCurrentLevel={"1.1": level}, prtInputMaxCapacity={"1.1": capacity},
        prtMarkerSuppliesType={"1.1": 3}, prtMarkerSuppliesLevel={"1.1": level},
        prtMarkerSuppliesMaxCapacity={"1.1": capacity},
    )  # fmt: skip

    _, toner, tray = items_of(said, "printer")

    assert isinstance(toner, SupplyCounted)
    assert isinstance(tray, SupplyCounted)
    assert (toner.supply, toner.status, tray.supply, tray.status) == ("toner", status, "tray-1", status)


def test_only_colours_are_supplies_and_two_printers_are_not_one() -> None:
    said = columns(
        hrPrinterStatus={"3": 3, "4": 3},
        hrDeviceStatus={"3": 2, "4": 5},
        prtMarkerSuppliesLevel={"3.1": 40, "3.2": 7, "3.3": 0, "3.4": 0, "4.1": 0},
        prtMarkerSuppliesMaxCapacity={"3.1": 100, "3.2": 100, "3.3": 100, "3.4": 100, "4.1": 100},
        prtMarkerSuppliesType={"3.1": 21, "3.2": 21, "3.3": 9, "3.4": 4, "4.1": 21},
        prtMarkerSuppliesColorantIndex={"3.1": 1, "3.2": 2},
        prtMarkerSuppliesDescription={"3.2": "Yellow, for 山田太郎".encode()},
        prtMarkerColorantValue={"3.1": b"black"},
        prtInputCurrentLevel={"3.1": -3, "3.2": 0, "3.3": 60},
        prtInputMaxCapacity={"3.1": 500, "3.2": 50, "3.3": 500},
        prtInputType={"3.1": 3, "3.2": 5, "3.3": 3},
    )

    status, *supplies = items_of(said, "printer")

    assert status == ProviderStatus({"ipp.state": "idle", "ipp.reasons": "notReported"}, whole=True, source="printer")
    assert supplies == [
        SupplyCounted("black", 40, 100, "full"), SupplyCounted("yellow", 7, 100, "low"),
        SupplyCounted("tray-1", -3, 500, "unknown"), SupplyCounted("bypass", 0, 50, "out"),
        SupplyCounted("tray-2", 60, 500, "full"),
    ]  # fmt: skip


def test_an_answer_without_a_printer_is_refused_in_one_line() -> None:
    with pytest.raises(SourceError, match="no printer"):
        items_of({name: {} for name in COLUMNS}, "printer")


def mib(device: int, printer: int, bits: str, toner: int, sheets: int) -> str:
    """What a laser printer with one toner and one tray says."""
    rows = [
        ("hrDeviceStatus", "1", "integer", device), ("hrPrinterStatus", "1", "integer", printer),
        ("hrPrinterDetectedErrorState", "1", "octet", bits), ("prtInputType", "1.1", "integer", 3),
        ("prtInputMaxCapacity", "1.1", "integer", 500), ("prtInputCurrentLevel", "1.1", "integer", sheets),
        ("prtMarkerSuppliesColorantIndex", "1.1", "integer", 1), ("prtMarkerSuppliesType", "1.1", "integer", 3),
        ("prtMarkerSuppliesDescription", "1.1", "string", "Toner S/N 4711"),
        ("prtMarkerSuppliesMaxCapacity", "1.1", "integer", 2000), ("prtMarkerSuppliesLevel", "1.1", "integer", toner),
        ("prtMarkerColorantValue", "1.1", "string", "black"),
    ]  # fmt: skip
    return "".join(f"{COLUMNS[name]}.{row} {kind} {value}\n" for name, row, kind, value in rows)


def asked(settings: SnmpSettings) -> list[Item]:
    return SnmpSource(settings).ask()


@pytest.mark.parametrize("version", ["1", "2c"])
def test_net_snmps_printer_runs_out_of_toner_and_paper_and_goes_away(version: str) -> None:
    if programs.SNMPD.path() is None:
        pytest.skip(f"no {programs.SNMPD.name}; install: {programs.SNMPD.install}")
    story: list[tuple[float, object]] = []

    with snmp_printer(mib(2, 3, "00 00", 1500, 200)) as printer:
        settings = SnmpSettings(
            host="localhost", port=printer.port, community=COMMUNITY, version="1" if version == "1" else "2c"
        )
        story += [(1.0, item) for item in asked(settings)]
        set_mib(printer.place, mib(3, 3, "20 00", 100, -3))
        story += [(2.0, item) for item in asked(settings)]
        set_mib(printer.place, mib(5, 1, "50 00", 0, 0))
        story += [(3.0, item) for item in asked(settings)]
    story += [(4.0, item) for item in asked(settings)]

    records = play(*story, config=Config(cabinet="copy_terminal", supplies={"black": "black", "tray-1": "tray1"}))
    assert [(r.state, r.reasons) for r in records if isinstance(r, KioskState)] == [
        ("in_service", []), ("degraded", ["toner_low"]), ("out_of_service", ["paper_out", "toner_out"]),
        ("out_of_service", ["printer_offline"]),
    ]  # fmt: skip
    toner = [(r.status, r.level_percent) for r in records if isinstance(r, KioskSupply) and r.supply == "black"]
    assert toner == [("full", 75.0), ("low", 5.0), ("out", 0.0), ("unknown", None)]
    paper = [(r.status, r.level_percent) for r in records if isinstance(r, KioskSupply) and r.supply == "tray1"]
    assert paper == [("full", 40.0), ("unknown", None), ("out", 0.0), ("unknown", None)]


def test_another_community_is_not_answered_and_neither_word_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    if programs.SNMPD.path() is None:
        pytest.skip(f"no {programs.SNMPD.name}; install: {programs.SNMPD.install}")

    with snmp_printer(mib(2, 3, "00 00", 1500, 200)) as printer, caplog.at_level(logging.WARNING):
        source = SnmpSource(SnmpSettings(host=printer.host, port=printer.port, community="secret-word", timeout_s=0.3))
        said = [source.ask(), source.ask()]

    assert said == [[ProviderStatus({"ipp.state": "unreachable"}, whole=True, source="printer")]] * 2
    assert [record.message.split(": ")[-1] for record in caplog.records] == [
        "no answer; check the address, the community and that the printer speaks SNMP"
    ]
    assert "secret-word" not in caplog.text


@pytest.mark.parametrize("answer", [b"", b"\x30", b"\x30\x82\xff\xff" + b"\x00" * 40, bytes(1400)])
def test_what_is_no_answer_is_a_printer_that_is_not_reached(answer: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        other.settimeout(5.0)

        def reply() -> None:
            _, asker = other.recvfrom(1500)
            other.sendto(answer, asker)

        thread = threading.Thread(target=reply)
        thread.start()
        said = asked(SnmpSettings(host="127.0.0.1", port=other.getsockname()[1], timeout_s=0.3))
        thread.join()

    assert said == [ProviderStatus({"ipp.state": "unreachable"}, whole=True, source="printer")]
