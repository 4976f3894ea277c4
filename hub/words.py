"""A text in the three languages of our pages: Japanese, やさしい日本語 and English."""

from __future__ import annotations

import msgspec


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text in each language; ``reading`` is the kana of a Japanese name."""

    ja: str
    easy: str
    en: str
    reading: str = ""
