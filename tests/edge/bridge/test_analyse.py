"""A recording's answer says what it found and what to doubt; a bad recording gets a clear finding and no mode."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.bridge.analyse import WEAK, Analysis, analyse
from edge.bridge.config import Channel
from edge.bridge.raw import Raw
from edge.bridge.raw_recording import read_raw
from edge.bridge.steadiness import parts_of
from edge.errors import RecordingError
from tests.data_folder import DATA
from tests.edge.bridge.oscillators import response

RATE_HZ = 100.0
TRUE_HZ = [2.0, 5.3, 11.0]
SHAPES = np.array([[1.0, 0.8, 0.3, 0.5], [0.9, -0.4, -1.0, 0.6], [0.5, -1.0, 0.8, 0.7]])
FRAMES = sorted((DATA / "bridge" / "steel-frame").glob("*.npy"))
QUAKES = sorted((DATA / "bridge" / "csmip").glob("*.npz"))
PUBLISHED_HZ = np.array([1.229, 1.436, 2.100, 4.017, 4.769, 6.683, 7.616, 9.664])
needs_data = pytest.mark.skipif(not FRAMES, reason=f"no recordings in {DATA}; set MACHIKADO_DATA")


@pytest.fixture(scope="module")
def bridge() -> NDArray[np.float64]:
    return response(TRUE_HZ, 0.01, SHAPES, RATE_HZ, 300.0, np.random.default_rng(1))


def raw(values: NDArray[np.float64], rate_hz: float | None = RATE_HZ, told: bool = False) -> Raw:
    return Raw(values, rate_hz, tuple(Channel(name=f"ch{n + 1}") for n in range(values.shape[1])), units_told=told)


def codes(answer: Analysis) -> set[str]:
    return {finding.code for finding in answer.findings}


def left_out(answer: Analysis) -> list[str]:
    return [channel.name for channel, why in zip(answer.channels, answer.why, strict=True) if why]


def frequencies(answer: Analysis) -> list[float]:
    return [mode.frequency_hz for mode in answer.modes]


def test_a_good_recording_is_ok_and_its_intervals_hold_the_truth_somewhere_near(bridge: NDArray[np.float64]) -> None:
    told = analyse(raw(bridge)).to_builtins()

    assert told["status"] == "ok"
    assert [mode["frequency_hz"] for mode in told["modes"]] == pytest.approx(TRUE_HZ, rel=0.004)
    assert all(low < mode["damping"] < high for mode in told["modes"] for low, high in [mode["damping_ci95"]])
    assert told["modes"][1]["shape"] == pytest.approx([-0.9, 0.4, 1.0, -0.6], abs=0.06)
    assert [channel["used"] for channel in told["channels"]] == [True] * 4


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (np.zeros((30_000, 3)), "no_channel"),
        (np.full((30_000, 3), 7.25), "no_channel"),
        (np.full((30_000, 3), np.nan), "no_channel"),
        (np.full((30_000, 3), np.inf), "no_channel"),
        (np.zeros((1, 3)), "too_short"),
        (np.zeros((0, 3)), "too_short"),
        (np.random.default_rng(1).normal(size=(200, 3)), "too_short"),
    ],
    ids=["all zero", "constant", "not a number", "infinite", "one sample", "nothing", "two seconds"],
)
def test_what_cannot_be_analysed_is_bad_input_with_a_finding_and_no_mode(
    values: NDArray[np.float64], code: str
) -> None:
    answer = analyse(raw(values))

    assert answer.status == "bad_input"
    assert code in codes(answer)
    assert answer.modes == ()
    assert all(answer.why)


@pytest.mark.parametrize("scale", [1e-200, 1e-40, 1e40, 1e200])
def test_values_of_no_unit_are_bad_input(bridge: NDArray[np.float64], scale: float) -> None:
    answer = analyse(raw(bridge * scale))

    assert answer.status == "bad_input"
    assert "no_channel" in codes(answer)
    assert all("of no unit" in why for why in answer.why)


@given(at=st.integers(min_value=0, max_value=127), byte=st.integers(min_value=0, max_value=255))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_header_with_a_wrong_byte_is_read_or_refused_in_one_line(tmp_path: Path, at: int, byte: int) -> None:
    np.save(tmp_path / "x.npy", np.ones((4, 2)))
    content = bytearray((tmp_path / "x.npy").read_bytes())
    content[at] = byte
    (tmp_path / "x.npy").write_bytes(content)

    try:
        told = str(read_raw(tmp_path / "x.npy").values.shape)
    except RecordingError as problem:
        told = str(problem)

    assert "\n" not in told


def test_noise_alone_is_no_mode() -> None:
    rng = np.random.default_rng(5)

    answers = [analyse(raw(rng.normal(size=(30_000, 4)))) for _ in range(10)]

    assert {answer.status for answer in answers} == {"no_mode"}


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda column: np.zeros_like(column), "constant"),
        (lambda column: np.full_like(column, 3.0), "constant"),
        (lambda column: np.where(np.arange(len(column)) % 3 == 0, np.nan, column), "missing"),
        (lambda column: column + 1e7 * (np.arange(len(column)) % 500 == 0), "vibration"),
        (lambda column: np.clip(column, -0.3 * column.std(), 0.3 * column.std()), "clips"),
    ],
    ids=["zero", "constant", "every third missing", "a spike of a million g every 5 s", "clipping"],
)
def test_a_sick_channel_is_left_out_with_the_reason_and_the_others_answer(
    bridge: NDArray[np.float64], spoil: object, why: str
) -> None:
    values = bridge.copy()
    values[:, 1] = spoil(values[:, 1])  # type: ignore[operator]

    answer = analyse(raw(values))

    assert left_out(answer) == ["ch2"]
    assert why in answer.why[1]
    assert answer.status == "ok"
    assert frequencies(answer) == pytest.approx(TRUE_HZ, rel=0.004)
    assert np.isnan(answer.modes[0].shape[1])


@pytest.mark.parametrize("count", [1, 2, 40], ids=["one sample", "two samples", "forty samples"])
def test_a_burst_of_a_million_g_costs_its_window_only(bridge: NDArray[np.float64], count: int) -> None:
    values = bridge.copy()
    values[12_345 : 12_345 + count] = 9.8e6

    answer = analyse(raw(values))

    assert "time_left_out" in codes(answer)
    assert left_out(answer) == []
    assert frequencies(answer) == pytest.approx(TRUE_HZ, rel=0.004)


def test_gaps_are_cut_out_and_said(bridge: NDArray[np.float64]) -> None:
    values = bridge.copy()
    for start in range(4_000, 30_000, 5_000):
        values[start : start + 137] = np.nan

    answer = analyse(raw(values))

    assert "time_left_out" in codes(answer)
    assert frequencies(answer) == pytest.approx(TRUE_HZ, rel=0.006)


def test_a_channel_a_hundred_times_too_loud_is_sick_where_units_are_told(bridge: NDArray[np.float64]) -> None:
    values = bridge * [1.0, 1.0, 150.0, 1.0]

    answer = analyse(raw(values, told=True))

    assert left_out(answer) == ["ch3"]
    assert "times the level" in answer.why[2]


def test_g_beside_centimetres_is_noticed_and_every_channel_used(bridge: NDArray[np.float64]) -> None:
    answer = analyse(raw(bridge * [1.0, 1.0, 980.665, 980.665]))

    assert "mixed_scales" in codes(answer)
    assert left_out(answer) == []
    assert frequencies(answer) == pytest.approx(TRUE_HZ, rel=0.004)


def test_velocities_among_accelerations_are_noticed_and_converted(bridge: NDArray[np.float64]) -> None:
    turn = 2j * np.pi * np.fft.rfftfreq(len(bridge), 1.0 / RATE_HZ)
    turn[: int(0.3 * len(bridge) / RATE_HZ)] = np.inf
    values = bridge.copy()
    values[:, :2] = np.fft.irfft(np.fft.rfft(values[:, :2], axis=0) / turn[:, None], len(bridge), axis=0)

    answer = analyse(raw(values))

    [said] = [finding.says for finding in answer.findings if finding.code == "mixed_quantities"]
    assert "ch1, ch2 taken as velocities" in said
    assert frequencies(answer) == pytest.approx(TRUE_HZ, rel=0.004)
    assert answer.to_builtins()["modes"][1]["shape"] == pytest.approx([-0.9, 0.4, 1.0, -0.6], abs=0.06)


def test_a_rate_that_nobody_told_is_asked_for(bridge: NDArray[np.float64]) -> None:
    answer = analyse(raw(bridge, rate_hz=None))

    assert answer.status == "bad_input"
    assert codes(answer) == {"rate_unknown"}


@pytest.mark.parametrize("rate_hz", [1e-3, 1e9], ids=["a thousandth", "a thousand million"])
def test_an_impossible_rate_is_refused(bridge: NDArray[np.float64], rate_hz: float) -> None:
    answer = analyse(raw(bridge, rate_hz))

    assert answer.status == "bad_input"
    assert codes(answer) == {"rate_impossible"}


def test_a_header_that_contradicts_the_given_rate_is_said(bridge: NDArray[np.float64]) -> None:
    answer = analyse(raw(bridge, 200.0), rate_hz=RATE_HZ)

    assert "rate_conflict" in codes(answer)
    assert frequencies(answer) == pytest.approx(TRUE_HZ, rel=0.004)


def test_an_earthquake_is_weak_because_it_is_not_stationary(bridge: NDArray[np.float64]) -> None:
    swell = 0.02 + np.exp(-(((np.arange(len(bridge)) / RATE_HZ - 150.0) / 40.0) ** 2))

    answer = analyse(raw(bridge * swell[:, None]))

    assert answer.status in ("weak", "no_mode")
    assert "not_stationary" in codes(answer)


def shaken(strong_hz: list[float], seed: int) -> NDArray[np.float64]:
    """A hundred seconds at six times the level, with modes of their own, then two hundred at the true ones."""
    rng = np.random.default_rng(seed)
    strong = response(strong_hz, 0.01, SHAPES, RATE_HZ, 100.0, rng)
    return np.concatenate([6.0 * strong, response(TRUE_HZ, 0.01, SHAPES, RATE_HZ, 200.0, rng)])


def test_modes_that_fall_while_shaken_strongly_are_said_to_and_their_intervals_hold_both() -> None:
    strong_hz = [0.98 * hz for hz in TRUE_HZ]

    answer = analyse(raw(shaken(strong_hz, 3)))

    assert answer.status == "weak"
    assert "amplitude_dependent" in codes(answer)
    low, high = np.array([mode["frequency_ci95_hz"] for mode in answer.to_builtins()["modes"]]).T
    assert (low < strong_hz).all()
    assert (high > TRUE_HZ).all()


def test_one_mode_that_moved_is_named_and_the_others_stay_ok() -> None:
    answer = analyse(raw(shaken([0.98 * TRUE_HZ[0], *TRUE_HZ[1:]], 3)))

    says = next(finding.says for finding in answer.findings if finding.code == "amplitude_dependent")
    assert answer.status == "ok"
    assert says.startswith("1.96")
    assert ";" not in says.split(":")[0]
    assert np.diff(answer.to_builtins()["modes"][1]["frequency_ci95_hz"]) < 0.05


@pytest.mark.parametrize("seed", [1, 3])
def test_modes_that_stay_are_not_said_to_move(seed: int) -> None:
    answer = analyse(raw(shaken(TRUE_HZ, seed)))

    assert answer.status == "ok"
    assert not codes(answer) & {"amplitude_dependent", "parts_disagree", "parts_only"}


def test_a_steady_recording_is_not_cut_into_parts(bridge: NDArray[np.float64]) -> None:
    assert parts_of([bridge], RATE_HZ, (0.5, 20.0), WEAK) == ()


@pytest.mark.skipif(not QUAKES, reason=f"no recordings in {DATA}; set MACHIKADO_DATA")
def test_what_stands_out_in_a_part_only_is_told_and_is_no_mode() -> None:
    answer = analyse(read_raw(next(path for path in QUAKES if "petrolia" in path.name)))

    assert (answer.status, answer.modes) == ("no_mode", ())
    assert "in the coda" in next(finding.says for finding in answer.findings if finding.code == "parts_only")


def csv(path: Path, t: NDArray[np.float64], values: NDArray[np.float64], header: str = "t,a,b") -> Path:
    np.savetxt(path, np.column_stack((t, values)), delimiter=",", header=header, comments="", fmt="%.6f")
    return path


@pytest.fixture
def times(bridge: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.arange(len(bridge)) / RATE_HZ


def test_a_table_with_a_column_of_time_needs_no_rate(
    tmp_path: Path, bridge: NDArray[np.float64], times: NDArray[np.float64]
) -> None:
    answer = analyse(read_raw(csv(tmp_path / "x.csv", times, bridge[:, :2])))

    assert [channel.name for channel in answer.channels] == ["a", "b"]
    assert answer.status == "ok"
    assert frequencies(answer) == pytest.approx(TRUE_HZ, rel=0.004)


def test_missing_rows_are_a_gap_that_moves_no_frequency(
    tmp_path: Path, bridge: NDArray[np.float64], times: NDArray[np.float64]
) -> None:
    kept = np.r_[0:12_000, 14_321:30_000]

    answer = analyse(read_raw(csv(tmp_path / "x.csv", times[kept], bridge[kept, :2])))

    assert "gaps" in codes(answer)
    assert frequencies(answer) == pytest.approx(TRUE_HZ, rel=0.004)


def test_time_that_runs_backwards_is_bad_input(
    tmp_path: Path, bridge: NDArray[np.float64], times: NDArray[np.float64]
) -> None:
    answer = analyse(read_raw(csv(tmp_path / "x.csv", times[::-1], bridge[:, :2])))

    assert answer.status == "bad_input"
    assert "time_reversed" in codes(answer)
    assert answer.modes == ()


def test_a_negative_time_step_in_the_header_is_bad_input(tmp_path: Path, bridge: NDArray[np.float64]) -> None:
    np.savez(tmp_path / "x.npz", acc_cm_s2=bridge, dt=-0.01, chan=[1, 2, 3, 4])

    answer = analyse(read_raw(tmp_path / "x.npz"))

    assert answer.status == "bad_input"
    assert "time_reversed" in codes(answer)


def test_a_table_whose_time_contradicts_the_given_rate_says_so(
    tmp_path: Path, bridge: NDArray[np.float64], times: NDArray[np.float64]
) -> None:
    answer = analyse(read_raw(csv(tmp_path / "x.csv", times, bridge[:, :2])), rate_hz=50.0)

    assert "rate_conflict" in codes(answer)


def test_an_array_on_its_side_is_turned_and_said(tmp_path: Path, bridge: NDArray[np.float64]) -> None:
    np.save(tmp_path / "x.npy", bridge.T)

    answer = analyse(read_raw(tmp_path / "x.npy"), RATE_HZ)

    assert "transposed" in codes(answer)
    assert frequencies(answer) == pytest.approx(TRUE_HZ, rel=0.004)


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.npy", b"not an array"), ("x.npz", b"PK\x03\x04"), ("x.csv", b"a,b\nc,d\n"), ("x.csv", b""), ("x.txt", b"1,2")],
)
def test_a_file_that_is_no_recording_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(RecordingError, match=name) as caught:
        analyse(read_raw(tmp_path / name))

    assert "\n" not in str(caught.value)


@needs_data
@pytest.mark.parametrize("path", FRAMES, ids=lambda path: path.stem)
def test_the_steel_frame_as_recorded_has_its_mix_noticed_and_its_eight_modes_found(path: Path) -> None:
    answer = analyse(read_raw(path), 256.0)

    [said] = [finding.says for finding in answer.findings if finding.code == "mixed_quantities"]
    found = np.array(frequencies(answer))
    assert "ch1, ch2, ch3 taken as velocities" in said
    assert abs(found[:, None] / PUBLISHED_HZ - 1.0).min(axis=0).max() < 0.005
    assert ((found > 0.8) & (found < 11.0)).sum() == 8


@needs_data
def test_the_sick_channel_of_hayward_is_left_out_in_2021_and_used_in_2022() -> None:
    records = {path.name[16:24]: path for path in sorted((DATA / "bridge" / "csmip").glob("hayward*.npz"))}

    answers = [left_out(analyse(read_raw(path))) for path in records.values()]

    assert answers == [["ch22"], []]
