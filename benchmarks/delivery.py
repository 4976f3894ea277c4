"""Whether every numbered reading is in the store exactly once while agent, broker and hub are killed again and again.

A ticket machine feeds numbered tickets over a pseudo-terminal into a real agent, which sends them over a real broker to a
real hub. Agent, broker (its storage wiped in half of its kills) and hub are killed with SIGKILL at random moments, one at
a time; all of it over nats-server and over Mosquitto, into SQLite and into InfluxDB 1.8.3. Meanwhile a second device gets
readings on whole seconds while its clock is set an hour ahead, and then back by an hour so that the same seconds come
again. In the end an independent checker (`delivery_check.py`) compares outbox, store and ledger.

Promised: what stands in the outbox, by group commit at most a second after it came, is in the store exactly once, and
what came to a running agent `HAD_TIME_S` before its kill stands in the outbox. Not promised: what came within that time
before a kill of the agent, or while it was down (the figure `-uncommitted` counts it), and what a disk that lies about
flushing loses in a power cut: SIGKILL leaves the system's cache alone, so `synchronous=OFF` cannot show here.

The peer is Telegraf between Mosquitto, plain paho publishers and InfluxDB, its broker killed once: readings that had not
arrived 25 s later. `-wrong` counts everything that the checker found.

`--quick`: NATS with SQLite and Mosquitto with InfluxDB, 800 readings and one kill of each a case; Telegraf with 4,000
readings and 3 s. Long: all four pairs, 20,000 committed readings and ten kills of each, Telegraf with 20,000 and 25 s.
"""

import random
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from benchmarks.ceiling import BROKERS
from benchmarks.delivery_check import READING, Verdict, check, shared_times
from benchmarks.delivery_peers import telegraf_with_its_broker_killed_once
from benchmarks.delivery_rig import (
    NUMBERED,
    RETENTIONS,
    STEPPED,
    AgentStation,
    InfluxDatabase,
    Planted,
    Rig,
    running_rig,
)
from benchmarks.figures import Figure
from benchmarks.stepped_agent import set_offset
from benchmarks.ticket_feed import Pace
from simulators import brokers
from simulators.errors import ProgramMissing
from simulators.outages import Victim, carry_out, plan_kills
from simulators.servers import Server
from tests.chaos.books import (
    Held,
    Outbox,
    accounted,
    influx_store,
    read_ledger,
    read_outbox,
    sqlite_store,
)

SEED = 3
HAD_TIME_S = 3.0
STARTING_S = 1.0
HOUR_US = 3_600_000_000
STEPPED_PACE = Pace(20, 1.0)
QUIET_S = 1.5
POLL_S = 0.2
ROUNDS = 3
AS_IT_IS = Planted()
PEER = "Telegraf, broker killed once"


@dataclass(frozen=True, slots=True)
class Form:
    """How much: brokers and stores, committed readings, kills of each victim, over how long [s], the peer's part."""

    pairs: tuple[tuple[str, str], ...]
    readings: int
    kills: int
    span_s: float
    limit_s: float
    peer_messages: int
    peer_wait_s: float


