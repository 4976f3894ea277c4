"""One recording written in every form that ``analyse bridge-modes`` reads, as the makers of that form write it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

KNET = """Origin Time       2024/01/01 16:10:00
Lat.              37.488
Long.             137.268
Depth. (km)       16
Mag.              7.6
Station Code      ISK002
Station Lat.      37.4447
Station Long.     137.2843
Station Height(m) 10
Record Time       2024/01/01 16:10:28
Sampling Freq(Hz) {rate:g}Hz
Duration Time(s)  {seconds:g}
Dir.              {direction}
Scale Factor      7845(gal)/8223790
Max. Acc. (gal)   1.0
Last Correction   2024/01/01 16:10:13
Memo.
"""
GAL_A_COUNT = 7845 / 8223790
NO_NUMBER = "9.87600000000e+33"
"""What pyuff is given in the place of nan, which it would write as 0."""


class Recording(NamedTuple):
    """Accelerations (samples, channels), and the rate that the file is to tell [Hz]."""

    values: Real
    rate_hz: float


class Form(NamedTuple):
    """How to write a recording into a folder, what its channels are then called, and what must be said beside the file."""

    write: Callable[[Path, Recording], Path]
    names: tuple[str, ...]
    options: tuple[str, ...] = ()


def fixed(values: Real, columns: int, width: int, places: int, kind: str = "f") -> str:
    """Numbers in columns of equal width, as FORTRAN writes them."""
    rows = [values[at : at + columns] for at in range(0, len(values), columns)]
    return "\n".join("".join(f"{value:{width}.{places}{kind}}" for value in row) for row in rows) + "\n"


def array(folder: Path, one: Recording) -> Path:
    """An array alone."""
    np.save(folder / "bridge.npy", one.values)
    return folder / "bridge.npy"


def array_with_sidecar(folder: Path, one: Recording) -> Path:
    """An array and the sidecar that names rate, channels and units."""
    names = "\n".join(f'[[pipeline.channels]]\nname = "{name}"' for name in ("left", "middle", "right"))
    (folder / "bridge.toml").write_text(f"rate_hz = {one.rate_hz!r}\n{names}\n", encoding="utf-8")
    return array(folder, one)


def frame(folder: Path, one: Recording) -> Path:
    """As the steel frame is kept: 32-bit floats, the first channel a velocity, no word of it."""
    at_hz = np.fft.rfftfreq(len(one.values), 1.0 / one.rate_hz)
    turn = np.where(at_hz > 0.3, 2j * np.pi * at_hz, np.inf)
    velocity = np.fft.irfft(np.fft.rfft(one.values[:, 0]) / turn, len(one.values)) if len(one.values) > 1 else [0.0]
    sound = np.isfinite(one.values[:, 0]).all() and np.ptp(one.values[:, 0]) > 0.0
    first = velocity if sound else one.values[:, 0]
    np.save(folder / "setup_1.npy", np.column_stack([first, one.values[:, 1:]]).astype(np.float32))
    return folder / "setup_1.npy"


def csmip_set(folder: Path, one: Recording) -> Path:
    """An ``.npz`` of the Californian collection."""
    np.savez(folder / "quake.npz", acc_cm_s2=100.0 * one.values, dt=1.0 / one.rate_hz, chan=[4, 5, 6])
    return folder / "quake.npz"


def table(folder: Path, one: Recording) -> Path:
    """A table with a column of time."""
    path = folder / "bridge.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["time_s", "left", "middle", "right"])
        for at, row in enumerate(one.values.tolist()):
            rows.writerow([f"{at / one.rate_hz:.6f}", *(f"{value:.9g}" for value in row)])
    return path


def miniseed(folder: Path, one: Recording) -> Path:
    """miniSEED 3 of 64-bit floats."""
    import pymseed

    traces = pymseed.MS3TraceList()
    for name, column in zip("ENZ", one.values.T, strict=True):
        traces.add_data(f"FDSN:XX_S5__H_N_{name}", np.ascontiguousarray(column), "d", one.rate_hz, starttime=10**18)
    traces.to_file(str(folder / "bridge.mseed"), format_version=3, encoding=pymseed.DataEncoding.FLOAT64)
    return folder / "bridge.mseed"


def universal(folder: Path, one: Recording, quantity: int = 12) -> Path:
    """A universal file, one data set 58 a channel; ``quantity`` is its ordinate data type."""
    import pyuff

    path = folder / "bridge.uff"
    step_s = 1.0 / one.rate_hz
    for number, column in enumerate(one.values.T, 1):
        column = np.nan_to_num(column, nan=float(NO_NUMBER))
        data = pyuff.prepare_58(
            binary=0, id1="made", func_type=1, rsp_node=number, rsp_dir=3, ref_node=0, ref_dir=0, ord_data_type=4,
            num_pts=len(column), abscissa_spacing=1, abscissa_min=0.0, abscissa_inc=step_s, z_axis_value=0.0,
            abscissa_spec_data_type=17, ordinate_spec_data_type=quantity, orddenom_spec_data_type=0,
            z_axis_spec_data_type=0, data=column, x=np.arange(len(column)) * step_s,
        )  # fmt: skip
        pyuff.UFF(str(path)).write_sets(data, "add")
    path.write_bytes(path.read_bytes().replace(NO_NUMBER.encode(), b"nan".rjust(len(NO_NUMBER))))
    return path


def csmip_volume(folder: Path, one: Recording) -> Path:
    """A CSMIP volume 2, velocities behind the accelerations of each channel."""
    path = folder / "bridge.v2"
    step_s = f"{1.0 / one.rate_hz:.6f}"
    said = f"{len(one.values)} points of {{}} data equally spaced at  {step_s} sec, in {{}}. (5e15.6)\n"
    blocks = []
    for number, column in zip((3, 9, 22), one.values.T, strict=True):
        numbers = fixed(100.0 * column, 5, 15, 6, "e")
        blocks.append(
            f"Corrected accelerogram    a bridge\nChan  {number}: 310 Deg\n"
            f" {said.format('accel', 'cm/sec2')}{numbers} {said.format('veloc', 'cm/sec')}{numbers}"
        )
    path.write_text("".join(blocks), encoding="ascii")
    return path


def cosmos_volume(folder: Path, one: Recording) -> Path:
    """A COSMOS volume, a file of three channels."""
    path = folder / "station.v2c"
    path.write_text(
        "".join(
            cosmos(column, "cm/sec2(04)", one.rate_hz, number)
            for number, column in zip((1, 2, 3), 100.0 * one.values.T, strict=True)
        ),
        encoding="ascii",
    )
    return path


def cosmos(values: Real, units: str, rate_hz: float, channel: int) -> str:
    """One channel of a COSMOS volume."""
    reals = np.full(100, -999.0)
    reals[33] = 1.0 / rate_hz
    return (
        "Corrected acceleration   (Format v01.20 with 13 text lines) Src: 002\n"
        f"Sta Chan   {channel}: 90 Deg (Rcrdr Chan  {channel}) Location:Ground\n"
        " 100 Integer-header values follow on  10 lines, Format = (10I8)\n"
        + ("".join(f"{-999:8d}" for _ in range(10)) + "\n") * 10
        + " 100 Real-header values follow on  20 lines, Format =(5F15.6)\n"
        + fixed(reals, 5, 15, 6)
        + "   1 Comment line(s) follow, each starting with a |\n| made for a test\n"
        + f"   {len(values)} acceleration pts, approx  {round(len(values) / rate_hz)} secs, units={units},Format=(5e15.7)\n"
        + fixed(values, 5, 15, 7, "e")
        + f"End-of-data for Chan  {channel} acceleration\n"
    )


def knet(folder: Path, one: Recording) -> Path:
    """The three components of a K-NET record; the path of the first."""
    paths = []
    for suffix, column in zip(("EW", "NS", "UD"), one.values.T, strict=True):
        counts = [f"{value:.0f}" for value in 100.0 * column / GAL_A_COUNT]
        rows = ["".join(f" {count:>8}" for count in counts[at : at + 8]) for at in range(0, len(counts), 8)]
        head = KNET.format(direction=suffix, rate=one.rate_hz, seconds=len(column) / one.rate_hz)
        paths.append(folder / f"ISK0022401011610.{suffix}")
        paths[-1].write_text(head + "\n".join(rows) + "\n", encoding="ascii")
    return paths[0]


FORMS = {
    "array": Form(array, ("ch1", "ch2", "ch3"), ("--rate", "100")),
    "array with sidecar": Form(array_with_sidecar, ("left", "middle", "right")),
    "array of the frame": Form(frame, ("ch1", "ch2", "ch3"), ("--rate", "100")),
    "CSMIP set": Form(csmip_set, ("ch4", "ch5", "ch6")),
    "table": Form(table, ("left", "middle", "right")),
    "miniSEED": Form(miniseed, ("xx_s5__h_n_e", "xx_s5__h_n_n", "xx_s5__h_n_z")),
    "universal file": Form(universal, ("n1z", "n2z", "n3z")),
    "CSMIP volume": Form(csmip_volume, ("ch3", "ch9", "ch22")),
    "COSMOS volume": Form(cosmos_volume, ("ch1", "ch2", "ch3")),
    "K-NET": Form(knet, ("ew", "ns", "ud")),
}
