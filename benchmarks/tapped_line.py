"""A line between two ends with an ear on it: every byte that goes from the client to the server is kept."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

RECEIVE_BYTES = 1 << 16


class Tap:
    """What was heard, and the port at which to connect."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._heard: list[bytearray] = []
        self._lock = threading.Lock()

    def connection(self) -> bytearray:
        """A place for the bytes of one more connection."""
        with self._lock:
            self._heard.append(bytearray())
            return self._heard[-1]

    def heard(self) -> list[bytes]:
        """The bytes of each connection, from its first on."""
        with self._lock:
            return [bytes(one) for one in self._heard]


@contextlib.contextmanager
def tapped(host: str, port: int) -> Iterator[Tap]:
    """A port of loopback that leads to ``host``:``port``."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        tap = Tap(int(listener.getsockname()[1]))
        threading.Thread(target=_accept, args=(listener, (host, port), tap), daemon=True).start()
        yield tap


def _accept(listener: socket.socket, server: tuple[str, int], tap: Tap) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = listener.accept()
            far = socket.create_connection(server)
            threading.Thread(target=_carry, args=(client, far, tap.connection()), daemon=True).start()
            threading.Thread(target=_carry, args=(far, client, None), daemon=True).start()


def _carry(source: socket.socket, target: socket.socket, kept: bytearray | None) -> None:
    with contextlib.suppress(OSError):
        while arrived := source.recv(RECEIVE_BYTES):
            if kept is not None:
                kept += arrived
            target.sendall(arrived)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
