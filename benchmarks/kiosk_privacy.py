"""What leaves a kiosk while 10,000 events put people's data into every input of its agent.

Five real agents, one a cabinet, stand behind a real Mosquitto and a real hub. Their service providers, printers and power
supplies (`benchmarks/planted_kiosk.py`) put My Numbers with a valid check digit, PINs, names in kanji, kana and Latin
letters, addresses, birth dates, sex, serials of cards and certificates, pictures, recognised text, names of spool files,
receipts and vendors' log text wherever a text may stand. Every byte that an agent sends to the broker is kept, and so are
its outbox, its log and its recording, and the hub's file: each datum is then looked for in all its disguises
(`benchmarks/planted_people.py`), digests included. That the search finds what is there is shown by planting every kind in
what was kept.

`--quick`: 1,000 events.
"""

import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.hub_station import hub
from benchmarks.live_agents import Live, agent
from benchmarks.planted_kiosk import Crowd, power_daemon, printer, provider
from benchmarks.planted_people import Search, forms_of
from benchmarks.tapped_line import Tap, tapped
from edge.contract.records.kiosk import Cabinet
from provisioning.toml_text import toml_text
from simulators import brokers

SEED = 7
QUICK, LONG = 1_000, 10_000
BY_IPP, BY_NUT = 0.1, 0.1
"""Shares of the events that come by these; the service provider says the others."""
POLL_S = 0.05
LIMIT_S = 120.0
SETTLE_S = 2.5
PEOPLE_AT_ONCE = 2_000


def run(quick: bool) -> Iterator[Figure]:
    """Events in, bytes searched, what was found."""
    events = QUICK if quick else LONG
    crowd = Crowd(SEED, events)
    with tempfile.TemporaryDirectory() as name, brokers.mosquitto() as broker, hub(broker.place) as server:
        kept, records = _played(Path(name), crowd, events, (broker.host, broker.port))
        kept["the hub's file"] = b"".join(
            one.read_bytes() for one in sorted(server.place.store.rglob("*")) if one.is_file()
        )
    found, disguises = _found(crowd, kept)
    told = f"seed {SEED}; {len(get_args(Cabinet))} cabinets"
    yield Figure("events with planted data", crowd.events, "1", told, aim=f">= {events}")
    yield Figure("records that left", records, "1", told, aim=f">= {events // 50}")
    yield Figure(
        "bytes searched", sum(map(len, kept.values())), "byte", ", ".join(sorted({_kind(one) for one in kept}))
    )
    yield Figure("disguises looked for", disguises, "1", f"of {len(crowd.people)} people", aim=f">= {100 * events}")
    where = ", ".join(sorted(set(found))[:8]) or "nowhere"
    yield Figure("planted data that left", len(found), "1", where, aim="== 0")
    planted, seen = _leak_test(crowd, kept)
    yield Figure("planted leaks found", seen, "1", f"{planted} planted", aim=f"== {planted}")


def _found(crowd: Crowd, kept: dict[str, bytes]) -> tuple[list[str], int]:
    """What was found where, and how many disguises were looked for; people in groups, for memory's sake."""
    found: list[str] = []
    disguises = 0
    for first in range(0, len(crowd.people), PEOPLE_AT_ONCE):
        group = crowd.people[first : first + PEOPLE_AT_ONCE]
        search = Search(dict.fromkeys(datum for one in group for datum in one.all()))
        disguises += search.patterns
        found += [f"{datum.kind} in {what}" for what, content in kept.items() for datum in search.found(content)]
    return found, disguises


def _kind(what: str) -> str:
    return what.split(": ")[-1]


def _played(folder: Path, crowd: Crowd, events: int, broker: tuple[str, int]) -> tuple[dict[str, bytes], int]:
    """Play the events to an agent of each cabinet; what was kept of all, and how many records they numbered."""
    cabinets = get_args(Cabinet)
    each = -(-events // len(cabinets))
    with contextlib.ExitStack() as closing:
        running = [
            closing.enter_context(_cabinet(folder / cabinet, cabinet, crowd, each, broker)) for cabinet in cabinets
        ]
        deadline = time.monotonic() + LIMIT_S
        for one in running:
            for done in one.done:
                if not done.wait(max(0.0, deadline - time.monotonic())):
                    raise MeasurementFailed(f"{one.live.config}: not all events were taken: {one.live.said()[-300:]}")
        time.sleep(SETTLE_S)
        for one in running:
            one.live.stop()
        kept = {
            f"{cabinet}: {what}": content
            for cabinet, one in zip(cabinets, running, strict=True)
            for what, content in one.kept()
        }
        return kept, sum(len(one.live.lines()) for one in running)


class _Running(NamedTuple):
    live: Live
    tap: Tap
    done: list[threading.Event]

    def kept(self) -> Iterator[tuple[str, bytes]]:
        """Everything that the agent said or wrote."""
        yield "the wire", b"\n".join(self.tap.heard())
        yield "its log", self.live.log.read_bytes()
        yield "its recording", self.live.recording.read_bytes()
        outbox = self.live.outbox
        yield "its outbox", b"".join(one.read_bytes() for one in sorted(outbox.parent.glob(outbox.name + "*")))


@contextlib.contextmanager
def _cabinet(folder: Path, cabinet: Cabinet, crowd: Crowd, events: int, broker: tuple[str, int]) -> Iterator[_Running]:
    folder.mkdir()
    by_ipp, by_nut = round(events * BY_IPP), round(events * BY_NUT)
    done = [threading.Event() for _ in range(3)]
    with contextlib.ExitStack() as closing:
        sources: list[dict[str, Any]] = [
            {"kind": "xfs4iot", "url": closing.enter_context(provider(crowd, events - by_ipp - by_nut, done[0]))},
            {"kind": "ipp", "url": closing.enter_context(printer(crowd, by_ipp, done[1])), "poll_s": POLL_S},
            {"kind": "nut", "ups": "ups", "poll_s": POLL_S, "port": closing.enter_context(power_daemon(crowd, by_nut, done[2]))},
        ]  # fmt: skip
        tap = closing.enter_context(tapped(*broker))
        config = _config(folder, cabinet, tap.port, sources)
        yield _Running(closing.enter_context(agent(folder, "kiosk", config, record=True)), tap, done)


def _config(folder: Path, cabinet: Cabinet, port: int, sources: list[dict[str, Any]]) -> Path:
    table: dict[str, Any] = {
        "device": {"name": f"planted-{cabinet.replace('_', '-')}", "family": "kiosk"},
        "hub": {"port": port},
        "outbox": {"path": str(folder / "outbox.sqlite"), "commit_interval_s": 0.2},
        "clock": {"trust": "system"},
        "agent": {"health_every_s": 2.0},
        "pipeline": {"cabinet": cabinet, "supplies": {"upper": "tray1", "black": "black", "toner": "toner"}},
        "source": sources,
    }
    path = folder / "DEVICE.toml"
    path.write_text(toml_text(table, "A cabinet whose devices let slip everything."), encoding="utf-8")
    return path


def _leak_test(crowd: Crowd, kept: dict[str, bytes]) -> tuple[int, int]:
    """Put every disguise of one person into the middle of what was kept, one at a time; how many, and how many were found."""
    around = min(kept.values(), key=len)[:2000]
    one = crowd.people[len(crowd.people) // 2]
    search = Search(one.all())
    disguises = [(datum, form) for datum in one.all() for form in forms_of(datum)]
    seen = 0
    for datum, form in disguises:
        content = around[:1000] + b' "' + form + b'" ' + around[1000:]
        seen += datum.kind in {found.kind for found in search.found(content)}
    return len(disguises), seen
