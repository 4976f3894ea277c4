"""A process beside the benchmark that is told what to do and answers over a pipe: load generator, fleet, counting subscriber.

What runs in it says something when it is ready, and answers with a `MeasurementFailed` where it cannot do what was asked.
"""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Generic, Self, TypeVar

from benchmarks.errors import MeasurementFailed

Task = TypeVar("Task")


class AnsweringProcess(Generic[Task]):
    """Started, and waited for until it is ready, when the `with` block begins; killed when it ends."""

    def __init__(self, name: str, serve: Callable[[Task, Connection], None], task: Task, ready_s: float) -> None:
        self._name = name
        self._ready_s = ready_s
        context = multiprocessing.get_context("spawn")
        self._pipe, self._far_end = context.Pipe()
        self._process = context.Process(target=serve, args=(task, self._far_end), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self._far_end.close()
        self._receive(self._ready_s)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _send(self, word: object) -> None:
        self._pipe.send(word)

    def _receive(self, timeout_s: float) -> object:
        """What it says next. Raises MeasurementFailed when it says nothing in time, has ended, or could not do it."""
        if not self._pipe.poll(timeout_s):
            raise MeasurementFailed(f"{self._name}: silent for {timeout_s:.0f} s; is the broker alive?")
        try:
            answer: object = self._pipe.recv()
        except EOFError as error:
            raise MeasurementFailed(f"{self._name}: its process ended; see its traceback above") from error
        if isinstance(answer, MeasurementFailed):
            raise answer
        return answer
