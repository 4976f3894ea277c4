"""One run: a storm by the seed's plan, a calm in which everything must arrive, and the checker's verdict."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.delivery_rig import RETENTIONS
from tests.chaos.books import (
    Held,
    accounted,
    epochs_of,
    influx_store,
    read_ledger,
    read_outbox,
    read_refused,
    sqlite_store,
)
from tests.chaos.check import Card, Device, Tally, Verdict, check
from tests.chaos.panel import last_had, read_journal
from tests.chaos.plan import HUB, Plan
from tests.chaos.readings import says_of
from tests.chaos.rig import CALM_RATE, DATABASE, Rig, Station, running
from tests.chaos.storm import carry_out

CALM_MOST_S = 120.0
"""How long everything may take to arrive once nothing is wrong any more."""
QUIET_S = 1.5
STARTING_S = 8.0
POLL_S = 0.2
SMALL_QUOTA_MIB = 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run gave.

    Attributes:
        restarts: processes that ended by themselves and were started again.
        skipped: kinds of faults that could not be done as planned.
    """

    plan: Plan
    verdict: Verdict
    tally: Tally
    restarts: int
    skipped: tuple[str, ...]
    calm_s: float
    lasted_s: float


def run(plan: Plan, bug: str, calm_most_s: float, say: Callable[[str], None]) -> Outcome:
    """Storm, calm of at most so long [s], and verdict. Raises what went wrong in the harness itself."""
    began_s = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="machikado-chaos-", ignore_cleanup_errors=True) as folder,
        running(plan, Path(folder), bug) as rig,
    ):
        broken = carry_out(rig, threading.Event())
        if broken:
            raise broken[0]
        storm_ended_s = time.monotonic()
        say(f"storm over after {storm_ended_s - began_s:.1f} s")
        late = _calm(rig, storm_ended_s + calm_most_s)
        calm_s = time.monotonic() - storm_ended_s
        rig.processes[HUB].stop()
        verdict, tally = check([_device(rig, name) for name in rig.stations])
        verdict.unfinished = len(late)
        verdict.examples += [f"{name}: not through in time" for name in late]
        verdict.intruders = rig.intruders
        restarts = sum(process.restarts for process in rig.watched)
        if verdict.is_red:
            say(_logs(rig))
        return Outcome(plan, verdict, tally, restarts, tuple(rig.skipped), calm_s, time.monotonic() - began_s)


def _calm(rig: Rig, deadline_s: float) -> list[str]:
    """Let every card get through; the names of the devices that did not in time."""
    for clone in rig.clones.values():
        # Two devices of one name throw each other out at the broker: in the end one after the other.
        clone.process.stop()
    for station in (*rig.stations.values(), *rig.clones.values()):
        station.panel.rate = CALM_RATE
    with ThreadPoolExecutor(max_workers=len(rig.stations)) as pool:
        through = list(pool.map(lambda name: _through(rig, name, deadline_s), rig.stations))
    return [name for name, is_through in zip(rig.stations, through, strict=True) if not is_through]


def _through(rig: Rig, name: str, deadline_s: float) -> bool:
    first = _settle(rig, rig.stations[name], deadline_s)
    clone = rig.clones.get(name)
    if clone is None:
        return first
    said = clone.journal_bytes()
    clone.process.start()
    return _settle(rig, clone, deadline_s, said) and first


def _settle(rig: Rig, station: Station, deadline_s: float, started_with: int = -1) -> bool:
    """Wait until all is fed, accounted and quiet, end the agent, and look whether its outbox agrees; else go on.

    ``started_with``: the size of its journal when it was started just now.
    """
    while True:
        before, quiet_since_s = -1, time.monotonic()
        while time.monotonic() < deadline_s:
            size = station.journal_bytes()
            # An agent that has just been started has not yet said what it says at each start.
            began = size > started_with or time.monotonic() - quiet_since_s > STARTING_S
            if size != before or not began or not _seems_even(rig, station):
                quiet_since_s, before = (time.monotonic() if began else quiet_since_s), size
            elif time.monotonic() - quiet_since_s > QUIET_S:
                break
            time.sleep(POLL_S)
        station.process.stop()
        if station.panel.next >= station.panel.target and rig.is_even(station):
            return True
        if time.monotonic() >= deadline_s:
            return False
        started_with = station.journal_bytes()
        station.process.start()


def _seems_even(rig: Rig, station: Station) -> bool:
    """Whether all is fed, and the hub has what was last put on disk and no holes."""
    epoch, number = last_had(station.journal)
    # Of its own epoch: that of a clone which is stopped meanwhile may have holes.
    through, last = accounted(rig.hub_file, station.plan.name, epoch)
    return station.panel.next >= station.panel.target and through == last and through >= number


def _device(rig: Rig, name: str) -> Device:
    stations = [one for one in (rig.stations.get(name), rig.clones.get(name)) if one is not None]
    cards = tuple(
        Card(one.stream, read_journal(one.journal), read_outbox(one.outbox), one.panel.next, tuple(one.taken))
        for one in stations
    )
    return Device(
        name=name,
        cards=cards,
        may_drop=stations[0].plan.quota_mib < SMALL_QUOTA_MIB,
        stored=_stored(rig, name),
        ledgers={epoch: read_ledger(rig.hub_file, name, epoch) for epoch in epochs_of(rig.hub_file, name)},
        refused=read_refused(rig.hub_file, name),
        says=says_of,
    )


def _stored(rig: Rig, name: str) -> list[Held]:
    if rig.influx is None:
        return sqlite_store(rig.hub_file, name)
    return influx_store(rig.influx.server.place, DATABASE, RETENTIONS[0], name)


def _logs(rig: Rig) -> str:
    """The ends of all logs, for who looks into a red run."""
    return "\n".join(
        f"--- {process.server.place.directory.name}/{process.server.place.log.parent.name}\n"
        + process.server.log_text()[-3000:]
        for process in rig.watched
    )
