"""What a technician sees of a kiosk: whether its service provider answers, its words, and what is left."""

from __future__ import annotations

from collections.abc import Sequence

from edge.kiosk.items import ProviderLink, ProviderStatus, SessionEnded, SupplyCounted
from edge.watch import Line, Seen

WORDS_SHOWN = 24


def summary(items: Sequence[Seen], settings: object) -> list[Line]:
    """The provider's newest words and counts."""
    links = [seen.item for seen in items if isinstance(seen.item, ProviderLink)]
    words: dict[str, str] = {}
    for seen in items:
        if isinstance(seen.item, ProviderStatus):
            words = dict(seen.item.words) if seen.item.whole else {**words, **seen.item.words}
    up = bool(words) and not (links and not links[-1].up)
    lines = [
        Line("service provider", "answers" if up else None, "", "" if up else "no word yet", "ok" if up else "fail")
    ]
    lines += [Line(path, word) for path, word in sorted(words.items())[:WORDS_SHOWN]]
    supplies = {seen.item.supply: seen.item for seen in items if isinstance(seen.item, SupplyCounted)}
    for name, supply in supplies.items():
        known = supply.left >= 0
        lines.append(Line(f"left of {name}", float(supply.left) if known else None, "", f"of {supply.capacity}"))
    sessions = sum(isinstance(seen.item, SessionEnded) for seen in items)
    return [*lines, Line("sessions ended", float(sessions), "", "in the last half minute")]
