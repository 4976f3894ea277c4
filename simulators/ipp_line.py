"""A simulated printer's line: requests by HTTP POST, as IPP puts them (RFC 8010, section 4), each answered by the simulator.

Rules it keeps:
- It listens on loopback only.
- A request waits in one bounded queue until ``serve`` is called, at most ``PATIENCE_S``; what waits longer, what finds the
  queue full and what the simulator does not answer gets HTTP status 503.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from simulators.errors import SimulatorError

WAITING_REQUESTS: Final = 64
MAX_REQUEST_BYTES: Final = 64 * 1024
PATIENCE_S: Final = 3.0
LOOPBACK: Final = "127.0.0.1"
Request = tuple[bytes, "queue.Queue[bytes]"]
"""A body, and where its answer goes; an empty answer is none."""


class IppLine:
    """A printer on ``port`` of loopback, 0 for one that the system chooses; ``url`` is known once it is open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._requests: queue.Queue[Request] = queue.Queue(WAITING_REQUESTS)
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where the printer is asked."""
        return f"ipp://{LOOPBACK}:{self.port}/ipp/print"

    def open(self) -> None:
        """Listen.

        Raises:
            SimulatorError: the port is taken or not allowed.
        """
        try:
            self._server = ThreadingHTTPServer((LOOPBACK, self.port), _handler(self._asked))
        except OSError as problem:
            raise SimulatorError(f"line ipp:{self.port}: {problem.strerror}; choose a free port, or 0") from problem
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name=f"ipp-{self.port}", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Nothing: a printer only answers."""

    def serve(self, answer: Callable[[bytes], Iterable[bytes]]) -> None:
        """Answer the requests that wait."""
        for _ in range(self._requests.qsize()):
            request, reply = self._requests.get()
            reply.put(b"".join(answer(request)))

    def close(self) -> None:
        """Answer nobody any more."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        self._server = self._thread = None

    def _asked(self, request: bytes) -> bytes:
        reply: queue.Queue[bytes] = queue.Queue(1)
        try:
            self._requests.put_nowait((request, reply))
            return reply.get(timeout=PATIENCE_S)
        except (queue.Full, queue.Empty):
            return b""


def _handler(asked: Callable[[bytes], bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = asked(self.rfile.read(length)) if 0 <= length <= MAX_REQUEST_BYTES else b""
            self.send_response(200 if body else 503)
            self.send_header("Content-Type", "application/ipp")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the simulator's output is its truth."""

    return Handler
