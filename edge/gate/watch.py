"""What a technician sees of a gate: each beam, tags as they are heard, each antenna's noise, each seat's level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edge.gate.antenna_state import NOISE_CHANNEL, RETURN_LOSS_CHANNEL
from edge.gate.items import BeamEdge, LevelsRead, TagHeard
from edge.gate.pipeline import Config
from edge.watch import Line, Seen

BEAMS = ("outer", "inner")


def summary(items: Sequence[Seen], settings: object) -> list[Line]:
    """Beams and tags of the newest half minute, and the newest levels."""
    config = settings if isinstance(settings, Config) else Config()
    lines = [*_beams(items, config), *_tags(items)]
    levels: dict[int, int] = {}
    for seen in items:
        if isinstance(seen.item, LevelsRead):
            levels.update(seen.item.levels_milli)
    return [*lines, *_antennas(levels, config), *_seats(levels, config)]


def _beams(items: Sequence[Seen], config: Config) -> Iterator[Line]:
    edges = [seen.item for seen in items if isinstance(seen.item, BeamEdge)]
    for lane, name in enumerate(config.lanes):
        for beam, side in enumerate(BEAMS):
            own = [edge for edge in edges if (edge.lane, edge.beam) == (lane, beam)]
            if own:
                yield Line(f"beam {name} {side}", "blocked" if own[-1].blocked else "clear", "", f"{len(own)} edges")
            else:
                yield Line(f"beam {name} {side}", None, "", "no edge yet: walk through")
    strangers = sorted({edge.lane for edge in edges if edge.lane >= len(config.lanes)})
    if strangers:
        yield Line("lanes not named", ", ".join(map(str, strangers)), "", "name them in pipeline.lanes", "fail")


def _tags(items: Sequence[Seen]) -> Iterator[Line]:
    tags = [seen.item for seen in items if isinstance(seen.item, TagHeard)]
    for antenna in sorted({tag.antenna for tag in tags}):
        own = [tag for tag in tags if tag.antenna == antenna]
        note = f"{len(own)} heard, {'armed' if own[-1].armed else 'not armed'}"
        yield Line(f"tag at antenna {antenna}", own[-1].signal_dbm, "dBm", note)


def _antennas(levels: dict[int, int], config: Config) -> Iterator[Line]:
    for antenna in config.antennas:
        noise = levels.get(NOISE_CHANNEL + antenna.number)
        loss = levels.get(RETURN_LOSS_CHANNEL + antenna.number)
        if noise is None:
            yield Line(f"antenna {antenna.name} noise floor", None, "dBm", "not heard yet", "warn")
            continue
        noisy = noise / 1000 > config.antenna_noisy_dbm
        note = f"return loss {loss / 1000:g} dB" if loss is not None else ""
        yield Line(f"antenna {antenna.name} noise floor", noise / 1000, "dBm", note, "warn" if noisy else "ok")


def _seats(levels: dict[int, int], config: Config) -> Iterator[Line]:
    for area in config.areas:
        channels = range(area.first_channel, area.first_channel + area.seats)
        heard = [levels[channel] / 1000 for channel in channels if channel in levels]
        taken = sum(level > config.seat_threshold for level in heard)
        note = f"{len(heard)} of {area.seats} sensors heard"
        yield Line(f"seats taken in {area.name}", float(taken), "", note, "ok" if len(heard) == area.seats else "warn")
