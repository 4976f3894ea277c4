"""A counter's sensors, all before one office.

Line "mcu" has the microcontroller's frames (thermal array, line sensor, air), "tickets" the ticket machine's text, "radar" an
HLK-LD2450's frames, and on "co2" an MH-Z19 answers who asks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Final, Literal

import msgspec
import numpy as np

from edge.counter.items import TicketAlive, TicketEvent
from edge.counter.sources import (
    CO2_CHANNEL,
    HUMIDITY_CHANNEL,
    ILLUMINANCE_CHANNEL,
    TEMPERATURE_CHANNEL,
    ZONE_CHANNELS,
)
from edge.counter.ticket_line import encode_line, number_after
from firmware_bridge.framing import FrameEncoder
from firmware_bridge.message_codec import encode_message
from firmware_bridge.messages import AirWords, Hello, Levels, Message, Pulse, PulseEvent, SensorKind, Thermal
from firmware_bridge.scd4x import humidity_word, temperature_word
from firmware_bridge.vl53l1x import BACK, BOTH, FRONT
from simulators.counter.disturbances import Disturbance
from simulators.counter.modules import Mhz19Module, radar_frame
from simulators.counter.office import Office, Service, TicketHappened
from simulators.counter.people import in_view
from simulators.counter.thermal import ThermalScene, registers, sun_patch
from simulators.errors import SimulatorError
from simulators.simulator import Emission, Truth

SECOND_US: Final = 1_000_000
FRAMES_A_SECOND: Final = 10
HELLO_EVERY_S: Final = 10
TICKET_HEARTBEAT_S: Final = 5
TRUTH_EVERY_S: Final = 10
MCU: Final = "mcu"
TICKETS: Final = "tickets"
RADAR: Final = "radar"
CO2: Final = "co2"
COMES_IN: Final = (FRONT, BOTH, BACK, 0)
GOES_OUT: Final = (BACK, BOTH, FRONT, 0)
TURNS_BACK: Final = (FRONT, BOTH, FRONT, 0)
TURNS_BACK_EVERY: Final = 5
"""After so many passages somebody comes to the line and turns back."""
LAMPS_LUX: Final = 420.0

SERVICES: Final = (
    Service(code="residence", arrivals_per_hour=22, service_s=210, windows=(1, 2), first_ticket=1),
    Service(code="seal", arrivals_per_hour=8, service_s=300, windows=(3,), first_ticket=201),
    Service(code="family_register", arrivals_per_hour=7, service_s=600, windows=(4, 5), first_ticket=401),
    Service(code="moving", arrivals_per_hour=6, service_s=900, windows=(6, 7), first_ticket=601),
)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the simulated counter is.

    Attributes:
        hour_of_day: local time at the start, so that a demonstration at night shows a working day.
        services: what can be had, with arrivals and windows.
        waiting_at_start: people who come in during the first seconds.
        lunch_windows_closed: windows of each service that close from 12 to 13, when most people come.
        ticket_max: the number after which tickets begin again with 1.
        sun: whether a patch of sun wanders over the floor.
        air_every_s: how often the levels of the air are sent.
        air_sensor: levels that the board has made of any sensor's, or an SCD4x's own words and the light beside them.
        line_sensor: a pulse for each passage, or a VL53L1X's zones as they are occupied, turning back included.
        disturbances: what goes wrong, at which hours.
    """

    hour_of_day: Annotated[float, msgspec.Meta(ge=0, lt=24)] = 10.0
    services: tuple[Service, ...] = SERVICES
    waiting_at_start: Annotated[int, msgspec.Meta(ge=0, le=100)] = 7
    lunch_windows_closed: Annotated[int, msgspec.Meta(ge=0, le=10)] = 1
    ticket_max: Annotated[int, msgspec.Meta(ge=10, le=99_999)] = 999
    sun: bool = True
    air_every_s: Annotated[int, msgspec.Meta(ge=1, le=600)] = 5
    air_sensor: Literal["levels", "scd4x"] = "levels"
    line_sensor: Literal["pulses", "two_zone"] = "pulses"
    disturbances: tuple[Disturbance, ...] = ()


