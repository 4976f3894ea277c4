"""The short form of what keeps people's data in the machine, as CI runs it: real agents, broker and hub."""

from __future__ import annotations

import random

import pytest

from benchmarks import kiosk_privacy
from benchmarks.planted_people import Search, forms_of, my_number, person
from simulators import programs


@pytest.mark.timeout(180)
def test_nothing_planted_leaves_and_the_search_would_find_it(monkeypatch: pytest.MonkeyPatch) -> None:
    if programs.MOSQUITTO.path() is None:
        pytest.skip(f"no {programs.MOSQUITTO.name}; install: {programs.MOSQUITTO.install}")
    monkeypatch.setattr(kiosk_privacy, "QUICK", 400)

    figures = {figure.figure: figure for figure in kiosk_privacy.run(quick=True)}

    assert [name for name, figure in figures.items() if figure.met is False] == []
    assert figures["planted data that left"].value == 0
    assert figures["events with planted data"].value >= 400


def test_my_numbers_are_true_to_their_check_digit() -> None:
    assert my_number("12345678901") == "123456789018"


def test_every_disguise_of_everything_is_found_and_chance_is_not() -> None:
    someone, other = person(random.Random(1)), person(random.Random(2))
    search = Search(someone.all())
    missed = [
        (datum.kind, form)
        for datum in someone.all()
        for form in forms_of(datum)
        if datum.kind not in {found.kind for found in search.found(b'{"t":17,"a":"' + form + b'"}')}
    ]

    assert missed == []
    assert Search(other.all()).found(b'{"kind":"kiosk_session","t":1795000020123456,"duration_s":8063.0}' * 100) == []


def test_a_folded_datum_is_found_with_any_separators_and_widths() -> None:
    someone = person(random.Random(1))
    number = someone.data["my_number"]
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in number)

    for said in (" ".join(number), wide, f"{number[:4]}.{number[4:8]}.{number[8:]}", wide[:6] + "－" + wide[6:]):
        assert Search(someone.all()).found(said.encode()) != [], said
