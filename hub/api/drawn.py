"""Figures over a span, kept as they were drawn: many who look at the same cost no more than one.

Rules it keeps:
- Of one device and span one is drawn at a time; who asks meanwhile waits for it, for ``QUEUE_S`` at most.
- What was drawn is given again until something came from the device, or ``KEPT_US`` passed; and then it rests ``REST`` times as
  long as drawing took, so that looking at it costs a twentieth of a core at most.
- One PNG is rendered at a time.
- Of all that is kept at most ``KEPT_BYTES`` stay; what was asked for longest ago goes first.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from fastapi import Request

from hub.api.parts import QUEUE_S, Parts
from hub.city import context_of
from hub.display.language import Language
from hub.display.span_figure import Draw, Question, Span, SpanFigure, SpanFigureOffer
from hub.display.svg_png import png_apart
from hub.errors import BusyError
from hub.family import page_of

KEPT_US: Final = 600_000_000
REST: Final = 20
KEPT_BYTES: Final = 8 * 2**20


class _Kept:
    """Of one device and span."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.draw: Draw | None = None
        self.version = -1
        self.read_t = 0
        self.cost_us = 0
        self.figures: dict[Language, SpanFigure] = {}
        self.pngs: dict[Language, tuple[SpanFigure, bytes]] = {}

    @property
    def size(self) -> int:
        """Bytes of what was drawn."""
        return sum(sys.getsizeof(one.svg) for one in list(self.figures.values())) + sum(
            len(content) for _, content in list(self.pngs.values())
        )


class DrawnFigures:
    """What was drawn, by device and span.

    Args:
        png: makes a PNG of an SVG.
    """

    def __init__(self, parts: Parts, png: Callable[[str], bytes] = png_apart) -> None:
        self._parts = parts
        self._png = png
        self._rendering = threading.Lock()
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, Span], _Kept] = OrderedDict()

    def offer(self, device: str) -> SpanFigureOffer | str:
        """What a device's family draws over a span, or why there is none."""
        view = self._parts.live.view(device, self._parts.now())
        if view is None:
            return f"device {device!r}: not in the city file"
        offer = page_of(view.family).span_figure
        return offer or f"device {device!r}: a {view.family} has no figure over a span"

    def svg(self, offer: SpanFigureOffer, device: str, span: Span, language: Language) -> SpanFigure:
        """The figure of a device of the city.

        Raises:
            BusyError: it, or too much else, is being drawn, and takes too long.
            StoreError, QueryError: the store does not answer.
        """
        return self._figure(offer, self._kept_of(device, span), device, span, language)

    def png(self, offer: SpanFigureOffer, device: str, span: Span, language: Language) -> bytes:
        """The same as a PNG. Raises as ``svg``, and DrawingError where it cannot be rendered."""
        kept = self._kept_of(device, span)
        figure = self._figure(offer, kept, device, span, language)
        with _held(self._rendering, "PNG: another one is being rendered"):
            made = kept.pngs.get(language)
            if made is None or made[0] is not figure:
                made = kept.pngs[language] = figure, self._png(figure.svg)
        self._forget()
        return made[1]

    def _kept_of(self, device: str, span: Span) -> _Kept:
        with self._lock:
            kept = self._kept.setdefault((device, span), _Kept())
            self._kept.move_to_end((device, span))
            return kept

    def _figure(
        self, offer: SpanFigureOffer, kept: _Kept, device: str, span: Span, language: Language
    ) -> SpanFigure:  # fmt: skip
        with _held(kept.lock, f"figure of {device} over {span}: it is being drawn"):
            now, version = self._parts.now(), self._parts.live.version_of(device)
            age_us = now - kept.read_t
            is_old = age_us >= KEPT_US or kept.version != version
            if kept.draw is None or (is_old and age_us >= REST * kept.cost_us):
                parts = self._parts
                with parts.turn():
                    question = Question(context_of(parts.live.city, device), parts.store, parts.series, span, now)
                    began = parts.now()
                    draw = offer.read(question)
                    figure = draw(language)
                kept.draw, kept.version, kept.read_t, kept.cost_us = draw, version, now, parts.now() - began
                kept.figures, kept.pngs = {language: figure}, {}
            if language not in kept.figures:
                kept.figures[language] = kept.draw(language)
            figure = kept.figures[language]
        self._forget()
        return figure

    def _forget(self) -> None:
        """Let go what is too much, but for what was asked for last."""
        with self._lock:
            whole = sum(one.size for one in self._kept.values())
            while whole > KEPT_BYTES and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                whole -= oldest.size


def drawn_of(request: Request) -> DrawnFigures:
    """The figures of the application that got the request."""
    drawn: DrawnFigures = request.app.state.drawn
    return drawn


@contextmanager
def _held(lock: threading.Lock, why: str) -> Iterator[None]:
    """A lock that is waited for no longer than ``QUEUE_S``."""
    if not lock.acquire(timeout=QUEUE_S):
        raise BusyError(f"{why}: try again in some seconds")
    try:
        yield
    finally:
        lock.release()
