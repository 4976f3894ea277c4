"""The pages' figures are those that the commands printed, and nothing else."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import report
from benchmarks.capacity_page import CAPACITY_PAGE, with_tables
from benchmarks.catalogue import benchmarks
from benchmarks.errors import MeasurementFailed, ResultsDamaged
from benchmarks.figures import Figure
from benchmarks.figures_page import PAGE, README, filled, page, summary
from benchmarks.results import FOLDER, keep, kept, machine

FIGURE = Figure("night-offline", 12345.678, "readings/s", "one night", "Telegraf", 10_000.0, ">= 1000 and > peer")
PEERLESS = Figure("start", 2.25, "s", "cold", "Node-RED", None, "<= 1.5")
UNAIMED = Figure("size", 3.0, "MB", "cold")


def kept_run(folder: Path) -> None:
    keep("replay", [figure.line(quick=False) for figure in (FIGURE, PEERLESS, UNAIMED)], folder)


def test_the_pages_are_exactly_what_was_kept() -> None:
    text = README.read_text(encoding="utf-8")

    assert filled(text) == text, "run: python -m benchmarks --pages"
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m benchmarks --pages"
    capacity = CAPACITY_PAGE.read_text(encoding="utf-8")
    assert with_tables(capacity) == capacity, "run: python -m benchmarks --pages"


def test_everything_that_is_kept_is_of_a_benchmark() -> None:
    known = {benchmark.name for benchmark in benchmarks()}

    assert {path.stem for path in FOLDER.glob("*.jsonl")} - known == set()


def test_the_page_holds_every_number_as_it_was_printed(tmp_path: Path) -> None:
    kept_run(tmp_path)

    text = page(tmp_path)

    assert (
        "| `night-offline` | 12,345.7 | readings/s | Telegraf | 10,000 | 1.23457 | >= 1000 and > peer | yes |" in text
    )
    assert "| `start` | 2.25 | s | Node-RED | not there |  | <= 1.5 | **no** |" in text
    assert "- cold: `start`, `size`" in text
    assert machine() in text


def test_the_readme_says_how_many_aims_are_met_and_which_are_not(tmp_path: Path) -> None:
    kept_run(tmp_path)

    text = filled("before\n<!-- figures -->\nold, by hand\n<!-- /figures -->\nafter\n", tmp_path)

    assert "| `night-offline` 12,345.7 readings/s (Telegraf: 10,000) | 1 of 2 | `start` |" in text
    assert "old, by hand" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert filled(text, tmp_path) == text


def test_what_was_not_kept_has_no_line(tmp_path: Path) -> None:
    assert summary(tmp_path).count("\n") == 1


def test_what_was_printed_is_what_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.results.FOLDER", tmp_path)
    monkeypatch.setattr("benchmarks.__main__.keep", lambda name, lines: keep(name, lines, tmp_path))

    report([FIGURE, PEERLESS], quick=False, kept_as="night")

    assert (tmp_path / "night.jsonl").read_text(encoding="utf-8").splitlines()[
        1:
    ] == capsys.readouterr().out.splitlines()


def test_a_run_that_breaks_off_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.__main__.keep", lambda name, lines: keep(name, lines, tmp_path))
    report([FIGURE], quick=False, kept_as="night")
    before = (tmp_path / "night.jsonl").read_bytes()

    def breaking() -> object:
        yield PEERLESS
        raise MeasurementFailed("night: the hub did not answer")

    with pytest.raises(MeasurementFailed):
        report(breaking(), quick=False, kept_as="night")  # type: ignore[arg-type]

    assert (tmp_path / "night.jsonl").read_bytes() == before


@pytest.mark.parametrize("line", ["not json", json.dumps({"figure": "x"}), FIGURE.line(quick=True)])
def test_a_file_that_no_long_form_wrote_is_refused(tmp_path: Path, line: str) -> None:
    keep("night", [line], tmp_path)

    with pytest.raises(ResultsDamaged, match=r"night\.jsonl"):
        kept("night", tmp_path)


def test_a_table_of_the_capacity_page_has_a_column_a_place_and_the_numbers_as_they_were_printed(tmp_path: Path) -> None:
    figures = [
        Figure("capacity-ward-disk", 1.25, "GB a day", "1,000 devices"),
        Figure("capacity-city-disk", 12345.6, "GB a day", "100,000 devices"),
    ]
    keep("capacity", [figure.line(quick=False) for figure in figures], tmp_path)

    text = with_tables("<!-- capacity:place -->\nby hand\n<!-- /capacity -->\n", tmp_path)

    assert "| disk [GB a day] | 1.25 | 12,345.6 |  |" in text
    assert "by hand" not in text
    assert "Not measured yet" in with_tables("<!-- capacity:device -->\n<!-- /capacity -->\n", tmp_path / "none")
