"""A simulated cabinet, asked as the agent's sources ask it, through the agent's pipeline, in simulated time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from edge.contract.records import Record
from edge.kiosk import ipp_words
from edge.kiosk.conditions import IPP_STATE
from edge.kiosk.ipp import answer, question
from edge.kiosk.items import Item, ProviderLink, ProviderStatus
from edge.kiosk.pipeline import Config, pipeline
from edge.kiosk.xfs4iot import JobNumbers, items_of, status_command
from edge.pipeline import Tick
from simulators.kiosk.settings import Settings
from simulators.kiosk.simulator import CabinetSimulator, simulator
from simulators.simulator import Truth

START = 1_795_000_000_000_000
SECOND = 1_000_000
POLL_S = 10
SUPPLIES = {"upper": "tray1", "lower": "tray2", "toner": "toner", "main": "tray1", "tray-2": "tray2", "black": "toner"}


class Played(NamedTuple):
    """What came of it, what was true, and what stood on the wire and in a recording of the items."""

    records: list[Record]
    truth: list[Truth]
    wire: list[bytes]
    items: list[Item]


def play(settings: Settings, hours: float, seed: int) -> Played:
    """A simulated cabinet asked every ten seconds, as the sources do."""
    simulated = simulator(settings, np.random.default_rng(seed), START)
    config = Config(cabinet=settings.cabinet, supplies=SUPPLIES)  # type: ignore[arg-type]
    made, jobs = pipeline(config), JobNumbers()
    played = Played(made.process(0, ProviderLink(up=True)), [], [], [])
    for second in range(round(hours * 3600)):
        wire = [emission.data for emission in simulated.advance(START + second * SECOND)]
        if second % POLL_S == 0:
            wire += simulated.heard("xfs", status_command(second + 1, 5000).encode())
        items = [item for message in wire for item in items_of(message, jobs)]
        if second % POLL_S == 0 and "ipp" in simulated.lines:
            printed, said = _printer_asked(simulated, second)
            wire, items = [*wire, printed], [*items, *said]
        for item in (*items, Tick()):
            played.records.extend(made.process(second * SECOND, item))
        played.items.extend(items)
        played.wire.extend(wire)
        played.truth.extend(simulated.truth())
    return played


def _printer_asked(simulated: CabinetSimulator, second: int) -> tuple[bytes, list[Item]]:
    """What the printer answered, and the items of it, as ``IppSource`` makes them."""
    said = b"".join(simulated.heard("ipp", question("ipp://127.0.0.1/ipp/print", ipp_words.WANTED, second + 1)))
    if not said:
        return said, [ProviderStatus({IPP_STATE: "unreachable"}, whole=True, source="printer")]
    return said, ipp_words.items_of(answer(said).attributes, "printer")
