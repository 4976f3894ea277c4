"""The three languages of the pages, and how a text, a time and a number are written in each."""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from hub.words import Words

Language = Literal["ja", "easy", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
HTML_LANG: Final[dict[Language, str]] = {"ja": "ja", "easy": "ja", "en": "en"}
OWN_NAME: Final[dict[Language, str]] = {"ja": "日本語", "easy": "やさしい日本語", "en": "English"}
UNITS: Final[dict[str, Words]] = {"min": Words(ja="分", easy="分（ふん）", en="min")}
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def language_of(asked: str) -> Language:
    """The language that a page was asked in; Japanese where it is none of ours."""
    return next((one for one in LANGUAGES if one == asked), "ja")


def said(words: Words, language: Language) -> str:
    """A text in one language."""
    return str(getattr(words, language))


def unit(name: str, language: Language) -> str:
    """A unit as it is written after a number."""
    return said(UNITS[name], language) if name in UNITS else name


def instant(t: int) -> dt.datetime:
    """A time [µs UTC] as a datetime."""
    return EPOCH + dt.timedelta(microseconds=t)


def clock(t: int, now: int, zone: ZoneInfo) -> str:
    """Local time of day; with its date when that is not today's."""
    at, today = instant(t).astimezone(zone), instant(now).astimezone(zone).date()
    return at.strftime("%H:%M:%S" if at.date() == today else "%Y-%m-%d %H:%M")
