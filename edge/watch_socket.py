"""The watch socket: a running agent answers every connection on a Unix socket with one line of JSON and closes it.

Rules it keeps:
- One connection at a time, each bounded in time; nothing that a caller sends is read.
- A socket that cannot be made is said once and disturbs nothing else.
- Only the owner and the group of the agent may ask.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from edge.errors import WatchError
from edge.watch import Snapshot

LOOK_S = 0.5
CONNECTION_S = 2.0
ANSWER_BYTES = 256 * 1024
WAITING_CALLERS = 64
"""Most connections that wait to be answered; one more is refused by the system."""
PATH_BYTES = 107
"""Longest path of a Unix socket on Linux (unix(7))."""


def socket_path(outbox: Path, configured: str) -> Path:
    """Where the socket is: as configured, else beside the outbox."""
    return Path(configured) if configured else outbox.with_name(outbox.name + ".watch")


class WatchSocket:
    """The agent's end; ``answer`` is called in the socket's own thread."""

    def __init__(self, path: Path, answer: Callable[[], Snapshot | None]) -> None:
        self._path = path
        self._answer = answer
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Listen. The caller holds the outbox, so that a socket that is left there is nobody's.

        Raises:
            WatchError: the socket cannot be made.
        """
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._path.unlink(missing_ok=True)
            if len(os.fsencode(self._path)) > PATH_BYTES:
                raise OSError(f"longer than {PATH_BYTES} bytes; set agent.watch_socket to a shorter path")
            listener.bind(str(self._path))
            self._path.chmod(0o660)
            listener.listen(WAITING_CALLERS)
        except OSError as problem:
            listener.close()
            raise WatchError(f"watch socket {self._path}: {problem}") from problem
        listener.settimeout(LOOK_S)
        self._thread = threading.Thread(target=self._serve, args=(listener,), name="watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and take the socket away."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(CONNECTION_S + LOOK_S)
            self._path.unlink(missing_ok=True)

    def _serve(self, listener: socket.socket) -> None:
        with listener:
            while not self._stop.is_set():
                try:
                    caller, _ = listener.accept()
                except TimeoutError:
                    continue
                with caller, contextlib.suppress(OSError):
                    caller.settimeout(CONNECTION_S)
                    snapshot = self._answer()
                    caller.sendall(msgspec.json.encode(snapshot) + b"\n")


def ask(path: Path) -> Snapshot | None:
    """What a running agent shows; None when no agent listens there.

    Raises:
        WatchError: one listens but may not be asked, is too slow, speaks another version, or has only just begun.
    """
    answer = b""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(CONNECTION_S)
            line.connect(str(path))
            while chunk := line.recv(65_536):
                answer += chunk
                if len(answer) > ANSWER_BYTES:
                    raise WatchError(f"watch socket {path}: answers more than {ANSWER_BYTES} bytes; restart the agent")
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except PermissionError as problem:
        raise WatchError(f"watch socket {path}: not for this user; try sudo, or join the agent's group") from problem
    except OSError as problem:
        raise WatchError(f"watch socket {path}: {problem}; restart the agent if this stays") from problem
    if answer == b"null\n":
        raise WatchError(f"watch socket {path}: the agent has only just begun; ask again in a second")
    try:
        return msgspec.json.decode(answer, type=Snapshot)
    except msgspec.DecodeError as problem:
        raise WatchError(f"watch socket {path}: another version answers: {problem}; restart the agent") from problem
