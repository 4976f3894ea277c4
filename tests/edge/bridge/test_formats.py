"""Recordings in the forms of others: every number, rate, name and unit that the file says, and a reason where it does not."""

from pathlib import Path

import numpy as np
import pytest
import pyuff
from scipy.io import netcdf_file

from edge.bridge.raw_recording import read_raw
from edge.errors import RecordingError
from machikado.main import main
from tests.edge.bridge.forms import FORMS, KNET, Form, Recording


def knet(folder: Path, suffix: str, counts: list[int]) -> Path:
    rows = ["".join(f"{count:9d}" for count in counts[at : at + 8]) for at in range(0, len(counts), 8)]
    path = folder / f"ISK0022401011610.{suffix}"
    path.write_text(KNET.format(rate=100, seconds=3, direction=suffix) + "\n".join(rows) + "\n", encoding="ascii")
    return path


def test_the_components_of_a_k_net_record_are_read_together_in_gal(tmp_path: Path) -> None:
    counts = {suffix: (np.arange(300) * factor).tolist() for suffix, factor in (("EW", 1), ("NS", -2), ("UD", 3))}
    paths = [knet(tmp_path, suffix, column) for suffix, column in counts.items()]

    raw = read_raw(paths[1])

    assert raw.rate_hz == 100.0
    assert [(channel.name, channel.unit) for channel in raw.channels] == [
        ("ew", "cm/s2"),
        ("ns", "cm/s2"),
        ("ud", "cm/s2"),
    ]
    assert raw.units_told
    np.testing.assert_allclose(raw.values, np.column_stack(list(counts.values())) * 7845 / 8223790)


def test_the_two_sensors_of_a_kik_net_station_are_not_mixed(tmp_path: Path) -> None:
    for suffix in ("EW1", "NS1", "EW2"):
        path = knet(tmp_path, suffix, list(range(300)))

    assert [channel.name for channel in read_raw(path).channels] == ["ew2"]


def test_a_component_of_another_length_is_left_out_and_said(tmp_path: Path) -> None:
    path = knet(tmp_path, "EW", list(range(300)))
    knet(tmp_path, "NS", list(range(200)))

    raw = read_raw(path)

    assert [channel.name for channel in raw.channels] == ["ew"]
    assert raw.findings[0].code == "channels_left_out"


def fixed(values: np.ndarray[tuple[int], np.dtype[np.float64]], columns: int, width: int, places: int) -> str:
    rows = [values[at : at + columns] for at in range(0, len(values), columns)]
    return "\n".join("".join(f"{value:{width}.{places}f}" for value in row) for row in rows) + "\n"


CSMIP = """Corrected accelerogram    Hayward - BART Elevated
Chan  {channel}: 310 Deg
 {count} points of accel data equally spaced at  .010 sec, in cm/sec2. (8f10.3)
{accelerations} {count} points of veloc data equally spaced at  .010 sec, in cm/sec. (8f10.3)
{accelerations}"""


def test_every_channel_of_a_csmip_volume_is_read_and_numbers_may_touch(tmp_path: Path) -> None:
    made = [np.linspace(-12345.0, 12345.0, 97), np.linspace(5.0, -5.0, 97)]
    blocks = [
        CSMIP.format(channel=channel, count=97, accelerations=fixed(column, 8, 10, 3))
        for channel, column in zip((3, 22), made, strict=True)
    ]
    path = tmp_path / "hayward.v2"
    path.write_text("".join(blocks))

    raw = read_raw(path)

    assert raw.rate_hz == 100.0
    assert [(channel.name, channel.unit) for channel in raw.channels] == [("ch3", "cm/s2"), ("ch22", "cm/s2")]
    np.testing.assert_allclose(raw.values, np.column_stack(made), atol=5e-4)


def cosmos(values: np.ndarray[tuple[int], np.dtype[np.float64]], units: str) -> str:
    reals = np.full(100, -999.0)
    reals[33] = 0.005
    return (
        "Corrected acceleration   (Format v01.20 with 13 text lines) Src: 002\n"
        "Sta Chan   7: 90 Deg (Rcrdr Chan  7) Location:Ground\n"
        " 100 Integer-header values follow on  10 lines, Format = (10I8)\n"
        + ("".join(f"{-999:8d}" for _ in range(10)) + "\n") * 10
        + " 100 Real-header values follow on  20 lines, Format =(5F15.6)\n"
        + fixed(reals, 5, 15, 6)
        + "   1 Comment line(s) follow, each starting with a |\n| made for a test\n"
        + f"   {len(values)} acceleration pts, approx  1 secs, units={units},Format=(8f10.5)\n"
        + fixed(values, 8, 10, 5)
        + "End-of-data for Chan  7 acceleration\n"
    )


@pytest.mark.parametrize(
    ("units", "unit", "told"), [("cm/sec2(04)", "cm/s2", True), ("g (02)", "g", True), ("counts (50)", "m/s2", False)]
)
def test_a_cosmos_volume_says_step_channel_and_unit(tmp_path: Path, units: str, unit: str, told: bool) -> None:
    made = np.sin(np.arange(200) / 7.0)
    path = tmp_path / "station.V2c"
    path.write_text(cosmos(made, units))

    raw = read_raw(path)

    assert (raw.rate_hz, raw.units_told) == (200.0, told)
    assert [(channel.name, channel.unit) for channel in raw.channels] == [("ch7", unit)]
    np.testing.assert_allclose(raw.values[:, 0], made, atol=5e-6)


