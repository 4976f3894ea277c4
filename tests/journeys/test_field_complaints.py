"""What people complain of in the field about counters of people, from the sensor's bytes to what the page says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.contract.records.counter import CounterPeople
from edge.counter.pipeline import Config
from firmware_bridge.messages import Levels, Pulse, PulseEvent, Thermal
from simulators.counter.modules import radar_frame
from simulators.counter.thermal import Patch, ThermalScene, registers
from tests.hub.station import Station, open_city
from tests.journeys.wires import COUNTER, CounterWires, pages

Picture = NDArray[np.float64]
NOBODY = np.zeros((0, 4))
FRAMES_A_STEP = 4


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(tmp_path / "hub.db", open_city())
    yield made
    made.database.close()


def watched(
    wires: CounterWires, scene: ThermalScene, minutes: float, seen: Callable[[float], Picture], every_s: float = 2.0
) -> list[CounterPeople]:
    """The people told while the array sees so [°C]; what is told arrives at the hub too."""
    for step in range(round(minutes * 60 / every_s)):
        for counts in scene.counts(seen(step * every_s), FRAMES_A_STEP):
            wires.message(Thermal(step, 400, registers(counts)))
        wires.wait(every_s, every_s)
    return [record for record in wires.arrive() if isinstance(record, CounterPeople)]


def sun(scene: ThermalScene, t_s: float) -> Picture:
    """Sunlight that warms nine pixels by five degrees, and wanders: it is the scene's own patch."""
    return scene.temperatures(t_s, NOBODY)


def radiator(scene: ThermalScene, t_s: float) -> Picture:
    """A radiator in the last row that is on for twenty minutes and off for twenty, eight degrees warm."""
    floor = scene.temperatures(t_s, NOBODY)
    cycle_s = t_s % 2400.0
    warm = 1 - np.exp(-(cycle_s - 1200.0) / 300.0) if cycle_s >= 1200.0 else np.exp(-cycle_s / 400.0) * (t_s >= 2400.0)
    floor[7, :4] += 8.0 * warm
    return floor


def door(scene: ThermalScene, t_s: float) -> Picture:
    """A door through which the array sees the cold outside for eight seconds every two minutes."""
    floor = scene.temperatures(t_s, NOBODY)
    if 60.0 <= t_s % 120.0 < 68.0:
        floor[2:6, :2] -= 9.0
    return floor


SUN = Patch(2, 2, 3, 3, 5.0, begin_s=300.0, lasts_s=3600.0, drift_per_hour=1.0)


@pytest.mark.parametrize(
    ("patches", "seen"),
    [
        pytest.param((SUN,), sun, id="daylight"),
        pytest.param((), radiator, id="heater"),
        pytest.param((), door, id="door"),
    ],
)
def test_daylight_heaters_and_doors_are_no_people(
    station: Station, patches: tuple[Patch, ...], seen: Callable[[ThermalScene, float], Picture]
) -> None:
    scene = ThermalScene(np.random.default_rng(6), patches)
    wires = CounterWires(station, Config())

    told = watched(wires, scene, 80, lambda t_s: seen(scene, t_s))

    assert np.mean([one.people for one in told]) < 0.25
    assert np.mean([one.low == 0 for one in told]) > 0.9
    with pages(station) as shown:
        assert shown.figure(COUNTER, "people_waiting")["low"] == 0
        assert "空いています" in shown.words(f"/device/{COUNTER}?lang=ja")


def test_who_comes_in_by_a_cold_door_into_a_room_whose_radiator_warms_up_is_seen(station: Station) -> None:
    scene = ThermalScene(np.random.default_rng(6))
    wires = CounterWires(station, Config())
    seated = np.array([[3.0, 1.0, 0.6, 4.0], [6.0, 2.0, 0.6, 4.0]])

    def seen(t_s: float) -> Picture:
        people = scene.temperatures(t_s, seated) - scene.temperatures(t_s, NOBODY)
        return radiator(scene, t_s) + door(scene, t_s) - scene.temperatures(t_s, NOBODY) + people * (t_s >= 1500.0)

    told = watched(wires, scene, 30, seen)

    assert np.mean([one.people for one in told[-15:]]) == pytest.approx(2.0, abs=0.8)


def test_a_cold_morning_s_draught_does_not_make_fifteen_people_of_an_empty_room(station: Station) -> None:
    scene = ThermalScene(np.random.default_rng(3))
    wires = CounterWires(station, Config())

    def draught(t_s: float) -> Picture:
        floor = scene.temperatures(t_s, NOBODY)
        floor[:, :3] -= 4.0 * np.exp(-((t_s - 60.0) % 300.0) / 20.0) * (t_s >= 60.0)
        return floor

    told = watched(wires, scene, 30, draught)

    assert max(one.people for one in told) < 4.0
    assert np.mean([one.people for one in told]) < 1.0


def test_a_radar_s_ghosts_in_an_empty_room_are_nobody(station: Station) -> None:
    rng = np.random.default_rng(9)
    wires = CounterWires(station, Config())

    for _ in range(30):
        for _ in range(10):
            wires.radar(radar_frame(rng, 0))
        wires.wait(1)
    wires.arrive()

    with pages(station) as shown:
        people = shown.figure(COUNTER, "people_radar")
    assert (people["value"], people["high"]) == (0.0, 0.0)


def test_a_line_that_drifts_in_one_direction_by_seven_per_cent_leaves_no_imaginary_people_in_the_evening(
    station: Station,
) -> None:
    """Of 230 visitors the line counts 16 too many in; at closing time the array sees that nobody is there, and the page too."""
    rng = np.random.default_rng(7)
    scene = ThermalScene(rng)
    wires = CounterWires(station, Config(people_line="entrance"))
    leaves: list[tuple[int, int]] = []
    pulses = 0

    def passes(event: PulseEvent) -> None:
        nonlocal pulses
        pulses += 1
        wires.message(Pulse(0, event, pulses, pulses))

    counted = 0
    for minute in range(500):
        arrived = minute < 460 and minute % 2 == 0
        if arrived:
            leaves.append((minute + 8, minute % 7))
            counted += 1 + (minute % 28 == 0)
            for _ in range(1 + (minute % 28 == 0)):
                passes(PulseEvent.PASS_IN)
        for _ in [one for one in leaves if one[0] == minute]:
            passes(PulseEvent.PASS_OUT)
        leaves = [one for one in leaves if one[0] > minute]
        people = np.array([[1.0 + seat, 1.0 + seat % 3 * 2.5, 0.6, 4.0] for _, seat in leaves] or NOBODY)
        for second in range(0, 60, 10):
            counts = scene.counts(scene.temperatures(minute * 60.0 + second, people), 1)[0]
            wires.message(Thermal(minute, 400, registers(counts)))
            wires.message(Levels(((1, 450_000), (2, 22_000), (4, 400_000 if minute < 470 else 0))))
            wires.wait(10, 10)
    wires.arrive()

    assert counted - 230 == 17
    with pages(station) as shown:
        people_now = shown.figure(COUNTER, "people_waiting")
        page = shown.words(f"/device/{COUNTER}?lang=ja")
    assert people_now["value"] < 1.0
    assert people_now["low"] == 0
    assert "空いています" in page
