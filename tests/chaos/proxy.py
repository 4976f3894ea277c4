"""A TCP proxy on loopback whose two directions can be cut, silenced, delayed, stalled or doubled while it runs.

Rules it keeps:
- Bytes are never altered, reordered or left out within a connection: TCP would not either. What a network loses is a pause;
  what does not come back is a connection that ends.
- *Near* is the end that connected to the proxy, *far* the server behind it. Up is from near to far.
- A silent direction holds what is under way, in the buffers of the sender's own kernel; it goes on when it speaks again.
- In a half-open connection one end is gone without a word for the other, which stays connected and hears nothing more.
- Only whole MQTT packets are doubled, as a client does it that believes its PUBLISH lost.
- With ``answer_500`` an HTTP request is read to its end and answered so; the server never sees it.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import socket
import threading
from collections.abc import Coroutine
from typing import Literal

from simulators.servers import HOST
from tests.chaos.mqtt_frames import PacketCutter, sent_again

CHUNK_BYTES = 65_536
LOOK_S = 0.02
STALL_S = (0.1, 0.6)
"""A lost segment costs TCP its retransmission time-out, 200 ms and more."""
REQUEST_MOST_BYTES = 16 << 20
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_REFUSAL = b'{"error":"injected"}'
ANSWER_500 = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_REFUSAL), _REFUSAL)
)

Side = Literal["near", "far"]


class Way:
    """One direction; its faults may be set from any thread."""

    def __init__(self) -> None:
        self.silent = 0
        self.delay_s = 0.0
        self.stall_probability = 0.0
        self.duplicate_probability = 0.0


class _Connection:
    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.near, self.far = near, far
        self.dead = False

    def abort(self, *sides: Side) -> None:
        for side in sides:
            writer = self.near if side == "near" else self.far
            if writer.transport is not None:
                writer.transport.abort()


class TcpProxy:
    """``with TcpProxy(host, port, rng) as proxy: … proxy.port …``; ``mqtt``: cut packets, so that they can be doubled."""

    def __init__(self, host: str, port: int, rng: random.Random, mqtt: bool = False) -> None:
        self._behind = (host, port)
        self._rng = rng
        self._mqtt = mqtt
        self._connections: set[_Connection] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._cut = 0
        self.up, self.down = Way(), Way()
        self.answers_500 = False
        self.doubled = 0
        self.host = HOST
        self.port = 0

    def __enter__(self) -> TcpProxy:
        self._thread.start()
        self._do(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # ---------------------------------------------------------------- faults

    def cut(self) -> None:
        """End every connection at both ends and let nobody in until ``mend``."""
        self._cut += 1
        self._do(self._break("near", "far"))

    def mend(self) -> None:
        """Let connections in again, once for each ``cut``."""
        self._cut -= 1

    def half_open(self, gone: Side) -> None:
        """One end of every connection is gone; the other is not told. New connections pass."""
        self._do(self._break(gone))

    def set_500(self, answers: bool) -> None:
        """Answer requests with status 500 instead of passing them on; connections that stand are ended first."""
        self.answers_500 = answers
        self._do(self._break("near", "far"))

    # ---------------------------------------------------------------- inside the loop

    def _do(self, work: Coroutine[object, object, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10.0)

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._break("near", "far")
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)

    async def _break(self, *gone: Side) -> None:
        for connection in list(self._connections):
            connection.dead = True
            connection.abort(*gone)
            if len(gone) == 2:
                self._connections.discard(connection)

    async def _serve(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        if self._cut:
            near.transport.abort()
            return
        if self.answers_500:
            await _refuse(near_reader, near)
            return
        try:
            far_reader, far = await asyncio.open_connection(*self._behind)
        except OSError:
            near.transport.abort()
            return
        for writer in (near, far):
            writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(near, far)
        self._connections.add(connection)
        pumps = [
            asyncio.create_task(self._pump(near_reader, far, self.up, connection, self._mqtt)),
            asyncio.create_task(self._pump(far_reader, near, self.down, connection, False)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        if connection.dead:
            # Half-open: who is left hears nothing until it gives up, which its reader tells.
            await asyncio.wait(pumps)
        for pump in pumps:
            pump.cancel()
        for writer in (near, far):
            # What was read of an end that left is still handed on.
            writer.close()
        self._connections.discard(connection)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way, connection: _Connection, mqtt: bool
    ) -> None:
        cutter = PacketCutter() if mqtt else None
        with contextlib.suppress(OSError, ValueError):
            while data := await reader.read(CHUNK_BYTES):
                while way.silent and not connection.dead:
                    await asyncio.sleep(LOOK_S)
                if connection.dead:
                    continue
                if way.delay_s:
                    await asyncio.sleep(way.delay_s)
                if way.stall_probability and self._rng.random() < way.stall_probability:
                    await asyncio.sleep(self._rng.uniform(*STALL_S))
                if connection.dead:
                    continue
                writer.write(data if cutter is None else self._some_doubled(cutter.feed(data), way))
                await writer.drain()

    def _some_doubled(self, packets: list[bytes], way: Way) -> bytes:
        """The packets; some of them once more, right behind."""
        out = []
        for packet in packets:
            out.append(packet)
            again = sent_again(packet) if self._rng.random() < way.duplicate_probability else None
            if again is not None:
                self.doubled += 1
                out.append(again)
        return b"".join(out)


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read one HTTP request to its end and answer it with status 500."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        head = await reader.readuntil(b"\r\n\r\n")
        length = _CONTENT_LENGTH.search(head)
        if length:
            await reader.readexactly(min(int(length[1]), REQUEST_MOST_BYTES))
        writer.write(ANSWER_500)
        await writer.drain()
    writer.close()
