"""Every trouble of a series that ``analyse bridge-drift`` is given: one line, or an answer that says what it left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from machikado.main import main
from simulators.bridge.year import Year, simulate, write_csv

REFERENCE = 1500
Rows = list[list[str]]


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    path = tmp_path_factory.mktemp("bad") / "series.csv"
    write_csv(simulate(Year(healthy_h=80 * 24, damaged_h=0, gaps=0), np.random.default_rng(11)), path)
    return [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]


def put(rows: Rows, name: str, value: str) -> Rows:
    at = rows[0].index(name)
    return [rows[0], *([*row[:at], value, *row[at + 1 :]] for row in rows[1:])]


def without(rows: Rows, start: str) -> Rows:
    kept = [at for at, name in enumerate(rows[0]) if not name.startswith(start)]
    return [[row[at] for at in kept] for row in rows]


def run(
    folder: Path, rows: Rows, capsys: pytest.CaptureFixture[str], reference: str = f"1:{REFERENCE}"
) -> tuple[int, str, str]:
    path = folder / "series.csv"
    path.write_text("\n".join(map(",".join, rows)) + "\n", encoding="utf-8")
    code = main(["analyse", "bridge-drift", str(path), "--reference", reference, "--json"])
    out, error = capsys.readouterr()
    assert error.count("\n") == code
    assert "Traceback" not in error
    return code, out, error


@pytest.mark.parametrize(
    ("spoil", "reference", "said"),
    [
        (lambda rows: without(rows, "t"), "1:1500", "no column t"),
        (lambda rows: without(rows, "f"), "1:1500", "0 columns f1"),
        (lambda rows: without(rows, "temp"), "1:1500", "0 columns temp"),
        (lambda rows: rows[:2], "1:1500", "has rows 1 to 1"),
        (lambda rows: rows[:2], "1:1", "has rows 1 to 1"),
        (lambda rows: rows, "1900:2500", "has rows 1 to"),
        (lambda rows: rows, "1500:1", "wanted A below B"),
        (lambda rows: rows, "1:20", "rows with a temperature; at least"),
        (lambda rows: rows[:1], "1:2", "a header and no rows"),
        (lambda rows: put(rows, "t", "2026-01-01T00:00:00Z"), "1:1500", "reference"),
        (lambda rows: put(rows, "f2", "soft"), "1:1500", "column f2, row 1: 'soft'"),
    ],
)
def test_what_cannot_be_judged_is_one_line(
    series: Rows, tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[[Rows], Rows], reference: str,
    said: str,
) -> None:  # fmt: skip
    code, out, error = run(tmp_path, spoil(series), capsys, reference)

    assert (code, out) == (1, "")
    assert said in error


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda rows: [rows[0], *rows[:0:-1]], "rows are not in order of time"),
        (lambda rows: put(rows, "f2", "nan"), "column f2 is left out: known in 0 % of the reference"),
        (lambda rows: put(rows, "f2", "0"), "column f2 is left out: known in 0 % of the reference"),
        (lambda rows: put(rows, "f2", "4.5"), "column f2 is left out: it never changes"),
        (lambda rows: put(rows, "temperature_deck", ""), "column temperature_deck is left out: known in 0 %"),
        (lambda rows: put(rows, "temperature_deck", "0"), "column temperature_deck is left out: it never changes"),
    ],
    ids=["reversed", "nan", "zero", "constant", "no deck", "deck at 0 °C"],
)
def test_what_can_be_judged_is_judged_and_said(
    series: Rows, tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[[Rows], Rows], said: str
) -> None:
    code, out, _ = run(tmp_path, spoil(series), capsys)

    told = json.loads(out, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert code == 0
    assert any(said in finding for finding in told["findings"])
    assert len(told["rows"]) == len(series) - 1 - REFERENCE
    assert not any(row["alarm"] for row in told["rows"])
