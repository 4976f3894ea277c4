"""Markup: HTML and SVG as values whose text is escaped unless it is markup already.

``tag("p", "a < b", class_="note")`` gives ``<p class="note">a &lt; b</p>``. A value that is None or False leaves its
attribute out, True writes it without a value; ``class_`` and ``data_t`` stand for ``class`` and ``data-t``.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

Attribute = str | int | float | bool | None
VOID = frozenset({"meta", "link", "br", "img", "input"})


class Markup(str):
    """Text that is markup already and is not escaped again."""

    __slots__ = ()


def text(content: str) -> Markup:
    """Plain text, escaped."""
    return content if isinstance(content, Markup) else Markup(escape(content, quote=True))


def tag(name: str, /, *content: str | None, **attributes: Attribute) -> Markup:
    """One element with its content; plain strings are escaped, None is left out."""
    opened = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value), quote=True)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in VOID:
        return Markup(f"<{name}{opened}>")
    return Markup(f"<{name}{opened}>{joined(content)}</{name}>")


def joined(parts: Iterable[str | None]) -> Markup:
    """Parts one after the other."""
    return Markup("".join(text(part) for part in parts if part is not None))
