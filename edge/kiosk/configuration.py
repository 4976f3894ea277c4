"""What the kiosk issues by, as digests: said when one changes and twice a day, for the hub to compare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from edge.contract.records.kiosk import KioskConfiguration
from edge.kiosk.items import ConfigurationSeen
from edge.pipeline import Step

REPORT_EVERY_US: Final = 12 * 3_600_000_000


def configuration() -> Step:
    """``ConfigurationSeen`` to ``KioskConfiguration``."""
    return _Configuration()


class _Configuration:
    def __init__(self) -> None:
        self._said: dict[str, tuple[str, int]] = {}

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, ConfigurationSeen):
            yield item
            return
        digest, said_at = self._said.get(item.part, ("", 0))
        if item.digest != digest or mono - said_at >= REPORT_EVERY_US:
            self._said[item.part] = (item.digest, mono)
            yield KioskConfiguration(t=mono, part=item.part, digest=item.digest)
