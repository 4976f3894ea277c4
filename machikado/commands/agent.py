"""``machikado agent``: a device's own process, and a look at it on the spot."""

from __future__ import annotations

import argparse
from pathlib import Path

from machikado.numbers import PORT

HELP = "Run a device's agent, or watch a device on the spot."

WATCH_EPILOG = """\
  machikado agent watch DEVICE.toml                          live in the terminal
  machikado agent watch DEVICE.toml --page                   live in a browser on this device
  machikado agent watch DEVICE.toml --commission bridge.md   a record for the papers

Needs no network and no hub. It asks the running agent; where none runs it reads the sensors itself and sends nothing."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    run = actions.add_parser(
        "run",
        help="run until Ctrl-C",
        description="Run a device's agent until Ctrl-C: source → pipeline → outbox → hub.",
    )
    run.add_argument("config", type=Path, metavar="DEVICE.toml", help="made by 'machikado provision device'")
    run.add_argument(
        "--record", type=Path, metavar="FILE",
        help="also keep what the sources deliver, for 'machikado replay'; an existing file is kept, and FILE-2 … made",
    )  # fmt: skip
    run.set_defaults(run=_run)
    watch = actions.add_parser(
        "watch",
        help="see raw values, noise, mounting, outbox and clock",
        description="What a technician needs on the spot: raw values, noise floor, mounting, outbox, last ack, clock.",
        epilog=WATCH_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    watch.add_argument("config", type=Path, metavar="DEVICE.toml", help="the device's configuration")
    watch.add_argument("--once", action="store_true", help="one look instead of one a second")
    watch.add_argument("--json", action="store_true", help="a JSON object a look, for programs")
    ways = watch.add_mutually_exclusive_group()
    ways.add_argument(
        "--page", type=PORT, nargs="?", const=0, metavar="PORT", help="serve a page on loopback (default: a free port)"
    )
    ways.add_argument(
        "--commission", type=Path, metavar="FILE", help="write a commissioning record, Markdown (.md) or JSON, and end"
    )
    watch.set_defaults(run=_watch)


def _run(arguments: argparse.Namespace) -> int:
    from edge.main import run

    run(arguments.config, arguments.record)
    return 0


def _watch(arguments: argparse.Namespace) -> int:
    from edge.main import WatchOptions, watch

    watch(arguments.config, WatchOptions(arguments.once, arguments.json, arguments.page, arguments.commission))
    return 0
