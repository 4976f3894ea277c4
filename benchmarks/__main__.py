"""`python -m benchmarks NAME [--quick]`: run one benchmark and print one JSON line a figure.

`--keep` also keeps a long form's lines in `benchmarks/results/`; `--pages` writes `docs/figures.md`, the README's table and
those of `docs/capacity.md` from there.

Exit status: 0 all aims met, 3 some aim missed, 4 a peer is not there, 2 it could not run (why: on standard error).
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterable

from benchmarks.capacity_page import CAPACITY_PAGE, with_tables
from benchmarks.catalogue import Benchmark, benchmarks, named
from benchmarks.errors import BenchmarkError
from benchmarks.figures import Figure, exit_status
from benchmarks.figures_page import PAGE, README, filled, page
from benchmarks.prepare import prepare
from benchmarks.results import keep
from simulators.errors import SimulatorError

COULD_NOT_RUN = 2
BUSY_LOAD = 1.0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure machikado beside its peers; print one JSON line a figure.",
        epilog="exit status: 0 all aims met, 3 some aim missed, 4 a peer is not there, 2 it could not run",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="which benchmark to run")
    parser.add_argument("--quick", action="store_true", help="a reduced form that ends within 50 seconds")
    parser.add_argument("--keep", action="store_true", help="keep a long form's lines in benchmarks/results")
    parser.add_argument("--pages", action="store_true", help="write the pages of figures from what was kept")
    parser.add_argument("--list", action="store_true", help="name them all and what each measures")
    parser.add_argument("--prepare", action="store_true", help="fetch and build the peers once, outside the clock")
    return parser


def report(figures: Iterable[Figure], quick: bool, kept_as: str | None = None) -> int:
    """Print each figure as soon as it is there, keep all under a name if asked to; the result is the exit status."""
    printed = []
    for figure in figures:
        print(figure.line(quick), flush=True)
        printed.append(figure)
    if kept_as is not None:
        keep(kept_as, [figure.line(quick) for figure in printed])
    return exit_status(printed)


def guarded(action: Callable[[], int]) -> int:
    """The action's exit status, or 2 with the reason in one line on standard error."""
    try:
        return action()
    except (BenchmarkError, SimulatorError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return COULD_NOT_RUN


def run(benchmark: Benchmark, quick: bool, kept: bool = False) -> int:
    """Run one benchmark; the result is the exit status. A busy machine is named on standard error."""
    busy = os.getloadavg()[0]
    if busy > BUSY_LOAD:
        print(f"benchmarks: load average {busy:.1f}: others use this machine, the figures will be low", file=sys.stderr)
    return report(benchmark.load()(quick), quick, benchmark.name if kept else None)


def write_pages() -> int:
    """Write the pages of figures from the kept results."""
    PAGE.write_text(page(), encoding="utf-8")
    CAPACITY_PAGE.write_text(with_tables(CAPACITY_PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the result is the exit status."""
    parser = _arguments()
    asked = parser.parse_args(arguments)
    known = benchmarks()
    if asked.list:
        for benchmark in known:
            print(f"{benchmark.name:<12} {benchmark.sentence}")
        return 0
    if asked.prepare:
        return guarded(lambda: prepare(print))
    if asked.pages:
        return guarded(write_pages)
    if asked.name is None:
        parser.error("NAME is missing; --list shows all")
    if asked.keep and asked.quick:
        parser.error("--keep is for the long form; leave --quick away")
    return guarded(lambda: run(named(asked.name, known), asked.quick, asked.keep))


if __name__ == "__main__":
    sys.exit(main())
