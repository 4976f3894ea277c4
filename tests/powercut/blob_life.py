"""A blob taken by the hub in chunks, its disk watched: `python -m tests.powercut.blob_life FOLDER`; it says when it is whole."""

from __future__ import annotations

import sys
from pathlib import Path

from simulators.disk.log import PROMISES
from tests.hub.test_blobs import CONTENT, chunk, files

FOLDER = "state/hub.sqlite.blobs"


def live(folder: Path) -> None:
    """Three chunks into a folder that is not there yet."""
    blobs = files(folder / FOLDER)
    promises = (folder / PROMISES).open("wb", buffering=0)
    for first in range(0, len(CONTENT), 400):
        ack = blobs.take("b", chunk(first, min(first + 400, len(CONTENT))))
        promises.write(ack.outcome.encode() + b"\n")


if __name__ == "__main__":
    live(Path(sys.argv[1]))
