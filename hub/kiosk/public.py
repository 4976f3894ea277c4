"""What citizens are told of a certificate kiosk: which certificates it issues now, read from the kiosk's status."""

from __future__ import annotations

from hub.city import DeviceContext
from hub.judgement import Status
from hub.kiosk.certificates import KEY
from hub.public import PublicService, opening_today


def services(status: Status, context: DeviceContext, now: int) -> list[PublicService]:
    """The kiosk with the certificates that can be had; nothing of a cabinet that issues none."""
    told = [figure for figure in status.figures if figure.key.startswith(KEY)]
    if not told:
        return []
    can = tuple(figure.key.removeprefix(KEY) for figure in told if figure.value is True)
    first = told[0]
    if can:
        level = status.level if status.level in ("good", "notice") else "notice"
        return [
            PublicService(
                key=context.device, level=level, t=first.t, fresh_for_s=int(first.fresh_for_s), certificates=can
            )
        ]  # fmt: skip
    is_open, opens = opening_today(context, now)
    if not is_open:
        return [PublicService(key=context.device, level="closed", opens=opens)]
    known = any(figure.value is False for figure in told)
    return [
        PublicService(
            key=context.device, level="bad" if known else "unknown", t=first.t, fresh_for_s=int(first.fresh_for_s)
        )
    ]
