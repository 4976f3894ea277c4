"""A printer's answers: nine of real printers, CUPS' own printer running, and tables of what its words mean."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract.records.kiosk import KioskState, KioskSupply
from edge.errors import SourceError
from edge.kiosk.ipp import Value, answer, question
from edge.kiosk.ipp_source import IppSettings, IppSource
from edge.kiosk.ipp_words import items_of
from edge.kiosk.items import ProviderStatus, SupplyCounted, SupplyName, SupplyStatus
from edge.kiosk.pipeline import Config
from simulators import programs
from simulators.kiosk.partners import ipp_printer, ipp_url, set_sheets, set_supplies
from tests.data_folder import real
from tests.edge.kiosk.test_state import play

REAL = (
    "get-jobs-kyocera-ecosys-m2540dn-000", "get-printer-attributes-brother-mfcj5320dw",
    "get-printer-attributes-empty-attribute-group", "get-printer-attributes-epsonxp6000",
    "get-printer-attributes-error-0x0503", "get-printer-attributes-hp6830",
    "get-printer-attributes-kyocera-ecosys-m2540dn-001", "get-printer-attributes-request-000",
    "get-printer-attributes-response-000",
)  # fmt: skip
INK: dict[str, tuple[dict[str, str], dict[SupplyName, tuple[int, SupplyStatus]]]] = {
    "get-printer-attributes-brother-mfcj5320dw": (
        {"ipp.state": "idle", "ipp.reasons": "reported", "ipp.marker-supply-low": "warning"},
        {"magenta": (11, "low"), "cyan": (9, "low"), "yellow": (45, "full"), "black": (11, "low")},
    ),
    "get-printer-attributes-hp6830": (
        {"ipp.state": "idle", "ipp.reasons": "reported", "ipp.marker-supply-low": "warning"},
        {"magenta": (20, "full"), "cyan": (20, "full"), "yellow": (20, "full"), "black": (20, "full"), "tray-1": (-2, "unknown")},
    ),
    "get-printer-attributes-kyocera-ecosys-m2540dn-001": ({"ipp.state": "idle", "ipp.reasons": "notReported"}, {}),
}  # fmt: skip


def words_and_supplies(
    attributes: dict[str, list[Value]],
) -> tuple[dict[str, str], dict[SupplyName, tuple[int, SupplyStatus | None]]]:
    status, *counts = items_of(attributes, "printer")
    assert isinstance(status, ProviderStatus)
    return status.words, {one.supply: (one.left, one.status) for one in counts if isinstance(one, SupplyCounted)}


@pytest.mark.parametrize("name", REAL)
def test_a_real_answer_is_read_and_nothing_unknown_is_nought(name: str) -> None:
    said = answer(real(f"kiosk/ipp/{name}.bin").read_bytes())

    words, supplies = words_and_supplies(said.attributes)

    assert words["ipp.state"] in ("idle", "processing", "stopped", "unknown")
    assert all(left != 0 for left, _ in supplies.values())


@pytest.mark.parametrize("name", INK)
def test_a_real_printers_state_and_supplies(name: str) -> None:
    words, supplies = words_and_supplies(answer(real(f"kiosk/ipp/{name}.bin").read_bytes()).attributes)

    assert (words, supplies) == INK[name]


@pytest.mark.parametrize("name", [one for one in REAL if one in INK])
def test_every_cut_of_a_real_answer_is_refused_in_one_line(name: str) -> None:
    data = real(f"kiosk/ipp/{name}.bin").read_bytes()

    for end in range(0, len(data) - 1, 7):
        with pytest.raises(SourceError, match=r"IPP answer of \d+ bytes"):
            answer(data[:end])


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(SourceError):
        assert items_of(answer(data).attributes, "printer")


@pytest.mark.parametrize(
    ("reasons", "words"),
    [
        (["none"], {}),
        (["media-empty-error"], {"ipp.media-empty": "error"}),
        (["media-empty"], {"ipp.media-empty": "error"}),
        (["media-low-report", "media-low-warning"], {"ipp.media-low": "warning"}),
        (["toner-low-warning", "cover-open"], {"ipp.toner-low": "warning", "ipp.cover-open": "error"}),
        (["com.vendor-strange-error"], {"ipp.other": "warning"}),
        (["山田太郎"], {"ipp.other": "warning"}),
        (["cups-waiting-for-job-completed-report"], {"ipp.other": "report"}),
    ],
)
def test_the_ending_of_a_reason_is_its_severity(reasons: list[Value], words: dict[str, str]) -> None:
    said, _ = words_and_supplies({"printer-state": [3], "printer-state-reasons": reasons})

    assert said == {"ipp.state": "idle", "ipp.reasons": "reported", **words}


def test_a_queue_that_takes_no_jobs_is_in_maintenance() -> None:
    items = items_of({"printer-state": [3], "printer-is-accepting-jobs": [False]}, "printer")

    records = play((1.0, items[0]), config=Config(cabinet="copy_terminal"))

    assert [(r.state, r.reasons) for r in records if isinstance(r, KioskState)] == [("maintenance", ["maintenance"])]


@pytest.mark.parametrize(
    ("attributes", "supplies"),
    [
        pytest.param(
            {"marker-levels": [27, -1, 64], "marker-names": ["Photo Black ink", "Black", "Black ink"]},
            {"black": (27, "full")}, id="three of one colour",
        ),
        pytest.param({"marker-levels": [-1], "marker-types": ["toner"]}, {"toner": (-1, "unknown")}, id="unavailable"),
        pytest.param({"marker-levels": [-2], "marker-colors": ["#000000"]}, {"black": (-2, "unknown")}, id="unknown"),
        pytest.param({"marker-levels": [-3], "marker-names": ["Cyan, serial 04A2"]}, {"cyan": (-3, "unknown")}, id="some left"),
        pytest.param({"marker-levels": [0], "marker-types": ["toner"]}, {"toner": (0, "out")}, id="empty"),
        pytest.param({"marker-levels": [140], "marker-types": ["toner"]}, {"toner": (140, "unknown")}, id="over full"),
        pytest.param({"marker-levels": [9], "marker-types": ["waste-toner"]}, {}, id="a waste container is no supply"),
        pytest.param(
            {"marker-levels": [30], "marker-types": ["toner"], "marker-low-levels": [35]}, {"toner": (30, "low")}, id="low"
        ),
        pytest.param(
            {"printer-input-tray": [b"name=tray-1;level=40;maxcapacity=250;"]}, {"tray-1": (40, "full")}, id="a tray"
        ),
        pytest.param(
            {"printer-input-tray": [b"name=tray-1;level=40;maxcapacity=-2"]}, {"tray-1": (40, "unknown")}, id="of how much"
        ),
        pytest.param({"printer-input-tray": [b"name=tray-1;level=x"]}, {"tray-1": (-2, "unknown")}, id="no number"),
        pytest.param(
            {"printer-state-reasons": ["none"], "device-uri": ["usb://EPSON/XP?serial=5"], "marker-types": ["ink"],
             "marker-levels": [-1]}, {"ink": (-1, "not_reported")}, id="none of an ink printer on USB",
        ),
        pytest.param(
            {"printer-state-reasons": ["none"], "device-uri": ["usb://EPSON/XP"]}, {"ink": (-1, "not_reported")},
            id="and of one without levels",
        ),
        pytest.param(
            {"printer-state-reasons": ["none"], "device-uri": ["usb://EPSON/XP"], "marker-levels": [40],
             "marker-types": ["ink"]}, {"ink": (40, "full")}, id="one that reports",
        ),
    ],
)  # fmt: skip
def test_what_is_left_of_a_supply(
    attributes: dict[str, list[Value]], supplies: dict[SupplyName, tuple[int, SupplyStatus]]
) -> None:
    assert words_and_supplies(attributes)[1] == supplies


def test_a_question_can_be_read_again() -> None:
    asked = question("ipp://127.0.0.1/ipp/print", ["printer-state", "marker-levels"], 7)

    assert asked[:8] == bytes.fromhex("0200000b00000007")
    assert answer(asked).attributes == {}
    assert b"marker-levels" in asked


def test_cups_own_printer_runs_out_of_toner_and_paper_and_goes_away() -> None:
    if programs.IPPEVEPRINTER.path() is None or programs.DBUS.path() is None:
        pytest.skip(f"no {programs.IPPEVEPRINTER.name}; install: {programs.IPPEVEPRINTER.install}")
    story: list[tuple[float, object]] = []

    with ipp_printer() as printer:
        source = IppSource(IppSettings(url=ipp_url(printer)))
        story += [(1.0, item) for item in source.ask()]
        set_supplies(printer, 25, 5)
        story += [(2.0, item) for item in source.ask()]
        set_supplies(printer, 25, 0)
        set_sheets(printer, 0)
        story += [(3.0, item) for item in source.ask()]
    story += [(4.0, item) for item in source.ask()]

    records = play(*story, config=Config(cabinet="copy_terminal", supplies={"black": "black", "main": "tray1"}))
    states = [(r.state, r.reasons) for r in records if isinstance(r, KioskState)]
    assert states == [
        ("in_service", []), ("degraded", ["paper_out", "toner_out"]), ("out_of_service", ["printer_offline"]),
    ]  # fmt: skip
    toner = [(r.status, r.level_percent) for r in records if isinstance(r, KioskSupply) and r.supply == "black"]
    assert toner == [("full", 75.0), ("low", 5.0), ("out", 0.0), ("unknown", None)]
    paper = [(r.status, r.level_percent) for r in records if isinstance(r, KioskSupply) and r.supply == "tray1"]
    assert paper == [("full", 40.0), ("out", 0.0), ("unknown", None)]


def test_a_printer_that_speaks_of_its_attributes_file_is_read(tmp_path: Path) -> None:
    if programs.IPPEVEPRINTER.path() is None or programs.DBUS.path() is None:
        pytest.skip(f"no {programs.IPPEVEPRINTER.name}; install: {programs.IPPEVEPRINTER.install}")
    attributes = (
        "ATTR integer marker-levels -1,3\nATTR name marker-names ヤマダ,Black\nATTR keyword marker-types toner,toner\n"
    )

    with ipp_printer(attributes) as printer:
        items = IppSource(IppSettings(url=ipp_url(printer))).ask()

    assert items[1:] == [SupplyCounted("toner", -1, 100, "unknown"), SupplyCounted("black", 3, 100, "low")]
