"""Fetch and build the peers once, into a cache outside the repository; running it again does nothing.

What Debian has is installed where we may (root), otherwise the line to type is printed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import PreparationFailed
from benchmarks.peers import pyoma
from simulators import programs
from simulators.errors import ProgramMissing

BUILD_TIMEOUT_S = 900
TELEGRAF_TAGS = "custom,inputs.mqtt_consumer,outputs.influxdb,parsers.influx,serializers.influx"
NODE_RED_VERSION, NODE_RED_INFLUXDB_VERSION = "4.1.15", "0.7.0"


@dataclass(frozen=True, slots=True)
class GoBuild:
    """A program that `go install` builds."""

    program: programs.Program
    package: str
    options: Sequence[str] = ()


DEBIAN = {
    programs.MOSQUITTO: "mosquitto",
    programs.INFLUXD_DEBIAN: "influxdb",
    programs.NODE: "nodejs npm",
}
GO = (
    GoBuild(programs.INFLUXD_1_8, "github.com/influxdata/influxdb/cmd/influxd@v1.8.3"),
    GoBuild(programs.TELEGRAF, "github.com/influxdata/telegraf/cmd/telegraf@v1.37.2", ("-tags", TELEGRAF_TAGS)),
)


def node_red_folder() -> Path:
    """Where Node-RED is installed with its InfluxDB nodes."""
    return programs.cache_directory() / "node-red"


def node_red_installed() -> bool:
    """Whether Node-RED and its InfluxDB nodes are there."""
    modules = node_red_folder() / "node_modules"
    return (modules / "node-red" / "red.js").exists() and (modules / "node-red-contrib-influxdb").exists()


def node_red_script() -> Path:
    """Node-RED's own start script. Raises ProgramMissing when it is not installed."""
    if not node_red_installed():
        raise ProgramMissing(f"Node-RED: not in {node_red_folder()}; install: {programs.PREPARE} (needs npm)")
    return node_red_folder() / "node_modules" / "node-red" / "red.js"


def prepare(say: Callable[[str], object]) -> int:
    """Get every peer that is not there yet; the result is the exit status: 0, or 4 when one could not be had."""
    steps = (_prepare_debian, *(_go_step(build) for build in GO), _prepare_node_red, _prepare_nats, _prepare_pyoma)
    missing = 0
    for step in steps:
        try:
            step(say)
        except (PreparationFailed, ProgramMissing) as error:
            say(f"missing  {error}")
            missing += 1
    return 4 if missing else 0


def _prepare_debian(say: Callable[[str], object]) -> None:
    wanted = [package for program, package in DEBIAN.items() if program.path() is None]
    if not wanted:
        say("ready    Debian: " + ", ".join(DEBIAN.values()))
        return
    packages = " ".join(wanted).split()
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise PreparationFailed(f"Debian packages; type: sudo apt-get install -y {' '.join(packages)}")
    _run(["apt-get", "install", "-y", "--no-install-recommends", *packages], "apt-get")
    say(f"fetched  Debian: {' '.join(packages)}")


def _go_step(build: GoBuild) -> Callable[[Callable[[str], object]], None]:
    def step(say: Callable[[str], object]) -> None:
        if build.program.path() is not None:
            say(f"ready    {build.program.name}: {build.program.path()}")
            return
        go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
        if go is None:
            raise PreparationFailed(f"{build.program.name}: needs Go (https://go.dev/dl/) to build {build.package}")
        folder = programs.cache_directory() / "bin"
        folder.mkdir(parents=True, exist_ok=True)
        _run([go, "install", *build.options, build.package], build.program.name, {"GOBIN": str(folder)})
        say(f"built    {build.program.name}: {build.program.require()}")

    return step


def _prepare_node_red(say: Callable[[str], object]) -> None:
    if node_red_installed():
        say(f"ready    Node-RED: {node_red_script()}")
        return
    npm = shutil.which("npm")
    if npm is None:
        raise PreparationFailed("Node-RED: needs npm; type: sudo apt-get install -y nodejs npm")
    node_red_folder().mkdir(parents=True, exist_ok=True)
    packages = [f"node-red@{NODE_RED_VERSION}", f"node-red-contrib-influxdb@{NODE_RED_INFLUXDB_VERSION}"]
    options = ["--prefix", str(node_red_folder()), "--no-audit", "--no-fund", "--omit=dev"]
    _run([npm, "install", *options, *packages], "Node-RED")
    say(f"fetched  Node-RED: {node_red_script()}")


def _prepare_nats(say: Callable[[str], object]) -> None:
    say(f"ready    NATS: {programs.NATS.require()}")


def _prepare_pyoma(say: Callable[[str], object]) -> None:
    if pyoma.installed():
        say(f"ready    {pyoma.NAME}: {pyoma.folder()}")
        return
    _run([sys.executable, "-m", "venv", str(pyoma.folder())], pyoma.NAME)
    _run([str(pyoma.python()), "-m", "pip", "install", "-q", f"pyoma-2=={pyoma.VERSION}"], pyoma.NAME)
    say(f"fetched  {pyoma.NAME}: {pyoma.folder()}")


def _run(command: Sequence[str], name: str, more_environment: dict[str, str] | None = None) -> None:
    environment = {**os.environ, **(more_environment or {})}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=BUILD_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PreparationFailed(f"{name}: '{' '.join(command)}': {error}") from error
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise PreparationFailed(f"{name}: '{' '.join(command)}' ended with {done.returncode}: {last}")
