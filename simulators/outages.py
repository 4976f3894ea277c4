"""A plan of kills at random moments, and carrying it out on real servers.

Rules it keeps:
- The plan is made before anything runs, from a generator that is passed in: the same seed gives the same plan.
- Every victim is killed exactly as often as asked, and in half of the kills (rounded down) of those that are named as
  wiped its storage is gone when it comes back.
- One kill at a time: a victim answers again before the next one falls.
"""

import random
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class Victim(Protocol):
    """What can be killed and brought back; every `Server` can."""

    def kill(self) -> None:
        """End it without a warning."""
        ...

    def restart(self, wipe: bool = False) -> None:
        """Bring it back, with or without what it had stored, and return when it answers."""
        ...


@dataclass(frozen=True, slots=True)
class Kill:
    """Who is killed when (seconds after the plan's start), how long it stays down, and whether it forgets."""

    at_s: float
    victim: str
    down_s: float
    wipe: bool


def plan_kills(
    victims: Sequence[str], each: int, span_s: float, wiped: Collection[str], rng: random.Random, down_s: float = 0.2
) -> list[Kill]:
    """`each` kills of every victim, at moments spread uniformly over `span_s` [s], in the order of their moments.

    A victim in `wiped` loses its storage in half of its kills; each stays down for 0 to `down_s` [s].
    """
    kills = []
    for victim in victims:
        wipes = [index < each // 2 and victim in wiped for index in range(each)]
        rng.shuffle(wipes)
        kills += [Kill(rng.uniform(0, span_s), victim, rng.uniform(0, down_s), wipe) for wipe in wipes]
    return sorted(kills, key=lambda kill: kill.at_s)


def carry_out(plan: Sequence[Kill], victims: Mapping[str, Victim], halt: threading.Event) -> Iterator[Kill]:
    """Kill and restart by the plan, giving each kill when its victim answers again; `halt` ends it early.

    A restart takes its time: what falls due meanwhile follows at once. Moments are kept by waiting between kills, so
    the whole takes at least the plan's span. Raises what a victim's `restart` raises.
    """
    before_s = 0.0
    for kill in plan:
        if halt.wait(max(0.0, kill.at_s - before_s)):
            return
        before_s = kill.at_s
        victims[kill.victim].kill()
        halt.wait(kill.down_s)
        victims[kill.victim].restart(wipe=kill.wipe)
        yield kill
