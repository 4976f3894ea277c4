"""`python -m tests.chaos`: runs of the chaos harness, one line each; status 1 when one is red.

`--seed N` is one run, with all that is known of a red one. `--seeds N` are the seeds 1 to N. `--bug NAME` plants a bug in
the agents or the hub (`planted.py`). `--report PAGE` fills the page's table. `--logs FOLDER`
keeps what red runs and their processes said.
"""

from __future__ import annotations

import argparse
import json
import resource
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from tests.chaos.disks import may_mount
from tests.chaos.fleet import Run, jobs_here, run_of, runs
from tests.chaos.plan import READINGS, SPAN_S, draw
from tests.chaos.planted import BUGS
from tests.chaos.report import write
from tests.chaos.run import CALM_MOST_S, run


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--seed", type=int, help="one run with this seed")
    parser.add_argument("--seeds", type=int, default=20, help="runs with the seeds 1 to this")
    parser.add_argument("--first", type=int, default=1, help="begin with this seed")
    parser.add_argument("--jobs", type=int, default=jobs_here(), help="runs at once")
    parser.add_argument("--bug", choices=sorted(BUGS), help="plant this bug")
    parser.add_argument("--readings", type=int, default=READINGS, help="readings of a run, over all its devices")
    parser.add_argument("--span", type=float, default=SPAN_S, help="length of the storm [s]")
    parser.add_argument("--calm", type=float, default=CALM_MOST_S, help="how long all may take after the storm [s]")
    parser.add_argument("--report", type=Path, help="fill this page's table")
    parser.add_argument("--logs", type=Path, help="keep the logs of red runs in this folder")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    return parser


def _one(seed: int, asked: argparse.Namespace) -> int:
    """In a process of its own: one run, its outcome as a line of JSON."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    plan = draw(seed, asked.readings, asked.span, with_disks=may_mount())
    outcome = run(plan, asked.bug or "", asked.calm, lambda text: print(text, file=sys.stderr, flush=True))
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    line = asdict(run_of(outcome, sum(one.ru_utime + one.ru_stime for one in used)))
    del line["log"]
    print(json.dumps(line))
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the result is the exit status."""
    asked = _arguments().parse_args(arguments)
    if asked.one is not None:
        return _one(asked.one, asked)
    options = [
        "--readings",
        str(asked.readings),
        "--span",
        str(asked.span),
        "--calm",
        str(asked.calm),
        *(["--bug", asked.bug] if asked.bug else []),
    ]
    seeds = [asked.seed] if asked.seed is not None else list(range(asked.first, asked.first + asked.seeds))
    if asked.seed is not None:
        print("\n".join(map(str, draw(asked.seed, asked.readings, asked.span).faults)))
    done: list[Run] = []
    for one in runs(seeds, asked.jobs, options):
        print(one.line(), flush=True)
        for example in one.examples[: None if asked.seed is not None else 3]:
            print(f"  {example}", flush=True)
        if asked.logs is not None and one.is_red:
            asked.logs.mkdir(parents=True, exist_ok=True)
            (asked.logs / f"seed-{one.seed}.log").write_text("\n".join([*one.examples, one.log]), encoding="utf-8")
        done.append(one)
    red = sum(one.is_red for one in done)
    print(f"{len(done)} runs, {sum(one.tally.get('readings', 0) for one in done):,} readings, {red} red")
    if asked.report is not None:
        write(asked.report, sorted(done, key=lambda one: one.seed), f"python -m tests.chaos --seeds {len(done)}")
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
