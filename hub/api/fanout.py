"""Fan-out of server-sent events: what changed is written once and handed to every stream that listens.

Rules it keeps:
- A payload is made once, however many streams take it.
- A stream holds at most the newest payload of each key: who reads slowly misses what was overtaken, and delays nobody.
- The first change after a rest is told at once; after it a feed rests ``rest_s``, and a stream its own pace.
- Every stream gets a beat each ``beat_s``, so that a page knows that the hub is there.
- A stream that takes nothing for ``PATIENCE_S``, and every stream when the hub ends, is closed; the browser comes back.

A feed lives in the event loop of its server; only ``wake`` may be called from other threads.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, Protocol

from starlette.types import Message, Receive, Send

PATIENCE_S: Final = 30.0
LOOK_S: Final = 0.5
"""How often time alone is looked at while nothing wakes a feed [s]."""
HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class Timing(NamedTuple):
    """How often a feed beats, and how long it rests after telling something [s]."""

    beat_s: float
    rest_s: float


class Tale(Protocol):
    """What a feed tells. Both are called in the event loop and must be quick."""

    def beat(self, now: int) -> bytes:
        """The event that says that the hub is there at ``now`` [µs UTC]."""
        ...

    def changes(self, now: int) -> Mapping[str, bytes]:
        """The events of what changed since this was asked last, by key; at first those of everything."""
        ...


class _Reader:
    """One stream: the newest payload of each key that it has not taken yet."""

    def __init__(self) -> None:
        self.waiting: dict[str, bytes] = {}
        self.changed = asyncio.Event()
        self.is_over = False

    def put(self, news: Mapping[str, bytes]) -> None:
        self.waiting.update(news)
        self.changed.set()

    def end(self) -> None:
        self.is_over = True
        self.changed.set()


class Feed:
    """One tale and the streams that listen to it."""

    def __init__(self, tale: Tale, timing: Timing, now: Callable[[], int], is_ending: Callable[[], bool]) -> None:
        self._tale = tale
        self._timing = timing
        self._now = now
        self._is_ending = is_ending
        self._readers: set[_Reader] = set()
        self._latest: dict[str, bytes] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken: asyncio.Event | None = None
        self._teller: asyncio.Task[None] | None = None

    @property
    def streams(self) -> int:
        """How many listen."""
        return len(self._readers)

    def wake(self) -> None:
        """Something may have changed; from any thread, returns at once."""
        loop, woken = self._loop, self._woken
        if loop is not None and woken is not None:
            with contextlib.suppress(RuntimeError):  # its server has ended meanwhile
                loop.call_soon_threadsafe(woken.set)

    async def serve(self, receive: Receive, send: Send, pace_s: float = 0.0) -> None:
        """Send one stream from its head to its end; ``pace_s`` is the shortest time between two of its messages [s]."""
        reader = _Reader()
        self._readers.add(reader)
        if self._teller is None or self._teller.done():
            self._start()
        gone = asyncio.ensure_future(_gone(receive))
        gone.add_done_callback(lambda _: reader.end())
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            reader.put({"": self._tale.beat(self._now()), **self._latest})
            await self._pass_on(reader, send, pace_s)
        finally:
            self._readers.discard(reader)
            gone.cancel()

    async def _pass_on(self, reader: _Reader, send: Send, pace_s: float) -> None:
        while True:
            await reader.changed.wait()
            if reader.is_over:
                break
            reader.changed.clear()
            body = b"".join(reader.waiting.values())
            reader.waiting.clear()
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await send(_part(body))
            except TimeoutError:
                return  # unfinished: its server closes the connection
            if pace_s:
                await asyncio.sleep(pace_s)
        await send(_part(b"", more=False))

    def _start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._teller = asyncio.ensure_future(self._tell(self._loop, self._woken))
        self._take_changes(self._now())

    def _take_changes(self, now: int) -> Mapping[str, bytes]:
        news = self._tale.changes(now)
        self._latest.update(news)
        return news

    async def _tell(self, loop: asyncio.AbstractEventLoop, woken: asyncio.Event) -> None:
        beat_at = loop.time() + self._timing.beat_s
        while self._readers and not self._is_ending():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await woken.wait()
            woken.clear()
            now = self._now()
            news = dict(self._take_changes(now))
            if loop.time() >= beat_at:
                beat_at = loop.time() + self._timing.beat_s
                news[""] = self._tale.beat(now)
            if news:
                for reader in self._readers:
                    reader.put(news)
            await asyncio.sleep(self._timing.rest_s)
        for reader in self._readers:
            reader.end()


async def _gone(receive: Receive) -> None:
    """Wait until the reader hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _part(body: bytes, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}
