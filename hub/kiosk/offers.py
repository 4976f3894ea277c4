"""What a certificate kiosk offers citizens, read from the kiosk's status."""

from __future__ import annotations

from hub.city import DeviceContext
from hub.judgement import Status
from hub.public import Offer, opens_t


def offers(status: Status, context: DeviceContext, now: int) -> list[Offer]:
    """The kiosk's certificates; none while it is closed, out of service or unknown."""
    if not context.certificates:
        return []
    is_open, next_t = opens_t(context, now)
    if not is_open:
        return [Offer(key=context.device, level="closed", opens_t=next_t)]
    available = next((figure for figure in status.figures if figure.key == "available"), None)
    if available is None or available.value is None:
        return [Offer(key=context.device, level="unknown", t=available.t if available else None)]
    if not available.value:
        return [Offer(key=context.device, level="bad", t=available.t, fresh_for_s=available.fresh_for_s)]
    level = status.level if status.level in ("good", "notice") else "notice"
    return [
        Offer(
            key=context.device, level=level, t=available.t, fresh_for_s=available.fresh_for_s,
            certificates=tuple(context.certificates),
        )
    ]  # fmt: skip
