"""``machikado simulate``: a piece of the city that speaks a sensor's true bytes."""

from __future__ import annotations

import argparse
from pathlib import Path

from edge.contract.families import FAMILIES

HELP = "Play a piece of the city in real time: a sensor's true bytes on its lines, the truth in a file."

EPILOG = """\
  machikado simulate bridge  --line mcu=pty:/tmp/bridge-mcu --truth truth.jsonl
  machikado simulate truck   --line gps=/tmp/gps
  machikado simulate gate    --line mcu=/tmp/gate-mcu --seed 7
  machikado simulate kiosk   --line xfs=ws:8081
  machikado simulate kiosk   --line xfs=ws:8081 --line ipp=ipp:8631 --settings copy-terminal.toml
  machikado simulate counter --line mcu=/tmp/mcu --line tickets=/tmp/tickets --speed 10
  machikado simulate counter --line radar=/tmp/radar --line co2=/tmp/co2 --line tickets=http:8082

Point the device's [[source]] at the same path or port, and start its agent. Ctrl-C ends it."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("family", choices=FAMILIES, metavar="FAMILY", help=", ".join(FAMILIES))
    parser.add_argument(
        "--line", action="append", default=[], metavar="NAME=TARGET", dest="lines", required=True,
        help="where a line is found: pty:PATH (or PATH) for a pseudo-terminal, ws:PORT for a WebSocket, "
        "http:PORT for a ticket machine's lines by HTTP, ipp:PORT for a printer",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="the same seed plays the same day (default: %(default)s)")
    parser.add_argument("--truth", type=Path, metavar="FILE", help="write what really happened, one JSON object a line")
    parser.add_argument(
        "--speed", type=float, default=1.0, metavar="N", help="simulated seconds a second (default: %(default)g)"
    )
    parser.add_argument("--settings", type=Path, metavar="FILE", help="TOML of the simulator's settings")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from simulators.main import simulate_until_signal

    simulate_until_signal(
        arguments.family, arguments.settings, arguments.seed, arguments.lines, arguments.truth, arguments.speed
    )
    return 0