QUICK = Form((("nats", "sqlite"), ("mosquitto", "influx")), 800, 1, 4.0, 40.0, 4_000, 3.0)
LONG = Form(
    (("nats", "sqlite"), ("nats", "influx"), ("mosquitto", "sqlite"), ("mosquitto", "influx")),
    20_000, 10, 60.0, 240.0, 20_000, 25.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one case gave; `uncommitted`: fed, but lost with a killed agent before its commit."""

    verdict: Verdict
    stepped: Verdict
    committed: int
    uncommitted: int
    shared: int
    kills: int
    recovery_s: float


def run(quick: bool) -> Iterator[Figure]:
    """The peer first, then every pair of broker and store."""
    form = QUICK if quick else LONG
    with brokers.influxdb_1_8() as store:
        peer = _peer(store, form)
        for broker, kind in form.pairs:
            database = InfluxDatabase(store, f"delivery-{broker}") if kind == "influx" else None
            with tempfile.TemporaryDirectory(prefix="machikado-delivery-") as folder:
                outcome = measure(Path(folder), broker, database, form)
            yield from _figures(f"delivery-{broker}-{kind}", outcome, peer, form)


def measure(
    folder: Path, broker: str, database: InfluxDatabase | None, form: Form, planted: Planted = AS_IT_IS
) -> Outcome:
    """One case: storm, calm, and the checker's verdict. `planted`: run agent or hub with a bug."""
    every_s = form.span_s / form.readings
    with running_rig(folder, BROKERS[broker], database, (Pace(1, every_s), STEPPED_PACE), planted) as rig:
        halt = threading.Event()
        began_s = time.monotonic()
        clock = threading.Thread(target=_step_clock, args=(rig.offset_file, form.span_s, halt), daemon=True)
        clock.start()
        kills = _storm(rig, form, halt)
        ended_s = time.monotonic()
        clock.join(max(0.0, began_s + form.span_s - time.monotonic()) + 1.0)
        rig.stepped.feed.pause()
        outbox, recovery_s = _until_enough(rig, form, ended_s)
        stepped, _ = _settle(rig, rig.stepped, STEPPED, form.limit_s)
        rig.hub.stop()
        return _judge(rig, outbox, stepped, kills, recovery_s)


def _storm(rig: Rig, form: Form, halt: threading.Event) -> int:
    victims: dict[str, Victim] = {"agent": rig.numbered, "broker": rig.broker, "hub": rig.hub}
    plan = plan_kills(list(victims), form.kills, form.span_s, {"broker"}, random.Random(SEED))
    return len(list(carry_out(plan, victims, halt)))


def _step_clock(offset_file: Path, span_s: float, halt: threading.Event) -> None:
    """An hour ahead less what has passed, at a third of the span; back by an hour soon after: the same seconds again."""
    offset_us = int(offset_file.read_text(encoding="ascii"))
    halt.wait(span_s * 0.35)
    back_after_s = max(1.0, span_s * 0.1)
    passed_us = round(span_s * 0.35 + back_after_s) * 1_000_000
    set_offset(offset_file, offset_us + HOUR_US - passed_us)
    halt.wait(back_after_s)
    set_offset(offset_file, offset_us - passed_us)
    halt.wait(span_s * 0.55)


def _until_enough(rig: Rig, form: Form, storm_ended_s: float) -> tuple[Outbox, float]:
    """Feed on in calm until as many readings as wanted are committed; and how long all took to arrive after the storm."""
    rig.numbered.feed.pause()
    outbox, accounted_s = _settle(rig, rig.numbered, NUMBERED, form.limit_s)
    for _ in range(ROUNDS):
        missing = form.readings - _readings(outbox)
        if missing <= 0:
            break
        rig.numbered.start()
        rig.numbered.feed.resume()
        time.sleep(STARTING_S + missing * form.span_s / form.readings)
        rig.numbered.feed.pause()
        outbox, _ = _settle(rig, rig.numbered, NUMBERED, form.limit_s)
    return outbox, max(0.0, accounted_s - storm_ended_s)


def _settle(rig: Rig, station: AgentStation, device: str, limit_s: float) -> tuple[Outbox, float]:
    """Wait until the ledger is whole and quiet, end the agent and read its outbox; and when the ledger got so far.

    After the limit what is missing is left to the checker.
    """
    deadline_s = time.monotonic() + limit_s
    while True:
        reached: dict[int, float] = {}
        while True:
            through, last = accounted(rig.hub_file, device)
            reached.setdefault(through, time.monotonic())
            if (through == last and time.monotonic() - reached[through] > QUIET_S) or time.monotonic() > deadline_s:
                break
            time.sleep(POLL_S)
        station.stop()
        outbox = read_outbox(station.outbox)
        if accounted(rig.hub_file, device)[0] >= outbox.last or time.monotonic() > deadline_s:
            return outbox, reached[max(reached)]
        station.start()


def _judge(rig: Rig, outbox: Outbox, stepped: Outbox, kills: int, recovery_s: float) -> Outcome:
    stored = _stored(rig, NUMBERED)
    stored_stepped = _stored(rig, STEPPED)
    fed = rig.numbered.feed.fed
    due = [
        one.ticket
        for one in fed
        if one.whole and any(up + STARTING_S < one.at_s < down - HAD_TIME_S for up, down in rig.numbered.up)
    ]
    return Outcome(
        verdict=check(outbox, stored, read_ledger(rig.hub_file, NUMBERED, outbox.epoch), fed, due),
        stepped=check(
            stepped, stored_stepped, read_ledger(rig.hub_file, STEPPED, stepped.epoch), rig.stepped.feed.fed, []
        ),
        committed=_readings(outbox),
        uncommitted=len(fed) - _readings(outbox),
        shared=shared_times(stored_stepped),
        kills=kills,
        recovery_s=recovery_s,
    )


def _stored(rig: Rig, device: str) -> list[Held]:
    if rig.influx is None:
        return sqlite_store(rig.hub_file, device)
    return influx_store(rig.influx.server.place, rig.influx.name, RETENTIONS[0], device)


def _readings(outbox: Outbox) -> int:
    return sum(line["kind"] == READING for line in outbox.lines.values())


def _peer(store: Server, form: Form) -> float | None:
    try:
        arrived = telegraf_with_its_broker_killed_once(store, form.peer_messages, form.peer_wait_s)
    except ProgramMissing:
        return None
    return (arrived.published - arrived.stored) / arrived.published


def _figures(name: str, outcome: Outcome, peer: float | None, form: Form) -> Iterator[Figure]:
    said = f"{outcome.committed} committed readings, {outcome.kills} kills of agent, broker and hub"
    lost = outcome.verdict.lost / outcome.committed
    yield Figure(f"{name}-lost", lost, "of all readings", said, PEER, peer, "== 0")
    for one in fields(Verdict):
        if one.name != "lost":
            yield Figure(f"{name}-{one.name}", getattr(outcome.verdict, one.name), "records", said, aim="== 0")
    yield Figure(f"{name}-committed", outcome.committed, "readings", said, aim=f">= {form.readings}")
    yield Figure(f"{name}-uncommitted", outcome.uncommitted, "readings", f"{said}; lost with the agent, as stated")
    yield Figure(f"{name}-kills", outcome.kills, "kills", said)
    yield Figure(
        f"{name}-recovery",
        outcome.recovery_s,
        "s",
        f"{said}; from the last kill until all is accounted, a commit interval of 1 s included",
    )
    clock = "readings on whole seconds, clock an hour ahead and back"
    yield Figure(f"{name}-clock-wrong", outcome.stepped.wrong, "records", clock, aim="== 0")
    yield Figure(f"{name}-clock-shared", outcome.shared, "readings", f"{clock}: with another's series and second",
                 aim="> 0")  # fmt: skip
