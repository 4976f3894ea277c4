"""A certificate kiosk's day: people come for certificates, paper and toner go down, devices fail and are mended.

It speaks XFS4IoT messages on line ``xfs`` and answers commands there. Beside them it tells what is true: the state and
its reasons, sessions, what is left, when a tray ran empty.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator

import numpy as np

from simulators.kiosk.faults import FAULTS, Fault
from simulators.kiosk.provider import Provider, document_retracted, job_started, session_ended
from simulators.kiosk.robot import RobotSimulator
from simulators.kiosk.settings import SHEETS_A_TONER, Settings
from simulators.simulator import Emission, Truth

_HOUR_US = 3_600_000_000
CERTIFICATES = ("residence", "seal", "family_register", "tax")
SHARES = (0.5, 0.28, 0.14, 0.08)
LOW_SHARE = 0.15
_TRAY_OF = {"family_register": "lower"}


def simulator(settings: object, rng: np.random.Generator, start_us: int) -> KioskSimulator | RobotSimulator:
    """A cabinet's simulator from the moment ``start_us`` [µs UTC]."""
    assert isinstance(settings, Settings)
    if settings.cabinet == "guide_robot":
        return RobotSimulator(settings, rng, start_us)
    return KioskSimulator(settings, rng, start_us)


