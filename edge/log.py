"""The log: one line when a thing changes its state, none while it stays; a night offline is two lines."""

from __future__ import annotations

from collections.abc import Callable


class Log:
    """Writes lines through ``write``; repeats of a thing's state are left out."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._states: dict[str, str] = {}

    def state(self, thing: str, state: str, reason: str) -> None:
        """``thing`` is now in ``state``; written only when it was not before."""
        if self._states.get(thing) != state:
            self._states[thing] = state
            self._write(f"{thing}: {state}" + (f": {reason}" if reason else ""))
