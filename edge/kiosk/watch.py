"""What a technician sees of a kiosk: whether its devices answer, their words, and what is left."""

from __future__ import annotations

from collections.abc import Sequence

from edge.kiosk.items import ProviderLink, ProviderStatus, SessionEnded, SupplyCounted
from edge.watch import Line, Seen

WORDS_SHOWN = 24


def summary(items: Sequence[Seen], settings: object) -> list[Line]:
    """The devices' newest words and counts."""
    links = [seen.item for seen in items if isinstance(seen.item, ProviderLink)]
    by_source: dict[str, dict[str, str]] = {}
    for seen in items:
        if isinstance(seen.item, ProviderStatus):
            before = {} if seen.item.whole else by_source.get(seen.item.source, {})
            by_source[seen.item.source] = {**before, **seen.item.words}
    words = {path: word for said in by_source.values() for path, word in said.items()}
    up = bool(words) and not (links and not links[-1].up)
    lines = [Line("devices", "answer" if up else None, "", "" if up else "no word yet", "ok" if up else "fail")]
    lines += [Line(path, word) for path, word in sorted(words.items())[:WORDS_SHOWN]]
    supplies = {seen.item.supply: seen.item for seen in items if isinstance(seen.item, SupplyCounted)}
    for name, supply in supplies.items():
        known = supply.left >= 0
        lines.append(Line(f"left of {name}", float(supply.left) if known else None, "", f"of {supply.capacity}"))
    sessions = sum(isinstance(seen.item, SessionEnded) for seen in items)
    return [*lines, Line("sessions ended", float(sessions), "", "in the last half minute")]
