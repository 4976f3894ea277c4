"""``machikado demo``: the whole system on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from machikado.numbers import PORT, SEED

HELP = "Run the whole system on this machine, with simulators in the place of the city."


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "--state", type=Path, default=Path("var/demo"), metavar="DIR", help="where data are kept (default: %(default)s)"
    )
    parser.add_argument("--port", type=PORT, default=0, help="port of the page (default: a free one)")
    parser.add_argument("--seed", type=SEED, default=1, help="of the simulated city (default: %(default)s)")
    parser.add_argument(
        "--store", choices=("sqlite", "influx"), default="sqlite", help="where readings go (default: %(default)s)"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from machikado.demo.run import Demo, Options

    Demo(Options(arguments.state, arguments.port, arguments.seed, arguments.store)).run()
    return 0
