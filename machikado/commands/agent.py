"""``machikado agent``: a device's own process."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Run a device's agent."


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    run = actions.add_parser("run", help="Run until Ctrl-C: source → pipeline → outbox → hub.")
    run.add_argument("config", type=Path, metavar="DEVICE.toml", help="made by 'machikado provision device'")
    run.add_argument(
        "--record", type=Path, metavar="FILE", help="also keep what the source delivers, for 'machikado replay'"
    )
    run.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from edge.main import run

    run(arguments.config, arguments.record)
    return 0
