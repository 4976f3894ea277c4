"""Live: what each device's subject is now, by the judgement of its family, and whether the device itself is heard.

Rules it keeps:
- It follows committed steps only.
- A device is *silent* when nothing arrived for longer than its city file allows, whatever its last words were, and
  *offline* when it, or its last will, said so. The subject's status then is ``unknown``: an old value never looks live.
- It reads no clock: times are given.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import msgspec

from edge.contract.codec import UnknownRecord
from edge.contract.control import State
from edge.contract.families import Family
from edge.contract.records import Health, Record
from hub.city import City, DeviceContext, context_of
from hub.device_alerts import DeviceAlerts
from hub.display.language import Language
from hub.display.markup import Markup
from hub.family import device_page_of, judgement_of, page_of
from hub.judgement import Alert, Drawer, History, Judgement, Learner, Ponderer, Status
from hub.public import PublicService, services_of
from hub.step import Step
from hub.words import Words

Liveness = Literal["live", "silent", "offline", "never"]
SILENT_AFTER_S = 150.0
"""Without word from the city file: two and a half health records."""

LOOK_EVERY_US = 1_000_000
"""How often time alone is looked at, however many ask [µs]."""

_SILENT = Words(ja="通信が途絶えています", easy="いま、データが とどいていません。", en="No data arriving")
_OFFLINE = Words(ja="停止しています", easy="きかいが とまっています。", en="Device is switched off")
_NEVER = Words(ja="まだ受信していません", easy="まだ データが きていません。", en="Nothing received yet")
_WORDS = {"silent": _SILENT, "offline": _OFFLINE, "never": _NEVER}


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One device as pages and the API show it; ``called`` is what it is, for a kiosk the cabinet."""

    device: str
    family: Family
    called: Words
    name: Words
    facility: Words
    liveness: Liveness
    heard_t: int | None
    silent_after_s: float
    status: Status
    alerts: list[Alert]
    health: Health | None


class _Device:
    def __init__(self, context: DeviceContext) -> None:
        self.context = context
        self.judgement: Judgement = judgement_of(context)
        self.heard_t: int | None = None
        self.state: State | None = None
        self.state_t = 0
        self.health: Health | None = None
        self.own = DeviceAlerts()
        self.version = 0
        self.shown: object = None


