"""`--prepare` does nothing twice."""

import pytest

from benchmarks.peers import pyoma
from benchmarks.prepare import DEBIAN, GO, node_red_installed, prepare
from simulators import programs


def test_preparing_again_only_says_what_is_ready() -> None:
    wanted = [*DEBIAN, *(build.program for build in GO), programs.NATS]
    if not node_red_installed() or not pyoma.installed() or any(program.path() is None for program in wanted):
        pytest.skip(f"not every peer is here; {programs.PREPARE}")
    said: list[str] = []

    status = prepare(said.append)

    assert status == 0
    assert [line.split()[0] for line in said] == ["ready"] * 6
