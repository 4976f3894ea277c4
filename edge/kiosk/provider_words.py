"""All that the provider has said and is still true: its words kept together, and forgotten when it falls silent.

Rules it keeps:
- A whole status replaces every word, a change only those that it names.
- When the link breaks, or nothing came for too long, no word is true any more; one whole status makes them true again,
  a mere change does not.
- A reading of the words goes on after every item of the provider and at every tick.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from edge.kiosk.items import ProviderLink, ProviderStatus
from edge.pipeline import Step, Tick


class Words(NamedTuple):
    """What is true now by path; None when nothing is known. ``due`` at ticks, when a record may be repeated."""

    words: dict[str, str] | None
    due: bool


def provider_words(stale_after_s: float) -> Step:
    """Status items and ticks to ``Words``; the ticks go on behind them."""
    return _ProviderWords(stale_after_s)


class _ProviderWords:
    def __init__(self, stale_after_s: float) -> None:
        self._stale_us = stale_after_s * 1e6
        self._words: dict[str, str] | None = None
        self._heard_at = 0
        self._began: int | None = None

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if self._began is None:
            self._began = mono
        if isinstance(item, ProviderStatus):
            self._hear(mono, item)
            yield Words(self._words, due=False)
        elif isinstance(item, ProviderLink):
            if not item.up:
                self._words = None
                yield Words(None, due=False)
        elif isinstance(item, Tick):
            if self._words is not None and mono - self._heard_at > self._stale_us:
                self._words = None
            if self._words is not None or mono - self._began > self._stale_us:
                yield Words(self._words, due=True)
            yield item
        else:
            yield item

    def _hear(self, mono: int, status: ProviderStatus) -> None:
        if status.whole:
            self._words = dict(status.words)
        elif self._words is not None:
            self._words.update(status.words)
        self._heard_at = mono
