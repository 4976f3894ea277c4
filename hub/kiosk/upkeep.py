"""What to mend first: every kiosk with something to do, ordered by how many citizens it affects.

Made of the views, so that it says what they say. Two kiosks that report another digest of one part of their configuration
are told here, because no kiosk's own judgement sees the others: one of them issues by something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

from hub.kiosk.service_figures import AFFECTED, CONFIGURATION
from hub.kiosk.wording import CONFIGURATION_DIFFERS
from hub.live import View
from hub.words import Words

_SEVERITIES: Final = ("critical", "warning", "info")


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What to do at one kiosk.

    Attributes:
        device, place, facility: where.
        severity: of the gravest alert.
        to_do: what to do, the gravest first.
        since: when the first of it began [µs UTC].
        affected: citizens who could not be served since then or will not be in the next hours; None is not known.
    """

    device: str
    place: Words
    facility: Words
    severity: Literal["info", "warning", "critical"]
    to_do: list[Words]
    since: int
    affected: float | None


def work(views: Iterable[View]) -> list[Work]:
    """Every kiosk with something to do: most citizens first, what is not known before what affects nobody."""
    kiosks = [view for view in views if view.family == "kiosk"]
    differing = _differing(kiosks)
    found = [_work(view, differing) for view in kiosks if view.alerts or view.device in differing]
    return sorted(found, key=_urgency)


def _work(view: View, differing: Mapping[str, int]) -> Work:
    alerts = sorted(view.alerts, key=lambda alert: (_SEVERITIES.index(alert.severity), alert.since))
    to_do = [alert.text for alert in alerts]
    if view.device in differing and not any(alert.key.startswith("kiosk.configuration") for alert in alerts):
        to_do.append(CONFIGURATION_DIFFERS)
    figure = next((one for one in view.status.figures if one.key == AFFECTED), None)
    known = figure is not None and isinstance(figure.value, int | float)
    return Work(
        device=view.device,
        place=view.name,
        facility=view.facility,
        severity=alerts[0].severity if alerts else "warning",
        to_do=to_do,
        since=min([alert.since for alert in alerts] or [differing.get(view.device, 0)]),
        affected=float(figure.value) if figure is not None and known and figure.value is not None else None,
    )


def _urgency(one: Work) -> tuple[float, int, int, str]:
    affected = 0.5 if one.affected is None else one.affected
    return -affected, _SEVERITIES.index(one.severity), one.since, one.device


def _differing(kiosks: list[View]) -> dict[str, int]:
    """Devices whose digest of a part is not the one that most report, with the time of their report."""
    said = [
        (figure.key, str(figure.value), view.device, figure.t or 0)
        for view in kiosks
        for figure in view.status.figures
        if figure.key.startswith(CONFIGURATION) and figure.value is not None
    ]
    counts = Counter((part, digest) for part, digest, _, _ in said)
    most = {part: max(n for (of, _), n in counts.items() if of == part) for part, _, _, _ in said}
    shared = {part: sum(n == most[part] for (of, _), n in counts.items() if of == part) for part in most}
    return {device: t for part, digest, device, t in said if counts[part, digest] < most[part] or shared[part] > 1}
