"""Where the real recordings are: ``MACHIKADO_DATA``, or ``../shared/data`` beside the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("MACHIKADO_DATA") or Path(__file__).parents[2] / "shared" / "data")


def real(name: str) -> Path:
    """A file of the real recordings; the test is skipped where it is not there."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"no real recordings: {path} is absent; set MACHIKADO_DATA")
    return path
