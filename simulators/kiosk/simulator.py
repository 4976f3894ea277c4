"""A cabinet's day: people come for what it gives, paper, toner and battery go down, devices fail and are mended.

Which cabinet it is says its row (``simulators/kiosk/cabinets.py``). It speaks XFS4IoT messages on line ``xfs`` and answers
commands there; a printer that is asked by itself answers on line ``ipp``. Beside them it tells what is true: the state and
its reasons, sessions, payments, what is left, when a tray ran empty, what it let slip about people.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator

import numpy as np

from simulators.errors import SimulatorError
from simulators.kiosk import printer
from simulators.kiosk.battery import Battery
from simulators.kiosk.cabinets import KINDS, Given
from simulators.kiosk.faults import Fault
from simulators.kiosk.provider import Provider
from simulators.kiosk.settings import Settings
from simulators.kiosk.stock import Stock
from simulators.simulator import Emission, Truth

_HOUR_US = 3_600_000_000
BATTERY_STEP_US = 10_000_000


def simulator(settings: object, rng: np.random.Generator, start_us: int) -> CabinetSimulator:
    """A cabinet's simulator from the moment ``start_us`` [µs UTC].

    Raises:
        SimulatorError: the settings name a fault that this cabinet does not have.
    """
    assert isinstance(settings, Settings)
    known = KINDS[settings.cabinet].faults
    for name in settings.faults:
        if name not in known:
            raise SimulatorError(f"fault {name!r}: a {settings.cabinet} has {', '.join(known)}; name one of them")
    return CabinetSimulator(settings, rng, start_us)


class CabinetSimulator:
    """See ``simulators.simulator.Simulator``. Its events happen in order of time, one a step."""

    def __init__(self, settings: Settings, rng: np.random.Generator, start_us: int) -> None:
        self._settings = settings
        self._kind = kind = KINDS[settings.cabinet]
        self._an_hour = kind.sessions_an_hour if settings.sessions_an_hour is None else settings.sessions_an_hour
        self._abandons = kind.abandons if settings.abandons is None else settings.abandons
        self._rng = rng
        self._start = self._now = start_us
        self._stock = Stock(kind, settings)
        self._battery = Battery(settings.battery_percent, settings.battery_h) if kind.roams else None
        self._provider = Provider(kind.well, settings.publishes)
        self._active: dict[str, Fault] = {}
        self._facts: list[Truth] = []
        self._said: tuple[str, list[str]] | None = None
        self._events: list[tuple[int, int, str, str]] = []
        self._serial = 0
        self._session_until = start_us
        self._sessions = 0
        self._publish_supplies()
        self._push(start_us, "arrive", "")
        self._push(start_us, "facts", "")
        for name, after_s in settings.faults.items():
            self._push(start_us + round(after_s * 1e6), "fault", name)
        if settings.faults_a_day:
            self._push(start_us + self._wait_us(settings.faults_a_day / 24), "random_fault", "")
        for tray in self._stock.trays:
            self._tell_level(tray)
        if self._battery is not None:
            self._push(start_us, "battery", "")

    @property
    def lines(self) -> tuple[str, ...]:
        return self._kind.lines

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
        """What provider or printer answer to one request; nothing while they are silent."""
        if self._mute(self._now):
            return []
        if line != "ipp":
            return self._provider.answer(data)
        words = self._provider.words
        if words["ipp.state"] == "unreachable":
            return []
        levels = {name: (*told, self._stock.word(name)) for name, told in self._stock.told().items()}
        return [printer.answer(data, words, levels, self._provider.slips)]

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
                self._push(now, "fault", str(self._rng.choice(list(self._kind.faults))))
                self._push(now + self._wait_us(self._settings.faults_a_day / 24), "random_fault", "")
            case "fault":
                self._fail(now, about)
            case "open_door":
                self._provider.set("auxiliaries.cabinetDoor", "open")
                self._active["door"] = Fault("maintenance", "door_open", ())
                self._push(now + 120_000_000, "mend", about)
            case "mend":
                yield from self._mend(about)
            case "battery":
                self._move(now)
            case "facts":
                self._tell_facts(now)

    def _arrive(self, now: int) -> Iterator[bytes]:
        """The next person after an exponential time, thinned by the hour's rate; who finds it busy or broken leaves."""
        self._push(now + self._wait_us(max(self._an_hour, 1e-6)), "arrive", "")
        serves = self._serves() and (self._battery is None or not self._battery.docked)
        if now == self._start or now < self._session_until or not serves or self._rng.random() > self._busy(now):
            return
        gives = self._kind.gives
        number = int(self._rng.choice(len(gives), p=[one.share for one in gives]))
        median_s, spread = gives[number].typical_s, gives[number].spread
        duration_us = round(float(np.clip(self._rng.lognormal(math.log(median_s), spread), 10, 600)) * 1e6)
        self._session_until = now + duration_us
        self._sessions += 1
        self._let_slip(now)
        job = self._provider.job_name(self._sessions) if self._settings.tells_jobs else ""
        self._push(self._session_until, "end", f"{number} {duration_us} {job}")
        if job:
            yield self._provider.job_started(job)

    def _end_session(self, now: int, about: str) -> Iterator[bytes]:
        number, duration_us, job = about.split(" ", 2)
        given = self._kind.gives[int(number)]
        copies = 0 if given.one_more is None else int(self._rng.geometric(given.one_more))
        broken = not self._serves()
        lacks = not self._kind.works_without_paper and not self._stock.enough(given.tray, copies)
        given_up = self._rng.random() < self._abandons
        outcome = "abandoned" if given_up else "failed" if broken or lacks else "issued"
        issued = copies if outcome == "issued" else 0
        if outcome == "issued" and given.tray is not None:
            yield from self._use(now, given.tray, max(1, copies))
        saved_s = self._rng.uniform(*given.saves_s) if outcome == "issued" and given.saves_s is not None else None
        duration_ms, saved_ms = int(duration_us) // 1000, None if saved_s is None else round(saved_s * 1000)
        self._facts.append(
            {
                "t": now, "what": "session", "certificate": given.certificate, "outcome": outcome, "copies": issued,
                "duration_s": duration_ms / 1000, **({} if saved_ms is None else {"saved_s": saved_ms / 1000}),
            }
        )  # fmt: skip
        yield self._provider.session_ended(given.certificate, outcome, duration_ms, issued, job or None, saved_ms)
        yield from self._provider.log_lines()
        if outcome == "issued":
            yield from self._after_issue(now, given, max(1, copies))
        if outcome == "failed" and not broken and given.tray is not None:
            self._run_out(now, given.tray, copies)

    def _after_issue(self, now: int, given: Given, copies: int) -> Iterator[bytes]:
        """What was given is paid, and taken or forgotten."""
        if given.yen:
            means = str(self._rng.choice(list(self._kind.pays), p=list(self._kind.pays.values())))
            yen = int(self._rng.choice(given.yen)) * copies
            self._facts.append({"t": now, "what": "payment", "means": means, "yen": yen})
            yield self._provider.paid(means, yen)
        if "printer.media" in self._kind.well and self._rng.random() < self._settings.forgets:
            self._facts.append({"t": now, "what": "retained"})
            yield self._provider.document_retracted()

    def _run_out(self, now: int, tray: str, wanted: int) -> None:
        """Who wanted more than lies in the tray printed the rest for nothing."""
        if self._stock.left.get(tray, 0) < wanted:
            self._stock.left[tray] = 0
            self._facts.append({"t": now, "what": "empty", "supply": tray})
            self._tell_level(tray)
            self._publish_supplies()

    def _use(self, now: int, tray: str, sheets: int) -> Iterator[bytes]:
        used = self._stock.use(tray, sheets)
        self._publish_supplies()
        for name in used:
            self._tell_level(name)
            if self._stock.left[name] == 0:
                self._facts.append({"t": now, "what": "empty", "supply": name})
        yield from self._provider.supply_event()

    def _tell_level(self, name: str) -> None:
        """The device's word for a supply; somebody is called when it is low and comes when it is out."""
        word = self._stock.word(name)
        if name in self._kind.level_paths:
            self._provider.set(self._kind.level_paths[name], word)
        if word == "out":
            self._push(self._now + self._mending_us(), "open_door" if self._kind.has_door else "mend", f"refill {name}")

    def _fail(self, now: int, name: str) -> None:
        """A device breaks, unless it is broken: on one path it has one word."""
        fault = self._kind.faults[name]
        said = {path for other in self._active.values() for path, _ in other.words}
        if any(path in said for path, _ in fault.words):
            return
        self._active[name] = fault
        for path, word in fault.words:
            self._provider.set(path, word)
        self._push(now + self._mending_us(), "open_door" if fault.needs_door else "mend", name)

    def _mend(self, about: str) -> Iterator[bytes]:
        name, _, supply = about.partition(" ")
        if self._active.pop("door", None) is not None:
            self._provider.mend("auxiliaries.cabinetDoor")
        if name == "refill":
            self._stock.refill(supply)
            self._tell_level(supply)
            self._publish_supplies()
            yield from self._provider.supply_event()
            return
        fault = self._active.pop(name, None)
        for path, _ in fault.words if fault else ():
            self._provider.mend(path)
        if self._battery is not None:
            self._battery.docked = True

    def _move(self, now: int) -> None:
        assert self._battery is not None
        if now > self._start:
            self._battery.let_pass(BATTERY_STEP_US / 1e6, free=not self._active and now >= self._session_until)
        for path, word in self._battery.words().items():
            self._provider.set(path, word)
        self._provider.charge_percent = self._battery.percent
        self._push(now + BATTERY_STEP_US, "battery", "")

    def _let_slip(self, now: int) -> None:
        """The next person's text, which from now on stands wherever a device puts such things."""
        texts = self._settings.lets_slip
        if texts:
            self._provider.slips = texts[self._sessions % len(texts)]
            self._facts.append({"t": now, "what": "slip", "text": self._provider.slips})

    def _publish_supplies(self) -> None:
        self._provider.supplies = self._stock.told() if self._kind.counts == "xfs" else {}

    def _tell_facts(self, now: int) -> None:
        if self._stock.left:
            left = {name: self._stock.left[name] for name in sorted(self._stock.left)}
            self._facts.append({"t": now, "what": "supplies", **left})
        if self._battery is not None:
            self._facts.append({"t": now, "what": "charge", "percent": round(self._battery.percent, 1)})
        self._push(now + 600_000_000, "facts", "")

    def _serves(self) -> bool:
        return self._state()[0] in ("in_service", "degraded")

    def _state(self) -> tuple[str, list[str]]:
        """The true state, by the simulator's own reckoning."""
        faults = [*self._active.values(), *self._stock.wrong()]
        if self._battery is not None:
            faults += self._battery.wrong()
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
