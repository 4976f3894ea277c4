"""Fan-out: one payload for all, the newest for who is slow, nobody waits for anybody, and everything ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest
from starlette.types import Message

from hub.api import fanout
from hub.api.fanout import Feed, Timing


class Numbers:
    """Tells its number whenever it was raised."""

    def __init__(self) -> None:
        self.number = 0
        self.told = 0
        self.made = 0

    def beat(self, now: int) -> bytes:
        return b"beat;"

    def changes(self, now: int) -> Mapping[str, bytes]:
        if self.told == self.number:
            return {}
        self.told = self.number
        self.made += 1
        return {"number": b"%d;" % self.number}


class Reader:
    """A stream's far end, that takes messages while ``takes`` is set, and hangs up when told to."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.takes = asyncio.Event()
        self.takes.set()
        self.hung_up = asyncio.Event()

    async def receive(self) -> Message:
        await self.hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.takes.wait()
        if message["type"] == "http.response.body":
            self.got.append(message["body"])

    async def has(self, text: bytes) -> None:
        async with asyncio.timeout(5):
            while text not in b"".join(self.got):
                await asyncio.sleep(0.005)


Act = Callable[[Numbers, Feed, list[Reader]], Awaitable[None]]


def play(act: Act, readers: int, beat_s: float = 60.0) -> tuple[Numbers, list[Reader]]:
    """Let so many readers listen to numbers while ``act`` goes on; the feed ends after it."""

    async def main() -> tuple[Numbers, list[Reader]]:
        numbers, ending = Numbers(), asyncio.Event()
        feed = Feed(numbers, Timing(beat_s, 0.01), lambda: 0, ending.is_set)
        listeners = [Reader() for _ in range(readers)]
        served = [asyncio.ensure_future(feed.serve(one.receive, one.send)) for one in listeners]
        for one in listeners:
            await one.has(b"beat;")
        await act(numbers, feed, listeners)
        ending.set()
        async with asyncio.timeout(5):
            await asyncio.gather(*served)
        return numbers, listeners

    return asyncio.run(main())


def test_a_change_reaches_every_stream_and_is_made_once() -> None:
    async def act(numbers: Numbers, feed: Feed, readers: list[Reader]) -> None:
        numbers.number = 7
        feed.wake()
        for one in readers:
            await one.has(b"7;")

    numbers, readers = play(act, 20)

    assert numbers.made == 1
    assert {b"".join(one.got) for one in readers} == {b"beat;7;"}


def test_who_reads_slowly_gets_the_newest_and_delays_nobody() -> None:
    async def act(numbers: Numbers, feed: Feed, readers: list[Reader]) -> None:
        slow, quick = readers
        slow.takes.clear()
        for number in range(1, 40):
            numbers.number = number
            feed.wake()
            await quick.has(b"%d;" % number)
        slow.takes.set()
        await slow.has(b"39;")

    _, (slow, quick) = play(act, 2)

    assert b"".join(quick.got).count(b";") == 40
    assert b"".join(slow.got).count(b";") <= 3, "the beat, one that was under way, and the newest"


def test_who_takes_nothing_at_all_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "PATIENCE_S", 0.05)

    async def act(numbers: Numbers, feed: Feed, readers: list[Reader]) -> None:
        readers[0].takes.clear()
        numbers.number = 1
        feed.wake()
        async with asyncio.timeout(5):
            while feed.streams > 1:
                await asyncio.sleep(0.005)

    _, (dead, alive) = play(act, 2)

    assert (dead.got, alive.got) == ([b"beat;"], [b"beat;", b"1;", b""])


def test_who_hangs_up_is_forgotten() -> None:
    async def act(numbers: Numbers, feed: Feed, readers: list[Reader]) -> None:
        readers[0].hung_up.set()
        async with asyncio.timeout(5):
            while feed.streams > 1:
                await asyncio.sleep(0.005)
        numbers.number = 5
        feed.wake()
        await readers[1].has(b"5;")

    _, (gone, stayed) = play(act, 2)

    assert b"5;" not in b"".join(gone.got)
    assert b"5;" in b"".join(stayed.got)


def test_a_beat_comes_though_nothing_changes() -> None:
    async def act(numbers: Numbers, feed: Feed, readers: list[Reader]) -> None:
        await readers[0].has(b"beat;beat;")

    play(act, 1, beat_s=0.01)
