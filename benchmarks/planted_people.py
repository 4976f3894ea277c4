"""Invented people with everything about them that must never leave a kiosk, and a search that finds it in any disguise.

Numbers are valid by their check digits, names are in kanji, kana and Latin letters. A datum is looked for as it is, without
its separators, in full and half width, escaped as JSON and as a URL, in UTF-8, UTF-16 and Shift-JIS, in base64 at each of its
three offsets, and as MD5, SHA-1, SHA-256 and BLAKE2b digests in hexadecimal, raw and base64.

Four digits (a PIN) and eight (a birth date) occur by chance among times and counts. They are looked for where they stand
by themselves: as a text of their own for the PIN, as a whole run of digits for the date; their digests everywhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import unicodedata
import urllib.parse
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SURNAMES = (
    ("山田", "ヤマダ", "yamada"), ("佐藤", "サトウ", "sato"), ("鈴木", "スズキ", "suzuki"), ("髙橋", "タカハシ", "takahashi"),
    ("渡邉", "ワタナベ", "watanabe"), ("伊集院", "イジュウイン", "ijuin"), ("小鳥遊", "タカナシ", "takanashi"),
)  # fmt: skip
GIVEN = (
    ("太郎", "タロウ", "taro"), ("花子", "ハナコ", "hanako"), ("咲希", "サキ", "saki"), ("健一郎", "ケンイチロウ", "kenichiro"),
    ("さくら", "サクラ", "sakura"), ("ヴィクトル", "ヴィクトル", "viktor"),
)  # fmt: skip
PLACES = ("東京都大田区蒲田", "東京都大田区大森北", "神奈川県川崎市幸区", "東京都品川区西五反田")
SHORTEST = 4
"""Fewest bytes of a pattern that is looked for anywhere; what is shorter would occur by chance."""

RUN_DIGITS = 8
"""Digits no longer than these are looked for as a whole run of digits only."""
LONG_START = 8
TABLE_BITS = 26
PIECE_BYTES = 1 << 22


class Datum(NamedTuple):
    """One thing about a person: what kind, and how it is written."""

    kind: str
    text: str


class Person(NamedTuple):
    """Everything about one invented person, by kind."""

    data: dict[str, str]

    def all(self) -> Iterator[Datum]:
        """Every datum."""
        return (Datum(kind, text) for kind, text in self.data.items())


def my_number(eleven: str) -> str:
    """Twelve digits whose last is the check digit of a My Number (ordinance 85 of 2014, article 5)."""
    weighed = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(eleven), start=1))
    rest = weighed % 11
    return eleven + str(0 if rest <= 1 else 11 - rest)


def person(random_source: random.Random) -> Person:
    """One more person."""
    surname, given = random_source.choice(SURNAMES), random_source.choice(GIVEN)
    number = my_number("".join(random_source.choice("0123456789") for _ in range(11)))
    year, month, day = random_source.randint(1930, 2010), random_source.randint(1, 12), random_source.randint(1, 28)
    kanji, kana = f"{surname[0]} {given[0]}", f"{surname[1]} {given[1]}"
    place = f"{random_source.choice(PLACES)}{random_source.randint(1, 9)}丁目{random_source.randint(1, 40)}番"
    picture = random_source.randbytes(48)
    return Person(
        {
            "my_number": number,
            "my_number_hyphens": f"{number[:4]}-{number[4:8]}-{number[8:]}",
            "pin4": "".join(random_source.choice("0123456789") for _ in range(4)),
            "pin": "".join(random_source.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(10)),
            "kanji": kanji,
            "kana": kana,
            "latin": f"{surname[2]} {given[2]}".title(),
            "address": place,
            "birth": f"{year}-{month:02d}-{day:02d}",
            "birth8": f"{year}{month:02d}{day:02d}",
            "birth_era": f"昭和{random_source.randint(1, 64)}年{month}月{day}日生",
            "sex": random_source.choice(("男性", "女性")),
            "card_serial": random_source.randbytes(8).hex().upper(),
            "certificate_serial": random_source.randbytes(16).hex(),
            "picture": base64.b64encode(b"\xff\xd8\xff\xe0" + picture).decode(),
            "ocr": f"氏名{kanji}住所{place}",
            "spool_file": f"住民票_{surname[0]}{given[0]}_{number[-6:]}.pdf",
            "receipt": f"領収書 {kanji}様 300円 証明書{random_source.randint(10**7, 10**8)}号",
            "vendor_log": f"ERR CARD {random_source.randbytes(5).hex()} holder={surname[2]}{given[2]} sid={number[:5]}x",
        }
    )


def forms_of(datum: Datum) -> Iterator[bytes]:
    """Every disguise of a datum that is looked for, as bytes of a text that was folded (see ``folded``) or of any other."""
    text = datum.text
    if datum.kind == "pin4":
        yield from (f'"{text}"'.encode(), f"pin={text}".encode())
        yield from _digests(text)
        return
    if datum.kind == "birth8":
        yield from _digests(text)
        return
    written = {
        text,
        _bare(text),
        unicodedata.normalize("NFKC", text),
        _wide(text),
        _narrow(text),
        text.lower(),
        text.upper(),
    }
    for one in sorted(written):
        yield one.encode()
        yield json.dumps(one)[1:-1].encode()
        yield urllib.parse.quote(one).encode()
        yield one.encode("utf-16-le")
        yield one.encode("utf-16-be")
        yield from _encoded(one, "cp932")
        yield from _base64(one.encode())
    for one in sorted({text, _bare(text)}):
        yield from _digests(one)


def folded(content: bytes) -> bytes:
    """Content as a reader would compare it: escapes undone, compatibility forms and case folded, separators gone."""
    text = urllib.parse.unquote(content.decode("utf-8", "ignore"))
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    return _bare(unicodedata.normalize("NFKC", text)).casefold().encode()


class Search:
    """All disguises of many data, looked for in one pass over a content.

    A disguise is found by its first bytes: a table says at which places of a content some disguise may begin, and only
    there is compared.
    """

    def __init__(self, data: Iterable[Datum]) -> None:
        self._starts = {LONG_START: _Starts(LONG_START), SHORTEST: _Starts(SHORTEST)}
        self._runs: dict[bytes, list[Datum]] = {}
        self.patterns = 0
        for datum in data:
            for form in {*forms_of(datum), _bare(unicodedata.normalize("NFKC", datum.text)).casefold().encode()}:
                if form.isdigit() and len(form) <= RUN_DIGITS:
                    self._runs.setdefault(form, []).append(datum)
                elif len(form) >= SHORTEST:
                    self._starts[LONG_START if len(form) >= LONG_START else SHORTEST].add(form, datum)
                    self.patterns += 1

    def found(self, content: bytes) -> list[Datum]:
        """Data that are in a content, as it is or folded."""
        return [*self._found(content), *self._found(folded(content))]

    def _found(self, content: bytes) -> Iterator[Datum]:
        for starts in self._starts.values():
            yield from starts.found(content)
        for run in re.findall(rb"(?<![0-9.])[0-9]{8}(?![0-9.])", content):
            yield from self._runs.get(run, ())


class _Starts:
    """Disguises by their first ``width`` bytes (4 or 8)."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._forms: dict[bytes, list[tuple[bytes, Datum]]] = {}
        self._table: npt.NDArray[np.bool_] | None = None

    def add(self, form: bytes, datum: Datum) -> None:
        self._forms.setdefault(form[: self._width], []).append((form, datum))
        self._table = None

    def found(self, content: bytes) -> Iterator[Datum]:
        if self._table is None:
            self._table = np.zeros(1 << TABLE_BITS, dtype=np.bool_)
            self._table[self._slots(b"".join(self._forms))[:: self._width]] = True
        for first in range(0, max(1, len(content) - self._width + 1), PIECE_BYTES):
            piece = content[first : first + PIECE_BYTES + self._width - 1]
            if len(piece) >= self._width:
                for at in np.flatnonzero(self._table[self._slots(piece)]):
                    place = first + int(at)
                    begun = self._forms.get(content[place : place + self._width], ())
                    yield from (datum for form, datum in begun if content.startswith(form, place))

    def _slots(self, content: bytes) -> npt.NDArray[np.uint64]:
        """The table's slot of the bytes at each place of a content (multiplicative hashing)."""
        windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(content, np.uint8), self._width)
        numbers = np.ascontiguousarray(windows).view(f"<u{self._width}").ravel().astype(np.uint64)
        slots: npt.NDArray[np.uint64] = (numbers * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - TABLE_BITS)
        return slots


