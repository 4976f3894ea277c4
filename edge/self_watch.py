"""Self-watch: which of the device's own alarms are on, from its vital signs, its outbox, its models and its settings.

Rules it keeps:
- What wavers about a limit does not flicker: an alarm ends at a second, easier limit than the one it began at.
- What the machine does not say is no alarm.

It reads no clock and looks at nothing itself.
"""

from __future__ import annotations

from edge.vitals import Vitals

DISK_FULL_BYTES = 64 * 1024 * 1024
"""Less free space than this where the outbox lies is an alarm [bytes]; it ends at twice as much."""
OVERHEATED_DEGC = 85.0
"""A Raspberry Pi throttles at 85 °C."""
COOL_DEGC = 80.0


class SelfWatch:
    """The alarms that are looked at with each health record."""

    def __init__(self) -> None:
        self._on: dict[str, bool] = {}
        self._evicted = 0

    def look(self, vitals: Vitals, evicted: int, failed_models: bool, rolled_back: bool) -> dict[str, bool]:
        """Each alarm by its code and whether it is on.

        Args:
            vitals: the machine's signs now.
            evicted: records evicted since the start that no hub has.
            failed_models: whether a model of the pipeline could not be loaded.
            rolled_back: whether the last desired configuration was given up.
        """
        free, hot = vitals.disk_free_bytes, vitals.temperature_degc
        disk_limit = DISK_FULL_BYTES * (2 if self._on.get("disk_full") else 1)
        heat_limit = COOL_DEGC if self._on.get("overheated") else OVERHEATED_DEGC
        self._on = {
            "outbox_full": evicted > self._evicted,
            "disk_full": free is not None and free < disk_limit,
            "overheated": hot is not None and hot >= heat_limit,
            "model_failed": failed_models,
            "config_rolled_back": rolled_back,
        }
        self._evicted = evicted
        return dict(self._on)
