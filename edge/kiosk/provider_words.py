"""All that the kiosk's devices have said and is still true: words kept by source, and forgotten when one falls silent.

Rules it keeps:
- A whole status replaces every word of its source, a change only those that it names.
- When a source's link breaks, or nothing came from it for too long, none of its words is true any more; one whole status
  makes them true again, a mere change does not.
- While one that was heard is silent, or one never came up, the others' words do not stand for the whole: ``agent.sources``
  says so.
- Of the words that several sources tell on one path (each XFS4IoT service tells its own ``common.device``) the gravest
  stands.
- A reading of all words goes on after every item of a source and at every tick; links and ticks go on too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from edge.kiosk.cabinets import Table
from edge.kiosk.conditions import SOURCES_PATH
from edge.kiosk.items import ProviderLink, ProviderStatus
from edge.pipeline import Step, Tick


class Words(NamedTuple):
    """What is true now by path; None when nothing is known. ``due`` at ticks, when a record may be repeated."""

    words: dict[str, str] | None
    due: bool


def provider_words(table: Table, stale_after_s: float) -> Step:
    """Status items and ticks to ``Words``; the ticks go on behind them. The cabinet's ``table`` says which word is grave."""
    return _ProviderWords(table, stale_after_s)


class _ProviderWords:
    def __init__(self, table: Table, stale_after_s: float) -> None:
        self._table = table
        self._stale_us = stale_after_s * 1e6
        self._words: dict[str, dict[str, str]] = {}
        self._heard_at: dict[str, int] = {}
        self._began: int | None = None

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if self._began is None:
            self._began = mono
        if isinstance(item, ProviderStatus):
            self._hear(mono, item)
            yield Words(self._all(), due=False)
        elif isinstance(item, ProviderLink):
            yield item
            if not item.up:
                self._words.pop(item.source, None)
                self._heard_at.setdefault(item.source, mono)
                yield Words(self._all(), due=False)
        elif isinstance(item, Tick):
            for source in [name for name in self._words if mono - self._heard_at[name] > self._stale_us]:
                del self._words[source]
            if self._words or mono - self._began > self._stale_us:
                yield Words(self._all(), due=True)
            yield item
        else:
            yield item

    def _hear(self, mono: int, status: ProviderStatus) -> None:
        if status.whole:
            self._words[status.source] = dict(status.words)
        elif status.source in self._words:
            self._words[status.source].update(status.words)
        self._heard_at[status.source] = mono

    def _all(self) -> dict[str, str] | None:
        merged: dict[str, str] = {}
        for words in self._words.values():
            for path, word in words.items():
                merged[path] = max(merged.get(path, word), word, key=lambda one: self._table.gravity(path, one))
        if merged and self._heard_at.keys() - self._words.keys():
            merged[SOURCES_PATH] = "silent"
        return merged or None
