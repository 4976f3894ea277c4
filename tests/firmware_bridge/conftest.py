"""The C half, compiled once as strictly as it is promised to compile."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

C_SOURCES = Path(__file__).parents[2] / "firmware_bridge" / "c"
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


@pytest.fixture(scope="session")
def frame_peer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The host program around the C half, with every read or write out of bounds made fatal."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        pytest.skip("no C compiler: install one (apt-get install gcc)")
    program = tmp_path_factory.mktemp("c") / "frame_peer"
    sanitize = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    sources = [C_SOURCES / "machikado_frame.c", C_SOURCES / "frame_peer.c"]
    subprocess.run([compiler, *STRICT, *sanitize, "-O1", *sources, "-o", program], check=True, timeout=100)
    return program
