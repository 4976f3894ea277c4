"""What a technician sees of a counter: the thermal picture and its noise, pulses a lane, the air, the last ticket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from edge.counter.items import AirReading, Co2Reading, LinePulse, RadarFrame, ThermalFrame, TicketAlive, TicketEvent
from edge.watch import Line, Seen
from firmware_bridge.amg8833 import pixels_c

NOISY_DEGC = 0.6
"""Above this between frames a thermal array is noisier than its data sheet and half a degree of draught allow."""


def summary(items: Sequence[Seen], settings: object) -> list[Line]:
    """The newest half minute of every sensor."""
    return [*_thermal(items), *_pulses(items), *_radar(items), *_air(items), *_tickets(items)]


def _thermal(items: Sequence[Seen]) -> Iterator[Line]:
    frames = [pixels_c(seen.item.registers) for seen in items if isinstance(seen.item, ThermalFrame)]
    if not frames:
        yield Line("thermal array", None, "", "no frame yet", "warn")
        return
    last = frames[-1]
    row, column = divmod(int(last.argmax()), last.shape[1])
    warmest = f"row {row + 1} column {column + 1} of 8"
    yield Line("warmest pixel", round(float(last.max()), 2), "°C", f"{warmest}; hold a hand there to find the side")
    yield Line("mean of the picture", round(float(last.mean()), 2), "°C", f"{len(frames)} frames")
    if len(frames) >= 3:
        steps = np.diff(np.stack(frames), axis=0)
        floor = round(float(np.median(np.abs(steps - np.median(steps)))) * 1.4826 / 2**0.5, 3)
        yield Line("noise floor of a pixel", floor, "°C", "from frame to frame", "warn" if floor > NOISY_DEGC else "ok")


def _pulses(items: Sequence[Seen]) -> Iterator[Line]:
    pulses = [seen.item for seen in items if isinstance(seen.item, LinePulse)]
    for lane in sorted({pulse.lane for pulse in pulses}):
        own = [pulse for pulse in pulses if pulse.lane == lane]
        came = sum(pulse.direction == "in" for pulse in own)
        yield Line(f"lane {lane}", float(own[-1].counter), "", f"{came} in, {len(own) - came} out")


def _radar(items: Sequence[Seen]) -> Iterator[Line]:
    frames = [seen.item.people for seen in items if isinstance(seen.item, RadarFrame)]
    if frames:
        yield Line("radar", float(frames[-1]), "", f"{len(frames)} frames, at most {max(frames)} people")


def _air(items: Sequence[Seen]) -> Iterator[Line]:
    readings = [seen.item for seen in items if isinstance(seen.item, AirReading)]
    modules = [seen.item.co2_ppm for seen in items if isinstance(seen.item, Co2Reading)]
    if modules:
        yield Line("CO₂ module", modules[-1], "ppm")
    if readings:
        last = readings[-1]
        yield Line("CO₂", last.co2_ppm, "ppm")
        yield Line("air", last.temperature_degc, "°C")
        yield Line("humidity", last.humidity_percent, "%")
        yield Line("light", last.illuminance_lux, "lx")


def _tickets(items: Sequence[Seen]) -> Iterator[Line]:
    events = [seen.item for seen in items if isinstance(seen.item, TicketEvent)]
    alive = any(isinstance(seen.item, TicketEvent | TicketAlive) for seen in items)
    if events:
        last = events[-1]
        yield Line("last ticket", f"{last.ticket} {last.event}", "", last.service, "ok")
    else:
        yield Line("ticket machine", "alive" if alive else None, "", "", "ok" if alive else "warn")
