"""``machikado hub``: ingest, store, judgement, status API and pages."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Run the hub."


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    run = actions.add_parser("run", help="Run until Ctrl-C.")
    run.add_argument("config", type=Path, metavar="HUB.toml", help="see deploy/ for one that works")
    run.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from hub.main import run

    run(arguments.config)
    return 0
