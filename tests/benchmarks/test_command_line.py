"""`python -m benchmarks`: what it lists, what it refuses, and its exit status."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.__main__ import guarded, main, report
from benchmarks.catalogue import Benchmark, benchmarks, first_sentence, named
from benchmarks.errors import MeasurementFailed, UnknownBenchmark
from benchmarks.figures import Figure


def test_the_list_names_each_benchmark_with_its_first_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--list"])

    listed = capsys.readouterr().out
    assert status == 0
    assert "ingest       Durable readings a second, from published to stored" in listed


def test_a_module_is_a_benchmark_only_when_it_has_run(tmp_path: Path) -> None:
    (tmp_path / "night_offline.py").write_text('"""One night. And more."""\ndef run(quick: bool): ...\n')
    (tmp_path / "load.py").write_text('"""No benchmark."""\n')

    assert benchmarks(tmp_path) == [Benchmark("night-offline", "One night.")]


def test_a_first_sentence_may_run_over_lines() -> None:
    assert (
        first_sentence("What is\nmeasured, by version 1.8.3. The rest.\n\nMore.")
        == "What is measured, by version 1.8.3."
    )


def test_an_unknown_name_is_answered_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["ingets"])

    assert status == 2
    assert capsys.readouterr().err == "benchmarks: no benchmark 'ingets'; did you mean 'ingest'? (--list shows all)\n"


def test_a_name_unlike_any_is_still_answered_with_a_name() -> None:
    with pytest.raises(UnknownBenchmark, match="did you mean 'ingest'"):
        named("q", [Benchmark("ingest", "")])


@pytest.mark.parametrize(("aim", "status"), [(">= 1", 0), (">= 3", 3)])
def test_the_exit_status_follows_the_figures(aim: str, status: int) -> None:
    figures = [Figure("any", 2.0, "s", "nothing", aim=aim)]

    assert guarded(lambda: report(figures, quick=False)) == status


def test_a_benchmark_that_fails_midway_keeps_its_lines_and_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    def failing() -> Iterator[Figure]:
        yield Figure("first", 1.0, "s", "nothing")
        raise MeasurementFailed("the store stood still")

    status = guarded(lambda: report(failing(), quick=True))

    printed = capsys.readouterr()
    assert status == 2
    assert '"figure": "first"' in printed.out
    assert printed.err == "benchmarks: the store stood still\n"


def test_no_name_at_all_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])

    assert ended.value.code == 2
    assert "NAME is missing" in capsys.readouterr().err
