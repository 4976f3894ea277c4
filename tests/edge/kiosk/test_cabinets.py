"""Every cabinet is a table of states: what each says of itself, and that only its table tells it from the others."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import get_args

import pytest

from edge.contract.records.kiosk import (
    Cabinet,
    KioskConfiguration,
    KioskPower,
    KioskPrivacy,
    KioskService,
    KioskSession,
    KioskState,
    KioskTakings,
    Reason,
)
from edge.kiosk.cabinets import CABINETS, KNOWN, kept
from edge.kiosk.files_source import FilesSettings, FilesSource
from edge.kiosk.items import (
    BatteryRead,
    ConfigurationSeen,
    DocumentRetained,
    PaymentTaken,
    ProviderLink,
    ProviderStatus,
    SessionEnded,
)
from edge.kiosk.pipeline import Config
from edge.kiosk.state import state_of
from tests.edge.kiosk.test_state import WELL, play

ROBOT = {"robot.pose": "known", "robot.battery": "full", "robot.drive": "ok", "robot.power": "battery"}
TERMINAL = {
    "terminal.link": "reachable",
    "terminal.settlement": "done",
    "terminal.paper": "full",
    "terminal.reader": "ok",
}
PRINTER = {"ipp.state": "idle", "ipp.reasons": "reported"}


@pytest.mark.parametrize(
    ("cabinet", "words", "state", "reasons"),
    [
        ("copy_terminal", PRINTER, "in_service", []),
        ("copy_terminal", {**PRINTER, "ipp.media-empty": "error"}, "out_of_service", ["paper_out"]),
        ("copy_terminal", {**PRINTER, "ipp.media-empty": "report"}, "degraded", ["paper_out"]),
        ("copy_terminal", {**PRINTER, "ipp.media-low": "report"}, "in_service", []),
        ("copy_terminal", {**PRINTER, "ipp.cover-open": "warning"}, "maintenance", ["door_open"]),
        ("copy_terminal", {**PRINTER, "ipp.state": "stopped"}, "degraded", ["unknown"]),
        (
            "copy_terminal",
            {**PRINTER, "ipp.state": "stopped", "ipp.media-jam": "error"},
            "out_of_service",
            ["paper_jam"],
        ),
        ("copy_terminal", {**PRINTER, "ipp.state": "stopped", "ipp.media-low": "report"}, "degraded", ["unknown"]),
        ("copy_terminal", {"ipp.state": "unreachable"}, "out_of_service", ["printer_offline"]),
        ("copy_terminal", WELL, "unknown", ["unknown"]),
        ("form_unit", WELL, "in_service", []),
        ("form_unit", {**WELL, "cardReader.media": "jammed"}, "out_of_service", ["card_reader_fault"]),
        ("payment_terminal", TERMINAL, "in_service", []),
        ("payment_terminal", {**TERMINAL, "terminal.link": "unreachable"}, "out_of_service", ["terminal_unreachable"]),
        ("payment_terminal", {**TERMINAL, "terminal.settlement": "failed"}, "degraded", ["settlement_failed"]),
        ("payment_terminal", {**TERMINAL, "terminal.paper": "out"}, "degraded", ["paper_out"]),
        ("payment_terminal", {**TERMINAL, "terminal.link": "new"}, "unknown", ["unknown"]),
        ("guide_robot", ROBOT, "in_service", []),
        ("guide_robot", {**ROBOT, "robot.pose": "lost"}, "out_of_service", ["lost_way"]),
        ("guide_robot", {**ROBOT, "robot.battery": "low"}, "degraded", ["battery_low"]),
        ("guide_robot", {**ROBOT, "robot.drive": "emergencyStop"}, "maintenance", ["maintenance"]),
        ("guide_robot", {"robot.battery": "full"}, "unknown", ["unknown"]),
    ],
)
def test_a_cabinets_words_make_its_state(
    cabinet: Cabinet, words: dict[str, str], state: str, reasons: list[str]
) -> None:
    assert state_of(words, table=CABINETS[cabinet]) == (state, reasons)


def test_every_cabinet_has_a_table_whose_needed_path_it_knows() -> None:
    assert set(CABINETS) == set(get_args(Cabinet))
    for table in CABINETS.values():
        assert table.needs in table.fine
        assert {path for path, _ in table.troubles} <= set(table.fine)
        assert not {at for at in table.troubles if at[1] in table.fine[at[0]]}
        assert {condition.reason for condition in table.troubles.values()} <= set(get_args(Reason))


@pytest.mark.parametrize("path", KNOWN)
def test_a_word_that_no_table_knows_is_kept_as_new_only(path: str) -> None:
    assert kept(path, "山田太郎") == "new"
    assert {kept(path, word) for word in KNOWN[path]} == set(KNOWN[path])


def test_a_robot_tells_its_battery_its_guidances_and_that_it_is_lost() -> None:
    records = play(
        (1, ProviderStatus(ROBOT, whole=True)),
        (2, BatteryRead(63.0)),
        (3, SessionEnded("guidance", "issued", 75.0, 0)),
        (4, ProviderStatus({"robot.power": "dock"}, whole=False)),
        (5, ProviderStatus({"robot.pose": "lost"}, whole=False)),
        config=Config(cabinet="guide_robot"),
    )

    assert [(r.supply, r.charge_percent) for r in records if isinstance(r, KioskPower)][-1] == ("mains", 63.0)
    assert [(r.certificate, r.outcome) for r in records if isinstance(r, KioskSession)] == [("guidance", "issued")]
    assert [r.state for r in records if isinstance(r, KioskState)] == ["in_service", "out_of_service"]


def test_a_form_unit_tells_the_time_that_it_saved() -> None:
    records = play((1, SessionEnded("form", "issued", 50.0, 1, saved_s=240.0)), config=Config(cabinet="form_unit"))

    assert [(r.certificate, r.saved_s) for r in records if isinstance(r, KioskSession)] == [("form", 240.0)]


def test_takings_are_sums_by_means_over_ten_minutes() -> None:
    taken = [
        (10.0, PaymentTaken("emoney", 1, 300)), (20.0, PaymentTaken("emoney", 2, 900)),
        (30.0, PaymentTaken("credit", 1, 450)), (40.0, PaymentTaken("cash", -1, 5)), (700.0, PaymentTaken("code", 1, 100)),
    ]  # fmt: skip

    records = play(*taken, until_s=1250)

    sums = [(r.means, r.payments, r.amount_yen) for r in records if isinstance(r, KioskTakings)]
    assert sums == [("credit", 1, 450), ("emoney", 3, 1200), ("code", 1, 100)]


RETRACTED = ProviderStatus({"printer.media": "retracted"}, whole=False)
TAKEN_AWAY = ProviderStatus({"printer.media": "notPresent"}, whole=False)
EVENT = DocumentRetained("document_retained")


@pytest.mark.parametrize(
    ("items", "counts"),
    [
        ([RETRACTED], [1]),
        ([EVENT], [1]),
        ([EVENT, EVENT], [1, 2]),
        ([EVENT, RETRACTED], [1]),
        ([RETRACTED, EVENT], [1]),
        ([RETRACTED, TAKEN_AWAY, RETRACTED], [1, 2]),
        ([EVENT, RETRACTED, TAKEN_AWAY, EVENT, RETRACTED], [1, 2]),
        ([TAKEN_AWAY], []),
    ],
)
def test_a_retracted_certificate_is_one_privacy_event_however_it_is_told(
    items: list[object], counts: list[int]
) -> None:
    records = play((1, ProviderStatus(WELL, whole=True)), *((2.0 + n, item) for n, item in enumerate(items)))

    assert [r.count for r in records if isinstance(r, KioskPrivacy)] == counts


def test_a_retracted_certificate_is_a_reason_and_a_kept_card_is_counted_apart() -> None:
    records = play(
        (1, ProviderStatus(WELL, whole=True)), (2, RETRACTED), (3, DocumentRetained("card_retained")), (4, EVENT)
    )

    assert [r.reasons for r in records if isinstance(r, KioskState)][-1] == ["document_retained"]
    assert [(r.event, r.count) for r in records if isinstance(r, KioskPrivacy)] == [
        ("document_retained", 1), ("card_retained", 1),
    ]  # fmt: skip


def test_time_in_each_state_is_summed_and_failures_are_counted() -> None:
    items: list[tuple[float, object]] = [
        (float(second), ProviderStatus(WELL, whole=True)) for second in range(1, 600, 10)
    ]
    out = ProviderStatus({**WELL, "printer.toner": "out"}, whole=True)
    items += [(float(second), out) for second in range(600, 960, 10)]

    records = play(*items, until_s=960)

    window = next(r for r in records if isinstance(r, KioskService))
    assert window.window_s == pytest.approx(900, abs=1.5)
    assert (window.in_service_s, window.out_of_service_s) == (pytest.approx(599, abs=1.5), pytest.approx(300, abs=1.5))
    assert window.failures == 1


def test_one_source_that_falls_silent_takes_its_words_and_the_certainty_of_the_whole() -> None:
    on_battery = ProviderStatus({"ups.line": "battery", "ups.low": "false"}, whole=True, source="ups")
    records = play(
        (1, ProviderStatus(WELL, whole=True)),
        (2, on_battery),
        (3, ProviderLink(up=False, source="ups")),
        (4, on_battery),
    )

    assert [(r.state, r.reasons) for r in records if isinstance(r, KioskState)] == [
        ("in_service", []), ("degraded", ["power_on_battery"]), ("unknown", ["unknown"]),
        ("degraded", ["power_on_battery"]),
    ]  # fmt: skip


@pytest.mark.parametrize("broken_first", [True, False])
@pytest.mark.parametrize(
    ("cabinet", "well", "broken"),
    [
        ("kiosk", WELL, {**WELL, "common.device": "hardwareError"}),
        ("copy_terminal", PRINTER, {**PRINTER, "ipp.media-empty": "error"}),
        ("copy_terminal", PRINTER, {"ipp.state": "unreachable"}),
    ],
)
def test_of_two_sources_that_tell_the_same_thing_the_gravest_word_stands(
    cabinet: Cabinet, well: dict[str, str], broken: dict[str, str], broken_first: bool
) -> None:
    told = [ProviderStatus(broken, whole=True, source="one"), ProviderStatus(well, whole=True, source="two")]

    records = play(*enumerate(told if broken_first else reversed(told), 1), config=Config(cabinet=cabinet))

    assert [r.state for r in records if isinstance(r, KioskState)][-1] == "out_of_service"


def test_a_printer_that_falls_silent_leaves_nothing_in_service() -> None:
    printer = ProviderStatus({"ipp.state": "idle", "ipp.reasons": "reported"}, whole=True, source="printer")
    status = [(float(second), ProviderStatus(WELL, whole=True)) for second in range(1, 60, 10)]

    records = play(*status, (2, printer), until_s=60)

    assert [(r.state, (r.t or 0) // 1_000_000) for r in records if isinstance(r, KioskState)] == [
        ("in_service", 1), ("unknown", 48),
    ]  # fmt: skip


def test_a_configuration_is_said_when_it_changes() -> None:
    seen = [
        ConfigurationSeen("forms", "0" * 16),
        ConfigurationSeen("forms", "0" * 16),
        ConfigurationSeen("forms", "1" * 16),
    ]

    records = play(*((1.0 + n, one) for n, one in enumerate(seen)))

    assert [r.digest for r in records if isinstance(r, KioskConfiguration)] == ["0" * 16, "1" * 16]


def test_files_are_digests_the_same_for_the_same_content_and_no_plain_hash(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import hashlib

    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"office = 13111\n")
    (tmp_path / "c").write_bytes(b"office = 13112\n")
    parts = {name: str(tmp_path / name) for name in ("a", "b", "c", "gone")}
    seen: dict[str, str] = {}
    stop = threading.Event()

    def emit(item: object) -> None:
        assert isinstance(item, ConfigurationSeen)
        seen[item.part] = item.digest
        if len(seen) == 3:
            stop.set()

    with caplog.at_level(logging.WARNING):
        FilesSource(FilesSettings(parts=parts)).run(emit, stop)

    assert seen["a"] == seen["b"] != seen["c"]
    assert seen["a"] != hashlib.blake2b(b"office = 13111\n", digest_size=8).hexdigest()
    assert "gone: No such file" in caplog.text
