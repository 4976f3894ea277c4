"""A text in the three languages of our pages: Japanese, やさしい日本語 and English."""

from __future__ import annotations

from typing import Final

import msgspec

_PUN: Final = "013468"
"""Last digits after which 分 is read ぷん: 十分 じゅっぷん, 三分 さんぷん, but 五分 ごふん."""


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text in each language; ``reading`` is the kana of a Japanese name."""

    ja: str
    easy: str
    en: str
    reading: str = ""


def read_after(number: int, easy: str) -> str:
    """やさしい日本語 with the readings that 分 and 人 have behind this number; ``told.js`` and ``page.js`` do the same."""
    if number in (1, 2):
        easy = easy.replace("にん", "り")
    return easy.replace("ふん", "ぷん") if number and str(number)[-1] in _PUN else easy
