"""The runner: a simulator in real time, its lines on pseudo-terminals, WebSockets, HTTP and IPP, its truth in a file.

Rules it keeps:
- Simulated time is the start plus the time that has passed, times the speed; it never runs ahead.
- It looks at ``stop`` at least once every ``SLICE_US`` of simulated time and every ``PAUSE_S`` of real time.
- What a device sends goes to a simulator that listens, and its answers go back to who asked.
- Lines are closed and the truth is on disk when it ends, however it ends.

It reads no clock and draws nothing by itself: clock, sleep and generator are passed in.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final, Protocol, TextIO, runtime_checkable

import msgspec
import numpy as np

from simulators.errors import SimulatorError
from simulators.simulator import Parts, Simulator
from simulators.wire import PtyLine

SLICE_US: Final = 10_000_000
PAUSE_S: Final = 0.05
MAX_SPEED: Final = 10_000.0


@runtime_checkable
class Listener(Protocol):
    """A simulator that also hears what devices send on its lines."""

    def heard(self, line: str, data: bytes) -> Iterable[bytes]:
        """The answers to ``data``, sent to who sent it."""
        ...


class Line(Protocol):
    """Where a simulated line is found by a device."""

    def open(self) -> None: ...

    def write(self, data: bytes) -> None: ...

    def serve(self, answer: Callable[[bytes], Iterable[bytes]]) -> None:
        """Pass on what the device sent, and send it the answers."""
        ...

    def close(self) -> None: ...


class PtyTarget(PtyLine):
    """A pseudo-terminal that answers."""

    def serve(self, answer: Callable[[bytes], Iterable[bytes]]) -> None:
        data = self.read()
        for reply in answer(data) if data else ():
            self.write(reply)


def run(
    parts: Parts,
    settings: Mapping[str, object],
    rng: np.random.Generator,
    start_us: int,
    lines: Mapping[str, str],
    truth: Path | None,
    speed: float,
    now: Callable[[], float],
    sleep: Callable[[float], object],
    stop: Event,
    ready: Callable[[], object] = lambda: None,
) -> None:
    """Run a family's simulator until ``stop`` is set.

    Args:
        settings: of the simulator, as read from TOML or the command line.
        start_us: simulated time at the start [µs UTC].
        lines: target of each line by its name: ``pty:PATH`` (or a plain path), ``ws:PORT``, ``http:PORT`` or ``ipp:PORT``.
            What the simulator says on a line without a target is dropped.
        truth: file to which the true facts are written, one JSON object a line; none when None.
        speed: simulated seconds a second.
        now: monotonic clock [s].
        ready: called once, when every line can be found.

    Raises:
        SimulatorError: the settings, a line, the truth file or the speed cannot be used.
    """
    if not 0 < speed <= MAX_SPEED:
        raise SimulatorError(f"speed {speed:g}: wanted above 0 and at most {MAX_SPEED:g}; for more use a replay")
    simulator = _build(parts, settings, rng, start_us)
    targets = {name: line_of(name, target, simulator.lines) for name, target in lines.items()}
    with ExitStack() as closing:
        facts = closing.enter_context(_opened(truth)) if truth is not None else None
        for line in targets.values():
            line.open()
            closing.callback(line.close)
        ready()
        began, reached = now(), start_us
        while not stop.is_set():
            until = start_us + math.floor((now() - began) * speed * 1e6)
            while reached < until and not stop.is_set():
                reached = min(reached + SLICE_US, until)
                _advance(simulator, reached, targets, facts)
            sleep(PAUSE_S)


def line_of(name: str, target: str, known: tuple[str, ...]) -> Line:
    """The line that a target names; not yet open.

    Raises:
        SimulatorError: the simulator has no such line, or the port is not a number.
    """
    if name not in known:
        raise SimulatorError(f"line {name!r}: this simulator has {', '.join(known)}; name one of them")
    scheme, colon, port = target.partition(":")
    if not colon or scheme not in ("ws", "http", "ipp"):
        return PtyTarget(Path(target.removeprefix("pty:")))
    if not (port.isascii() and port.isdigit() and int(port) <= 65_535):
        raise SimulatorError(f"line {name}: {target!r}, wanted {scheme}:PORT with a port of 0 to 65535")
    if scheme == "http":
        from simulators.http_line import HttpLine

        return HttpLine(int(port))
    if scheme == "ipp":
        from simulators.ipp_line import IppLine

        return IppLine(int(port))
    from simulators.websocket_line import WebSocketLine

    return WebSocketLine(int(port))


def _build(parts: Parts, settings: Mapping[str, object], rng: np.random.Generator, start_us: int) -> Simulator:
    try:
        built = msgspec.convert(dict(settings), parts.settings)
    except msgspec.ValidationError as problem:
        raise SimulatorError(f"simulator settings: {problem}; see the simulator's Settings") from problem
    return parts.simulator(built, rng, start_us)


def _advance(simulator: Simulator, until_us: int, targets: Mapping[str, Line], facts: TextIO | None) -> None:
    for emission in simulator.advance(until_us):
        if emission.line in targets:
            targets[emission.line].write(emission.data)
    if isinstance(simulator, Listener):
        for name, line in targets.items():
            line.serve(partial(simulator.heard, name))
    for fact in simulator.truth():
        if facts is not None:
            facts.write(json.dumps(fact, ensure_ascii=False) + "\n")
    if facts is not None:
        facts.flush()


def _opened(truth: Path) -> TextIO:
    try:
        return truth.open("a", encoding="utf-8")
    except OSError as problem:
        raise SimulatorError(f"truth {truth}: {problem.strerror}; choose a file that can be written") from problem
