"""Furigana stand above what they read, and nothing is lost where they do not."""

from __future__ import annotations

import pytest

from hub.display.ruby import ruby


def over(base: str, reading: str) -> str:
    return f"<ruby>{base}<rp>（</rp><rt>{reading}</rt><rp>）</rp></ruby>"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("今（いま）、すいています。", f"{over('今', 'いま')}、すいています。"),
        ("引っ越し（ひっこし）の 届け（とどけ）", f"{over('引っ越し', 'ひっこし')}の {over('届け', 'とどけ')}"),
        ("1階（かい）証明書（しょうめいしょ）", f"1{over('階', 'かい')}{over('証明書', 'しょうめいしょ')}"),
        ("15分（ふん）くらい", f"15{over('分', 'ふん')}くらい"),
        ("国民健康保険（こくみん けんこう ほけん）", over("国民健康保険", "こくみん けんこう ほけん")),
        ("CPU（しーぴーゆー）と （かな）", "CPU（しーぴーゆー）と （かな）"),
        ("<b>（a）", "&lt;b&gt;（a）"),
    ],
)
def test_a_reading_stands_above_its_characters(text: str, wanted: str) -> None:
    assert ruby(text) == wanted
