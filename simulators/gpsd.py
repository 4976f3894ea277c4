"""A real gpsd for as long as a block lasts, on a port of its own, reading one simulated line.

gpsd started by root opens the line before it drops to its own user, and one started by another user opens that user's
own pseudo-terminal: the line needs no other permission. It is given to gpsd by its true path, so that the folder of
the link may be closed to others. It only listens (``-b``): a simulated receiver answers no probes.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from simulators.errors import SimulatorError

READY_S = 10.0
STOP_S = 3.0
ASK_EVERY_S = 0.05
PLACES = ("/usr/sbin", "/usr/local/sbin")


class RunningGpsd(NamedTuple):
    """Where a gpsd answers."""

    host: str
    port: int
    pid: int


def find_gpsd() -> str | None:
    """Path of the gpsd program, None where there is none."""
    return shutil.which("gpsd") or next((found for at in PLACES if (found := shutil.which("gpsd", path=at))), None)


@contextlib.contextmanager
def running_gpsd(line: Path, wait: Callable[[float], object]) -> Iterator[RunningGpsd]:
    """A gpsd that reads ``line`` (a terminal or a link to one) and answers on a free port of the loopback.

    Args:
        line: what it reads.
        wait: lets seconds pass (``time.sleep`` will do).

    Raises:
        SimulatorError: there is no gpsd, or it did not answer within 10 s (in its own words).
    """
    program = find_gpsd()
    if program is None:
        raise SimulatorError("gpsd: not found; install it (Debian: apt install gpsd)")
    device = line.resolve()
    port = _free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [program, "-N", "-n", "-b", "-S", str(port), str(device)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            if not _answers(process, port, wait):
                log.seek(0)
                said = log.read().decode(errors="replace").strip().splitlines()
                raise SimulatorError(f"gpsd on port {port}: does not answer: {said[-1] if said else 'it said nothing'}")
            yield RunningGpsd("127.0.0.1", port, process.pid)
        finally:
            _stop(process)


def _answers(process: subprocess.Popen[bytes], port: int, wait: Callable[[float], object]) -> bool:
    """Whether gpsd greets a client before ``READY_S`` have passed."""
    for _ in range(round(READY_S / ASK_EVERY_S)):
        if process.poll() is not None:
            return False
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0) as client:
            client.settimeout(1.0)
            return b'"VERSION"' in client.recv(512)
        wait(ASK_EVERY_S)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_S)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
