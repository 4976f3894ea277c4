"""The door `machikado analyse bridge-drift`: tables as they come, and one line for each that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hub.bridge import series_file
from hub.errors import SeriesRefused
from machikado.main import main
from simulators.bridge.year import Year, simulate, write_csv

ROWS = "t,f1,temperature\n"
HEADER = "t,f1,f2,temperature_deck\n"
YEAR = Year(healthy_h=120 * 24, damaged_h=96, stages=(2.0,))
REFERENCE = 2200


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("drift") / "series.csv"
    write_csv(simulate(YEAR, np.random.default_rng(11)), path)
    return path


def answered(
    path: Path, capsys: pytest.CaptureFixture[str], reference: int = REFERENCE
) -> dict[str, list[dict[str, object]]]:
    assert main(["analyse", "bridge-drift", str(path), "--reference", f"1:{reference}", "--json"]) == 0
    found: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    return found


def test_the_door_answers_each_later_row_and_a_dated_change(csv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = csv.read_text(encoding="utf-8").splitlines()

    found = answered(csv, capsys)

    assert [row["t"] for row in found["rows"]] == [line.split(",")[0] for line in lines[REFERENCE + 1 :]]
    assert {"t", "residual", "flagged", "alarm"} <= found["rows"][0].keys()
    assert found["rows"][-1]["flagged"] is True
    [change] = found["changes"]
    assert change["class"] == "undetermined"
    assert change["modes"] == ["f1", "f2", "f3", "f4"]
    assert change["size"] == pytest.approx(-2.0, abs=0.6)


def shuffled(header: str, rows: list[str]) -> list[str]:
    return [header, *np.random.default_rng(2).permutation(rows).tolist()]


def repeated(header: str, rows: list[str]) -> list[str]:
    return [header, *rows[:100], rows[99], *rows[100:]]


def in_hours(header: str, rows: list[str]) -> list[str]:
    start = np.datetime64(rows[0].split(",")[0].rstrip("Z"))
    hours = [(np.datetime64(row.split(",")[0].rstrip("Z")) - start) // np.timedelta64(1, "h") for row in rows]
    return [header, *(f"{hour},{row.split(',', 1)[1]}" for hour, row in zip(hours, rows, strict=True))]


def semicolons_and_other_order(header: str, rows: list[str]) -> list[str]:
    names = header.replace("temperature_deck", "Temperature_1").split(",")
    return [";".join(reversed(names)), *(";".join(reversed(row.split(","))) for row in rows)]


def slashes_and_words(header: str, rows: list[str]) -> list[str]:
    plain = [row.replace("T", " ", 1).replace("Z", "", 1).replace("-", "/", 2).replace(",,", ",NaN,") for row in rows]
    return [header, *plain]


Rewrite = Callable[[str, list[str]], list[str]]


@pytest.mark.parametrize(
    ("rewrite", "reference"),
    [(shuffled, 0), (repeated, 1), (in_hours, 0), (semicolons_and_other_order, 0), (slashes_and_words, 0)],
)
def test_the_same_series_otherwise_written_gets_the_same_answer(
    csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], rewrite: Rewrite, reference: int
) -> None:
    header, *rows = csv.read_text(encoding="utf-8").splitlines()
    other = tmp_path / "other.csv"
    other.write_text("\n".join(rewrite(header, rows)), encoding="utf-8-sig")

    plain, again = answered(csv, capsys), answered(other, capsys, REFERENCE + reference)

    assert [row["flagged"] for row in again["rows"]] == [row["flagged"] for row in plain["rows"]]
    assert [row["residual"] for row in again["rows"]] == [row["residual"] for row in plain["rows"]]
    assert len(again["changes"]) == len(plain["changes"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty; wanted a header"),
        (ROWS, "a header and no rows"),
        ("f1,temperature\n1,2\n", "no column t among f1, temperature"),
        ("t,temperature\n1,2\n", "0 columns f1 … fk among"),
        ("t,f1\n1,2\n", "0 columns temperature… among"),
        ("t,f1,f1,temperature\n1,2,2,3\n", "column 'f1' is there twice"),
        (HEADER + "2026-01-01T00:00Z,4.1,5,1\n2026-01-01T01:00Z,4.1,fast,1\n", "column f2, row 2: 'fast'; wanted"),
        (HEADER + "2026-01-01T00:00Z,4.1,5,warm\n", "column temperature_deck, row 1: 'warm'; wanted"),
        (HEADER + "yesterday,4.1,5,1\n", "column t, row 1: 'yesterday'; wanted a time"),
        (HEADER + "1,4.1,5,1\nsoon,4.1,5,1\n", "column t, row 2: 'soon'; wanted a number"),
        (HEADER + "2026-02-30T00:00Z,4.1,5,1\n", "column t, row 1"),
        (HEADER + "1,4.1,5\n", "row 1 has 3 fields; wanted 4"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SeriesRefused) as refused:
        series_file.read(path)

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_and_a_reference_beyond_it_end_with_one_line(
    csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyse", "bridge-drift", str(tmp_path / "none.csv"), "--reference", "1:9"]) == 1
    assert "No such file" in capsys.readouterr().err

    assert main(["analyse", "bridge-drift", str(csv), "--reference", "1:99999"]) == 1
    error = capsys.readouterr().err
    assert "has rows 1 to" in error
    assert error.count("\n") == 1


def test_a_frequency_of_nought_and_a_sentinel_count_as_not_measured_and_are_said(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(HEADER + "1,0,5.1,-999\n2,4.0,inf,3\n", encoding="utf-8")

    table = series_file.read(path)

    assert np.isnan(table.series.frequencies_hz).tolist() == [[True, False], [False, True]]
    assert np.isnan(table.series.temperatures_degc).tolist() == [[True], [False]]
    assert sum("count as not measured" in finding for finding in table.findings) == 3


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        (("0", "1", "2"), 3600.0),
        (("1762819200", "1762822800"), 3600.0),
        (("1762819200000", "1762822800000"), 3600.0),
        (("729700.000000", "729700.041667"), 3600.03),
        (("2026-01-01T00:00+09:00", "2026-01-01T01:00+09:00"), 3600.0),
    ],
)
def test_times_in_any_usual_unit_are_hours_apart(tmp_path: Path, times: tuple[str, ...], seconds: float) -> None:
    path = tmp_path / "times.csv"
    path.write_text(ROWS + "".join(f"{t},4.0,5\n" for t in times), encoding="utf-8")

    table = series_file.read(path)

    assert np.diff(table.series.times_s)[0] == pytest.approx(seconds, abs=0.05)
