"""Power cut: what was not synced may be lost, at every point of an outbox's and a hub's life; what is left is judged.

strace records the writes and syncs of real processes: an outbox that lives through all that an agent does with it
(`tests/powercut/outbox_life.py`), and a whole hub behind a real broker with devices that send to it
(`tests/powercut/hub_life.py`). From the log every legal state of the disk is rebuilt: at each point all that was synced,
with each prefix and drawn subsets of what was not, and with each prefix of the folders' entries; and the last transaction
and the last checkpoint with each write torn at every byte. The production code opens each state. *Wrong* is one in which a
record that `append` had returned for, or that an ack had named, is not there or altered, a number is given again,
readings and books disagree, a window's mark is missing, or nothing starts.

Planted: `synchronous=OFF`, and NORMAL with the write-ahead log; the points at which that is seen are counted.
Quick form: shorter lives, fewer subsets, and the hub's writes torn at every 211th byte (long: its checkpoint's at every 7th).
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks.figures import Figure
from tests.powercut.trial import Recorded, Tally, cut_everywhere, hub_recorded, outbox_recorded, torn_writes

SEED = 20261125
PLANTED = ("OFF", "NORMAL")


class Form(NamedTuple):
    """How long the lives are and how much is tried of them."""

    outbox_rounds: int
    hub_rounds: int
    subsets: int
    hub_torn_every: int
    hub_checkpoint_every: int
    planted_rounds: int


QUICK = Form(outbox_rounds=16, hub_rounds=7, subsets=4, hub_torn_every=211, hub_checkpoint_every=211, planted_rounds=5)
LONG = Form(outbox_rounds=60, hub_rounds=24, subsets=40, hub_torn_every=1, hub_checkpoint_every=7, planted_rounds=16)


def run(quick: bool) -> Iterator[Figure]:
    """The figures of the outbox and of the hub."""
    form = QUICK if quick else LONG
    yield from _figures("outbox", outbox_recorded, form.outbox_rounds, (1, 1), form)
    yield from _figures("hub", hub_recorded, form.hub_rounds, (form.hub_torn_every, form.hub_checkpoint_every), form)


def _figures(
    whose: str, record: Callable[[int, str], Recorded], rounds: int, torn_every: tuple[int, int], form: Form
) -> Iterator[Figure]:
    recorded = record(rounds, "as-it-is")
    yield from _sound(whose, "cut at any point", cut_everywhere(recorded, SEED, form.subsets))
    yield from _sound(whose, "last transaction torn", torn_writes(recorded, "-wal", torn_every[0]))
    yield from _sound(whose, "last checkpoint torn", torn_writes(recorded, "", torn_every[1]))
    for synchronous in PLANTED:
        tally = cut_everywhere(record(form.planted_rounds, synchronous), SEED, form.subsets)
        what = f"{tally.red_states} of {tally.states} states, {tally.points} points; e.g. {tally.first}"
        yield Figure(f"{whose}, planted {synchronous}, red", tally.red_points, "points", what, aim="> 0")


def _sound(whose: str, what: str, tally: Tally) -> Iterator[Figure]:
    yield Figure(f"{whose}, {what}", tally.states, "states", f"{tally.points} points of its life")
    yield Figure(f"{whose}, {what}, wrong", tally.red_states, "states", tally.first or "as promised", aim="== 0")
