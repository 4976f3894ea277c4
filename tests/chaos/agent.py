"""An agent under chaos: `python -m tests.chaos.agent DEVICE.toml FOLDER STREAM [BUG]`.

It is the agent's own composition root, outbox, link and MQTT, with three things exchanged: its sensor gives numbered
readings (`readings.py`), its clock is as wrong as the panel in FOLDER says, and what its outbox promises to keep is
written to the journal in FOLDER. BUG plants one of `planted.py`.
"""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

import edge.main
from edge.clock import Clock, Reading, boot_identity
from edge.config import Loaded, load
from edge.contract.ranges import Range
from edge.errors import EdgeError
from edge.outbox import Outbox
from edge.outbox_rows import Entry
from edge.settle import SettlerState
from tests.chaos.panel import Journal, Panel
from tests.chaos.readings import NumberedSource

PANEL, JOURNAL = "panel", "journal"


class PanelClock(Clock):
    """The machine's clocks, UTC being as wrong as a panel says."""

    def __init__(self, panel: Panel) -> None:
        super().__init__("system")
        self._panel = panel

    def read(self) -> Reading:
        """Both clocks; UTC is believed unless it stands in 1970."""
        mono = self.mono_us()
        if self._panel.unknown:
            return Reading(mono, None, "unknown", None)
        return Reading(mono, time.time_ns() // 1000 - mono + self._panel.shift_us, "synchronised", None)


def journalled(kind: type[Outbox], journal: Journal) -> type[Outbox]:
    """An outbox that says in the journal what it is about to keep, and what it kept."""

    class Journalled(kind):  # type: ignore[misc, valid-type]
        def append(self, entries: Sequence[Entry], settler: SettlerState | None = None) -> Range:
            journal.tries([entry.line for entry in entries], [entry.settled for entry in entries])
            numbers: Range = super().append(entries, settler)
            journal.had(self.epoch, numbers[0])
            return numbers

    return Journalled


def run(config: Path, folder: Path, stream: str) -> None:
    """Run until told to stop."""
    panel, journal = Panel(folder / PANEL), Journal(folder / JOURNAL)

    def load_with_our_sensor(path: Path) -> Loaded:
        loaded = load(path)
        parts = loaded.parts._replace(open_source=lambda _: NumberedSource(panel, journal, stream))
        return msgspec.structs.replace(loaded, parts=parts)

    root: Any = edge.main
    root.load = load_with_our_sensor
    root.Outbox = journalled(root.Outbox, journal)
    boot = secrets.token_hex(8) if panel.reboots else boot_identity()
    root.boot_identity = lambda: boot
    edge.main.run(config, clock_of=lambda _: PanelClock(panel))


if __name__ == "__main__":
    if len(sys.argv) > 4:
        # Half a second of imports, and agents are started a dozen times a run.
        from tests.chaos.planted import BUGS

        BUGS[sys.argv[4]].plant(Path(sys.argv[1]))
    try:
        run(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    except EdgeError as problem:
        sys.exit(f"machikado: {problem}")
