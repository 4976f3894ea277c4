"""A ticket machine that tells its events by HTTP, in the lines of its serial line."""

from __future__ import annotations

import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final
from urllib.parse import parse_qs, urlsplit

from edge.counter.items import TicketAlive, TicketEvent
from edge.counter.ticket_line import encode_line, number_after

LINES_HELD: Final = 500


class TicketServer:
    """Serves ``/tickets`` on a free port of the loopback while the block lasts; ``say`` adds a line."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: deque[tuple[int, bytes]] = deque(maxlen=LINES_HELD)
        self._number = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(), bind_and_activate=False)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> TicketServer:
        self._server.server_bind()
        self._server.server_activate()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where the lines are."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/tickets"

    def say(self, item: TicketEvent | TicketAlive) -> None:
        """One event or heartbeat, under the next number."""
        with self._lock:
            self._number = number_after(self._number)
            self._lines.append((self._number, encode_line(self._number, item)))

    def answer(self, after: int | None) -> bytes:
        """The lines after that number; all that are held where it is not among them."""
        with self._lock:
            lines = list(self._lines)
        numbers = [number for number, _ in lines]
        if after is None:
            return lines[-1][1] if lines else b""
        first = numbers.index(after) + 1 if after in numbers else 0
        return b"".join(line for _, line in lines[first:])

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = parse_qs(urlsplit(self.path).query).get("after")
                body = server.answer(int(asked[0]) if asked else None)
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the simulator's output is its truth."""

        return Handler
