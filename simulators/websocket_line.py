"""A simulated WebSocket service: every message goes to all who are connected, and each request is answered to its asker.

Rules it keeps:
- It listens on loopback only.
- A client that does not read loses its connection when ``WAITING_MESSAGES`` wait for it; the others do not wait.
- Requests wait in one bounded queue until ``serve`` is called; what is above is refused by closing its connection.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable
from threading import Lock, Thread

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from simulators.errors import SimulatorError

WAITING_MESSAGES = 1000
WAITING_REQUESTS = 256
MAX_REQUEST_BYTES = 64 * 1024
LOOPBACK = "127.0.0.1"


class WebSocketLine:
    """A service on ``port`` of loopback, 0 for one that the system chooses; ``url`` is known once it is open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._server: Server | None = None
        self._thread: Thread | None = None
        self._clients: dict[ServerConnection, queue.Queue[str | None]] = {}
        self._requests: queue.Queue[tuple[ServerConnection, bytes]] = queue.Queue(WAITING_REQUESTS)
        self._lock = Lock()

    @property
    def url(self) -> str:
        """Where a client connects to."""
        return f"ws://{LOOPBACK}:{self.port}"

    def open(self) -> None:
        """Listen.

        Raises:
            SimulatorError: the port is taken or not allowed.
        """
        try:
            self._server = serve(self._attend, LOOPBACK, self.port, max_size=MAX_REQUEST_BYTES, compression=None)
        except OSError as problem:
            raise SimulatorError(f"line ws:{self.port}: {problem.strerror}; choose a free port, or 0") from problem
        self.port = self._server.socket.getsockname()[1]
        self._thread = Thread(target=self._server.serve_forever, name=f"ws-{self.port}", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Send one message to everybody who is connected."""
        with self._lock:
            clients = list(self._clients)
        for client in clients:
            self._send(client, data)

    def serve(self, answer: Callable[[bytes], Iterable[bytes]]) -> None:
        """Answer the requests that wait."""
        for _ in range(self._requests.qsize()):
            client, request = self._requests.get()
            for reply in answer(request):
                self._send(client, reply)

    def close(self) -> None:
        """Close every connection and stop listening."""
        with self._lock:
            clients = dict(self._clients)
        for client, waiting in clients.items():
            _put(waiting, None)
            client.close()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join(timeout=2.0)
        self._server = self._thread = None

    def _send(self, client: ServerConnection, data: bytes) -> None:
        with self._lock:
            waiting = self._clients.get(client)
        if waiting is not None and not _put(waiting, data.decode()):
            client.socket.close()

    def _attend(self, client: ServerConnection) -> None:
        """One connection, in a thread of its own: its requests in, and a second thread for what goes out."""
        waiting: queue.Queue[str | None] = queue.Queue(WAITING_MESSAGES)
        with self._lock:
            self._clients[client] = waiting
        sender = Thread(target=_deliver, args=(client, waiting), daemon=True)
        sender.start()
        try:
            for request in client:
                data = request.encode() if isinstance(request, str) else bytes(request)
                try:
                    self._requests.put_nowait((client, data))
                except queue.Full:
                    return
        except ConnectionClosed:
            return
        finally:
            with self._lock:
                del self._clients[client]
            _put(waiting, None)


def _deliver(client: ServerConnection, waiting: queue.Queue[str | None]) -> None:
    try:
        while (text := waiting.get()) is not None:
            client.send(text)
    except (ConnectionClosed, OSError):
        return


def _put(waiting: queue.Queue[str | None], text: str | None) -> bool:
    try:
        waiting.put_nowait(text)
    except queue.Full:
        return False
    return True
