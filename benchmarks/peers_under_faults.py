"""What each of four systems loses and doubles under one fault plan that hits all of them in the same seconds.

Ours (agent with its outbox, hub), a plain paho + influxdb-client script, Node-RED and Telegraf. Each has a Mosquitto of its
own (persistence, and queues of a million for all; Mosquitto's default of writing them to disk every half hour) and a
database of its own on one InfluxDB 1.8.3. The peers' configuration is their documentation's own (`peers/`): QoS 1
throughout, and for Telegraf its persistent session and its tracked messages. Field data comes to them from
`peers/paho_publisher.py`: paho at QoS 1, which sends again by itself what was not answered, from memory. Ours comes from
the agent in its default settings. All are given the same numbered readings at the same rate from the same source.

The plan: store killed and down for a minute; hub process (script, Node-RED, Telegraf, our hub) killed; publisher killed;
broker killed; broker killed and its storage wiped; for half a minute an access rule that is wrong, so that the broker
throws readings away and PUBACKs them. Before each fault it is waited until everybody is connected again, half a minute at
most. Then a calm of a fixed time, and every number given is looked for in the store.
A reading belongs to the fault during which, or up to 5 s before which (half a second in the quick form), it was given.

`-lost`: given and not in the store. `-doubled`: there more than once; every system's points carry the time of their
reading, so that InfluxDB itself puts a second write of it over the first. `-uncommitted`: given in the 3 s before the
publisher's kill and not in the store, counted apart for everyone, but not for ours where our outbox had committed it.

ThingsBoard's IoT gateway is not among them. PyPI's 3.8.5 has one way out, `v1/gateway/…` of its platform's MQTT. Tried with
a plain Mosquitto in the platform's place it connects, asks for its session's limits (`getSessionLimits`) and, getting no
answer, published none of 500 readings in 25 s; with an answer made up by us, 39. What takes part would be an imitation of
its platform, and its store somebody else's: the figures would be theirs.

`--quick`: 50 readings/s, store down 5 s, wrong rule 4 s, 11 s of calm. Long: 100 readings/s, 60 s, 30 s and 60 s.
"""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.fault_books import Count, by_fault, together
from benchmarks.fault_chains import OURS, Chain, Rig, at_once, running_chains
from benchmarks.figures import Figure
from benchmarks.peers.stations import PEERS, TELEGRAF, Peer
from simulators.errors import ProgramMissing

NAME, NO_FAULT = "peers-under-faults", "no-fault"
EXCUSED_S = 3.0
DOWN_S = 0.5


@dataclass(frozen=True, slots=True)
class Form:
    """How much: readings a second of each system, and times [s].

    Attributes:
        before_s: how long before a fault its readings begin.
        after_s: how long after it they go on.
        connect_s: how long it is waited at most until everybody is connected again before the next one.
    """

    rate: int
    store_down_s: float
    rule_wrong_s: float
    before_s: float
    after_s: float
    connect_s: float
    calm_s: float


QUICK = Form(50, 5.0, 4.0, 0.5, 0.5, 1.0, 11.0)
LONG = Form(100, 60.0, 30.0, 5.0, 12.0, 30.0, 60.0)


def run(quick: bool) -> Iterator[Figure]:
    """Every system's readings by fault, and in all."""
    form = QUICK if quick else LONG
    peers = [peer for peer in PEERS if _is_here(peer)]
    with tempfile.TemporaryDirectory(prefix="machikado-peers-") as folder, running_chains(Path(folder), peers) as rig:
        storm(rig, form)
        counts = {chain.name: _count(chain) for chain in rig.chains}
    for name, count in counts.items():
        yield from _figures(name, count, counts.get(TELEGRAF.name), form)
    totals = {name: together(count.values()).lost for name, count in counts.items()}
    for peer in PEERS:
        if peer is not TELEGRAF:
            yield Figure(
                f"{NAME}-{OURS}-lost-beside-{peer.name}", totals[OURS], "readings", "the whole plan",
                peer.name, totals.get(peer.name), "== 0",
            )  # fmt: skip


