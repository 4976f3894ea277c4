"""The counter's offline doors on the command line: one JSON object each, and one line when a file is something else."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest

from machikado.main import main
from tests.data_folder import real


def displays_file(folder: Path) -> Path:
    """Five days of two services at one office; the wait rises to noon."""
    rng = np.random.default_rng(3)
    lines = ["office,service,people_waiting,wait_minutes,date,day,time,slot5min"]
    for day in range(6, 11):
        for slot in range(1, 97):
            for service in ("passport", "tax"):
                wait = max(0, round(14 * np.sin(slot / 97 * np.pi) + rng.normal(0, 3)))
                lines.append(f"Central,{service},{wait // 3},{wait},2026-04-{day:02d},,,{slot}")
    path = folder / "displays.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_waits_gives_every_later_slot_its_three_forecasts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["analyse", "waits", str(displays_file(tmp_path)), "--train-until", "2026-04-09", "--json"])

    answer = json.loads(capsys.readouterr().out)
    assert code == 0
    assert (answer["train_until"], answer["skipped_rows"], len(answer["forecasts"])) == ("2026-04-09", 0, 96 * 2)
    assert {forecast["date"] for forecast in answer["forecasts"]} == {"2026-04-10"}
    first = answer["forecasts"][0]
    assert (first["office"], first["service"], first["slot5min"]) == ("Central", "passport", 1)
    assert [set(ahead) for ahead in first["ahead"]] == [
        {"minutes", "wait_minutes", "low_minutes", "high_minutes", "level", "busy_probability"}
    ] * 3


def test_waits_without_json_tells_a_line_a_horizon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["analyse", "waits", str(displays_file(tmp_path)), "--train-until", "2026-04-09"])

    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:]] == ["15", "30", "60"]


def test_waits_of_a_file_cut_in_half_is_one_line_that_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "displays.csv.gz"
    cut.write_bytes(b"\x1f\x8b\x08\x00")

    code = main(["analyse", "waits", str(cut), "--train-until", "2026-04-09", "--json"])

    said = capsys.readouterr()
    assert (code, said.out, said.err.count("\n")) == (1, "", 1)
    assert "displays.csv.gz" in said.err


def test_waits_with_too_few_days_to_learn_from_writes_no_half_of_an_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["analyse", "waits", str(displays_file(tmp_path)), "--train-until", "2026-04-07", "--json"])

    said = capsys.readouterr()
    assert (code, said.out) == (1, "")
    assert "2 days with any wait" in said.err


def test_doorway_gives_each_passage_with_its_sequence_and_frame(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["analyse", "doorway", str(real("counter/amg8833/grideye.npz")), "--json"])

    passages = json.loads(capsys.readouterr().out)["passages"]
    assert code == 0
    assert {passage["sequence"] for passage in passages} == {"1person", "1person_hat", "2ppl"}
    assert {passage["direction"] for passage in passages} == {"in", "out"}
    assert all(0 < passage["confidence"] <= 1 and 0 <= passage["frame"] < 1000 for passage in passages)


def test_occupancy_judges_every_row_of_the_recording(capsys: pytest.CaptureFixture[str]) -> None:
    path = real("counter/occupancy-train.txt")

    main(["analyse", "occupancy", str(path), "--json"])

    rows = json.loads(capsys.readouterr().out)["rows"]
    truth = [line.rstrip().endswith(",1") for line in path.read_text().splitlines()[1:]]
    assert np.mean([row["occupied"] == true for row, true in zip(rows, truth, strict=True)]) > 0.97


def test_a_table_in_gzip_is_told_by_its_bytes_and_not_by_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = b"Temperature,Light,CO2\n21.5,430,900\n20.1,0,430\n"
    (tmp_path / "plain.gz").write_bytes(table)
    (tmp_path / "packed.txt").write_bytes(gzip.compress(table))
    (tmp_path / "cut.txt").write_bytes(gzip.compress(table)[:-12])

    codes = [main(["analyse", "occupancy", str(tmp_path / name), "--json"]) for name in ("plain.gz", "packed.txt")]
    plain, packed = capsys.readouterr().out.splitlines()

    assert (codes, plain) == ([0, 0], packed)
    assert main(["analyse", "occupancy", str(tmp_path / "cut.txt")]) == 1
    assert "cut.txt" in capsys.readouterr().err


def test_occupancy_of_a_file_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["analyse", "occupancy", "nowhere.txt", "--json"])

    assert code == 1
    assert "nowhere.txt" in capsys.readouterr().err


def keys(answer: object) -> object:
    """The names in an answer, its lists by their first entry."""
    if isinstance(answer, dict):
        return {name: keys(value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [keys(each) for each in answer[:1]]
    return None


def test_the_answers_in_the_documentation_are_of_the_form_that_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "analyses.md").read_text(encoding="utf-8")
    samples = [json.loads(text) for text in re.findall(r"```jsonc\n(.*?)```", page, re.DOTALL)]
    room = tmp_path / "room.txt"
    room.write_text("Temperature,Light,CO2\n21.5,430,900\n", encoding="utf-8")
    frames = real("counter/amg8833/grideye.npz")
    waits = ["waits", str(displays_file(tmp_path)), "--train-until", "2026-04-09"]

    for arguments in (waits, ["doorway", str(frames)], ["occupancy", str(room)]):
        main(["analyse", *arguments, "--json"])
        answer = keys(json.loads(capsys.readouterr().out))
        assert answer in [keys(sample) for sample in samples]