class CounterSimulator:
    """The office and the lines that tell of it."""

    lines = (MCU, TICKETS, RADAR, CO2)

    def __init__(self, settings: Settings, rng: np.random.Generator, start_us: int) -> None:
        self._settings = settings
        self._rng = rng
        self._start_us = start_us
        self._frames_sent = 0
        self._truth: list[Truth] = []
        self._office = Office(
            rng, settings.services, settings.ticket_max, settings.lunch_windows_closed, settings.waiting_at_start,
            settings.disturbances,
        )  # fmt: skip
        self._going_on: tuple[Disturbance, ...] = ()
        patches = (sun_patch(rng, 300.0),) if settings.sun else ()
        self._scene = ThermalScene(rng, patches)
        self._encoder = FrameEncoder()
        self._boot_id = int(rng.integers(1, 2**32))
        self._pulses = 0
        self._ticket_number = 0
        self._ticket_line_at_s = 0.0
        self._radar_rng = rng.spawn(1)[0]
        self._co2 = Mhz19Module()

    def advance(self, until_us: int) -> Iterable[Emission]:
        """See ``Simulator.advance``; one step is one thermal frame, a tenth of a second."""
        emissions: list[Emission] = []
        while self._start_us + self._frames_sent * SECOND_US // FRAMES_A_SECOND <= until_us:
            t_s = self._frames_sent / FRAMES_A_SECOND
            if self._frames_sent % FRAMES_A_SECOND == 0:
                self._second(int(t_s), emissions)
            seen = in_view(self._office.people, t_s)
            counts = self._scene.counts(self._scene.temperatures(t_s, seen), 1)[0]
            thermistor = round(self._scene.floor_degc(t_s) / 0.0625) & 0x7FF
            self._tell(emissions, Thermal(self._frames_sent % 2**32, thermistor, registers(counts)))
            emissions.append(Emission(RADAR, radar_frame(self._radar_rng, len(seen))))
            if self._frames_sent % (TRUTH_EVERY_S * FRAMES_A_SECOND) == 0:
                self._state(t_s, len(seen))
            self._frames_sent += 1
        return emissions

    def heard(self, line: str, data: bytes) -> Iterable[bytes]:
        """See ``Listener.heard``: the carbon dioxide module answers, nothing else listens."""
        return [self._co2.answer(data)] if line == CO2 else []

    def truth(self) -> list[Truth]:
        """See ``Simulator.truth``."""
        told, self._truth = self._truth, []
        return told

    def _second(self, t_s: int, emissions: list[Emission]) -> None:
        if t_s % HELLO_EVERY_S == 0:
            self._tell(
                emissions, Hello(self._boot_id, (1, 0, 0), SensorKind.THERMAL_ARRAY, 10_000, 80_000, 250 * 10**9)
            )
        hour = (self._settings.hour_of_day + t_s / 3600.0) % 24.0
        entered, left = self._office.entered, self._office.left
        self._disturbed(t_s, hour)
        for happened in self._office.step(float(t_s), hour):
            self._ticket(t_s, happened, emissions)
        self._pass(t_s, self._office.entered - entered, PulseEvent.PASS_IN, emissions)
        self._pass(t_s, self._office.left - left, PulseEvent.PASS_OUT, emissions)
        self._co2.co2_ppm = self._office.co2_ppm
        if t_s % self._settings.air_every_s == 0:
            self._air(t_s, hour, emissions)
        if t_s - self._ticket_line_at_s >= TICKET_HEARTBEAT_S:
            self._ticket_line(t_s, TicketAlive(), emissions)

    def _disturbed(self, t_s: int, hour: float) -> None:
        """Tell in the truth what begins and what ends."""
        lasting = tuple(each for each in self._settings.disturbances if each.lasts(hour))
        for each in self._settings.disturbances:
            if (each in lasting) == (each in self._going_on):
                continue
            facts = msgspec.to_builtins(each)
            self._fact(t_s, "disturbance", which=facts.pop("kind"), begins=each in lasting, **facts)
        self._going_on = lasting

    def _ticket(self, t_s: int, happened: TicketHappened, emissions: list[Emission]) -> None:
        event = TicketEvent(
            service=happened.service, event=happened.event, ticket=happened.ticket, window=happened.window
        )
        self._ticket_line(t_s, event, emissions)
        if happened.wait_s is not None:
            self._fact(t_s, "wait", service=happened.service, ticket=happened.ticket, wait_s=happened.wait_s)

    def _ticket_line(self, t_s: int, item: TicketEvent | TicketAlive, emissions: list[Emission]) -> None:
        emissions.append(Emission(TICKETS, encode_line(self._ticket_number, item)))
        self._ticket_number = number_after(self._ticket_number)
        self._ticket_line_at_s = t_s

    def _pass(self, t_s: int, people: int, event: PulseEvent, emissions: list[Emission]) -> None:
        for _ in range(people):
            self._pulses += 1
            if self._settings.line_sensor == "pulses":
                self._tell(emissions, Pulse(0, event, self._pulses, t_s * 1000 % 2**32))
            else:
                self._zones(COMES_IN if event == PulseEvent.PASS_IN else GOES_OUT, emissions)
                if self._pulses % TURNS_BACK_EVERY == 0:
                    self._zones(TURNS_BACK, emissions)
            self._fact(t_s, "passage", direction="in" if event == PulseEvent.PASS_IN else "out")

    def _zones(self, path: tuple[int, ...], emissions: list[Emission]) -> None:
        for code in path:
            self._tell(emissions, Levels(((ZONE_CHANNELS.start, code * 1000),)))

    def _air(self, t_s: int, hour: float, emissions: list[Emission]) -> None:
        levels = self._levels(t_s, hour)
        if self._settings.air_sensor == "scd4x":
            co2, temperature, humidity, *levels = levels
            words = temperature_word(temperature[1] / 1000), humidity_word(humidity[1] / 1000)
            self._tell(emissions, AirWords(round(co2[1] / 1000), *words))
        self._tell(emissions, Levels(tuple(levels)))

    def _levels(self, t_s: int, hour: float) -> list[tuple[int, int]]:
        lamps = LAMPS_LUX if 8.25 <= hour < 17.5 else 0.0
        daylight = 40.0 * max(0.0, math.sin(math.pi * (hour - 6.0) / 12.0))
        levels = (
            (CO2_CHANNEL, self._office.co2_ppm + self._rng.normal(0.0, 8.0)),
            (TEMPERATURE_CHANNEL, self._scene.floor_degc(t_s) + self._rng.normal(0.0, 0.05)),
            (HUMIDITY_CHANNEL, 38.0 + 0.004 * (self._office.co2_ppm - 420.0) + self._rng.normal(0.0, 0.2)),
            (ILLUMINANCE_CHANNEL, max(0.0, lamps + daylight + self._rng.normal(0.0, 4.0))),
        )
        return [(channel, round(level * 1000)) for channel, level in levels]

    def _state(self, t_s: float, people: int) -> None:
        self._fact(t_s, "people", people=people)
        for service, waiting in self._office.waiting().items():
            self._fact(t_s, "queue", service=service, waiting=waiting)

    def _fact(self, t_s: float, what: str, **facts: object) -> None:
        self._truth.append({"t": self._start_us + round(t_s * SECOND_US), "what": what, **facts})

    def _tell(self, emissions: list[Emission], message: Message) -> None:
        emissions.append(Emission(MCU, self._encoder.encode(*encode_message(message))))


def simulator(settings: object, rng: np.random.Generator, start_us: int) -> CounterSimulator:
    """A counter that begins at ``start_us`` [µs UTC].

    Raises:
        SimulatorError: ``settings`` are not a counter's.
    """
    if not isinstance(settings, Settings):
        raise SimulatorError(f"simulator settings are {type(settings).__name__}; give the counter's Settings")
    return CounterSimulator(settings, rng, start_us)
