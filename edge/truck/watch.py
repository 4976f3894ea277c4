"""What a technician sees of a truck: whether the receiver talks, what it says, and whether that is a fix."""

from __future__ import annotations

from collections.abc import Sequence

from edge.pipeline import Tick
from edge.truck.fix import Fix
from edge.truck.items import NmeaSentence
from edge.truck.steps.decode import Decode
from edge.watch import Line, Seen


def summary(items: Sequence[Seen], settings: object) -> list[Line]:
    """The newest sentence and the newest fix."""
    if not items:
        return [Line("receiver", None, "", "silent: check cable, baud and sky", "fail")]
    decode = Decode()
    fixes = [made for seen in items for made in decode(seen.mono_us, seen.item) if isinstance(made, Fix)]
    fixes += [made for made in decode(items[-1].mono_us + 2_000_000, Tick()) if isinstance(made, Fix)]
    lines: list[Line] = []
    sentences = [seen.item for seen in items if isinstance(seen.item, NmeaSentence)]
    if sentences:
        lines.append(Line("sentence", sentences[-1].data.decode("ascii", "replace"), "", f"{decode.bad} damaged"))
    span_s = (items[-1].mono_us - items[0].mono_us) / 1e6
    if span_s > 0:
        lines.append(Line("words a second", round((len(items) - 1) / span_s, 2), "1/s"))
    return lines + (_fix(fixes[-1]) if fixes else [Line("fix", None, "", "not told yet", "warn")])


def _fix(fix: Fix) -> list[Line]:
    satellites = Line("satellites", None if fix.satellites is None else float(fix.satellites))
    if fix.kind == "none":
        return [Line("fix", "none", "", "no position: give it a view of the sky", "fail"), satellites]
    accuracy = None if fix.accuracy_m is None else round(fix.accuracy_m, 1)
    return [
        Line("fix", fix.kind, "", "", "ok" if fix.kind == "3d" else "warn"),
        Line("latitude", round(fix.lat_deg, 6), "°"),
        Line("longitude", round(fix.lon_deg, 6), "°"),
        Line("accuracy", accuracy, "m", "95 %"),
        satellites,
    ]
