"""An outbox on a real file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.outboxes import OnDisk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[OnDisk]:
    made = OnDisk(tmp_path / "outbox.sqlite")
    made.open()
    yield made
    made.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[OnDisk]:
    """With room for some forty group commits of ten readings."""
    made = OnDisk(tmp_path / "outbox.sqlite", quota_bytes=32_000)
    made.open()
    yield made
    made.close()
