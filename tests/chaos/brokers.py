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


def _mosquitto_rules(denied: str) -> str:
    return "topic readwrite #\n" + (f"topic deny {denied}\n" if denied else "")


def _nats_rules(denied_topic: str) -> str:
    subject = denied_topic.replace("/", ".").replace("+", "*")
    denied = f'publish: {{ deny: ["{subject}"] }}' if denied_topic else 'publish: [">"]'
    return f'anyone = {{ {denied}, subscribe: [">"] }}\n'


def _mosquitto(place: Place) -> str:
    return brokers.open_mosquitto(place) + f"acl_file {place.directory / RULES}\n"


def _deep_mosquitto(place: Place) -> str:
    """Not `max_queued_messages 0`: Mosquitto 2.0.11 then closes the connection of who publishes what is denied."""
    return _mosquitto(place) + "max_queued_messages 1000000\nmax_inflight_messages 0\n"


def _nats(place: Place) -> str:
    with_user = brokers.open_nats(place).replace("mqtt {", "mqtt { no_auth_user: anyone, ")
    return (
        f"include ./{RULES}\n{with_user}"
        "authorization { users: [ { user: anyone, password: anyone, permissions: $anyone } ] }\nno_auth_user: anyone\n"
    )


START: dict[str, Callable[[Callable[[Place], str], Path], Server]] = {
    "mosquitto": brokers.mosquitto,
    "deep-mosquitto": brokers.mosquitto,
    "nats": brokers.nats,
}
CONFIGURE = {"mosquitto": _mosquitto, "deep-mosquitto": _deep_mosquitto, "nats": _nats}
WRITE_RULES = {"mosquitto": _mosquitto_rules, "deep-mosquitto": _mosquitto_rules, "nats": _nats_rules}


class Broker:
    """A broker of one kind, and its access rule; `denied` is the topic that nobody may use while the rule is wrong."""

    def __init__(self, kind: str, folder: Path, denied: str = WRONG) -> None:
        self._kind = kind
        self._denied = denied
        self._rules = folder / RULES
        folder.mkdir(parents=True, exist_ok=True)
        self._write(False)
        self.server = START[kind](CONFIGURE[kind], folder)

    def _write(self, is_wrong: bool) -> None:
        self._rules.write_text(WRITE_RULES[self._kind](self._denied if is_wrong else ""), encoding="ascii")
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
