"""The demonstration ends as it says: nothing is left of it, however it ends, and a second start goes on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

STARTS_S = 60.0
GONE_S = 10.0
pytestmark = pytest.mark.xdist_group("demo")


@contextmanager
def demo(state: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running demonstration and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "machikado", "demo", "--state", str(state)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found
        yield process, found[0]
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(GONE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def left_of(state: Path, words: tuple[str, ...] = ()) -> list[str]:
    """Command lines of processes that have to do with the state folder (and contain one of the words)."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or ())
        if str(state) in line and process.pid != os.getpid() and "pytest" not in line:
            found.append(line)
    return [line for line in found if not words or any(word in line for word in words)]


def wait_until_gone(state: Path, words: tuple[str, ...] = ()) -> list[str]:
    until = time.monotonic() + GONE_S
    while (left := left_of(state, words)) and time.monotonic() < until:
        time.sleep(0.1)
    return left


def stored(address: str) -> int:
    text = urllib.request.urlopen(f"{address}metrics", timeout=5).read().decode()
    found = re.search(r"^machikado_ledger_stored (\d+)", text, re.M)
    assert found
    return int(found[1])


def wait_for_records(address: str, more_than: int) -> int:
    until = time.monotonic() + STARTS_S
    while (now := stored(address)) <= more_than and time.monotonic() < until:
        time.sleep(0.2)
    return now


@pytest.mark.timeout(180)
def test_ctrl_c_leaves_nothing_and_a_second_start_goes_on(tmp_path: Path) -> None:
    with demo(tmp_path) as (process, address):
        before = wait_for_records(address, 20)
        process.send_signal(signal.SIGINT)
        assert process.wait(GONE_S) == 0
    assert left_of(tmp_path) == []

    with demo(tmp_path) as (process, address):
        assert wait_for_records(address, before - 1) >= before
        assert wait_for_records(address, before) > before
        process.send_signal(signal.SIGINT)
        process.wait(GONE_S)
    logs = [path.read_text(encoding="utf-8") for path in (tmp_path / "logs").iterdir()]
    assert not [log for log in logs if "Traceback" in log or "source_failed: on" in log]


@pytest.mark.timeout(120)
def test_a_killed_demonstration_takes_agents_and_hub_with_it(tmp_path: Path) -> None:
    with demo(tmp_path) as (process, _):
        process.kill()
        process.wait()

        left = wait_until_gone(tmp_path, ("agent run", "hub run"))
        for other in psutil.process_iter(["cmdline"]):
            if (
                str(tmp_path) in " ".join(other.info["cmdline"] or ())
                and "nats-server" in (other.info["cmdline"] or [""])[0]
            ):
                other.kill()

        assert left == []
