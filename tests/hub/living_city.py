"""Records of one hour of every device of the demo's city, as its families report them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from edge.contract.records import Health, Record
from edge.contract.records.bridge import (
    BridgeMode,
    BridgeNovelty,
    BridgePassage,
    BridgeSensor,
    BridgeSpectrum,
    BridgeTemperature,
    BridgeVibration,
)
from edge.contract.records.counter import CounterAir, CounterHeartbeat, CounterPeople, CounterQueue, CounterTicket
from edge.contract.records.gate import GateAntenna, GateInside, GatePassages, GateSeats
from edge.contract.records.kiosk import KioskPower, KioskSession, KioskState, KioskSupply
from edge.contract.records.truck import TruckCollection, TruckFix, TruckOdometer, TruckPosition
from hub.city import City, Round
from tests.hub.station import Station

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
DAY_US = 1_440 * MINUTE_US
MODES_HZ = {"m1": 2.31, "m2": 3.94, "m3": 6.12, "m4": 8.75}


def hour(city: City, now: int) -> dict[str, list[Record]]:
    """Records of the hour before ``now`` [µs UTC], by device, oldest first."""
    rounds = {one.code: one for one in city.round}
    makers = {"bridge": _bridge, "gate": _gate, "kiosk": _kiosk}
    found: dict[str, list[Record]] = {}
    for device in city.device:
        if device.family == "truck":
            made = list(_truck(rounds[device.rounds[0]], now))
        elif device.cabinet == "guide_robot":
            made = list(_robot(now))
        elif device.family == "counter":
            made = list(_counter(device.services, now))
        else:
            made = list(makers[device.family](now))
        found[device.name] = sorted([*made, health(now)], key=lambda record: record.t or 0)
    return found


def feed(station: Station) -> None:
    """Commit the hour up to now of every device but truck-03, which was never heard."""
    for device, records in hour(station.live.city, station.now()).items():
        if device != "truck-03":
            station.send(device, records)


def health(t: int) -> Health:
    """A device that is well."""
    return Health(
        t=t, clock_quality="synchronised", uptime_s=93_600.0, outbox_records=3, outbox_bytes=40_960, cpu_percent=7.0,
        memory_percent=31.0, disk_free_bytes=21_000_000_000, temperature_degc=48.5,
    )  # fmt: skip


def _bridge(now: int) -> Iterator[Record]:
    for minute in range(60, -1, -1):
        t = now - minute * MINUTE_US
        busy = 1.0 + 0.6 * math.sin(minute / 7.0)
        for number, channel in enumerate(("a1", "a2", "a3", "a4")):
            yield BridgeVibration(
                t=t, channel=channel, rms_m_s2=0.004 * busy * (1 + 0.2 * number), peak_m_s2=0.05 * busy, window_s=60.0,
                samples=15_360,
            )  # fmt: skip
            yield BridgeSpectrum(
                t=t,
                channel=channel,
                f_first_hz=0.0625,
                f_step_hz=0.0625,
                averages=14.0,
                levels_db=_levels(minute, busy),
            )
        yield BridgeTemperature(t=t, sensor="structure", temperature_degc=18.2 - minute / 60)
        yield BridgeTemperature(t=t, sensor="air", temperature_degc=19.1 - minute / 45)
        if minute % 4 == 0:
            for label, hz in MODES_HZ.items():
                yield BridgeMode(
                    t=t, mode=label, frequency_hz=hz * (1 + 0.0008 * math.sin(minute / 9 + hz)), frequency_std_hz=0.004 * hz,
                    damping_ratio=0.012, modal_assurance=0.97,
                )  # fmt: skip
        if minute % 3 == 0:
            yield BridgePassage(t=t - 20 * SECOND_US, duration_s=6.5, peak_m_s2=0.06, channels=4)
    for channel in ("a1", "a2", "a3", "a4"):
        yield BridgeSensor(t=now - 30 * MINUTE_US, channel=channel, finding="ok", used=True)
    yield BridgeNovelty(t=now, model="bridge_novelty", score=0.62)


def _levels(minute: int, busy: float) -> list[float]:
    levels = []
    for bin_ in range(160):
        f = 0.0625 * (bin_ + 1)
        power = 1e-9 * busy + sum(
            2e-6 * busy / (1 + ((f - hz * (1 + 0.0008 * math.sin(minute / 9 + hz))) / 0.06) ** 2)
            for hz in MODES_HZ.values()
        )
        levels.append(round(10 * math.log10(power) + 1.5 * math.sin(bin_ * 7.3 + minute * 3.1), 1))
    return levels


def bridge_days(now: int, days: int, silent_h: tuple[int, int] = (0, 0)) -> Iterator[Record]:
    """A bridge's records each ten minutes of the days up to an hour before ``now`` [µs UTC], oldest first.

    Args:
        silent_h: from when to when nothing comes [hours from the beginning].
    """
    for number in range(6 * (24 * days - 1)):
        if silent_h[0] <= number / 6 < silent_h[1]:
            continue
        t = now - days * DAY_US + number * 10 * MINUTE_US
        degc = 16.0 + 5.0 * math.sin(number / 72 * math.pi) + 2.0 * math.sin(number / 311)
        for label, hz in MODES_HZ.items():
            shift = 1 - 4e-4 * (degc - 16) + 6e-4 * math.sin(number / 3 + 7 * hz) - (0.006 if number > 420 else 0)
            yield BridgeMode(t=t, mode=label, frequency_hz=hz * shift, frequency_std_hz=0.004 * hz)
        yield BridgeTemperature(t=t, sensor="structure", temperature_degc=round(0.7 * degc + 5, 2))
        yield BridgeTemperature(t=t, sensor="air", temperature_degc=round(degc, 2))
        if number % 3 == 0:
            yield BridgeSpectrum(
                t=t, channel="a1", f_first_hz=0.0625, f_step_hz=0.0625, averages=14.0,
                levels_db=_levels(number, 1.2 + math.sin(number / 72 * math.pi)),
            )  # fmt: skip


def _truck(driven: Round, now: int) -> Iterator[Record]:
    points = driven.points
    yield TruckFix(t=now - 60 * MINUTE_US, fix="3d")
    for step in range(181):
        t = now - (180 - step) * 20 * SECOND_US
        along = step / 181 * (len(points) - 1) * 0.8
        at, share = int(along), along - int(along)
        here, there = points[at], points[at + 1]
        yield TruckPosition(
            t=t, lat_deg=here.lat_deg + share * (there.lat_deg - here.lat_deg),
            lon_deg=here.lon_deg + share * (there.lon_deg - here.lon_deg),
            speed_m_s=max(0.0, 5.0 + 4.0 * math.sin(step / 5)), course_deg=40.0, accuracy_m=4.0, satellites=11,
        )  # fmt: skip
    for number, point in enumerate(points[: int(0.8 * (len(points) - 1)) + 1]):
        t = now - (50 - 9 * number) * MINUTE_US
        yield TruckCollection(t=t, point=point.code, round=driven.code, sequence=number + 1)
        yield TruckOdometer(t=t, distance_m=1_200.0 * (number + 1), moving_s=300.0 * (number + 1))


def _gate(now: int) -> Iterator[Record]:
    for minute in range(60, -1, -1):
        t = now - minute * MINUTE_US
        people = 63.0 + 14.0 * math.sin(minute / 14)
        yield GateInside(t=t, people=people, low=people - 5, high=people + 5)
        for lane in ("l1", "l2"):
            yield GatePassages(t=t, lane=lane, entered=minute % 3, left=(minute + 1) % 3, window_s=60.0)
        yield GateSeats(t=t, area="reading", seats=48, occupied=22 + minute % 6)
        yield GateSeats(t=t, area="study", seats=24, occupied=17 + minute % 5)
        yield GateSeats(t=t, area="children", seats=16, occupied=4, silent=1)
    for antenna in ("l1_left", "l1_right"):
        yield GateAntenna(t=now - 20 * MINUTE_US, antenna=antenna, state="ok", noise_dbm=-92.0)


def _kiosk(now: int) -> Iterator[Record]:
    for minute in range(60, -1, -1):
        t = now - minute * MINUTE_US
        yield KioskState(
            t=t, state="degraded" if minute < 12 else "in_service", reasons=["paper_low"] if minute < 12 else []
        )
        if minute % 5 == 0:
            yield KioskSupply(
                t=t,
                supply="tray1",
                status="low" if minute < 12 else "full",
                level_percent=9.0 + minute / 4,
                empty_in_s=2400.0,
            )
            yield KioskSupply(t=t, supply="tray2", status="full", level_percent=71.0)
            yield KioskSupply(t=t, supply="toner", status="unknown")
            yield KioskSession(t=t, certificate="residence", outcome="issued", duration_s=95.0, copies=1 + minute % 2)
    yield KioskPower(t=now - MINUTE_US, supply="mains", charge_percent=100.0, runtime_s=1800.0)


def _robot(now: int) -> Iterator[Record]:
    for minute in range(60, -1, -1):
        t = now - minute * MINUTE_US
        yield KioskState(t=t, state="in_service", reasons=[])
        if minute % 6 == 0:
            yield KioskPower(t=t, supply="battery", charge_percent=58.0 + minute / 4)
            yield KioskSession(t=t, certificate="guidance", outcome="issued", duration_s=70.0 + minute, copies=0)


def _counter(services: list[str], now: int) -> Iterator[Record]:
    for minute in range(60, -1, -1):
        t = now - minute * MINUTE_US
        people = 7.0 + 3.0 * math.sin(minute / 11)
        yield CounterPeople(t=t, zone="waiting", people=people, low=people - 2, high=people + 3, method="fused")
        yield CounterAir(t=t, co2_ppm=720.0 + 4 * (60 - minute), temperature_degc=23.4, humidity_percent=41.0)
        for number, service in enumerate(services):
            waiting = max(0, round(3 + 2 * number + 2 * math.sin(minute / 8 + number)))
            ticket = 100 * (number + 1) + (60 - minute) // 3
            if minute % 3 == 0:
                yield CounterTicket(t=t, service=service, event="called", ticket=ticket, window=number + 1)
            yield CounterQueue(
                t=t, service=service, waiting=waiting, windows_open=2, last_called=ticket, last_wait_s=240.0 + 120 * number
            )  # fmt: skip
        yield CounterHeartbeat(t=t, source="tickets")
