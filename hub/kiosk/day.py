"""Today's counts: sessions, sheets, what was left behind, takings by means, time saved; a local day, however late they come."""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from edge.contract.records.kiosk import KioskSession, KioskTakings, Means
from hub.judgement import Figure
from hub.kiosk import wording
from hub.kiosk.cabinet_words import MEANS, Said
from hub.words import Words

DAYS_KEPT: Final = 2


class DayBook:
    """Counts of the newest days of a cabinet that is called so."""

    def __init__(self, zone: ZoneInfo, said: Said) -> None:
        self._zone = zone
        self._said = said
        self._days: dict[dt.date, _Day] = {}

    def take_session(self, session: KioskSession, t: int) -> None:
        """A session that ended at ``t`` [µs UTC]."""
        day = self._day(t)
        day.sessions += 1
        day.issued += session.copies
        day.saved_s += session.saved_s or 0.0
        day.saves = day.saves or session.saved_s is not None

    def take_retained(self, t: int) -> None:
        """A document or a card that stayed behind."""
        self._day(t).retained += 1

    def take_takings(self, takings: KioskTakings, t: int) -> None:
        """Payments of one means."""
        day = self._day(t)
        day.yen[takings.means] = day.yen.get(takings.means, 0) + takings.amount_yen

    def figures(self, now: int, stated_t: int | None, fresh_for_s: float) -> list[Figure]:
        """Counts of today; 0 is known only where the kiosk's state of today is (``stated_t``, µs UTC)."""
        day = self._days.get(self._date(now))
        if day is None and (stated_t is None or self._date(stated_t) != self._date(now)):
            labels = {"sessions_today": self._said.sessions, "issued_today": self._said.issued}
            return [
                Figure(key=key, label=label, value=None, fresh_for_s=fresh_for_s)
                for key, label in labels.items()
                if label is not None
            ]
        today = day or _Day()
        t = max(today.last_t, stated_t or 0)

        def figure(key: str, label: Words, value: float, unit: str = "") -> Figure:
            return Figure(key=key, label=label, value=value, unit=unit, t=t, fresh_for_s=fresh_for_s)

        figures = [figure("sessions_today", self._said.sessions, today.sessions)]
        if self._said.issued is not None:
            figures.append(figure("issued_today", self._said.issued, today.issued))
        if today.retained:
            figures.append(figure("retained_today", wording.RETAINED_TODAY, today.retained))
        if today.saves:
            figures.append(figure("saved_today", wording.SAVED_TODAY, round(today.saved_s / 60), "min"))
        return [*figures, *(figure(f"takings.{one}", MEANS[one], yen, "JPY") for one, yen in sorted(today.yen.items()))]

    def _day(self, t: int) -> _Day:
        day = self._days.setdefault(self._date(t), _Day())
        day.last_t = max(day.last_t, t)
        for old in sorted(self._days)[:-DAYS_KEPT]:
            del self._days[old]
        return day

    def _date(self, t: int) -> dt.date:
        return dt.datetime.fromtimestamp(t / 1e6, self._zone).date()


class _Day:
    """One local day."""

    def __init__(self) -> None:
        self.sessions = 0
        self.issued = 0
        self.retained = 0
        self.saved_s = 0.0
        self.saves = False
        self.yen: dict[Means, int] = {}
        self.last_t = 0
