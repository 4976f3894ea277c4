"""Brokers whose access rule can be made wrong while they run: what devices send is then thrown away, and PUBACKed.

Both read their rules again at SIGHUP, as an operator would have them do it.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

from edge.contract.topics import Channel, subscription
from simulators import brokers
from simulators.errors import ServerFailed
from simulators.servers import Place, Server

WRONG = subscription(Channel.UP, "+")
RULES = "rules"


def _mosquitto_rules(is_wrong: bool) -> str:
    return "topic readwrite #\n" + (f"topic deny {WRONG}\n" if is_wrong else "")


def _nats_rules(is_wrong: bool) -> str:
    subject = WRONG.replace("/", ".").replace("+", "*")
    denied = f'publish: {{ deny: ["{subject}"] }}' if is_wrong else 'publish: [">"]'
    return f'anyone = {{ {denied}, subscribe: [">"] }}\n'


def _mosquitto(place: Place) -> str:
    return brokers.open_mosquitto(place) + f"acl_file {place.directory / RULES}\n"


def _nats(place: Place) -> str:
    with_user = brokers.open_nats(place).replace("mqtt {", "mqtt { no_auth_user: anyone, ")
    return (
        f"include ./{RULES}\n{with_user}"
        "authorization { users: [ { user: anyone, password: anyone, permissions: $anyone } ] }\nno_auth_user: anyone\n"
    )


START: dict[str, Callable[[Callable[[Place], str], Path], Server]] = {
    "mosquitto": brokers.mosquitto,
    "nats": brokers.nats,
}
CONFIGURE = {"mosquitto": _mosquitto, "nats": _nats}
WRITE_RULES = {"mosquitto": _mosquitto_rules, "nats": _nats_rules}


class Broker:
    """A broker of one kind, and its access rule."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._kind = kind
        self._rules = folder / RULES
        folder.mkdir(parents=True, exist_ok=True)
        self._write(False)
        self.server = START[kind](CONFIGURE[kind], folder)

    def _write(self, is_wrong: bool) -> None:
        self._rules.write_text(WRITE_RULES[self._kind](is_wrong), encoding="ascii")
        # The server may read it as another user.
        self._rules.chmod(0o644)

    @contextlib.contextmanager
    def wrong_rule(self) -> Iterator[None]:
        """What devices send reaches nobody until the block ends."""
        self._apply(True)
        try:
            yield
        finally:
            self._apply(False)

    def _apply(self, is_wrong: bool) -> None:
        self._write(is_wrong)
        with contextlib.suppress(ServerFailed, ProcessLookupError):
            os.kill(self.server.pid, signal.SIGHUP)
