"""Every trouble in every form that ``analyse bridge-modes`` reads: a finding, an exit code, no mode that is not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from machikado.main import main
from tests.edge.bridge.forms import FORMS, Form, Real, Recording
from tests.edge.bridge.oscillators import response

RATE_HZ, TRUE_HZ = 100.0, (2.0, 5.3)
SHAPES = np.array([[1.0, 0.8, 0.3], [0.9, -0.4, -1.0]])
G = 9.80665


@pytest.fixture(scope="module")
def bridge() -> Real:
    return response(list(TRUE_HZ), 0.01, SHAPES, RATE_HZ, 100.0, np.random.default_rng(1))


class Answer(NamedTuple):
    code: int
    told: dict[str, Any]
    error: str

    def says(self) -> str:
        return " / ".join(f"{finding['code']}: {finding['says']}" for finding in self.told["findings"])


def ask(path: Path, form: Form, capsys: pytest.CaptureFixture[str], *options: str) -> Answer:
    """The door's answer, held to what every answer keeps."""
    code = main(["analyse", "bridge-modes", str(path), "--json", *(options or form.options)])
    out, error = capsys.readouterr()
    told = json.loads(out, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert code == (1 if told["status"] == "bad_input" else 0)
    assert error.count("\n") == code
    assert "Traceback" not in error
    assert not (told["modes"] and code)
    for mode in told["modes"]:
        assert min(abs(mode["frequency_hz"] / true - 1.0) for true in TRUE_HZ) < 0.02, "a fabricated mode"
    return Answer(code, told, error)


each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def gap(column: Real) -> Real:
    column[3000:3200] = np.nan
    return column


def spikes(column: Real) -> Real:
    column[::500] = 1e6 * G
    return column


def one_spike(column: Real) -> Real:
    column[5000] = 1e6 * G
    return column


SICK: dict[str, tuple[Callable[[Real], Real], str, str]] = {
    "gap": (gap, "time_left_out", "values missing"),
    "not a number": (lambda column: column * np.nan, "channels_left_out", "no value is a number"),
    "constant": (lambda column: column * 0.0 + 3.0, "channels_left_out", "constant"),
    "zero": (lambda column: column * 0.0, "channels_left_out", "constant: every value is 0"),
    "spikes of a million g": (spikes, "channels_left_out", "values that no vibration has"),
    "one spike of a million g": (one_spike, "time_left_out", "values that no vibration has"),
    "another unit": (lambda column: column * 980.665, "channels_left_out", "times the level of its neighbours"),
}


@each_form
@pytest.mark.parametrize("trouble", SICK)
def test_a_sick_channel_is_named_with_the_reason_and_the_true_modes_are_found(
    form: Form, trouble: str, bridge: Real, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, code, reason = SICK[trouble]
    values = bridge.copy()
    values[:, 1] = spoil(values[:, 1].copy())

    answer = ask(form.write(tmp_path, Recording(values, RATE_HZ)), form, capsys)

    if form is FORMS["array of the frame"] and trouble == "another unit":
        assert "mixed_quantities" in answer.says()
    else:
        [said] = [one["says"] for one in answer.told["findings"] if one["code"] == code]
        assert f"{form.names[1]} (" in said
        assert reason in said
    assert len(answer.told["modes"]) == 2


@each_form
def test_zeros_alone_are_bad_input(
    form: Form, bridge: Real, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = ask(form.write(tmp_path, Recording(0.0 * bridge, RATE_HZ)), form, capsys)

    assert answer.told["status"] == "bad_input"
    assert [channel["name"] for channel in answer.told["channels"] if channel["why"]] == list(form.names)
    assert "constant: every value is 0" in answer.says()


@pytest.mark.parametrize("name", [name for name in FORMS if name != "universal file"])
def test_one_sample_is_bad_input(name: str, bridge: Real, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(FORMS[name].write(tmp_path, Recording(bridge[:1], RATE_HZ)), FORMS[name], capsys)

    assert answer.told["status"] == "bad_input"
    assert "too_short: 1 samples" in answer.says() or "rate_unknown" in answer.says()


@pytest.mark.parametrize("name", [name for name in FORMS if not name.startswith("array") or "sidecar" in name])
def test_a_rate_in_the_file_that_is_not_the_given_one_is_said(
    name: str, bridge: Real, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = ask(FORMS[name].write(tmp_path, Recording(bridge, 50.0)), FORMS[name], capsys, "--rate", "100")

    assert "rate_conflict: the file says 50 Hz, 100 Hz was given" in answer.says()
    assert len(answer.told["modes"]) == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("array with sidecar", "rate -100.0 Hz, wanted 1 to 10000"),
        ("CSMIP set", "time_reversed: the header's time step is -0.01 s"),
        ("table", "time_reversed: time stands still or runs backwards at 9999 of 9999 steps"),
        ("miniSEED", "rate 0.01 Hz, wanted 1 to 10000"),
        ("universal file", "a time step of -0.01 s, wanted above 0"),
        ("CSMIP volume", "no time step is told"),
        ("COSMOS volume", "no time step is told"),
        ("K-NET", "rate_impossible: a sampling rate of -100 Hz"),
    ],
)
def test_time_that_runs_backwards_is_bad_input(
    name: str, said: str, bridge: Real, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = ask(FORMS[name].write(tmp_path, Recording(bridge, -RATE_HZ)), FORMS[name], capsys)

    assert answer.told["status"] == "bad_input"
    assert said in answer.says()


@each_form
@pytest.mark.parametrize("left", [0, 40], ids=["empty", "forty bytes"])
def test_a_file_that_is_all_but_empty_is_bad_input(
    form: Form, left: int, bridge: Real, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = form.write(tmp_path, Recording(bridge, RATE_HZ))
    path.write_bytes(path.read_bytes()[:left])

    answer = ask(path, form, capsys)

    assert answer.told["status"] == "bad_input"
    assert path.name in answer.says()
    assert left or "it is empty" in answer.says()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("array", "Failed to read all data"),
        ("array with sidecar", "Failed to read all data"),
        ("array of the frame", "Failed to read all data"),
        ("CSMIP set", "not a zip file"),
        ("table", "fields, wanted 4"),
        ("universal file", "cut_short"),
        ("CSMIP volume", "the file is cut short"),
        ("COSMOS volume", "the file is cut short"),
        ("K-NET", "channels_left_out: 1 channels of another length or rate"),
    ],
)
def test_a_file_that_is_cut_short_says_so(
    name: str, said: str, bridge: Real, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = FORMS[name].write(tmp_path, Recording(bridge, RATE_HZ))
    whole = path.read_bytes()
    end = whole.rindex(b",", 0, len(whole) * 6 // 10) if name == "table" else len(whole) * 6 // 10
    path.write_bytes(whole[:end])

    assert said in ask(path, FORMS[name], capsys).says()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("table", "row 5001, column 3: 'soft', wanted a number or nothing"),
        ("universal file", "is it a universal file?"),
        ("CSMIP volume", "could not convert string to float"),
        ("COSMOS volume", "could not convert string to float"),
        ("K-NET", "could not convert string to float: 'soft'"),
    ],
)
def test_text_where_a_number_belongs_is_bad_input(
    name: str, said: str, bridge: Real, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = FORMS[name].write(tmp_path, Recording(bridge, RATE_HZ))
    lines = path.read_text(encoding="ascii").splitlines()
    if name == "table":
        fields = lines[5001].split(",")
        lines[5001] = ",".join([*fields[:2], "soft", *fields[3:]])
    else:
        at = min(600, len(lines) // 2)
        lines[at] = lines[at][:9] + " soft " + lines[at][15:]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")

    answer = ask(path, FORMS[name], capsys)

    assert answer.told["status"] == "bad_input"
    assert said in answer.says()


@pytest.mark.parametrize(
    ("name", "true", "lie"),
    [
        ("K-NET", b"Duration Time(s)  100", b"Duration Time(s)  200"),
        ("K-NET", b"100Hz", b"50Hz"),
        ("COSMOS volume", b"approx  100 secs", b"approx  200 secs"),
        ("universal file", b"     10000", b"     20000"),
    ],
)
def test_a_header_that_contradicts_itself_is_not_believed(
    name: str, true: bytes, lie: bytes, bridge: Real, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = FORMS[name].write(tmp_path, Recording(bridge, RATE_HZ))
    for one in tmp_path.iterdir():
        content = one.read_bytes()
        assert true in content
        one.write_bytes(content.replace(true, lie))

    says = ask(path, FORMS[name], capsys).says()

    assert "header_conflict" in says or "cut_short" in says


def test_miniseed_records_that_overlap_are_refused(
    bridge: Real, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pymseed = pytest.importorskip("pymseed")
    traces = pymseed.MS3TraceList()
    for start_s in (0, 50):
        traces.add_data(
            "FDSN:XX_S5__H_N_Z", np.ascontiguousarray(bridge[:, 0]), "d", RATE_HZ, starttime=(10**9 + start_s) * 10**9
        )
    traces.to_file(str(tmp_path / "x.mseed"), format_version=3, encoding=pymseed.DataEncoding.FLOAT64)

    answer = ask(tmp_path / "x.mseed", FORMS["miniSEED"], capsys)

    assert answer.told["status"] == "bad_input"
    assert "overlap" in answer.says()
