"""The README's figures are those that the commands printed, and nothing else."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import report
from benchmarks.catalogue import benchmarks
from benchmarks.errors import MeasurementFailed, ResultsDamaged
from benchmarks.figures import Figure
from benchmarks.readme import NOT_YET, README, filled, names, table
from benchmarks.results import keep, kept, machine

FIGURE = Figure("night-offline", 12345.678, "readings/s", "one night", "Telegraf", 10_000.0, ">= 1000 and > peer")
PEERLESS = Figure("start", 1.25, "s", "cold", "Node-RED", None, "<= 1.5")
EMPTY = "before\n<!-- figures:night -->\nold, by hand\n<!-- /figures -->\nafter\n"


def test_the_readmes_tables_are_exactly_what_was_kept() -> None:
    text = README.read_text(encoding="utf-8")

    assert filled(text) == text, "run: python -m benchmarks --readme"


def test_every_table_of_the_readme_is_of_a_benchmark_or_not_measured_yet() -> None:
    known = {benchmark.name for benchmark in benchmarks()}

    assert [
        name for name in names(README.read_text(encoding="utf-8")) if kept(name) is not None and name not in known
    ] == []


def test_a_table_holds_every_number_as_it_was_printed(tmp_path: Path) -> None:
    lines = [figure.line(quick=False) for figure in (FIGURE, PEERLESS)]
    keep("night", lines, tmp_path)

    text = filled(EMPTY, tmp_path)

    assert (
        "| `night-offline` | 12,345.7 | readings/s | Telegraf | 10,000 | 1.23457 | >= 1000 and > peer | yes |" in text
    )
    assert "| `start` | 1.25 | s | Node-RED | not there |  | <= 1.5 | yes |" in text
    assert "old, by hand" not in text
    assert machine() in text
    assert filled(text, tmp_path) == text


def test_nothing_kept_is_said(tmp_path: Path) -> None:
    assert filled(EMPTY, tmp_path) == f"before\n<!-- figures:night -->\n{NOT_YET}\n<!-- /figures -->\nafter\n"
    assert table(None) == NOT_YET


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
