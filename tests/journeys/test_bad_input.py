"""Bad input at a counter and a kiosk, from the bytes on the wire to what the page and the API say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from edge.counter.pipeline import Config
from edge.errors import SourceError
from edge.kiosk.ipp_words import items_of as ipp_items
from edge.kiosk.printer_mib import MibValue
from edge.kiosk.printer_mib import items_of as mib_items
from firmware_bridge.messages import Levels, Message, Pulse, PulseEvent, Thermal
from hub.counter import words
from simulators.counter.thermal import ThermalScene, registers
from tests.edge.kiosk.test_snmp import columns
from tests.edge.kiosk.test_state import WELL
from tests.hub.station import Station, open_city
from tests.journeys.wires import COUNTER, CounterWires, Damage, KioskWires, pages

KEY = f"{COUNTER}.residence"
BOARD = "/board/honcho?lang=ja"
PAGE = f"/device/{COUNTER}?lang=ja"
TICKETS = Config(services=("residence",))


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(tmp_path / "hub.db", open_city())
    yield made
    made.database.close()


def served(wires: CounterWires, ticket: int, window: int = 1) -> None:
    """A ticket is called, and finished a minute later."""
    wires.ticket("called", ticket, window)
    wires.wait(60)
    wires.ticket("finished", ticket, window)


def test_numbers_that_wrap_at_999_keep_their_queue_on_the_board(station: Station) -> None:
    wires = CounterWires(station, TICKETS)
    numbers = [996, 997, 998, 999, 1, 2, 3]

    for number in numbers:
        wires.ticket("issued", number)
        wires.wait(30)
    for number in numbers[:5]:
        served(wires, number)
    wires.arrive()

    with pages(station) as shown:
        told, board = shown.service(KEY), shown.words(BOARD)
    assert (told["called"], told["waiting"]) == (1, 2)
    assert told["wait_min"][2] <= 5
    assert "呼出番号 1 お待ち 2 組" in board


def test_numbers_that_restart_at_noon_leave_the_morning_s_people_in_the_queue(station: Station) -> None:
    wires = CounterWires(station, TICKETS)
    for number in range(1, 31):
        wires.ticket("issued", number)
    for number in range(1, 21):
        served(wires, number)

    wires.machine_restarts()
    for number in range(1, 6):
        wires.ticket("issued", number)
    served(wires, 21)
    wires.arrive()

    # 22 to 30 of the morning have other numbers than 1 to 5 of the afternoon: nobody is counted twice, nobody is forgotten.
    with pages(station) as shown:
        told, board = shown.service(KEY), shown.words(BOARD)
    assert (told["called"], told["waiting"]) == (21, 14)
    assert "呼出番号 21 お待ち 14 組" in board


def test_a_called_ticket_that_was_never_issued_is_shown_and_takes_nobody_from_the_queue(station: Station) -> None:
    wires = CounterWires(station, TICKETS)
    for number in (1, 2, 3):
        wires.ticket("issued", number)

    wires.ticket("called", 500, window=1)
    wires.arrive()

    with pages(station) as shown:
        told, board = shown.service(KEY), shown.words(BOARD)
    assert (told["called"], told["waiting"]) == (500, 3)
    assert "wait_min" not in told
    assert "待ち時間 — お待ちの数から 呼出番号 500 お待ち 3 組" in board


def test_two_counters_that_call_one_ticket_take_one_from_the_queue_and_do_not_shorten_the_wait(
    station: Station, tmp_path: Path
) -> None:
    other = Station(tmp_path / "other.db", open_city())
    told = []
    for hub, windows in ((station, (1,)), (other, (1, 2))):
        wires = CounterWires(hub, TICKETS)
        for number in range(1, 25):
            wires.ticket("issued", number)
        for number in range(1, 13):
            for window in windows:
                wires.ticket("called", number, window)
            wires.wait(120)
            wires.ticket("finished", number, window=1)
        wires.arrive()
        with pages(hub) as shown:
            told.append(shown.service(KEY))
    other.database.close()

    once, twice = told
    assert (once["waiting"], once["called"]) == (twice["waiting"], twice["called"]) == (12, 12)
    assert twice["wait_min"][1] == pytest.approx(once["wait_min"][1], rel=0.25)


@pytest.mark.parametrize("cut", [lambda line: line[: len(line) // 2], lambda line: line[len(line) // 2 :]])
def test_ticket_lines_cut_in_half_are_passed_over_and_the_queue_is_right_again(station: Station, cut: Damage) -> None:
    wires = CounterWires(station, TICKETS)

    for number in range(1, 9):
        wires.ticket("issued", number, damage=cut if number == 4 else bytes)
    wires.ticket("called", 1, window=1, damage=cut)
    wires.ticket("finished", 1, window=1)
    served(wires, 2)
    wires.arrive()

    # 4 was never heard of, 1 was finished without a call; a head without an end swallows the line behind it.
    with pages(station) as shown:
        told = shown.service(KEY)
    assert told["called"] == 2
    assert told["waiting"] in (4, 5)
    assert wires.ticket_decoder.counters.damaged >= 1
    assert wires.ticket_decoder.counters.lost >= 1


def test_frames_cut_in_half_are_counted_and_neither_people_nor_air_are_made_of_them(station: Station) -> None:
    scene = ThermalScene(np.random.default_rng(4))
    two = np.array([[2.0, 2.0, 0.6, 4.0], [6.0, 5.0, 0.6, 4.0]])
    wires = CounterWires(station, Config())

    for second in range(120):
        for message in (picture(scene, second, two), Levels(((1, 700_000), (2, 22_000)))):
            wires.message(message, damage=(lambda frame: frame[: len(frame) // 2]) if second % 5 == 2 else bytes)
        wires.wait(1)
    wires.arrive()

    counters = wires.stream.counters
    assert counters.damaged >= 24
    assert counters.lost >= 48
    with pages(station) as shown:
        people, air = shown.figure(COUNTER, "people_waiting"), shown.figure(COUNTER, "co2")
    assert people["low"] <= 2 <= people["high"]
    assert air["value"] == 700.0


def picture(scene: ThermalScene, second: float, people: np.ndarray | None = None, turned: bool = False) -> Message:
    """A thermal frame of the scene, of a sensor that hangs upside down where it is ``turned``."""
    none = np.zeros((0, 4))
    counts = scene.counts(scene.temperatures(second, none if people is None else people), 1)[0]
    return Thermal(round(second * 10), 400, registers(counts[::-1, ::-1] if turned else counts))


def through_the_line(wires: CounterWires, came: bool, counter: int) -> None:
    wires.message(Pulse(0, PulseEvent.PASS_IN if came else PulseEvent.PASS_OUT, counter, counter * 1000))


def through_two_zones(wires: CounterWires, came: bool, counter: int) -> None:
    for zones in (2, 3, 1, 0) if came else (1, 3, 2, 0):
        wires.message(Levels(((16, zones * 1000),)))


def through_a_doorway(wires: CounterWires, came: bool, counter: int) -> None:
    scene = wires.scene
    for step in range(12):
        column = -0.5 + 0.8 * step if came else 8.5 - 0.8 * step
        wires.message(picture(scene, wires.clock.mono_us / 1e6, np.array([[column, 4.0, 0.8, 5.0]])))
        wires.clock.wait(0.1)


Passes = Callable[[CounterWires, bool, int], None]
SENSORS: list[tuple[Config, str, Passes]] = [
    (Config(), "entrance", through_the_line),
    (Config(), "entrance", through_two_zones),
    (Config(thermal_view="doorway", lines=()), "doorway", through_a_doorway),
]


@pytest.mark.parametrize("upside_down", [True, False])
@pytest.mark.parametrize(("config", "line", "passes"), SENSORS, ids=["pulses", "two zones", "thermal doorway"])
def test_a_line_sensor_upside_down_is_said_on_the_page(
    station: Station, config: Config, line: str, passes: Passes, upside_down: bool
) -> None:
    wires = CounterWires(station, config)

    for minute in range(75):
        if config.thermal_view == "doorway":
            wires.message(picture(wires.scene, minute * 60.0))
        if minute >= 15 and minute % 3 == 0:
            passes(wires, not upside_down, minute)
        if minute >= 25 and minute % 3 == 1:
            passes(wires, upside_down, minute)
        wires.wait(60, every_s=5)
    wires.arrive()

    with pages(station) as shown:
        alerts, page = shown.alerts(COUNTER), shown.words(PAGE)
    assert (f"line_reversed_{line}" in alerts) is upside_down
    assert (words.LINE_REVERSED.ja in page) is upside_down


def test_a_thermal_array_upside_down_counts_the_same_people_in_a_room(station: Station) -> None:
    rng = np.random.default_rng(8)
    seated = np.column_stack([rng.uniform(0.5, 7.5, 4), [1.0, 3.0, 5.0, 7.0], [0.6] * 4, [4.0] * 4])
    found = []
    for turned in (False, True):
        wires = CounterWires(station, Config())
        scene = ThermalScene(np.random.default_rng(5))
        for second in range(60):
            wires.message(picture(scene, second, seated, turned))
            wires.wait(1)
        wires.arrive()
        with pages(station) as shown:
            found.append(shown.figure(COUNTER, "people_waiting")["value"])

    assert found[0] == pytest.approx(4, abs=1.0)
    assert found[1] == pytest.approx(found[0], abs=0.7)


@pytest.mark.parametrize("clock_wrong_s", [3600.0, -3600.0])
def test_a_clock_an_hour_off_shows_no_queue_until_it_is_right_again(station: Station, clock_wrong_s: float) -> None:
    wires = CounterWires(station, TICKETS, clock_wrong_s=clock_wrong_s)
    for number in range(1, 8):
        wires.ticket("issued", number)
    wires.arrive()
    with pages(station) as shown:
        wrong = shown.service(KEY)
        page, alerts = shown.words(PAGE), shown.alerts(COUNTER)

    wires.clock_is_set()
    wires.wait(60)
    wires.ticket("called", 1, window=1)
    wires.arrive()
    with pages(station) as shown:
        right = shown.service(KEY)

    assert wrong["level"] == "unknown"
    assert not {"waiting", "called", "wait_min"} & wrong.keys()
    assert words.NO_INFORMATION.ja in page
    assert ("clock_ahead" in alerts) is (clock_wrong_s > 0)
    assert (right["waiting"], right["called"]) == (6, 1)


PAPER = "/device/kiosk-01?lang=ja"


@pytest.mark.parametrize("way", ["xfs4iot", "ipp", "snmp"])
def test_a_kiosk_that_reports_paper_minus_one_is_in_service_and_its_paper_is_not_known(
    station: Station, way: str
) -> None:
    wires = KioskWires(station, supplies={"upper": "tray1", "tray-1": "tray1"})

    wires.say("completion", "Common.Status", nested(WELL), request_id=1)
    if way == "xfs4iot":
        wires.say("unsolicited", "Kiosk.SupplyEvent", {"supplies": {"upper": {"left": -1, "capacity": 500}}})
    elif way == "ipp":
        tray = b"name=tray-1;level=-1;maxcapacity=500;"
        wires.hear(
            ipp_items({"printer-state": [3], "printer-state-reasons": ["none"], "printer-input-tray": [tray]}, way)
        )
    else:
        paper: dict[str, dict[str, MibValue]] = {
            "prtInputCurrentLevel": {"1.1": -1},
            "prtInputMaxCapacity": {"1.1": 500},
        }
        wires.hear(mib_items(columns(**paper), way))
    wires.arrive()

    with pages(station) as shown:
        kiosk, tray1, page = shown.service("kiosk-01"), shown.figure("kiosk-01", "supply.tray1"), shown.words(PAPER)
        alerts = shown.alerts("kiosk-01")
    assert (kiosk["level"], "residence" in kiosk["certificates"]) == ("good", True)
    assert tray1["value"] is None
    assert "用紙トレイ1 — " in page
    assert not alerts


def nested(said: dict[str, str]) -> dict[str, object]:
    """Words by their path as the payload of a status."""
    root: dict[str, dict[str, object]] = {}
    for path, word in said.items():
        device, *branches, leaf = path.split(".")
        node: dict[str, object] = root.setdefault(device, {})
        for branch in branches:
            node = node.setdefault(branch, {})  # type: ignore[assignment]
        node[leaf] = word
    return {**root, "completionCode": "success"}


def test_half_a_message_of_a_kiosk_is_refused_without_a_word_of_it_and_changes_nothing(station: Station) -> None:
    wires = KioskWires(station)
    wires.say("completion", "Common.Status", nested(WELL), request_id=1)

    with pytest.raises(SourceError, match=r"message of \d+ bytes: Input data was truncated; is it a service provider"):
        wires.say(
            "unsolicited", "Common.StatusChangedEvent", {"printer": {"toner": "out"}}, damage=lambda text: text[:-9]
        )
    wires.arrive()

    with pages(station) as shown:
        assert shown.service("kiosk-01")["level"] == "good"
