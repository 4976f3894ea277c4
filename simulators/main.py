"""Composition root of simulations and replays: the only place that reads the clock and makes the generator for them."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from edge.contract.families import Family
from edge.lines import Line
from simulators.errors import SimulatorError
from simulators.formats.recording import Recording
from simulators.progress import Progress
from simulators.recordings import open_recording
from simulators.replay import paced, replayed_lines, settings_of, watched
from simulators.run import run
from simulators.simulator import parts_of


def simulate(
    family: Family,
    settings: Mapping[str, object],
    seed: int,
    lines: Mapping[str, str],
    truth: Path | None,
    speed: float,
    stop: Event,
    ready: Callable[[], object] = lambda: None,
) -> None:
    """Run a family's simulator from now until ``stop`` is set; see ``simulators.run.run``.

    Raises:
        SimulatorError: the settings, a line, the truth file or the speed cannot be used.
    """
    run(
        parts_of(family),
        settings,
        np.random.default_rng(seed),
        time.time_ns() // 1000,
        lines,
        truth,
        speed,
        now=time.monotonic,
        sleep=stop.wait,
        stop=stop,
        ready=ready,
    )


def simulate_until_signal(
    family: Family,
    settings: Path | None,
    seed: int,
    lines: Sequence[str],
    truth: Path | None,
    speed: float,
) -> None:
    """``simulate`` for the command line: ``lines`` are ``NAME=TARGET``, ``settings`` a TOML file; ends with a signal.

    Raises:
        SimulatorError: as ``simulate``, or a line or the settings' file is not as it should be.
    """
    if seed < 0:
        raise SimulatorError(f"seed {seed}: wanted a whole number from 0 on")
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def say() -> None:
        print(f"{family} on {', '.join(lines)}; Ctrl-C ends it", file=sys.stderr, flush=True)

    simulate(family, _read_settings(settings), seed, _targets(lines), truth, speed, stop, say)


def _targets(lines: Sequence[str]) -> dict[str, str]:
    targets: dict[str, str] = {}
    for line in lines:
        name, equals, target = line.partition("=")
        if not (name and equals and target):
            raise SimulatorError(f"--line {line!r}: wanted NAME=TARGET, e.g. mcu=pty:/tmp/mcu or xfs=ws:8081")
        if name in targets:
            raise SimulatorError(f"--line {name}: given twice; a line has one target")
        targets[name] = target
    return targets


def _read_settings(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise SimulatorError(f"settings {path}: {problem.strerror}; check the path") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise SimulatorError(f"settings {path}: not TOML: {problem}") from problem


class ReplayOptions(NamedTuple):
    """How recordings are replayed.

    Attributes:
        speed: recorded seconds a second; None for as fast as the machine allows.
        config: a device's TOML whose pipeline takes the place of the recordings' own.
        out: file of the lines, None for standard output.
        progress: whether a bar is drawn on standard error.
        to: a device's TOML; the records are sent to its hub as that device's own instead of written.
    """

    speed: float | None
    config: Path | None
    out: Path | None
    progress: bool
    to: Path | None = None


def replay(files: Sequence[Path], options: ReplayOptions) -> int:
    """Replay recordings one after the other, a line of JSON a record; the number of records.

    Raises:
        EdgeError: a recording or a configuration is refused, or the outbox of ``options.to`` does not obey.
        SimulatorError: the lines cannot be written.
    """
    recordings = [open_recording(path) for path in files]
    lines = (line for recording in recordings for line in _replay_one(recording, options))
    if options.to is not None:
        from edge.main import deliver

        return deliver(options.to, lines)
    count = 0
    with _output(options.out) as output:
        for line in lines:
            output.write(line.line + b"\n")
            count += 1
            if options.speed is not None:
                output.flush()
        output.flush()
    return count


def _replay_one(recording: Recording, options: ReplayOptions) -> Iterator[Line]:
    settings = settings_of(recording, options.config)
    deliveries = recording.deliveries
    if options.speed is not None:
        deliveries = paced(deliveries, options.speed, time.monotonic, time.sleep)
    if not options.progress:
        yield from replayed_lines(recording, settings, deliveries)
        return
    bar = Progress(sys.stderr, recording.device, recording.duration_s, time.monotonic)
    yield from replayed_lines(recording, settings, watched(deliveries, bar.reached))
    bar.done(recording.duration_s)


@contextlib.contextmanager
def _output(path: Path | None) -> Iterator[BinaryIO]:
    if path is None:
        yield sys.stdout.buffer
        return
    try:
        with path.open("wb") as file:
            yield file
    except OSError as problem:
        raise SimulatorError(f"output {path}: {problem.strerror}; choose a file that can be written") from problem
