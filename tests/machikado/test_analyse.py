"""`machikado analyse bridge-modes` prints one answer and ends with the code that the answer deserves."""

import json
from pathlib import Path

import numpy as np
import pytest

from machikado.main import main
from tests.edge.bridge.oscillators import response

SHAPES = np.array([[1.0, 0.8, 0.3], [0.9, -0.4, -1.0]])


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "bridge.npy"
    np.save(path, response([2.0, 5.3], 0.01, SHAPES, 100.0, 200.0, np.random.default_rng(1)).astype(np.float32))
    return path


def test_json_has_every_promised_field(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["analyse", "bridge-modes", str(recording), "--rate", "100", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert told["status"] == "ok"
    assert [round(mode["frequency_hz"], 1) for mode in told["modes"]] == [2.0, 5.3]
    assert {"frequency_hz", "frequency_ci95_hz", "damping", "damping_ci95", "shape"} <= set(told["modes"][0])
    assert [set(channel) for channel in told["channels"]] == [{"name", "used", "why"}] * 3
    assert told["findings"]


def test_text_is_for_people(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["analyse", "bridge-modes", str(recording), "--rate", "100"])

    assert code == 0
    assert capsys.readouterr().out.startswith("status: ok\nmodes:")


def test_a_missing_rate_is_asked_for_and_ends_with_1(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["analyse", "bridge-modes", str(recording), "--json"])

    out, err = capsys.readouterr()
    told = json.loads(out)
    assert code == 1
    assert told["status"] == "bad_input"
    assert "--rate" in told["findings"][0]["says"]
    assert err.count("\n") == 1
    assert "--rate" in err


@pytest.mark.parametrize("content", [None, b"nothing of the kind"], ids=["absent", "damaged"])
def test_a_file_that_cannot_be_read_is_bad_input(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.npy"
    if content is not None:
        path.write_bytes(content)

    code = main(["analyse", "bridge-modes", str(path), "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 1
    assert told["status"] == "bad_input"
    assert told["modes"] == []
    assert str(path) in told["findings"][0]["says"]


@pytest.mark.parametrize("options", [["--rate", "-5"], ["--rate", "fast"], ["--band", "20:1"]])
def test_a_wrong_option_ends_with_2_and_says_what_was_wanted(
    recording: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["analyse", "bridge-modes", str(recording), *options])

    assert ended.value.code == 2
    assert "wanted" in capsys.readouterr().err


def test_the_same_recording_gives_the_same_bytes_twice(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for _ in range(2):
        main(["analyse", "bridge-modes", str(recording), "--rate", "100", "--json"])
        said.append(capsys.readouterr().out)

    assert said[0] == said[1]
