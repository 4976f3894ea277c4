"""Where the real recordings of counters lie: below `MACHIKADO_DATA`, by default `../shared/data` beside the project."""

import os
from pathlib import Path

from benchmarks.errors import MeasurementFailed

FOLDER = Path(os.environ.get("MACHIKADO_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data") / "counter"


def recording(name: str) -> Path:
    """A file of them.

    Raises:
        MeasurementFailed: it is not there.
    """
    path = FOLDER / name
    if not path.exists():
        raise MeasurementFailed(f"no recording {path}; set MACHIKADO_DATA to the folder of recordings")
    return path
