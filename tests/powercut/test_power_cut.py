"""Whatever a power cut leaves of the outbox's and the hub's files, everything promised is there. In small; the long form is
`python -m benchmarks powercut`."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from simulators.disk.log import Said, operations, traced
from simulators.disk.power_cut import states, torn
from tests.hub.test_blobs import CONTENT, SHA256
from tests.powercut.hub_life import starts_on
from tests.powercut.outbox_life import ROOT
from tests.powercut.trial import Recorded, cut_everywhere, hub_recorded, outbox_recorded, torn_writes

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace: apt-get install -y strace")


@pytest.fixture(scope="module")
def outbox() -> Recorded:
    return outbox_recorded(rounds=16)


@pytest.fixture(scope="module")
def hub() -> Recorded:
    return hub_recorded(rounds=7)


def test_what_append_returned_survives_a_power_cut_at_any_point(outbox: Recorded) -> None:
    tally = cut_everywhere(outbox, seed=1, subsets=2)

    assert tally.points > 100
    assert (tally.red_states, tally.first) == (0, "")


def test_the_outboxs_last_transaction_may_be_torn_at_every_byte(outbox: Recorded) -> None:
    tally = torn_writes(outbox, "-wal", every=1)

    assert tally.states > 1000
    assert (tally.red_states, tally.first) == (0, "")


def test_the_outboxs_last_checkpoint_may_be_torn(outbox: Recorded) -> None:
    tally = torn_writes(outbox, "", every=61)

    assert tally.states > 100
    assert (tally.red_states, tally.first) == (0, "")


def test_what_the_hub_acked_survives_a_power_cut_at_any_point(hub: Recorded) -> None:
    tally = cut_everywhere(hub, seed=1, subsets=1)

    assert tally.points > 50
    assert (tally.red_states, tally.first) == (0, "")


@pytest.mark.parametrize("suffix", ["-wal", ""], ids=["last transaction", "last checkpoint"])
def test_the_hubs_last_writes_may_be_torn(hub: Recorded, suffix: str) -> None:
    tally = torn_writes(hub, suffix, every=211)

    assert tally.states > 20
    assert (tally.red_states, tally.first) == (0, "")


def test_the_hubs_process_starts_on_a_torn_transaction(hub: Recorded, tmp_path: Path) -> None:
    left = list(torn(hub.operations, hub.file + "-wal", every=1000))

    left[len(left) // 2].write(hub.folder, tmp_path / "files")

    starts_on(tmp_path / "files", tmp_path / "strace.log")


@pytest.mark.parametrize("synchronous", ["OFF", "NORMAL"])
def test_an_outbox_that_does_not_sync_each_commit_turns_points_red(synchronous: str) -> None:
    tally = cut_everywhere(outbox_recorded(5, synchronous), seed=1, subsets=0)

    assert tally.red_points >= 10


def test_a_hub_that_does_not_sync_each_commit_turns_points_red() -> None:
    tally = cut_everywhere(hub_recorded(3, "NORMAL"), seed=1, subsets=0)

    assert tally.red_points >= 5


def test_a_blob_of_which_the_device_heard_that_it_is_whole_survives_a_power_cut(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    log = tmp_path / "strace.log"
    command = [sys.executable, "-m", "tests.powercut.blob_life", str(folder)]
    subprocess.run(traced(command, log), cwd=ROOT, check=True, timeout=60)
    made = list(operations(log, folder))
    whole = next(at for at, one in enumerate(made) if isinstance(one, Said) and one.data == b"whole\n")

    after = [state for state in states(made, random.Random(1), subsets=3) if state.point > whole]

    assert after
    for state in after:
        kept = [content for path, content in state.files.items() if path.endswith(f"{SHA256}.miniseed")]
        assert kept == [CONTENT], state.how
