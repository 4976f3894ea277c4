"""A simulated HTTP service that tells numbered lines of text: those after the number that a client knows.

The number is what stands behind a line's first comma (``edge/counter/ticket_line.py``).

Rules it keeps:
- It listens on loopback only, and holds the newest ``LINES_HELD`` lines.
- ``?after=N`` gets the lines after number N, all that are held where N is not among them; without it, the newest line.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, urlsplit

from simulators.errors import SimulatorError

LINES_HELD: Final = 500
LOOPBACK: Final = "127.0.0.1"
_NUMBER: Final = re.compile(rb",(\d+)")


class HttpLine:
    """A service on ``port`` of loopback, 0 for one that the system chooses; ``url`` is known once it is open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._lock = threading.Lock()
        self._lines: deque[tuple[int, bytes]] = deque(maxlen=LINES_HELD)
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where the lines are."""
        return f"http://{LOOPBACK}:{self.port}/tickets"

    def open(self) -> None:
        """Listen.

        Raises:
            SimulatorError: the port is taken or not allowed.
        """
        try:
            self._server = ThreadingHTTPServer((LOOPBACK, self.port), self._handler())
        except OSError as problem:
            raise SimulatorError(f"line http:{self.port}: {problem.strerror}; choose a free port, or 0") from problem
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name=f"http-{self.port}", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Add whole lines."""
        with self._lock:
            for line in data.splitlines(keepends=True):
                numbered = _NUMBER.search(line)
                if numbered is not None:
                    self._lines.append((int(numbered[1]), line))

    def serve(self, answer: Callable[[bytes], Iterable[bytes]]) -> None:
        """Nothing: a client can only ask for lines."""

    def close(self) -> None:
        """Answer nobody any more."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def _after(self, number: int | None) -> bytes:
        with self._lock:
            lines = list(self._lines)
        numbers = [each for each, _ in lines]
        if number is None:
            return lines[-1][1] if lines else b""
        first = numbers.index(number) + 1 if number in numbers else 0
        return b"".join(line for _, line in lines[first:])

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        after = self._after

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = parse_qs(urlsplit(self.path).query).get("after")
                body = after(int(asked[0]) if asked else None)
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the simulator's output is its truth."""

        return Handler
