"""Tables that an analysis reads: text, plain or packed by gzip, told apart by their first bytes and not by their names."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

GZIP_MAGIC: Final = b"\x1f\x8b"


@contextmanager
def opened_table(path: Path) -> Iterator[TextIO]:
    """The table's text, for the csv module.

    Raises:
        OSError, EOFError, UnicodeError: it cannot be opened, unpacked or read.
    """
    with path.open("rb") as file:
        packed = file.peek(2)[:2] == GZIP_MAGIC
        raw = gzip.GzipFile(fileobj=file) if packed else file
        with io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
            yield text
