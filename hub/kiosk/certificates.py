"""Which certificates can be had at a kiosk right now, and why not: one figure a certificate, ``certificate.<type>``.

What another cabinet gives (a copy, a form) is ``gives.<type>``, so that nobody goes to a robot for a certificate.

Rules it keeps:
- True and False only by a fresh state of the kiosk; else None, whatever was true before.
- Outside the certificate's own hours it cannot be had; the figure says so and not that the kiosk has a fault.
- A certificate whose every supply is out cannot be had, though the kiosk serves others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from edge.contract.records.kiosk import Certificate, KioskState, KioskSupply
from hub.city import DeviceContext
from hub.judgement import Figure
from hub.kiosk import wording
from hub.kiosk.cabinet_words import CERTIFICATES
from hub.opening import Hours
from hub.words import Words

CAN = ("in_service", "degraded")
KEY = "certificate."
GIVES = "gives."
_CERTIFICATES: Final = ("residence", "seal", "family_register", "tax")


class Now(NamedTuple):
    """What is known now: the kiosk's state while it is fresh, when it was said, and its fresh supplies by code."""

    state: KioskState | None
    t: int | None
    supplies: Mapping[str, KioskSupply]


def certificate_figures(context: DeviceContext, known: Now, now: int, fresh_for_s: float) -> Iterator[Figure]:
    """One figure a certificate that the city file says the kiosk issues, at ``now`` [µs UTC]."""
    for certificate in context.certificates:
        can, text = _verdict(context, certificate, known, now)
        beginning = KEY if certificate in _CERTIFICATES else GIVES
        yield Figure(
            key=beginning + certificate, label=CERTIFICATES[certificate], value=can, t=known.t, fresh_for_s=fresh_for_s,
            text=text,
        )  # fmt: skip


def _verdict(context: DeviceContext, certificate: Certificate, known: Now, now: int) -> tuple[bool | None, Words]:
    state = known.state
    if state is None or state.state == "unknown":
        return None, wording.STALE
    if not context.opening_of(_hours(context, certificate), now).open:
        return False, wording.CLOSED
    if state.state not in CAN:
        return False, wording.because(wording.NO, state.reasons)
    printed_with = [
        known.supplies[code] for code in context.certificate_supplies.get(certificate, []) if code in known.supplies
    ]
    if printed_with and all(supply.status == "out" for supply in printed_with):
        return False, wording.because(wording.NO, ["paper_out"])
    return True, wording.YES


def _hours(context: DeviceContext, certificate: Certificate) -> Hours:
    return context.certificate_hours.get(certificate, context.hours)
