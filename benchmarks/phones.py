"""Phones: many clients of the phone page in one process, each on a raw socket, as a browser would load and follow it.

Each loads the page with its style sheet and scripts over one connection, taking gzip, and then holds the event stream. It
notes when which called number arrived, and counts its bytes. Times are of the monotonic clock, which all processes of a
machine share.
"""

import asyncio
import re
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

OPEN_AT_ONCE = 40
CALLED = re.compile(rb'"key":"counter-01\.residence"[^}]*?"called":(\d+)[,}]')
STATIC = re.compile(rb'"(/static/[^"]+)"')
HEAD_END = b"\r\n\r\n"
PAGE = "/now?lang=ja"
STREAM = "/api/v1/now/events"
STALE_BYTES = 4096


@dataclass(slots=True)
class Phone:
    """What one client saw: first load and stream in bytes, called numbers with their times, and whether it was dropped."""

    page_bytes: int = 0
    stream_bytes: int = 0
    opened_s: float = 0.0
    seen: list[tuple[int, float]] = field(default_factory=list)
    dropped: bool = False


class _Stream(asyncio.Protocol):
    """The event stream's end; a called number may be cut between two receives."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._tail = b""

    def data_received(self, data: bytes) -> None:
        self._phone.stream_bytes += len(data)
        text = self._tail + data
        last = None
        for last in CALLED.finditer(text):
            self._phone.seen.append((int(last[1]), time.monotonic()))
        self._tail = text[last.end() if last else 0 :][-STALE_BYTES:]

    def connection_lost(self, exc: Exception | None) -> None:
        self._phone.dropped = True


def follow(host: str, port: int, count: int, pipe: Connection) -> None:
    """Open so many phones, say ``ready``, follow until a word comes, and answer with the list of ``Phone``."""
    pipe.send(asyncio.run(_follow(host, port, count, pipe)))


async def _follow(host: str, port: int, count: int, pipe: Connection) -> list[Phone]:
    phones = [Phone() for _ in range(count)]
    gate = asyncio.Semaphore(OPEN_AT_ONCE)
    unzipped = await _page_of(host, port)
    streams = await asyncio.gather(*(_open(phone, host, port, unzipped, gate) for phone in phones))
    pipe.send("ready")
    await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
    ended = [Phone(one.page_bytes, one.stream_bytes, one.opened_s, one.seen, one.dropped) for one in phones]
    for stream in streams:
        stream.close()
    return ended


async def _page_of(host: str, port: int) -> list[str]:
    """The files that the page loads."""
    reader, writer = await asyncio.open_connection(host, port)
    body = await _get(reader, writer, PAGE, gzip=False)
    writer.close()
    return list(dict.fromkeys(one.decode() for one in STATIC.findall(body)))


async def _open(phone: Phone, host: str, port: int, files: list[str], gate: asyncio.Semaphore) -> asyncio.Transport:
    async with gate:
        reader, writer = await asyncio.open_connection(host, port)
        for path in (PAGE, *files):
            phone.page_bytes += len(await _get(reader, writer, path, gzip=True))
        writer.close()
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(lambda: _Stream(phone), host, port)
        transport.write(_request(STREAM, "text/event-stream", gzip=False))
        phone.opened_s = time.monotonic()
        return transport


async def _get(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, gzip: bool) -> bytes:
    """Head and body of an answer, as they came."""
    writer.write(_request(path, "*/*", gzip))
    head = await reader.readuntil(HEAD_END)
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return head + await reader.readexactly(int(length[1]) if length else 0)


def _request(path: str, accept: str, gzip: bool) -> bytes:
    encoding = "accept-encoding: gzip\r\n" if gzip else ""
    return f"GET {path} HTTP/1.1\r\nhost: hub\r\naccept: {accept}\r\n{encoding}\r\n".encode()
