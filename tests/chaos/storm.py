"""Carrying a fault plan out: each fault is a block that makes something wrong when it begins and right when it ends."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from simulators.errors import ServerFailed
from tests.chaos.plan import Fault
from tests.chaos.proxy import Side, TcpProxy, Way
from tests.chaos.rig import Rig

INTRUDER_S = 60.0
"""How long a second agent may take until it has refused to run."""
EVEN_MOST_S, EVEN_LOOK_S = 12.0, 2.5
"""How long a card may take to become even with the hub before it is cloned, and how often its agent is stopped to look."""

Effect = Callable[[Rig, Fault], AbstractContextManager[None]]


def carry_out(rig: Rig, halt: threading.Event) -> list[BaseException]:
    """The whole plan, each fault in a thread of its own; what went wrong in the harness itself, nothing as a rule."""
    broken: list[BaseException] = []

    def one(fault: Fault) -> None:
        if halt.wait(fault.at_s):
            return
        try:
            with EFFECTS[fault.kind](rig, fault):
                halt.wait(fault.span_s)
        except BaseException as problem:  # noqa: BLE001 - told by whoever runs the plan
            broken.append(problem)

    threads = [threading.Thread(target=one, args=(fault,), daemon=True) for fault in rig.plan.faults]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return broken


# -------------------------------------------------------------------- processes


def _kill(rig: Rig, fault: Fault) -> AbstractContextManager[None]:
    return rig.processes[fault.target].down()


def _wipe(rig: Rig, fault: Fault) -> AbstractContextManager[None]:
    return rig.processes[fault.target].down(wipe=True)


def _freeze(rig: Rig, fault: Fault) -> AbstractContextManager[None]:
    return rig.processes[fault.target].frozen()


@contextlib.contextmanager
def _second_agent(rig: Rig, fault: Fault) -> Iterator[None]:
    """It must refuse and say why, in one line; where the first one is not there all the while, nothing can be said."""
    first = rig.stations[fault.target].process.server
    pid = first.pid if first.running else 0

    def stays() -> bool:
        return pid != 0 and first.running and first.pid == pid

    second = rig.second_agent(fault.target)
    try:
        second.start()
        deadline_s = time.monotonic() + INTRUDER_S
        while second.running and stays() and time.monotonic() < deadline_s:
            time.sleep(0.05)
        if stays() and (second.running or "another agent uses it" not in second.log_text()):
            rig.intruders += 1
        yield
    except ServerFailed:
        yield
    finally:
        second.close()


# -------------------------------------------------------------------- links


@contextlib.contextmanager
def _cut(rig: Rig, fault: Fault) -> Iterator[None]:
    rig.links[fault.target].cut()
    try:
        yield
    finally:
        rig.links[fault.target].mend()


@contextlib.contextmanager
def _silent(way: Way) -> Iterator[None]:
    way.silent += 1
    try:
        yield
    finally:
        way.silent -= 1


def _half_open(gone: Side) -> Effect:
    @contextlib.contextmanager
    def effect(rig: Rig, fault: Fault) -> Iterator[None]:
        rig.links[fault.target].half_open(gone)
        yield

    return effect


def _both_ways(name: str) -> Effect:
    """A number of both directions of a link, set for a while."""

    @contextlib.contextmanager
    def effect(rig: Rig, fault: Fault) -> Iterator[None]:
        link = rig.links[fault.target]
        for way in (link.up, link.down):
            setattr(way, name, fault.detail)
        try:
            yield
        finally:
            for way in (link.up, link.down):
                setattr(way, name, 0.0)

    return effect


@contextlib.contextmanager
def _duplicate(rig: Rig, fault: Fault) -> Iterator[None]:
    up = rig.links[fault.target].up
    up.duplicate_probability = fault.detail
    try:
        yield
    finally:
        up.duplicate_probability = 0.0


@contextlib.contextmanager
def _store_errors(rig: Rig, fault: Fault) -> Iterator[None]:
    link: TcpProxy = rig.links[fault.target]
    link.set_500(True)
    try:
        yield
    finally:
        link.set_500(False)


@contextlib.contextmanager
def _access_wrong(rig: Rig, fault: Fault) -> Iterator[None]:
    with rig.broker.wrong_rule():
        yield


# -------------------------------------------------------------------- disks, cards and clocks


def _disk_full(rig: Rig, fault: Fault) -> AbstractContextManager[None]:
    return rig.disk_of(fault.target).full()


@contextlib.contextmanager
def _read_only(rig: Rig, fault: Fault) -> Iterator[None]:
    process = rig.processes[fault.target]
    with contextlib.ExitStack() as stack:
        with process.down():
            stack.enter_context(rig.disk_of(fault.target).read_only())
        yield
        with process.down():
            stack.close()


@contextlib.contextmanager
def _clock(rig: Rig, fault: Fault) -> Iterator[None]:
    panel = rig.stations[fault.target].panel
    if fault.detail:
        panel.shift_us = round(fault.detail * 1e6)
    else:
        panel.unknown = 1
    try:
        yield
    finally:
        panel.shift_us = 0
        panel.unknown = 0


@contextlib.contextmanager
def _card_restored(rig: Rig, fault: Fault) -> Iterator[None]:
    """An image is made, life goes on, and in the end the image takes the card's place."""
    station = rig.stations[fault.target]
    image = station.folder / "image"
    with station.process.down():
        station.copy_card(image)
        since = station.journal_bytes()
    yield
    with station.process.down():
        station.taken.append((since, station.journal_bytes()))
        station.put_card(image)


@contextlib.contextmanager
def _card_cloned(rig: Rig, fault: Fault) -> Iterator[None]:
    """A card that is even with the hub, as a master image is, is copied; both run under one name until the storm is over.

    Where the card does not become even in time, it is not copied: see the limits in ``docs/adr/0020``.
    """
    station = rig.stations[fault.target]
    image = station.folder / "image"
    rate, station.panel.rate = station.panel.rate, 0
    deadline_s = time.monotonic() + EVEN_MOST_S
    is_even = False
    while not is_even and time.monotonic() < deadline_s:
        time.sleep(EVEN_LOOK_S)
        with station.process.down():
            is_even = rig.is_even(station)
            if is_even:
                station.copy_card(image)
    station.panel.rate = rate
    if is_even:
        rig.clone(fault.target, image).process.start()
    else:
        rig.skipped.append(fault.kind)
    yield


EFFECTS: dict[str, Effect] = {
    "kill": _kill,
    "wipe": _wipe,
    "freeze": _freeze,
    "cut": _cut,
    "silent_up": lambda rig, fault: _silent(rig.links[fault.target].up),
    "silent_down": lambda rig, fault: _silent(rig.links[fault.target].down),
    "half_open_near": _half_open("near"),
    "half_open_far": _half_open("far"),
    "delay": _both_ways("delay_s"),
    "stall": _both_ways("stall_probability"),
    "duplicate": _duplicate,
    "disk_full": _disk_full,
    "read_only": _read_only,
    "clock": _clock,
    "card_restored": _card_restored,
    "card_cloned": _card_cloned,
    "second_agent": _second_agent,
    "access_wrong": _access_wrong,
    "store_errors": _store_errors,
    "store_slow": _both_ways("delay_s"),
}
"""How each kind of the plan is done."""