class Live:
    """Every device of the city, followed."""

    def __init__(self, city: City) -> None:
        self._lock = threading.Lock()
        self._devices = {device.name: _Device(context_of(city, device.name)) for device in city.device}
        self.version = 0
        self.city = city
        self._looked_t = 0
        self._watchers: list[Callable[[], None]] = []

    def watch(self, told: Callable[[], None]) -> None:
        """Call ``told`` after every step that was followed, in the writer's thread; it must return at once."""
        self._watchers.append(told)

    def __call__(self, step: Step) -> None:
        """Follow a committed step."""
        self._follow(step)
        for told in self._watchers:
            told()

    def _follow(self, step: Step) -> None:
        with self._lock:
            self.version += 1
            for device, t in step.heard.items():
                self._touch(device, t)
            for device, (state, t) in step.states.items():
                self._take_state(device, state, t)
            for row in step.rows:
                followed = self._devices.get(row.device)
                if followed is not None and not isinstance(row.record, UnknownRecord):
                    self._observe(followed, row.record, row.t)

    def past_of(self, device: str) -> dict[str, float]:
        """Which kinds a device's judgement must remember, and how far back [s]."""
        return dict(self._devices[device].judgement.past)

    def warm(
        self, device: str, records: list[tuple[int, Record]], state: State | None, state_t: int, heard_t: int | None
    ) -> None:
        """What the store knew at the start; a device that was offline before a restart is so after it."""
        with self._lock:
            followed = self._devices.get(device)
            if followed is None:
                return
            followed.heard_t, followed.state, followed.state_t = heard_t, state, state_t
            for t, record in records:
                self._observe(followed, record, t)

    def histories_of(self, device: str) -> tuple[History, ...]:
        """Which earlier hours a device's judgement learns from."""
        judgement = self._devices[device].judgement
        return judgement.histories if isinstance(judgement, Learner) else ()

    def learn(self, device: str, history: History, tags: Mapping[str, str], hours: list[tuple[int, float]]) -> None:
        """Tell a device's judgement one series of earlier hours; see ``hub.judgement.Learner``."""
        with self._lock:
            judgement = self._devices[device].judgement
            if isinstance(judgement, Learner):
                judgement.learn(history, tags, hours)

    def ponder(self, device: str) -> None:
        """Let a device's judgement compute what it makes of its hours; records are followed meanwhile."""
        judgement = self._devices[device].judgement
        if not isinstance(judgement, Ponderer):
            return
        with self._lock:
            compute = judgement.ponder()
        if compute is not None:
            take = compute()
            with self._lock:
                take()

    def drawing(self, device: str, now: int, language: Language) -> Markup | None:
        """The figure that a device's judgement draws itself, None where it draws none."""
        judgement = self._devices[device].judgement
        return judgement.drawing(now, language) if isinstance(judgement, Drawer) else None

    def _observe(self, followed: _Device, record: Record, t: int) -> None:
        if isinstance(record, Health) and (followed.health is None or (followed.health.t or 0) <= t):
            followed.health = msgspec.structs.replace(record, t=t)
        followed.own.observe(record, t)
        followed.judgement.observe(record, t)

    def _touch(self, device: str, t: int) -> None:
        followed = self._devices.get(device)
        if followed is not None:
            followed.heard_t = max(followed.heard_t or 0, t)
            followed.version = self.version

    def _take_state(self, device: str, state: State, t: int) -> None:
        followed = self._devices.get(device)
        if followed is not None and t >= followed.state_t:
            followed.state, followed.state_t = state, t
            followed.version = self.version

    def look(self, now: int) -> None:
        """Notice what time alone changed: silence, an old level, an alert that ends. Cheap when called often."""
        with self._lock:
            if now - self._looked_t < LOOK_EVERY_US:
                return
            self._looked_t = now
            looks = {name: _look(self._view(name, one, now)) for name, one in self._devices.items()}
            changed = [name for name, one in self._devices.items() if one.shown != looks[name]]
            if changed:
                self.version += 1
            for name in changed:
                self._devices[name].shown, self._devices[name].version = looks[name], self.version

    # ---------------------------------------------------------------- answers

    @property
    def devices(self) -> list[str]:
        """Names of all devices of the city, in its order."""
        return list(self._devices)

    def version_of(self, device: str) -> int:
        """Grows whenever something came from a device, or time alone changed it."""
        with self._lock:
            return self._devices[device].version

    def services(self, views: Iterable[View], now: int) -> list[PublicService]:
        """What citizens are told of devices at ``now`` [µs UTC], in the order of ``views``."""
        found: list[PublicService] = []
        for view in views:
            tell = page_of(view.family).services
            if tell is not None:
                heard_t = view.heard_t if view.liveness == "live" else None
                found += services_of(tell, view.status, self._devices[view.device].context, now, heard_t)
        return found

    def views(self, now: int, since: int = -1) -> list[View]:
        """Every device that changed after version ``since``, as it is at ``now`` [µs UTC]."""
        with self._lock:
            return [self._view(name, one, now) for name, one in self._devices.items() if one.version > since]

    def view(self, device: str, now: int) -> View | None:
        """One device, None when the city has no such."""
        with self._lock:
            one = self._devices.get(device)
            return None if one is None else self._view(device, one, now)

    def alerts(self, now: int) -> list[tuple[str, Alert]]:
        """The alerts of all views at ``now`` [µs UTC] with their devices, without the cost of the rest of a view."""
        with self._lock:
            return [
                (name, alert)
                for name, one in self._devices.items()
                for alert in _alerts(one, _liveness(one, now, _silent_after_s(one)), now)
            ]

    def _view(self, name: str, one: _Device, now: int) -> View:
        silent_after_s = _silent_after_s(one)
        liveness = _liveness(one, now, silent_after_s)
        status = one.judgement.status(now)
        if liveness != "live":
            status = msgspec.structs.replace(status, level="unknown", headline=_WORDS[liveness])
        return View(
            device=name,
            family=one.context.family,
            called=device_page_of(one.context).name,
            name=one.context.name,
            facility=one.context.facility_name,
            liveness=liveness,
            heard_t=one.heard_t,
            silent_after_s=silent_after_s,
            status=status,
            alerts=_alerts(one, liveness, now),
            health=one.health,
        )


def _look(view: View) -> tuple[object, ...]:
    """What of a view a reader would call a change, its figures left out."""
    alerts = [(alert.key, alert.severity) for alert in view.alerts]
    return view.liveness, view.status.level, view.status.headline, alerts


def _silent_after_s(one: _Device) -> float:
    return one.context.thresholds.silent_after_s or SILENT_AFTER_S


def _alerts(one: _Device, liveness: Liveness, now: int) -> list[Alert]:
    alerts = [*one.own.alerts(), *one.judgement.alerts(now)]
    if liveness not in ("silent", "offline"):
        return alerts
    since = one.state_t if _said_offline(one) else (one.heard_t or 0) + int(_silent_after_s(one) * 1e6)
    own = Alert(key=f"device_{liveness}", severity="warning", text=_WORDS[liveness], since=since)
    # That its parts are silent too says nothing more.
    return [own, *(alert for alert in alerts if not alert.key.endswith("_silent"))]


def _said_offline(one: _Device) -> bool:
    """Whether going offline is the last that it, or its last will, said."""
    return one.state is not None and one.state.status == "offline" and one.state_t >= (one.heard_t or 0)


def _liveness(one: _Device, now: int, silent_after_s: float) -> Liveness:
    if one.state is not None and _said_offline(one):
        return "offline" if one.state.why == "stopped" else "silent"
    if one.heard_t is None:
        return "never"
    return "live" if now - one.heard_t <= silent_after_s * 1e6 else "silent"
