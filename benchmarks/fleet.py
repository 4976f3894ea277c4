"""A fleet: thousands of light devices over real connections, driven by one selector in a process of its own.

What it plays and answers is in `fleet_plan.py`, a device in `fleet_device.py`, the process in `fleet_crew.py`.
"""

from benchmarks.answering_process import AnsweringProcess
from benchmarks.errors import MeasurementFailed
from benchmarks.fleet_crew import serve
from benchmarks.fleet_plan import Phase, Plan, Report

READY_S = 180.0
ENDING_S = 60.0


class Fleet(AnsweringProcess[Plan]):
    """A fleet's process: outboxes filled when the `with` block begins, at work while a phase runs."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("fleet", serve, plan, READY_S)

    def begin(self, phase: Phase) -> None:
        """Begin a phase; `report` waits for its end."""
        self._send(phase)

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