def storm(rig: Rig, form: Form) -> None:
    """The whole plan over all systems at once, and the calm."""
    for chain in rig.chains:
        chain.begin(NO_FAULT)
        chain.panel.rate = form.rate
    time.sleep(form.after_s)
    for name, fault in FAULTS.items():
        rig.await_connected(form.connect_s)
        for chain in rig.chains:
            chain.begin(name)
        time.sleep(form.before_s)
        fault(rig, form)
        time.sleep(form.after_s)
    for chain in rig.chains:
        chain.panel.rate = 0
    time.sleep(form.calm_s)


def _store_down(rig: Rig, form: Form) -> None:
    with rig.store.down():
        time.sleep(form.store_down_s)


def _killed(role: str, wipe: bool, rig: Rig, _form: Form) -> None:
    at_once([partial(_kill, chain, role, wipe) for chain in rig.chains])


def _kill(chain: Chain, role: str, wipe: bool) -> None:
    with chain.processes[role].down(wipe):
        time.sleep(DOWN_S)


def _publisher_killed(rig: Rig, _form: Form) -> None:
    at_once([partial(_kill_publisher, chain) for chain in rig.chains])


def _kill_publisher(chain: Chain) -> None:
    first = chain.panel.next
    time.sleep(EXCUSED_S)
    with chain.processes["publisher"].down():
        chain.excused = range(first, chain.panel.next)
        time.sleep(DOWN_S)


def _rule_wrong(rig: Rig, form: Form) -> None:
    with contextlib.ExitStack() as stack:
        for chain in rig.chains:
            stack.enter_context(chain.broker.wrong_rule())
        time.sleep(form.rule_wrong_s)


FAULTS: dict[str, Callable[[Rig, Form], None]] = {
    "store-down": _store_down,
    "hub-killed": partial(_killed, "hub", False),
    "publisher-killed": _publisher_killed,
    "broker-killed": partial(_killed, "broker", False),
    "broker-wiped": partial(_killed, "broker", True),
    "rule-wrong": _rule_wrong,
}


def _count(chain: Chain) -> dict[str, Count]:
    return by_fault(chain.phases, chain.panel.next, chain.stored(), chain.excused, chain.committed())


def _is_here(peer: Peer) -> bool:
    try:
        peer.require()
    except ProgramMissing:
        return False
    return True


def _figures(name: str, counts: dict[str, Count], telegraf: dict[str, Count] | None, form: Form) -> Iterator[Figure]:
    is_ours = name == OURS
    aim = "== 0" if is_ours else None
    for fault, count in counts.items():
        said = f"{count.given} given, {count.stored} stored, {count.doubled} doubled, {count.uncommitted} uncommitted"
        peer = telegraf[fault].lost if telegraf else None
        yield Figure(f"{NAME}-{name}-{fault}-lost", count.lost, "readings", said, *_beside(is_ours, peer), aim=aim)
    total = together(counts.values())
    said = (
        f"{form.rate} readings/s for {len(counts) - 1} faults: store down {form.store_down_s:.0f} s, hub, publisher and "
        f"broker killed, broker wiped, access rule wrong {form.rule_wrong_s:.0f} s; {form.calm_s:.0f} s of calm"
    )
    peer_total = together(telegraf.values()) if telegraf else None
    yield Figure(f"{NAME}-{name}-given", total.given, "readings", said)
    yield Figure(f"{NAME}-{name}-stored", total.stored, "readings", said)
    for what in ("lost", "doubled"):
        peer = getattr(peer_total, what) if peer_total else None
        value = getattr(total, what)
        yield Figure(f"{NAME}-{name}-{what}", value, "readings", said, *_beside(is_ours, peer), aim=aim)
    yield Figure(f"{NAME}-{name}-uncommitted", total.uncommitted, "readings", f"{said}; given 3 s before the kill")


def _beside(is_ours: bool, telegraf: float | None) -> tuple[str | None, float | None]:
    return ("Telegraf", telegraf) if is_ours else (None, None)
