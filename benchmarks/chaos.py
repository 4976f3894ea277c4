"""Whether every reading is stored once, and everything dropped is declared, whatever a seeded storm of faults does.

Real agents, broker, hub and store run as processes under the fault plan of each seed (`tests/chaos`): kills, freezes, wiped
brokers, cut, silent, half-open, slow and doubling links, full and read-only disks, wrong clocks, restored and cloned cards,
second agents, wrong access rules, a store that errs, slows down or dies. Then calm, and an independent checker reads the
store, the ledger and what the outboxes had promised to keep.

After that bugs are planted in agents or hub, one at a time: of so many seeds, how many turn red.

`--quick`: two seeds of 2,000 readings and 4 s of storm, and a bug on one of them. Long: 200 seeds of 25,600 readings
and 18 s of storm, which also fill `docs/reliability.md`, and every bug on up to eight seeds, until three are red.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Figure
from tests.chaos.fleet import COUNTS, Run, jobs_here, runs
from tests.chaos.plan import READINGS, SPAN_S
from tests.chaos.planted import BUGS
from tests.chaos.report import write, write_bugs

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reliability.md"
QUICK_BUGS = ("outbox_in_memory",)


class Form(NamedTuple):
    """How much: seeds, readings and storm [s] of each; bugs, on how many seeds at most, until how many are red."""

    seeds: tuple[int, ...]
    readings: int
    span_s: float
    bugs: tuple[str, ...]
    bug_seeds: int
    bug_red: int

    @property
    def options(self) -> tuple[str, ...]:
        """What each run is told."""
        return ("--readings", str(self.readings), "--span", str(self.span_s))


QUICK = Form((7, 8), 2_000, 4.0, QUICK_BUGS, 1, 1)
LONG = Form(tuple(range(1, 201)), READINGS, SPAN_S, tuple(BUGS), 8, 3)
BUG_OPTIONS = ("--readings", "3000", "--span", "6", "--calm", "30")


def run(quick: bool) -> Iterator[Figure]:
    """The storm's figures, then one a bug."""
    form = QUICK if quick else LONG
    done = []
    for one in runs(form.seeds, jobs_here(), form.options):
        print(one.line(), *([one.log] if one.is_red else []), sep="\n", file=sys.stderr, flush=True)
        done.append(one)
    done.sort(key=lambda one: one.seed)
    if not quick:
        write(PAGE, done, "python -m benchmarks chaos --keep")
    yield from _figures(done, form)
    found = {}
    for bug in form.bugs:
        found[bug] = list(runs(range(1, form.bug_seeds + 1) if not quick else (7,), jobs_here(),
                               (*BUG_OPTIONS, "--bug", bug), stop_after_red=form.bug_red))  # fmt: skip
        yield _of_bug(bug, found[bug])
    if not quick:
        write_bugs(PAGE, found)


def _figures(done: list[Run], form: Form) -> Iterator[Figure]:
    faults = sum(sum(one.faults.values()) for one in done)
    said = f"{len(done)} seeded runs of real processes, {faults} faults"
    for name in COUNTS:
        unit = {"unfinished": "devices", "intruders": "agents"}.get(name, "records")
        yield Figure(f"chaos-{name}", sum(one.wrong.get(name, 0) for one in done), unit, said, aim="== 0")
    yield Figure("chaos-without-verdict", sum(bool(one.trouble) for one in done), "runs", said, aim="== 0")
    yield Figure("chaos-red", sum(one.is_red for one in done), "runs", said, aim="== 0")
    readings = sum(one.tally.get("readings", 0) for one in done)
    yield Figure("chaos-readings", readings, "readings", said, aim=f">= {len(form.seeds) * form.readings}")
    yield Figure("chaos-faults", faults, "faults", said)
    for name in ("declared", "aside", "gone", "uncommitted"):
        yield Figure(
            f"chaos-{name}", sum(one.tally.get(name, 0) for one in done), "records", f"{said}; said, not wrong"
        )
    yield Figure("chaos-calm", max((one.calm_s for one in done), default=0.0), "s",
                 f"{said}; the longest from a storm's end until all had arrived")  # fmt: skip


def _of_bug(bug: str, done: list[Run]) -> Figure:
    red = [one for one in done if one.is_red and not one.trouble]
    seen = "; ".join(one.verdict.removeprefix("RED: ") for one in red[:2]) or "nothing"
    return Figure(
        f"chaos-planted-{bug.replace('_', '-')}", len(red), "seeds red", f"of {len(done)} seeds; {seen}", aim=">= 1"
    )
