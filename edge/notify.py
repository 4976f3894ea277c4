"""sd_notify(3): tells systemd that the agent is ready and alive; silent where there is no systemd."""

from __future__ import annotations

import os
import socket


class Notifier:
    """The service manager's end of the agent; ``address`` is ``NOTIFY_SOCKET``, None outside systemd."""

    def __init__(self, address: str | None) -> None:
        self._address = "\0" + address[1:] if address and address.startswith("@") else address

    @classmethod
    def from_environment(cls) -> Notifier:
        """As systemd started us."""
        return cls(os.environ.get("NOTIFY_SOCKET"))

    def _send(self, text: str) -> None:
        if self._address:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.sendto(text.encode(), self._address)

    def ready(self, status: str) -> None:
        """The agent works; ``systemctl status`` shows ``status``."""
        self._send(f"READY=1\nSTATUS={status}")

    def alive(self) -> None:
        """To be called more often than half of ``WatchdogSec``."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The agent ends by itself."""
        self._send("STOPPING=1")
