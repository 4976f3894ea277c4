"""Where a certificate, or what another cabinet gives, can be had right now: made of the views, so that it says what they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from hub.kiosk.certificates import GIVES, KEY
from hub.live import View
from hub.words import Words


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate at one kiosk, or what another cabinet gives.

    Attributes:
        certificate: its code, a value of ``kiosk_session.certificate``.
        name: the certificate's.
        called: the machine.
        device, place, facility: where.
        available: whether it can be had now; None when that is not known, which is never shown as available.
        why: the same in words, with the reason where it cannot.
        t: when the kiosk said so [µs UTC].
        fresh_for_s: after this age of ``t`` it is no longer known.
    """

    certificate: str
    name: Words
    called: Words
    device: str
    place: Words
    facility: Words
    available: bool | None
    why: Words | None
    t: int | None
    fresh_for_s: float


def offers(views: Iterable[View]) -> list[Offer]:
    """Every certificate at every kiosk, available ones first, then by certificate and device."""
    rank = {True: 0, None: 1, False: 2}
    return sorted(_offers(views), key=lambda one: (rank[one.available], one.certificate, one.device))


def _offers(views: Iterable[View]) -> Iterator[Offer]:
    for view in views:
        for figure in view.status.figures:
            if view.family != "kiosk" or not figure.key.startswith((KEY, GIVES)):
                continue
            heard = view.liveness == "live"
            yield Offer(
                certificate=figure.key.partition(".")[2],
                name=figure.label,
                called=view.called,
                device=view.device,
                place=view.name,
                facility=view.facility,
                available=figure.value if heard and isinstance(figure.value, bool) else None,
                why=figure.text if heard else view.status.headline,
                t=figure.t,
                fresh_for_s=figure.fresh_for_s,
            )
