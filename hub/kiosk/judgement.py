"""Judgement of a kiosk or another cabinet: can what it gives be had here now, why not, supplies, sessions, what to mend.

Rules it keeps, beside those of ``hub/judgement.py``:
- Certificates can be had only while a fresh state says so; an old state, or none, is *unknown*.
- A reason's alert lasts from the first record with it to the first without it, in the order of their times.
- Sessions count for the local day in which they ended, however late their records come; two days are kept.
- A retained document is an alert until the kiosk has been in maintenance after it.
- A part of its configuration that is not the one that the city file names is an alert while the kiosk reports it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from edge.contract.records import Record
from edge.contract.records.kiosk import (
    KioskConfiguration,
    KioskPower,
    KioskPrivacy,
    KioskService,
    KioskSession,
    KioskState,
    KioskSupply,
    KioskTakings,
    Reason,
)
from hub.city import DeviceContext
from hub.judgement import Alert, Figure, Level, Status
from hub.kiosk import wording
from hub.kiosk.cabinet_words import CABINETS
from hub.kiosk.certificates import CAN, GIVES, Now, certificate_figures
from hub.kiosk.day import DayBook
from hub.kiosk.service_book import KEPT_S, ServiceBook
from hub.kiosk.service_figures import CONFIGURATION, ServiceFigures
from hub.newest import Newest
from hub.opening import ALWAYS
from hub.words import Words

SILENT_AFTER_S: Final = 180.0
SUPPLY_FRESH_S: Final = 1200.0
POWER_FRESH_S: Final = 7200.0
SOON_EMPTY_S: Final = 1800.0
CONFIGURATION_FRESH_S: Final = 86_400.0
_SEVERITY: Final[dict[str, Literal["info", "warning", "critical"]]] = {
    "degraded": "warning", "out_of_service": "critical", "maintenance": "info", "unknown": "warning", "in_service": "info",
}  # fmt: skip


class Judgement:
    """One kiosk's records turned into its status."""

    past: Mapping[str, float] = MappingProxyType(
        {"kiosk_session": 14 * 86_400.0, "kiosk_service": KEPT_S, "kiosk_privacy": KEPT_S, "kiosk_takings": 86_400.0}
    )

    def __init__(self, context: DeviceContext | None = None) -> None:
        self._context = context
        self._said = CABINETS[context.cabinet if context else "kiosk"]
        self._zone = ZoneInfo(context.time_zone if context else "Asia/Tokyo")
        self._states: Newest[KioskState] = Newest()
        self._supplies: Newest[KioskSupply] = Newest()
        self._power: Newest[KioskPower] = Newest()
        self._since: dict[Reason, int] = {}
        self._not_serving_since: int | None = None
        self._serviced_t = 0
        self._retained: dict[str, int] = {}
        self._configuration: Newest[KioskConfiguration] = Newest()
        self._days = DayBook(self._zone, self._said)
        self._book = ServiceBook(context.hours if context else ALWAYS, self._zone)
        self._service = ServiceFigures(self._book)

    def observe(self, record: Record, t: int) -> None:
        """Take one stored record whose time is ``t`` [µs UTC]; of any kind, in any order."""
        match record:
            case KioskState():
                self._take_state(record, t)
            case KioskSupply():
                self._supplies.take(record.supply, t, record)
            case KioskPower():
                self._power.take("", t, record)
            case KioskSession():
                self._days.take_session(record, t)
                self._book.take_session(t)
            case KioskService():
                self._book.take(record, t)
            case KioskPrivacy():
                self._days.take_retained(t)
                self._retained[record.event] = max(t, self._retained.get(record.event, 0))
            case KioskTakings():
                self._days.take_takings(record, t)
            case KioskConfiguration():
                self._configuration.take(record.part, t, record)

    def _take_state(self, state: KioskState, t: int) -> None:
        if state.state == "maintenance":
            self._serviced_t = max(self._serviced_t, t)
        if self._states.take("", t, state):
            self._since = {reason: self._since.get(reason, t) for reason in state.reasons}
            serves = state.state in CAN
            self._not_serving_since = None if serves else self._not_serving_since or t

    def status(self, now: int) -> Status:
        """The status at ``now`` [µs UTC]."""
        level, headline = self._headline(now)
        return Status(level=level, headline=headline, figures=self._figures(now))

    def alerts(self, now: int) -> list[Alert]:
        """What is going on at ``now`` [µs UTC], with what the staff shall do."""
        state = self._fresh_state(now)
        found: list[Alert] = []
        if state is not None:
            severity = _SEVERITY[state.state]
            found += [
                Alert(key=f"kiosk.{reason}", severity=severity, text=wording.to_do(reason), since=self._since[reason])
                for reason in state.reasons
            ]
        found += self._lasting_alerts()
        for code, t, supply in self._supplies.items():
            left_s = None if supply.empty_in_s is None else supply.empty_in_s - (now - t) / 1e6
            if left_s is not None and 0 < left_s <= SOON_EMPTY_S and supply.status != "out":
                text = wording.supply_soon_empty(self._supply(code), left_s)
                found.append(Alert(key=f"kiosk.soon_empty.{code}", severity="warning", text=text, since=t))
        return found

    def _lasting_alerts(self) -> list[Alert]:
        """What stays true while the kiosk is silent: papers inside it, and what it issues by."""
        inside = [t for t in self._retained.values() if t > self._serviced_t]
        found = (
            [Alert(key="kiosk.retained", severity="critical", text=wording.RETAINED, since=min(inside))]
            if inside
            else []
        )
        for part, t, seen in self._configuration.items():
            wanted = self._context.configuration.get(part) if self._context else None
            if wanted is not None and seen.digest != wanted:
                text = wording.CONFIGURATION_DIFFERS
                found.append(Alert(key=f"kiosk.configuration.{part}", severity="critical", text=text, since=t))
        return found

    def _fresh_state(self, now: int) -> KioskState | None:
        held = self._states.get("")
        after_s = self._context.thresholds.silent_after_s if self._context else None
        if held is None or now - held[0] > (after_s or SILENT_AFTER_S) * 1e6:
            return None
        return held[1]

    def _headline(self, now: int) -> tuple[Level, Words]:
        if self._states.get("") is None:
            return "unknown", wording.NOTHING_YET
        state = self._fresh_state(now)
        if state is None or state.state == "unknown":
            return "unknown", wording.STALE
        if self._context is not None and not self._context.opening(now).open:
            return "notice", wording.CLOSED
        match state.state:
            case "in_service":
                return "good", self._said.can
            case "degraded":
                return "notice", wording.because(self._said.can, state.reasons)
            case "maintenance":
                return "warning", wording.MAINTENANCE
            case _:
                return "bad", wording.because(self._said.cannot, state.reasons)

    def _figures(self, now: int) -> list[Figure]:
        held = self._states.get("")
        state = self._fresh_state(now)
        known = state is not None and state.state != "unknown"
        t = held[0] if held else None
        given = self._given(state, t, now)
        figures = [
            self._available(state, t, given),
            Figure(
                key="reasons", label=wording.WHY, value=" ".join(state.reasons) if state else None, t=t,
                fresh_for_s=SILENT_AFTER_S, text=wording.all_of(state.reasons) if state else None,
            ),
            *given,
        ]  # fmt: skip
        for code, at, supply in self._supplies.items():
            figures.append(self._supply_figure(code, at, supply))
        empty_at = min(
            (t + round(one.empty_in_s * 1e6) for _, t, one in self._supplies.items() if one.empty_in_s is not None),
            default=None,
        )
        affected = self._service.affected(state if known else None, self._not_serving_since, empty_at, now)
        today = self._days.figures(now, held[0] if held else None, SILENT_AFTER_S)
        own = [*self._service.at(now), affected] if self._book.newest is not None else []
        return [*figures, *today, *own, *self._configuration_figures(), *self._power_figures()]

    def _given(self, state: KioskState | None, t: int | None, now: int) -> list[Figure]:
        """Each thing that the city file says it gives."""
        if self._context is None:
            return []
        return list(certificate_figures(self._context, Now(state, t, self._fresh_supplies(now)), now, SILENT_AFTER_S))

    def _available(self, state: KioskState | None, t: int | None, given: list[Figure]) -> Figure:
        """Whether it serves; where it gives one thing only, whether that can be had, its hours included."""
        can = state.state in CAN if state is not None and state.state != "unknown" else None
        text = wording.STALE if can is None else wording.YES if can else wording.NO
        of_state = Figure(
            key="available", label=self._said.service, value=can, t=t, fresh_for_s=SILENT_AFTER_S, text=text
        )
        only = given[0] if len(given) == 1 and given[0].key.startswith(GIVES) else of_state
        return msgspec.structs.replace(of_state, value=only.value, text=only.text)

    def _fresh_supplies(self, now: int) -> dict[str, KioskSupply]:
        return {code: supply for code, t, supply in self._supplies.items() if now - t <= SUPPLY_FRESH_S * 1e6}

    def _supply_figure(self, code: str, t: int, supply: KioskSupply) -> Figure:
        text = wording.SUPPLY_STATUS.get(supply.status)
        if text is not None and supply.empty_in_s is not None and supply.status != "out":
            text = wording.empty_in(text, supply.empty_in_s)
        return Figure(
            key=f"supply.{code}", label=self._supply(code), value=supply.level_percent, unit="%", t=t,
            fresh_for_s=SUPPLY_FRESH_S, text=text,
        )  # fmt: skip

    def _configuration_figures(self) -> list[Figure]:
        wanted = self._context.configuration if self._context else {}
        return [
            Figure(
                key=CONFIGURATION + part, label=wording.CONFIGURATION, value=seen.digest, t=t, fresh_for_s=CONFIGURATION_FRESH_S,
                text=wording.configuration(wanted.get(part), seen.digest),
            )
            for part, t, seen in self._configuration.items()
        ]  # fmt: skip

    def _power_figures(self) -> list[Figure]:
        held = self._power.get("")
        if held is None:
            return []
        supply = held[1].supply
        return [
            Figure(
                key="power", label=wording.POWER, value=None if supply == "unknown" else supply, t=held[0],
                fresh_for_s=POWER_FRESH_S, text=self._said.power_of.get(supply),
            )
        ]  # fmt: skip

    def _supply(self, code: str) -> Words:
        names = {part.code: part.name for part in self._context.supplies} if self._context else {}
        return names.get(code, Words(ja=code, easy=code, en=code))
