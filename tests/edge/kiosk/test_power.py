from __future__ import annotations

import threading
from pathlib import Path

import pytest

from edge.contract.records import Record
from edge.contract.records.kiosk import KioskPower, KioskState
from edge.errors import SourceError
from edge.kiosk.items import BatteryRead, Item, ProviderStatus
from edge.kiosk.nut import comm_lost, items_of, words_of
from edge.kiosk.nut_source import NutSettings, NutSource
from edge.kiosk.pipeline import Config
from simulators import programs
from simulators.kiosk.partners import UPS, upsd
from tests.data_folder import real
from tests.edge.kiosk.test_state import WELL, play

STATUS = ProviderStatus(WELL, whole=True)


def ups(flags: str) -> ProviderStatus:
    return ProviderStatus(words_of(flags.split()), whole=True, source="ups")


def reasons(records: list[Record]) -> list[str]:
    return [record for record in records if isinstance(record, KioskState)][-1].reasons  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("flags", "line", "low"),
    [
        ("OL", "mains", "false"), ("OL CHRG", "mains", "false"), ("OL DISCHRG", "mains", "false"),
        ("OL CHRG LB", "mains", "true"), ("OB DISCHRG", "battery", "false"), ("OB DISCHRG LB", "battery", "true"),
        ("OB LB RB", "battery", "true"), ("FSD OB LB", "battery", "true"), ("BYPASS", "unknown", "false"),
        ("OFF", "unknown", "false"), ("", "unknown", "false"), ("山田 太郎", "unknown", "false"),
    ],
)  # fmt: skip
def test_flags_become_words(flags: str, line: str, low: str) -> None:
    assert words_of(flags.split()) == {"ups.line": line, "ups.low": low}


@pytest.mark.parametrize(
    ("dump", "charge", "runtime_s"),
    [("APC_BK650M2-CH.dev", 100.0, 3618.0),
     ("APC_Back-UPS_ES_850G2.dev", 100.0, 1572.0), ("Eaton_5E1100iUSB.dev", 100.0, 3160.0)],
)  # fmt: skip
def test_a_real_supplys_dump_through_a_real_upsd(dump: str, charge: float, runtime_s: float) -> None:
    path = real(f"kiosk/nut/{dump}")
    _needs_nut()

    with upsd(path, "dummy-once") as (server, driver):
        source = NutSource(NutSettings(ups=UPS, port=server.port, poll_s=0.1))
        first = heard(source, 1)
        driver.kill()
        after = heard(source, 20)

    assert first[0] == ProviderStatus({"ups.line": "mains", "ups.low": "false"}, whole=True, source="ups")
    assert first[1] == BatteryRead(charge, runtime_s)
    assert after[-1] == comm_lost("ups")


def _needs_nut() -> None:
    for program in (programs.UPSD, programs.DUMMY_UPS):
        if program.path() is None:
            pytest.skip(f"no {program.name}; install: {program.install}")


def heard(source: NutSource, answers: int) -> list[object]:
    """What a source delivers until it has asked so many times."""
    items: list[object] = []
    stop = threading.Event()

    def emit(item: object) -> None:
        items.append(item)
        if len(items) >= 2 * answers or item == comm_lost("ups"):
            stop.set()

    source.run(emit, stop)
    return items


def test_the_recorded_outage_through_a_real_upsd_is_told_in_its_order() -> None:
    path = real("kiosk/nut/outage.seq")
    _needs_nut()
    seen: list[Item] = []
    stop = threading.Event()

    def emit(item: object) -> None:
        assert isinstance(item, ProviderStatus | BatteryRead)
        seen.append(item)
        lines = [one.words["ups.low"] for one in seen if isinstance(one, ProviderStatus) and "ups.low" in one.words]
        if len(lines) > 1 and "true" in lines and lines[-1] == "false":
            stop.set()

    with upsd(Path(path), "dummy-loop") as (server, _):
        NutSource(NutSettings(ups=UPS, port=server.port, poll_s=0.2)).run(emit, stop)

    told = [f"{one.words['ups.line']} {one.words['ups.low']}" for one in seen if isinstance(one, ProviderStatus)]
    changes = [one for one, before in zip(told, [None, *told], strict=False) if one != before]
    assert changes[-3:] == ["battery false", "battery true", "mains false"]


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"\n", b"ERR UNKNOWN-UPS\n", b"VAR ups a \"b\"\nEND LIST VAR ups\n", b"HTTP/1.1 400 Bad Request\r\n",
        "ERR 山田太郎\n".encode(), b"\xff\xfe\n",
    ],
)  # fmt: skip
def test_what_is_no_answer_of_upsd_is_refused_without_quoting_it(answer: bytes) -> None:
    with pytest.raises(SourceError) as raised:
        items_of(answer, "ups")

    assert "山田" not in str(raised.value)


@pytest.mark.parametrize("word", ["DATA-STALE", "DRIVER-NOT-CONNECTED"])
def test_a_supply_that_upsd_does_not_hear_is_lost_not_on_battery(word: str) -> None:
    assert items_of(f"ERR {word}\n".encode(), "ups") == [comm_lost("ups")]


@pytest.mark.parametrize(
    ("charge", "runtime", "read"),
    [("80", "1200", BatteryRead(80.0, 1200.0)), ("-1", "x", BatteryRead()), ("101", "-5", BatteryRead()),
     ("nan", "inf", BatteryRead())],
)  # fmt: skip
def test_a_number_that_cannot_be_is_absent(charge: str, runtime: str, read: BatteryRead) -> None:
    answer = f'BEGIN LIST VAR ups\nVAR ups battery.charge "{charge}"\nVAR ups battery.runtime "{runtime}"\nEND LIST VAR ups\n'

    assert items_of(answer.encode(), "ups")[1] == read


@pytest.mark.parametrize(
    ("story", "failing"),
    [
        ([(5, "OB DISCHRG")], False),
        ([(5, "OL LB")], False),
        ([(5, "OB DISCHRG LB"), (9, "OL")], False),
        ([(5, "OB DISCHRG LB")], True),
        ([(5, "OB DISCHRG LB"), (20, "OL"), (35, "OB DISCHRG")], True),
        ([(5, "OB DISCHRG LB"), (20, "OL"), (30, "OL"), (40, "OL"), (70, "OL")], False),
        ([(5, "OB DISCHRG LB"), (20, "")], True),
    ],
)
def test_power_fails_on_battery_and_low_together_for_a_while_and_ends_only_after_mains(
    story: list[tuple[float, str]], failing: bool
) -> None:
    steady = [(second, STATUS) for second in range(1, 90, 10)]
    records = play(*steady, *((at, ups(flags)) for at, flags in story), until_s=82, config=Config(stale_after_s=100.0))

    assert ("power_failing" in reasons(records)) is failing


def test_a_lost_supply_is_a_state_of_its_own_without_its_last_numbers() -> None:
    records = play(
        (1, STATUS), (2, BatteryRead(80.0, 900.0)), (3, ups("OB DISCHRG")), (10, comm_lost("ups")), until_s=15
    )

    told = [(r.supply, r.charge_percent, r.runtime_s) for r in records if isinstance(r, KioskPower)]
    assert told[-2:] == [("battery", 80.0, 900.0), ("comm_lost", None, None)]
    assert reasons(records) == ["power_not_known"]
