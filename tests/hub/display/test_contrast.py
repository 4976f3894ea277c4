"""Colours are the Digital Agency's tokens and can be told from their ground; `pytest -s` prints the table."""

from __future__ import annotations

import re

import pytest

from hub.display.page import static_file
from tests.data_folder import real
from tests.hub.display.test_markup import luminance

SHEETS = ("page.css", "board.css", "phone.css")
WHITE, OLD = "#ffffff", "#e6e6e6"
TEXTS = {
    "level, white on good": (WHITE, "good"), "level, white on notice": (WHITE, "notice"),
    "level, white on warning": (WHITE, "warning"), "level, white on bad": (WHITE, "bad"),
    "level, white on closed": (WHITE, "grey"), "old figure on white": ("dim", WHITE), "old level": ("#595959", OLD),
    "text on the ground": ("ink", "ground"), "small text on the ground": ("soft", "ground"),
}  # fmt: skip
OWN = {"#f5f6f8"}
"""Our own: the page's ground."""


def properties(sheet: str) -> dict[str, str]:
    """The colours that a style sheet names."""
    return {
        name: colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])
        for name, colour in re.findall(r"--([\w]+): (#[0-9a-f]{3,6});", static_file(sheet).decode())
    }


def contrast(one: str, other: str) -> float:
    """Contrast of two colours (WCAG 2.2, relative luminance)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("sheet", ["board.css", "phone.css"])
def test_every_pair_of_text_and_ground_has_a_contrast_of_four_and_a_half(sheet: str) -> None:
    named = properties(sheet)
    ratios = {
        what: contrast(named.get(text, text), named.get(ground, ground)) for what, (text, ground) in TEXTS.items()
    }

    print(f"\n{sheet}")
    for what, ratio in ratios.items():
        print(f"  {what:<28} {ratio:5.2f} : 1")
    assert {what: ratio for what, ratio in ratios.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("sheet", SHEETS)
def test_named_colours_are_tokens(sheet: str) -> None:
    text = real("opendata/dads_design_tokens.json").read_text(encoding="utf-8").lower()
    tokens = set(re.findall(r"#[0-9a-f]{6}", text))

    assert {name: colour for name, colour in properties(sheet).items() if colour not in tokens | OWN} == {}