class KioskSimulator:
    """See ``simulators.simulator.Simulator``. Its events happen in order of time, one a step."""

    def __init__(self, settings: Settings, rng: np.random.Generator, start_us: int) -> None:
        self._settings = settings
        self._rng = rng
        self._start = self._now = start_us
        self._left = {**settings.paper, "toner": settings.toner_sheets}
        self._provider = Provider({})
        self._active: dict[str, Fault] = {}
        self._facts: list[Truth] = []
        self._said: tuple[str, list[str]] | None = None
        self._events: list[tuple[int, int, str, str]] = []
        self._serial = 0
        self._session_until = start_us
        self._jobs = 0
        self._publish_supplies()
        self._push(start_us, "arrive", "")
        self._push(start_us, "facts", "")
        for name, after_s in settings.faults.items():
            self._push(start_us + round(after_s * 1e6), "fault", name)
        if settings.faults_a_day:
            self._push(start_us + self._wait_us(settings.faults_a_day / 24), "random_fault", "")
        for tray in settings.paper:
            self._tell_level(tray)

    @property
    def lines(self) -> tuple[str, ...]:
        return ("xfs",)

    def advance(self, until_us: int) -> Iterable[Emission]:
        """Everything that the provider says by itself up to ``until_us``, in order."""
        while self._events and self._events[0][0] <= until_us:
            when, _, what, about = heapq.heappop(self._events)
            self._now = when
            messages = [*self._happen(when, what, about), *self._provider.changes()]
            self._tell_state(when)
            if not self._mute(when):
                yield from (Emission("xfs", message) for message in messages)
        self._now = max(self._now, until_us)

    def heard(self, line: str, data: bytes) -> Iterable[bytes]:
        """What the provider answers to one command; nothing while it is silent."""
        return [] if self._mute(self._now) else self._provider.answer(data)

    def truth(self) -> list[Truth]:
        facts, self._facts = self._facts, []
        return facts

    def _happen(self, now: int, what: str, about: str) -> Iterator[bytes]:
        match what:
            case "arrive":
                yield from self._arrive(now)
            case "end":
                yield from self._end_session(now, about)
            case "random_fault":
                self._push(now, "fault", str(self._rng.choice(list(FAULTS))))
                self._push(now + self._wait_us(self._settings.faults_a_day / 24), "random_fault", "")
            case "fault":
                self._fail(now, about)
            case "open_door":
                self._provider.set("auxiliaries.cabinetDoor", "open")
                self._active["door"] = Fault("maintenance", "door_open", ())
                self._push(now + 120_000_000, "mend", about)
            case "mend":
                yield from self._mend(about)
            case "facts":
                left = {name: self._left[name] for name in sorted(self._left)}
                self._facts.append({"t": now, "what": "supplies", **left})
                self._push(now + 600_000_000, "facts", "")

    def _arrive(self, now: int) -> Iterator[bytes]:
        """The next person after an exponential time, thinned by the hour's rate; who finds it busy or broken leaves."""
        self._push(now + self._wait_us(max(self._settings.sessions_an_hour, 1e-6)), "arrive", "")
        serves = self._state()[0] in ("in_service", "degraded")
        if now == self._start or now < self._session_until or not serves or self._rng.random() > self._busy(now):
            return
        certificate = str(self._rng.choice(CERTIFICATES, p=SHARES))
        duration_us = round(float(np.clip(self._rng.lognormal(math.log(95), 0.35), 25, 600)) * 1e6)
        self._session_until = now + duration_us
        self._jobs += 1
        self._push(self._session_until, "end", f"{certificate} {duration_us} {self._jobs}")
        if self._settings.tells_jobs:
            yield job_started(f"job-{self._jobs}")

    def _end_session(self, now: int, about: str) -> Iterator[bytes]:
        certificate, duration_us, job = about.split()
        tray = _TRAY_OF.get(certificate, "upper")
        wanted = int(self._rng.geometric(0.65))
        broken = self._state()[0] not in ("in_service", "degraded")
        if self._rng.random() < self._settings.abandons:
            outcome, copies = "abandoned", 0
        elif broken or self._left.get(tray, 0) < wanted or self._left["toner"] < wanted:
            outcome, copies = "failed", 0
        else:
            outcome, copies = "issued", wanted
            self._use(now, tray, wanted)
            yield self._provider.supply_event()
        duration_ms = int(duration_us) // 1000
        self._facts.append(
            {
                "t": now, "what": "session", "certificate": certificate, "outcome": outcome, "copies": copies,
                "duration_s": duration_ms / 1000,
            }
        )  # fmt: skip
        yield session_ended(
            certificate, outcome, duration_ms, copies, f"job-{job}" if self._settings.tells_jobs else None
        )
        if outcome == "issued" and self._rng.random() < self._settings.forgets:
            self._facts.append({"t": now, "what": "retained"})
            yield document_retracted()
        if outcome == "failed" and not broken and self._left.get(tray, 0) < wanted:
            self._left[tray] = 0
            self._facts.append({"t": now, "what": "empty", "supply": tray})
            self._tell_level(tray)
            self._publish_supplies()

    def _use(self, now: int, tray: str, sheets: int) -> None:
        self._left[tray] -= sheets
        self._left["toner"] -= sheets
        self._publish_supplies()
        for name in (tray, "toner"):
            self._tell_level(name)
            if self._left[name] == 0:
                self._facts.append({"t": now, "what": "empty", "supply": name})

    def _tell_level(self, name: str) -> None:
        """The printer's word for a tray or the toner; somebody is called when it is low and comes when it is out."""
        capacity = SHEETS_A_TONER if name == "toner" else self._settings.capacity
        left = self._left[name]
        word = "out" if left == 0 else "low" if left < LOW_SHARE * capacity else "full"
        self._provider.set("printer.toner" if name == "toner" else f"printer.paper.{name}", word)
        if left == 0:
            self._push(self._now + self._mending_us(), "open_door", f"refill {name}")

    def _fail(self, now: int, name: str) -> None:
        if name in self._active:
            return
        fault = FAULTS[name]
        self._active[name] = fault
        for path, word in fault.words:
            self._provider.set(path, word)
        self._push(now + self._mending_us(), "open_door" if fault.needs_door else "mend", name)

    def _mend(self, about: str) -> Iterator[bytes]:
        name, _, supply = about.partition(" ")
        if self._active.pop("door", None) is not None:
            self._provider.mend("auxiliaries.cabinetDoor")
        if name == "refill":
            self._left[supply] = SHEETS_A_TONER if supply == "toner" else self._settings.capacity
            self._tell_level(supply)
            self._publish_supplies()
            yield self._provider.supply_event()
            return
        fault = self._active.pop(name, None)
        for path, _ in fault.words if fault else ():
            self._provider.mend(path)

    def _publish_supplies(self) -> None:
        unknown = self._settings.paper_unknown
        self._provider.supplies = {
            name: (
                -1 if unknown and name != "toner" else left,
                SHEETS_A_TONER if name == "toner" else self._settings.capacity,
            )
            for name, left in self._left.items()
        }

    def _state(self) -> tuple[str, list[str]]:
        """The true state, by the simulator's own reckoning."""
        faults = [*self._active.values()]
        trays = {tray: self._left[tray] for tray in self._settings.paper}
        low = LOW_SHARE * self._settings.capacity
        if any(left == 0 for left in trays.values()):
            faults.append(Fault("degraded" if any(trays.values()) else "out_of_service", "paper_out", ()))
        if any(0 < left < low for left in trays.values()):
            faults.append(Fault("degraded", "paper_low", ()))
        if self._left["toner"] == 0:
            faults.append(Fault("out_of_service", "toner_out", ()))
        elif self._left["toner"] < LOW_SHARE * SHEETS_A_TONER:
            faults.append(Fault("degraded", "toner_low", ()))
        for state in ("maintenance", "out_of_service", "degraded"):
            if any(fault.state == state for fault in faults):
                return state, sorted({fault.reason for fault in faults})
        return "in_service", []

    def _tell_state(self, now: int) -> None:
        state = self._state()
        if state != self._said:
            self._said = state
            self._facts.append({"t": now, "what": "state", "state": state[0], "reasons": state[1]})

    def _busy(self, now: int) -> float:
        hour = (self._settings.hour_of_day + (now - self._start) / _HOUR_US) % 24
        opens, closes = self._settings.opens_h, self._settings.closes_h
        return 0.2 + 0.8 * math.sin(math.pi * (hour - opens) / (closes - opens)) if opens <= hour < closes else 0.0

    def _mute(self, now: int) -> bool:
        mute_at_s = self._settings.mute_at_s
        return mute_at_s is not None and 0 <= (now - self._start) / 1e6 - mute_at_s < self._settings.mute_for_s

    def _mending_us(self) -> int:
        return round(self._settings.mended_after_min * 60e6 * self._rng.uniform(0.5, 1.5))

    def _wait_us(self, an_hour: float) -> int:
        return 1 + round(self._rng.exponential(_HOUR_US / an_hour))

    def _push(self, when: int, what: str, about: str) -> None:
        self._serial += 1
        heapq.heappush(self._events, (when, self._serial, what, about))
