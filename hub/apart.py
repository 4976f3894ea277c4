"""Work that a hub does in a short process of its own: what needs much memory, or holds Python's lock for long.

Such a module has a ``main`` that reads standard input and writes standard output; what goes wrong is its last line on
standard error.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Final

from hub.errors import ApartFailed

LONGEST_S: Final = 60.0
SAID_MOST: Final = 200


def run_apart(module: str, given: bytes, longest_s: float = LONGEST_S) -> bytes:
    """What ``python -m module`` makes of ``given``.

    Raises:
        ApartFailed: it could not be started, took longer than ``longest_s`` [s], or ended with a status that is not 0.
    """
    command = [sys.executable, "-m", module]
    try:
        made = subprocess.run(command, input=given, capture_output=True, timeout=longest_s, check=False)
    except subprocess.TimeoutExpired as problem:
        raise ApartFailed(f"{module}: took longer than {longest_s:g} s") from problem
    except OSError as problem:
        raise ApartFailed(f"{module}: {problem}") from problem
    if made.returncode:
        said = made.stderr.decode(errors="replace").strip().splitlines() or [f"ended with {made.returncode}"]
        raise ApartFailed(said[-1][:SAID_MOST])
    return made.stdout
