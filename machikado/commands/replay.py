"""``machikado replay``: recorded data through the very code that runs in the field."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from machikado.numbers import real

HELP = "Run recordings through a device's pipeline; prints its records, one line of JSON each."

EPILOG = """\
FILE is one of: a recording made by 'machikado agent run --record' (any family); a waveform (.npy, .npz or .csv with a
.toml or .json beside it that names rate and channels); miniSEED (.mseed); an NMEA log (.log, .nmea).

  machikado replay bridge.rec --out records.ndjson          as fast as this machine can
  machikado replay truck.nmea --speed 1                     as it happened
  machikado replay bridge.rec --config trial/DEVICE.toml    what would other settings have said?

The same file and settings give the same bytes every time, and what the device reported when it recorded them."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recordings, replayed one after the other")
    parser.add_argument(
        "--speed", type=_speed, default=None, metavar="N|max", help="recorded seconds a second (default: max)"
    )
    parser.add_argument(
        "--config", type=Path, metavar="DEVICE.toml", help="use this device's pipeline, not the recording's own"
    )
    parser.add_argument("--out", type=Path, default=Path("-"), metavar="FILE", help="where to (default: - for stdout)")
    parser.add_argument(
        "--progress", choices=("auto", "never"), default="auto", help="a bar on a terminal (default: %(default)s)"
    )
    parser.add_argument(
        "--to", type=Path, metavar="DEVICE.toml",
        help="send the records to that device's hub as its own, through its outbox, until the hub has acked them",
    )  # fmt: skip
    parser.set_defaults(run=_run)


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    return real(1e-3, 1e6, "max, or a number")(text)


def _run(arguments: argparse.Namespace) -> int:
    from simulators.main import ReplayOptions, replay

    to_stdout = str(arguments.out) == "-"
    bar = arguments.progress == "auto" and sys.stderr.isatty() and not (to_stdout and sys.stdout.isatty())
    out = None if to_stdout else arguments.out
    count = replay(arguments.files, ReplayOptions(arguments.speed, arguments.config, out, bar, arguments.to))
    if arguments.to is not None:
        print(f"{count} records acked by the hub: stored, or refused and in its quarantine")
    return 0
