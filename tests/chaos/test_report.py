"""The report says what was done and found, and fills its part of the page only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.fleet import COUNTS, Run
from tests.chaos.report import filled, report, write, write_bugs

GREEN = Run(1, "nats", "sqlite", {"kill": 3, "cut": 1}, dict.fromkeys(COUNTS, 0), {"readings": 25_600}, calm_s=7.0)
RED = Run(2, "mosquitto", "influx", {"kill": 2}, {**dict.fromkeys(COUNTS, 0), "lost": 4}, {"readings": 25_600})
HUNG = Run(3, "?", "?", {}, {}, {}, trouble="did not end within 300 s")
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


def test_the_report_counts_runs_readings_faults_and_names_red_seeds() -> None:
    text = report([GREEN, RED, HUNG], "python -m tests.chaos --seeds 3")

    assert "`python -m tests.chaos --seeds 3`: 3 runs, 51,200 readings" in text
    assert "| nats, sqlite | 1 | 25,600 | 0 |" in text
    assert "| **all** | **3** | **51,200** | **4** |" in text
    assert "| kill | 5 |" in text
    assert "Red seeds: 2 (RED: lost 4); 3 (NO VERDICT: did not end within 300 s)." in text


def test_only_the_parts_between_the_marks_change(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")

    write(page, [GREEN], "a command")
    write_bugs(page, {"never_retried": [GREEN, RED]})

    text = page.read_text(encoding="utf-8")
    assert "`a command`: 1 runs" in text
    assert "| never retried | 2 | 1 | lost 4 |" in text
    assert text.splitlines()[0] == "# Reliability"
    assert text.splitlines()[-1] == PAGE.read_text(encoding="utf-8").splitlines()[-1]


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="chaos:begin"):
        filled("# A page\n", "chaos", "text")