def test_a_volume_that_is_cut_short_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "station.v2"
    path.write_text(cosmos(np.ones(200), "cm/sec2(04)")[:-900])

    with pytest.raises(RecordingError, match="of 200 points; the file is cut short"):
        read_raw(path)


def universal(path: Path, columns: list[np.ndarray[tuple[int], np.dtype[np.float64]]], quantity: int = 12) -> Path:
    for number, column in enumerate(columns, 1):
        data = pyuff.prepare_58(
            binary=0, id1="made", func_type=1, rsp_node=number, rsp_dir=3, ref_node=0, ref_dir=0, ord_data_type=4,
            num_pts=len(column), abscissa_spacing=1, abscissa_min=0.0, abscissa_inc=0.005, z_axis_value=0.0,
            abscissa_spec_data_type=17, ordinate_spec_data_type=quantity, orddenom_spec_data_type=0,
            z_axis_spec_data_type=0, data=column, x=np.arange(len(column)) * 0.005,
        )  # fmt: skip
        pyuff.UFF(str(path)).write_sets(data, "add")
    return path


@pytest.mark.parametrize(("quantity", "unit", "told"), [(12, "m/s2", True), (11, "m/s", True), (0, "m/s2", False)])
def test_the_time_responses_of_a_universal_file_are_channels(
    tmp_path: Path, quantity: int, unit: str, told: bool
) -> None:
    made = [np.sin(np.arange(400) / 5.0), np.cos(np.arange(400) / 9.0)]

    raw = read_raw(universal(tmp_path / "frame.uff", made, quantity))

    assert raw.rate_hz == 200.0
    assert [(channel.name, channel.unit) for channel in raw.channels] == [("n1z", unit), ("n2z", unit)]
    assert raw.units_told is told
    np.testing.assert_allclose(raw.values, np.column_stack(made), atol=1e-6)


@pytest.mark.parametrize("name", ["x.uff", "x.ew", "x.v2", "x.dat"])
def test_rubbish_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x00\xff rubbish\n" * 20)

    with pytest.raises(RecordingError) as refused:
        read_raw(path)

    assert "\n" not in str(refused.value)
    assert name in str(refused.value)


@pytest.mark.parametrize("suffix", [".mseed", ".csv", ".nc"])
def test_what_is_written_comes_back(tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    made = [np.sin(np.arange(400) / 5.0), np.cos(np.arange(400) / 9.0)]
    source = universal(tmp_path / "frame.uff", made)
    out = tmp_path / f"frame{suffix}"

    status = main(["analyse", "bridge-convert", str(source), str(out), "--start", "2026-01-01T00:00:00Z"])

    assert status == 0
    assert "2 channels, 400 samples at 200 Hz" in capsys.readouterr().out
    if suffix == ".nc":
        with netcdf_file(str(out), mmap=False) as file:
            values = np.column_stack([file.variables[name][:] for name in ("n1z", "n2z")])
            assert file.variables["n1z"].units == b"m/s2"
    else:
        raw = read_raw(out)
        assert raw.rate_hz == pytest.approx(200.0, rel=1e-6)
        values = raw.values
    np.testing.assert_allclose(values, np.column_stack(made), atol=1e-5)


def test_another_suffix_is_refused_with_what_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = universal(tmp_path / "frame.uff", [np.ones(300)])

    assert main(["analyse", "bridge-convert", str(source), str(tmp_path / "x.docx")]) == 1
    assert "wanted one of .mseed, .csv, .nc" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", [".mseed", ".csv", ".nc"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_is_converted_with_values_times_names_and_units(
    form: Form, suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = np.random.default_rng(5).normal(size=(500, 3))
    source = form.write(tmp_path, Recording(made, 100.0))
    raw = read_raw(source)
    out = tmp_path / f"converted{suffix}"

    assert main(["analyse", "bridge-convert", str(source), str(out), *form.options]) == 0

    capsys.readouterr()
    if suffix == ".nc":
        with netcdf_file(str(out), mmap=False) as file:
            values = np.column_stack([file.variables[name][:] for name in form.names])
            units = [file.variables[name].units.decode() for name in form.names]
            time = file.variables["time"][:]
        np.testing.assert_array_equal(values, raw.values)
        np.testing.assert_allclose(time - time[0], np.arange(500) / 100.0, rtol=0.0, atol=1e-6)
        assert time[0] == (raw.start_us or 0) * 1e-6
        assert units == [channel.unit if raw.units_told else "unknown" for channel in raw.channels]
        return
    again = read_raw(out)
    assert again.rate_hz == pytest.approx(100.0, rel=1e-6)
    np.testing.assert_allclose(again.values, raw.values, rtol=1e-7 if suffix == ".mseed" else 1e-8)
    if suffix == ".csv":
        assert [channel.name for channel in again.channels] == list(form.names)
    else:
        assert again.start_us == (raw.start_us or 0)
