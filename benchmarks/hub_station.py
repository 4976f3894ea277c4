"""Our hub as a server to start behind a broker: `machikado hub run`, as it is run in earnest."""

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from benchmarks.errors import MeasurementFailed
from simulators.servers import Place, Recipe, Server


class Address(Protocol):
    """Where something listens: a server's place, or a proxy before it."""

    @property
    def host(self) -> str:
        """The address."""
        ...

    @property
    def port(self) -> int:
        """The port."""
        ...


PROJECT = Path(__file__).resolve().parent.parent
CITY = PROJECT / "hub" / "cities" / "ota.toml"
TIMEOUT_S = 10.0


def hub(
    broker: Address, more: str = "", main: Sequence[str] = ("machikado", "hub", "run"), directory: Path | None = None,
    city: Path = CITY,
) -> Server:  # fmt: skip
    """The hub with its embedded store; `port` is the status API's. `more` is added to its `[store]` table.

    `main` is the module, with its arguments, that is given the configuration. With a directory of the caller's the start
    does not wait for it: a hub under faults may not answer for long.
    """

    def configure(place: Place) -> str:
        return (
            f'city = "{city}"\n'
            f'[broker]\nhost = "{broker.host}"\nport = {broker.port}\n'
            f'[api]\nhost = "{place.host}"\nport = {place.port}\n'
            f'[store]\npath = "{place.store}/hub.db"\n{more}'
        )

    def command(place: Place) -> list[str]:
        return [sys.executable, "-m", *main, str(place.configuration)]

    ready = _is_healthy if directory is None else lambda _: True
    return Server(Recipe("hub", configure, command, ready, PROJECT), directory)


def stored_and_refused(place: Place, device: str) -> tuple[int, int]:
    """How many records of a device the ledger says are stored, and how many were refused, over all epochs.

    Raises MeasurementFailed when the hub does not answer.
    """
    url = f"http://{place.host}:{place.port}/api/v1/devices/{device}/completeness"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            epochs = json.load(answer)["epochs"]
    except (urllib.error.URLError, OSError) as error:
        raise MeasurementFailed(f"hub at {url}: {error}") from error
    return sum(epoch["stored"] for epoch in epochs), sum(epoch["refused"] for epoch in epochs)


def _is_healthy(place: Place) -> bool:
    try:
        with urllib.request.urlopen(f"http://{place.host}:{place.port}/healthz", timeout=0.5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
