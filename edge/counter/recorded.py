"""Recordings of a counter's sensors, read and judged by the code that runs in the field.

Thermal frames are arrays of the shape (frames, 8, 8) in an .npz file; the room's air is a table with a header line. What
comes out is what the device would have told, without its batching.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from edge.contract.records.counter import CounterAir, CounterOccupancy
from edge.counter.doorway import Direction, DoorwayTracker
from edge.counter.steps.judge_occupancy import JudgeOccupancy
from edge.errors import RecordingError, reason_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME_RATE_HZ: Final = 10.0
COUNT_DEGC: Final = 0.25
ROOM_DEGC: Final = (-20.0, 60.0)
"""Between these lies the middle pixel of any place where people walk."""
FRAMES_MAX: Final = 2_000_000
ROWS_MAX: Final = 5_000_000
AIR: Final = ("temperature", "light", "co2")
"""The columns' names, in small letters."""


class Told(NamedTuple):
    """A passage that was told with a frame, counted from 0 within its sequence; confidence from 0 to 1."""

    sequence: str
    frame: int
    direction: Direction
    confidence: float


def read_frames(path: Path) -> dict[str, NDArray[np.float32]]:
    """The sequences of thermal frames of an .npz file [°C], by name, each of the shape (frames, 8, 8).

    Whole numbers are the sensor's counts of a quarter degree, others °C. Arrays of another shape (labels) are left aside.

    Raises:
        RecordingError: not such a file, no array of that shape in it, frames of no room (``ROOM_DEGC``), or more than
            ``FRAMES_MAX`` frames.
    """
    import zipfile

    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except OSError as problem:
        raise RecordingError(f"{path}: {reason_of(problem)}; check the path") from problem
    except (ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as problem:
        raise RecordingError(f"{path}: no .npz file; wanted one with arrays of the shape (frames, 8, 8)") from problem
    found = {
        name.removesuffix("_frames"): _degc(path, name, array)
        for name, array in arrays.items()
        if array.ndim == 3 and array.shape[1:] == (8, 8) and array.dtype.kind in "uif"
    }
    if not found:
        raise RecordingError(f"{path}: arrays {sorted(arrays)}; wanted one of the shape (frames, 8, 8)")
    if sum(len(frames) for frames in found.values()) > FRAMES_MAX:
        raise RecordingError(f"{path}: more than {FRAMES_MAX} frames; split the file")
    return found


def passages(sequence: str, frames_degc: NDArray[np.float32], rate_hz: float = FRAME_RATE_HZ) -> Iterator[Told]:
    """Who went through the doorway, frame by frame; a frame that is not whole (a value not finite) is passed over."""
    import numpy as np

    tracker = DoorwayTracker()
    for frame, degc in enumerate(frames_degc):
        if np.isfinite(degc).all():
            for passage in tracker.take(round(frame / rate_hz * 1e6), degc):
                yield Told(sequence, frame, passage.direction, passage.confidence)


def read_air(lines: Iterable[str]) -> list[CounterAir]:
    """The rows of a table of air with the columns temperature, light and CO₂, others are left aside.

    Header names may stand in quotes and in any order. A header that is one name short is that of a table whose rows
    begin with their number. A value that cannot be read is unknown.

    Raises:
        RecordingError: a column is missing, or there are more than ``ROWS_MAX`` rows.
    """
    reader = csv.reader(lines, skipinitialspace=True)
    header = [name.strip().strip('"').lower() for name in next(reader, [])]
    missing = [column for column in AIR if column not in header]
    if missing:
        raise RecordingError(f"columns {missing} are missing in {header}; wanted {', '.join(AIR)}")
    rows: list[CounterAir] = []
    for row in reader:
        if not row:
            continue
        shift = 1 if len(row) == len(header) + 1 else 0
        temperature, light, co2 = (_number(row, header.index(column) + shift) for column in AIR)
        rows.append(CounterAir(t=len(rows), temperature_degc=temperature, illuminance_lux=light, co2_ppm=co2))
        if len(rows) > ROWS_MAX:
            raise RecordingError(f"more than {ROWS_MAX} rows; split the file")
    return rows


def occupancies(rows: Iterable[CounterAir], model: str = "counter-occupancy") -> Iterator[CounterOccupancy | None]:
    """Whether anybody was there, a row after the other, None where a row tells too little. No clock is read or given."""
    judge = JudgeOccupancy(model)
    for nth, row in enumerate(rows):
        judged = [item for item in judge(nth, row) if isinstance(item, CounterOccupancy)]
        yield judged[0] if judged else None


def _degc(path: Path, name: str, array: NDArray[np.generic]) -> NDArray[np.float32]:
    import numpy as np

    scale = COUNT_DEGC if array.dtype.kind in "ui" else 1.0
    degc: NDArray[np.float32] = (array.astype(np.float64) * scale).astype(np.float32)
    told = degc[np.isfinite(degc)]
    middle = float(np.median(told)) if len(told) else 0.0
    if not ROOM_DEGC[0] <= middle <= ROOM_DEGC[1]:
        raise RecordingError(
            f"{path}: array {name!r} of {array.dtype}: the middle value is {middle:g} °C, wanted {ROOM_DEGC[0]:g} to "
            f"{ROOM_DEGC[1]:g}; counts of a quarter degree must be whole numbers by their type"
        )
    return degc


def _number(row: list[str], index: int) -> float | None:
    try:
        number = float(row[index])
    except (ValueError, IndexError):
        return None
    return number if math.isfinite(number) else None
