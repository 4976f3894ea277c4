"""A fleet: thousands of light devices over real connections, driven by one selector in a process of its own.

What it plays and answers is in `fleet_plan.py`, a device in `fleet_device.py`, the process in `fleet_crew.py`.
"""

import multiprocessing
from types import TracebackType

from benchmarks.errors import MeasurementFailed
from benchmarks.fleet_crew import serve
from benchmarks.fleet_plan import Phase, Plan, Report

READY_S = 180.0
ENDING_S = 60.0


class Fleet:
    """A fleet's process: outboxes filled when the `with` block begins, at work while a phase runs."""

    def __init__(self, plan: Plan) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, self._far_end = context.Pipe()
        self._process = context.Process(target=serve, args=(plan, self._far_end), daemon=True)

    def __enter__(self) -> "Fleet":
        self._process.start()
        self._far_end.close()
        self._receive(READY_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def begin(self, phase: Phase) -> None:
        """Begin a phase; `report` waits for its end."""
        self._pipe.send(phase)

    def report(self, limit_s: float) -> Report:
        """What the phase gave. Raises MeasurementFailed when a device was refused, or the process is silent."""
        answer = self._receive(limit_s)
        if not isinstance(answer, Report):
            raise MeasurementFailed(f"fleet: said {answer!r}; wanted its report")
        return answer

    def run(self, phase: Phase) -> Report:
        """A phase from beginning to end."""
        self.begin(phase)
        return self.report(phase.seconds + ENDING_S)

    def _receive(self, timeout_s: float) -> object:
        if not self._pipe.poll(timeout_s):
            raise MeasurementFailed(f"fleet: silent for {timeout_s:.0f} s; is the broker alive?")
        try:
            answer: object = self._pipe.recv()
        except EOFError as error:
            raise MeasurementFailed("fleet: its process ended; see its traceback above") from error
        if isinstance(answer, MeasurementFailed):
            raise answer
        return answer
