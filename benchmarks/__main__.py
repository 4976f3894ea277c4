"""`python -m benchmarks NAME [--quick]`: run one benchmark and print one JSON line a figure.

Exit status: 0 all aims met, 3 some aim missed, 4 a peer is not there, 2 it could not run (why: on standard error).
"""

import argparse
import sys

from benchmarks.catalogue import benchmarks, named
from benchmarks.errors import BenchmarkError
from benchmarks.figures import exit_status
from simulators.errors import SimulatorError

COULD_NOT_RUN = 2


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure machikado beside its peers; print one JSON line a figure.",
        epilog="exit status: 0 all aims met, 3 some aim missed, 4 a peer is not there, 2 it could not run",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="which benchmark to run")
    parser.add_argument("--quick", action="store_true", help="a reduced form that ends within 50 seconds")
    parser.add_argument("--list", action="store_true", help="name them all and what each measures")
    parser.add_argument("--prepare", action="store_true", help="fetch and build the peers once, outside the clock")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the result is the exit status."""
    parser = _arguments()
    asked = parser.parse_args(arguments)
    known = benchmarks()
    try:
        if asked.list:
            for benchmark in known:
                print(f"{benchmark.name:<12} {benchmark.sentence}")
            return 0
        if asked.prepare:
            from benchmarks.prepare import prepare

            return prepare(print)
        if asked.name is None:
            parser.error("NAME is missing; --list shows all")
        figures = []
        for figure in named(asked.name, known).load()(asked.quick):
            print(figure.line(asked.quick), flush=True)
            figures.append(figure)
        return exit_status(figures)
    except (BenchmarkError, SimulatorError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
