"""A document or a card that somebody forgot and the machine drew back: counted, and said at once as an alarm.

A provider tells it by an event, by the word ``retracted``, or by both; both of one document are one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from edge.contract.records.kiosk import KioskPrivacy
from edge.kiosk.conditions import MEDIA_PATH
from edge.kiosk.items import DocumentRetained, Retained
from edge.kiosk.provider_words import Words
from edge.pipeline import Step

_RETRACTED = "retracted"


def retained() -> Step:
    """``DocumentRetained`` and the printer's word to ``KioskPrivacy``; the words go on."""
    return _Retained()


class _Retained:
    def __init__(self) -> None:
        self._counts: Counter[Retained] = Counter()
        self._inside = False
        self._told_by_event = self._told_by_word = False

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, DocumentRetained):
            yield from self._event(mono, item.event)
            return
        if isinstance(item, Words) and item.words is not None:
            inside = item.words.get(MEDIA_PATH) == _RETRACTED
            if inside and not self._inside and not self._told_by_event:
                self._told_by_word = True
                yield self._count(mono, "document_retained")
            if not inside and self._inside:
                self._told_by_event = self._told_by_word = False
            self._inside = inside
        yield item

    def _event(self, mono: int, event: Retained) -> Iterable[KioskPrivacy]:
        if event == "document_retained" and self._told_by_word:
            self._told_by_word = False
            return
        self._told_by_event = self._told_by_event or event == "document_retained"
        yield self._count(mono, event)

    def _count(self, mono: int, event: Retained) -> KioskPrivacy:
        self._counts[event] += 1
        return KioskPrivacy(t=mono, event=event, count=self._counts[event])
