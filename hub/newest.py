"""The newest value of a series: what an older record, however late it comes, never turns back."""

from __future__ import annotations

from typing import Generic, TypeVar

Value = TypeVar("Value")


class Newest(Generic[Value]):
    """Values by the code of their series, each with its time [µs UTC]."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, Value]] = {}

    def take(self, code: str, t: int, value: Value) -> bool:
        """Whether the value is now the newest of its series; of two at one time the later taken one is."""
        held = self._held.get(code)
        if held is not None and t < held[0]:
            return False
        self._held[code] = (t, value)
        return True

    def get(self, code: str) -> tuple[int, Value] | None:
        """The newest value of a series with its time."""
        return self._held.get(code)

    def items(self) -> list[tuple[str, int, Value]]:
        """Code, time and value of every series, by code."""
        return [(code, t, value) for code, (t, value) in sorted(self._held.items())]
