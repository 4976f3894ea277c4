"""Furigana: the readings that a text carries in brackets, set above their characters.

``住民票（じゅうみんひょう）`` becomes ``<ruby>住民票<rp>（</rp><rt>じゅうみんひょう</rt><rp>）</rp></ruby>``; a browser without
ruby, and a program that reads the text, still get the brackets.
"""

from __future__ import annotations

import re
from typing import Final

from hub.display.markup import Markup, joined, tag, text

_READ: Final = re.compile(r"(?P<base>[一-龯々][一-龯々ぁ-ん]*)（(?P<reading>[ぁ-んー 　]+)）")
_KANJI_END: Final = re.compile(r"[一-龯々]+$")
_KANA_END: Final = re.compile(r"[ぁ-ん]+$")


def ruby(content: str) -> Markup:
    """A text with its bracketed readings as furigana; everything is escaped."""
    parts: list[Markup] = []
    at = 0
    for found in _READ.finditer(content):
        base = _read_part(found["base"], found["reading"])
        if base:
            parts.append(text(content[at : found.end("base") - len(base)]))
            parts.append(tag("ruby", base, tag("rp", "（"), tag("rt", found["reading"].strip()), tag("rp", "）")))
            at = found.end()
    return joined([*parts, text(content[at:])])


def _read_part(run: str, reading: str) -> str:
    """The end of ``run`` that ``reading`` reads: its last characters, or all of it where it ends in the reading's kana."""
    kana = _KANA_END.search(run)
    if kana is None:
        kanji = _KANJI_END.search(run)
        return kanji[0] if kanji else ""
    return run if reading.endswith(kana[0]) else ""
