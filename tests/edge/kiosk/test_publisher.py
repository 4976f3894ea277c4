"""A service publisher's answers, and its source on real WebSockets: found, broken, back, moved."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from edge.contract.records.kiosk import KioskState
from edge.errors import SourceError
from edge.kiosk.items import ProviderLink, ProviderStatus
from edge.kiosk.publisher import MOST_SERVICES, Named, named_in, services_command, usable
from edge.kiosk.publisher_source import PublisherSettings, PublisherSource
from simulators.kiosk.provider import Provider
from simulators.main import simulate
from simulators.websocket_line import WebSocketLine
from tests.edge.kiosk.test_no_person import PLANTED
from tests.edge.kiosk.test_state import WELL, play
from tests.edge.kiosk.test_xfs4iot import message

URIS = ("ws://127.0.0.1:5846/xfs4iot/v1.0/CardReader1", "ws://127.0.0.1:5846/xfs4iot/v1.0/Printer1")
SERVICES = {"vendorName": "Acme", "services": [{"serviceURI": uri, "more": 1} for uri in URIS]}
GET = "ServicePublisher.GetServices"
PUBLISHER = "ws://127.0.0.1:5846/xfs4iot/v1.0"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (message("completion", GET, SERVICES, requestId=1, completionCode="success"), Named(URIS, True)),
        (message("completion", GET, {**SERVICES, "completionCode": "success"}), Named(URIS, True)),
        (message("event", "ServicePublisher.ServiceDetailEvent", SERVICES, requestId=1), Named(URIS, False)),
        (message("completion", GET, {"vendorName": "Acme", "services": None}), Named((), True)),
        (message("completion", GET, None), Named((), True)),
        (message("acknowledge", GET, None, requestId=1), Named((), False)),
        (message("unsolicited", "Common.StatusChangedEvent", {"services": 3}), Named((), False)),
    ],
)
def test_each_message_names_its_services(text: str, named: Named) -> None:
    assert named_in(text) == named


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is it a service publisher"),
        (b"\xff", "is it a service publisher"),
        ('{"header":' * 2000, "is it a service publisher"),
        (message("completion", GET, {"services": [{"uri": "x"}]}), "missing required field `serviceURI`"),
        (message("completion", GET, {"services": [PLANTED[2]]}), "Expected `object`"),
        (message("acknowledge", GET, None, status="tooManyRequests"), "refuses ServicePublisher.GetServices"),
        (message("completion", GET, None, completionCode=PLANTED[2]), "does not complete"),
    ],
)
def test_what_is_no_answer_is_refused_in_one_line_without_its_words(text: str | bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as raised:
        named_in(text)
    assert "\n" not in str(raised.value)
    assert PLANTED[2] not in str(raised.value)


@pytest.mark.parametrize(
    ("publisher", "address", "may"),
    [
        (PUBLISHER, "ws://127.0.0.1:5847/xfs4iot/v1.0/Printer1", True),
        (PUBLISHER, "ws://localhost:5847/xfs4iot/v1.0/Printer1", True),
        (PUBLISHER, "wss://[::1]:5847/xfs4iot/v1.0/Printer1", True),
        ("wss://kiosk.example/xfs4iot/v1.0", "wss://KIOSK.example:443/xfs4iot/v1.0/Printer1", True),
        ("wss://kiosk.example/xfs4iot/v1.0", "ws://kiosk.example:80/xfs4iot/v1.0/Printer1", False),
        (PUBLISHER, "ws://192.0.2.7:5847/xfs4iot/v1.0/Printer1", False),
        (PUBLISHER, "http://127.0.0.1:5847/", False),
        (PUBLISHER, "ws://someone@127.0.0.1:5847/", False),
        (PUBLISHER, "ws://127.0.0.1:99999/", False),
        (PUBLISHER, "ws://[127.0.0.1:5847/", False),
        (PUBLISHER, "ws://127.0.0.1:5847/山田", False),
        (PUBLISHER, "ws://127.0.0.1:5847/\r\nX: y", False),
        (PUBLISHER, "ws://127.0.0.1:5847/" + "x" * 300, False),
        (PUBLISHER, "", False),
    ],
)
def test_only_addresses_on_its_own_host_are_opened(publisher: str, address: str, may: bool) -> None:
    other = publisher + "/Other1"

    assert usable(publisher, {address, other}) == sorted([address, other] if may else [other])


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        (set(), "names no services"),
        ({"ws://192.0.2.7/a", "ws://192.0.2.7/b"}, "2 services, none on its own host"),
        ({f"{PUBLISHER}/{number}" for number in range(MOST_SERVICES + 1)}, "names 33 services: at most 32"),
    ],
)
def test_none_and_too_many_are_refused(addresses: set[str], words: str) -> None:
    with pytest.raises(SourceError, match=words):
        usable(PUBLISHER, addresses)


def test_the_command_asks_for_the_services() -> None:
    assert json.loads(services_command(7, 5000))["header"] == {
        "type": "command", "name": GET, "requestId": 7, "version": "2.0", "timeout": 5000,
    }  # fmt: skip


class Machine:
    """A publisher and two services, each on a line of its own, answered until the end."""

    def __init__(self) -> None:
        self.lines = [WebSocketLine(0) for _ in range(3)]
        for line in self.lines:
            line.open()
        published = [line.url for line in self.lines[1:]]
        self.providers = [
            Provider({"common.device": "online"}, published),
            Provider({"common.device": "online", "printer.toner": "full"}),
            Provider({"common.device": "online", "cardReader.media": "present"}),
        ]
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while not self._end.wait(0.02):
            for line, provider in zip(self.lines, self.providers, strict=True):
                line.serve(provider.answer)

    def replace(self, number: int) -> None:
        """A service that went away is there again, where it was."""
        self.lines[number] = WebSocketLine(self.lines[number].port)
        self.lines[number].open()

    def end(self) -> None:
        self._end.set()
        self._thread.join()
        for line in self.lines:
            line.close()


@pytest.fixture
def machine() -> Iterator[Machine]:
    built = Machine()
    yield built
    built.end()


class Watching:
    """The source at work, what it delivered, and why it gave up."""

    def __init__(self, url: str) -> None:
        self.items: list[object] = []
        self.gave_up: list[str] = []
        self.stop = threading.Event()
        source = PublisherSource(PublisherSettings(url=url, poll_s=1, timeout_s=1))

        def run() -> None:
            try:
                source.run(self.items.append, self.stop)
            except SourceError as problem:
                self.gave_up.append(str(problem))

        self.thread = threading.Thread(target=run)
        self.thread.start()

    def words(self, source: str) -> list[dict[str, str]]:
        return [one.words for one in self.items if isinstance(one, ProviderStatus) and one.source == source]

    def wait_for(self, is_so: Callable[[], object], for_s: float = 15.0) -> None:
        deadline = time.monotonic() + for_s
        while not is_so():
            assert time.monotonic() < deadline, f"it did not come within {for_s} s: {self.items} {self.gave_up}"
            time.sleep(0.02)


@contextmanager
def watching(url: str) -> Iterator[Watching]:
    watched = Watching(url)
    try:
        yield watched
    finally:
        watched.stop.set()
        watched.thread.join(10)
        assert not watched.thread.is_alive()


def of_kind(machine: Machine, key: str) -> str:
    """The name that the source gives the service with a word on ``key``: by the order of the addresses."""
    number = next(n for n, provider in enumerate(machine.providers) if key in provider.words)
    return f"xfs-{1 + sorted(line.url for line in machine.lines[1:]).index(machine.lines[number].url)}"


def test_every_service_that_is_named_is_watched(machine: Machine) -> None:
    printer, reader = of_kind(machine, "printer.toner"), of_kind(machine, "cardReader.media")

    with watching(machine.lines[0].url) as watched:
        watched.wait_for(lambda: watched.words(printer) and watched.words(reader))

    assert watched.words(printer)[0] == {"common.device": "online", "printer.toner": "full"}
    assert watched.words(reader)[0] == {"common.device": "online", "cardReader.media": "present"}
    assert watched.gave_up == []


def test_one_service_that_breaks_is_told_and_found_again_while_the_other_goes_on(machine: Machine) -> None:
    printer, reader = of_kind(machine, "printer.toner"), of_kind(machine, "cardReader.media")
    broken, back = ProviderLink(up=False, source=printer), ProviderLink(up=True, source=printer)

    with watching(machine.lines[0].url) as watched:
        watched.wait_for(lambda: watched.words(printer) and watched.words(reader))
        machine.lines[1].close()
        watched.wait_for(lambda: broken in watched.items)
        told = len(watched.words(reader))
        watched.wait_for(lambda: len(watched.words(reader)) > told)
        machine.replace(1)
        watched.wait_for(lambda: watched.items.count(back) == 2)

    assert ProviderLink(up=False, source=reader) not in watched.items
    assert watched.gave_up == []


def test_when_no_service_is_up_the_publisher_is_asked_anew(machine: Machine) -> None:
    with watching(machine.lines[0].url) as watched:
        watched.wait_for(lambda: watched.words("xfs-1") and watched.words("xfs-2"))
        for line in machine.lines[1:]:
            line.close()
        watched.wait_for(lambda: watched.gave_up)

    assert watched.gave_up == [f"source xfs: none of 2 services of {machine.lines[0].url} answers"]


def test_a_publisher_that_is_not_there_or_says_nothing_is_an_error_of_one_line() -> None:
    line = WebSocketLine(0)
    line.open()
    url = line.url

    with watching(url) as watched:
        watched.wait_for(lambda: watched.gave_up)
    line.close()
    with watching(url) as gone:
        gone.wait_for(lambda: gone.gave_up)

    assert watched.gave_up == [f"source xfs: {url}: it does not complete its answer; is the service publisher running?"]
    assert gone.gave_up == [f"source xfs: {url}: Connection refused; is the service publisher running?"]


def test_a_simulated_kiosk_is_found_by_its_publisher() -> None:
    line = WebSocketLine(0)
    line.open()
    line.close()
    stop, settings = threading.Event(), {"publishes": [f"{line.url}/xfs4iot/v1.0/kiosk"]}
    args = ("kiosk", settings, 1, {"xfs": f"ws:{line.port}"}, None, 20.0, stop)
    simulation = threading.Thread(target=simulate, args=args)
    simulation.start()
    time.sleep(0.5)

    with watching(f"{line.url}/xfs4iot/v1.0") as watched:
        watched.wait_for(lambda: watched.words("xfs-1"))
    stop.set()
    simulation.join(5)

    assert watched.words("xfs-1")[0]["common.device"] == "online"


def test_a_service_that_never_came_up_leaves_nothing_in_service() -> None:
    records = play((1, ProviderLink(up=False, source="xfs-2")), (2, ProviderStatus(WELL, whole=True, source="xfs-1")))

    assert [r.state for r in records if isinstance(r, KioskState)] == ["unknown"]
