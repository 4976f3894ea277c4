"""What a source is: something that delivers raw items, each a msgspec struct of its family's ``items.py``.

Raw items are values that MessagePack can keep (numbers, bytes, lists): a recording is those items with their times,
and a replay feeds them to the same pipeline.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Protocol, runtime_checkable

Emit = Callable[[object], None]
"""Called by a source for each item; the runtime adds the monotonic time of delivery."""


class Source(Protocol):
    """One sensor line, receiver or feed; runs in a thread of its own."""

    @property
    def name(self) -> str:
        """A ``Code`` that tells this source from the device's others."""
        ...

    def run(self, emit: Emit, stop: Event) -> None:
        """Deliver until ``stop`` is set, looking at it at least once a second.

        Raises:
            SourceError: the line is gone or talks nonsense; the runtime reports it and runs the source again with
                growing pauses.
        """
        ...


@runtime_checkable
class CountsFrames(Protocol):
    """A source that knows what its line damaged and lost; the runtime reports the counts when they have changed."""

    @property
    def frames_bad(self) -> int:
        """Frames that were damaged since the start."""
        ...

    @property
    def frames_lost(self) -> int:
        """Frames known to be missing since the start."""
        ...
