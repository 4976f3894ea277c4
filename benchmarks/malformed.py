"""What 10,000 malformed messages do to the hub and to the good messages beside them.

The messages of `simulators/malformed.py` (cut, damaged, of wrong types, for a wrong device, huge and not finite numbers,
nested deeply, invalid UTF-8, 2 MiB, old and future versions) are published by one device while four others publish good
batches through the same Mosquitto. Each malformed one must stand in the quarantine with a reason, every good reading in
the ledger, and the hub must be the process that it was.

`--quick`: 1,000 malformed messages beside 20,000 good readings. Long: 10,000 beside 200,000.
"""

import base64
import json
import random
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Sequence

from benchmarks.devices import device_lane
from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.hub_station import hub, stored_and_refused
from benchmarks.load import Lane, Load, play
from hub.step import PAYLOAD_KEPT_BYTES
from simulators import brokers
from simulators.malformed import Malformed, malformed
from simulators.servers import Place

SEED = 3
BATCH, GOOD_DEVICES, WINDOW = 50, 4, 200
QUICK, LONG = (1_000, 100), (10_000, 1_000)
OVERSIZED = 20
PAGE = 1_000
POLLS, POLL_S = 100, 0.2
LIMIT_S = 120.0


def run(quick: bool) -> Iterable[Figure]:
    """Good and bad at once, then what the hub says of them."""
    count, batches = QUICK if quick else LONG
    bad = malformed("counter-bad", f"{GOOD_DEVICES:016x}", count, OVERSIZED, random.Random(SEED))
    names = [f"counter-b{index}" for index in range(GOOD_DEVICES)]
    good = [device_lane(name, f"{index:016x}", batches, BATCH) for index, name in enumerate(names)]
    with brokers.mosquitto(brokers.deep_mosquitto) as broker, hub(broker.place) as server:
        pid = server.pid
        play(Load(broker.host, broker.port, [*good, *_lanes(bad)], WINDOW, timeout_s=LIMIT_S))
        entries = _settled_quarantine(server.place, count)
        stored = sum(stored_and_refused(server.place, name)[0] for name in names)
        alive = server.running and server.pid == pid
    readings = GOOD_DEVICES * batches * BATCH
    said = f"{count} malformed messages, {OVERSIZED} of them of 2 MiB, beside {readings} good readings, seed {SEED}"
    explained = Counter(refused for refused, reason in entries if reason)
    found = (Counter(map(_refused_part, bad)) & explained).total()
    yield Figure("malformed-quarantined-with-reason", found, "messages", said, aim=f"== {count}")
    yield Figure("malformed-quarantined-beyond", len(entries) - found, "messages", said, aim="== 0")
    yield Figure("malformed-good-readings-lost", readings - stored, "readings", said, aim="== 0")
    yield Figure("malformed-hub-still-running", int(alive), "processes", said, aim="== 1")


def _lanes(messages: Sequence[Malformed]) -> list[Lane]:
    """One lane a topic, each in the order of its messages."""
    topics: dict[str, list[bytes]] = {}
    for message in messages:
        topics.setdefault(message.topic, []).append(message.payload)
    return [Lane(f"bad-{index}", topic, payloads) for index, (topic, payloads) in enumerate(topics.items())]


def _refused_part(message: Malformed) -> bytes:
    """What of a message the quarantine keeps: the one record, or the payload where its header cannot be believed."""
    refused = message.payload.partition(b"\n")[2] if message.numbered else message.payload
    return refused[:PAYLOAD_KEPT_BYTES]


def _settled_quarantine(place: Place, wanted: int) -> list[tuple[bytes, str]]:
    """The quarantine, when it has as many entries as wanted, or 20 s later."""
    pause, entries = threading.Event(), _quarantine(place)
    for _ in range(POLLS):
        if len(entries) >= wanted:
            break
        pause.wait(POLL_S)
        entries = _quarantine(place)
    return entries


def _quarantine(place: Place) -> list[tuple[bytes, str]]:
    """What was refused and why, read in pages. Raises MeasurementFailed when the hub does not answer."""
    found: list[tuple[bytes, str]] = []
    before = ""
    while True:
        url = f"http://{place.host}:{place.port}/api/v1/quarantine?limit={PAGE}{before}"
        try:
            with urllib.request.urlopen(url, timeout=LIMIT_S) as answer:
                page = json.load(answer)
        except (urllib.error.URLError, OSError) as error:
            raise MeasurementFailed(f"hub at {url}: {error}") from error
        found += [(base64.b64decode(row["payload_base64"]), row["reason"]) for row in page["quarantine"]]
        if page["next"] is None:
            return found
        before = f"&before={page['next']}"