def _bare(text: str) -> str:
    """Without what separates: spaces, hyphens, strokes, dots, underscores."""
    return re.sub(r"[\s　\-‐‑–—−－_/・.]", "", text)


def _wide(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def _narrow(text: str) -> str:
    return "".join(_NARROW.get(letter, letter) for letter in unicodedata.normalize("NFKC", text))


_NARROW = {
    unicodedata.normalize("NFKC", half): half
    for half in [chr(code) for code in range(0xFF66, 0xFF9E)]
    + [chr(code) + mark for code in range(0xFF76, 0xFF8F) for mark in "ﾞﾟ"] + ["ｳﾞ"]
    if len(unicodedata.normalize("NFKC", half)) == 1
}  # fmt: skip
"""Half-width katakana by the full-width letter."""


def _encoded(text: str, encoding: str) -> Iterator[bytes]:
    try:
        yield text.encode(encoding)
    except UnicodeEncodeError:
        return


def _base64(content: bytes) -> Iterator[bytes]:
    """The part of its base64 that does not depend on what stands before and behind it, at each offset."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + content)
        yield encoded[(0, 2, 3)[before] : len(encoded) - (0, 4, 3)[(before + len(content)) % 3]]


def _digests(text: str) -> Iterator[bytes]:
    for made in (hashlib.md5, hashlib.sha1, hashlib.sha256, lambda content: hashlib.blake2b(content, digest_size=8)):
        digest = made(text.encode()).digest()
        yield from (digest.hex().encode(), digest.hex().upper().encode(), digest, base64.b64encode(digest).rstrip(b"="))
