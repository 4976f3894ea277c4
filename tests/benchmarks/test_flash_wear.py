"""The wear of the true outbox, watched for a short while, and the counting of what strace saw."""

import shutil

import pytest

from benchmarks.flash_wear import BLOCK, Load, counted, measured
from simulators.disk.log import Resized, Said, Synced, Written

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace: apt-get install -y strace")


def test_a_small_commit_writes_no_more_than_twelve_kilobytes_at_quota() -> None:
    load = Load("10/s", records=10, every_s=1, commits=300)

    wear = measured("outbox", load, quota_bytes=256 * 1024, acked=True)

    assert 1 < wear.written_bytes / load.commits / 1000 <= 12
    assert wear.block_bytes >= wear.written_bytes


def test_a_large_commit_writes_no_more_than_four_times_its_records_though_nothing_is_acked() -> None:
    load = Load("150/s", records=150, every_s=1, commits=60)

    wear = measured("outbox", load, quota_bytes=512 * 1024, acked=False)

    assert 1 < wear.factor <= 4


def test_only_what_follows_the_mark_counts_and_a_block_counts_once_a_sync() -> None:
    made = [
        Written(0, 0, 4096, b""),
        Said(b""),
        Written(0, 10, 20, b""),
        Written(0, 40, 10, b""),
        Synced(0),
        Written(0, 4090, 10, b""),
        Resized(0, 4096),
    ]

    assert counted(iter(made)) == (40, 2 * BLOCK)
