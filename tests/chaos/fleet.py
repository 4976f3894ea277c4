"""Many runs at once, each in a process of its own with a mount namespace of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from tests.chaos.check import Verdict
from tests.chaos.disks import in_own_namespace
from tests.chaos.run import Outcome

RUN_MOST_S = 300.0
"""A run that takes longer than this hangs, and is red."""
COUNTS = tuple(one.name for one in fields(Verdict) if one.name != "examples")


@dataclass(frozen=True, slots=True)
class Run:
    """What is left of a run.

    Attributes:
        faults: how often each kind was drawn.
        wrong: what the checker found, by kind; all zero is what is promised.
        cpu_s: processor time of everything.
        trouble: the harness's own words where there is no verdict.
        log: what the run said on its way; of a red one with the ends of all its processes' logs.
    """

    seed: int
    broker: str
    store: str
    faults: dict[str, int]
    wrong: dict[str, int]
    tally: dict[str, int]
    restarts: int = 0
    skipped: list[str] = field(default_factory=list)
    calm_s: float = 0.0
    lasted_s: float = 0.0
    cpu_s: float = 0.0
    examples: list[str] = field(default_factory=list)
    trouble: str = ""
    log: str = ""

    @property
    def is_red(self) -> bool:
        """Whether anything is wrong, or nothing can be said."""
        return bool(self.trouble) or any(self.wrong.values())

    @property
    def verdict(self) -> str:
        """In words."""
        if self.trouble:
            return f"NO VERDICT: {self.trouble}"
        found = ", ".join(f"{name} {count}" for name, count in self.wrong.items() if count)
        return f"RED: {found}" if found else "green"

    def line(self) -> str:
        """One line for one run."""
        kinds = " ".join(f"{kind}{f'×{count}' if count > 1 else ''}" for kind, count in sorted(self.faults.items()))
        return (
            f"seed {self.seed} {self.broker}+{self.store} readings {self.tally.get('readings', 0)} "
            f"{self.verdict} in {self.lasted_s:.0f} s [{kinds}]"
        )


def run_of(outcome: Outcome, cpu_s: float) -> Run:
    """What is left of an outcome."""
    plan = outcome.plan
    faults = dict(Counter(fault.kind for fault in plan.faults))
    return Run(
        seed=plan.seed,
        broker=plan.broker,
        store=plan.store,
        faults=faults,
        wrong={name: getattr(outcome.verdict, name) for name in COUNTS},
        tally=asdict(outcome.tally),
        restarts=outcome.restarts,
        skipped=list(outcome.skipped),
        calm_s=outcome.calm_s,
        lasted_s=outcome.lasted_s,
        cpu_s=cpu_s,
        examples=outcome.verdict.examples[:20],
    )


def runs(seeds: Sequence[int], jobs: int, options: Sequence[str] = (), stop_after_red: int = 0) -> Iterator[Run]:
    """Every seed's run, as they end, ``jobs`` at once; ``options`` are given to each.

    With ``stop_after_red`` no more are begun once so many are red.
    """
    begin = in_own_namespace()
    waiting, red = list(seeds), 0
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        under_way: set[Future[Run]] = set()
        while waiting or under_way:
            while waiting and len(under_way) < jobs:
                under_way.add(pool.submit(_one, begin, waiting.pop(0), options))
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for one in done:
                run = one.result()
                red += run.is_red
                if stop_after_red and red >= stop_after_red:
                    waiting = []
                yield run


def _one(begin: Sequence[str], seed: int, options: Sequence[str]) -> Run:
    command = [*begin, sys.executable, "-m", "tests.chaos", "--one", str(seed), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        out, err = process.communicate(timeout=RUN_MOST_S)
    except subprocess.TimeoutExpired:
        process.terminate()
        out, err = process.communicate()
        return _without_verdict(seed, f"did not end within {RUN_MOST_S:.0f} s", err)
    if process.returncode != 0 or not out.strip():
        last = err.strip().splitlines()[-1:] or [f"status {process.returncode}"]
        return _without_verdict(seed, last[0], err)
    fields_of: dict[str, Any] = json.loads(out.splitlines()[-1])
    return Run(**fields_of, log=err)


def _without_verdict(seed: int, trouble: str, log: str) -> Run:
    return Run(seed, "?", "?", {}, {}, {}, trouble=trouble, log=log)


def jobs_here() -> int:
    """How many runs at once: a run waits more than it computes."""
    return 2 * (os.cpu_count() or 1)
