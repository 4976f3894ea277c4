"""``machikado analyse bridge-convert``: a recording in another form."""

from __future__ import annotations

import argparse
from pathlib import Path

from machikado.numbers import RATE_HZ

HELP = "Write a recording in another form: miniSEED, a table, or NetCDF."

EPILOG = """\
FILE is anything that bridge-modes reads; OUT ends in .mseed, .csv or .nc. Values keep the units of the file. A file that
does not tell its rate needs --rate; one that does not tell its time begins at 1970-01-01 unless --start says otherwise.
NetCDF keeps values as 64-bit floats, names and units; a table nine digits of a value, names, and time since the first
sample to the nanosecond; miniSEED 64-bit floats (read again here to seven digits) and the start, neither names nor units.

  machikado analyse bridge-convert ISK0022401011610.EW noto.mseed --start 2024-01-01T07:10:13Z

Exit codes: 0 done, 1 the file cannot be read or OUT not written."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("file", type=Path, metavar="FILE", help="the recording")
    parser.add_argument("out", type=Path, metavar="OUT", help="what to write: .mseed, .csv or .nc")
    parser.add_argument("--rate", type=RATE_HZ, metavar="HZ", help="its sampling rate, where the file does not say it")
    parser.add_argument("--start", type=_start_us, metavar="TIME", help="UTC of its first sample (RFC 3339)")
    parser.set_defaults(run=_run)


def _start_us(text: str) -> int:
    from datetime import datetime

    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or at.timestamp() < 0:
        raise argparse.ArgumentTypeError(f"{text!r}: wanted a time with an offset, e.g. 2024-01-01T07:10:13Z")
    return round(at.timestamp() * 1e6)


def _run(arguments: argparse.Namespace) -> int:
    from edge.bridge.raw_recording import read_raw
    from edge.bridge.write_recording import write_recording
    from edge.errors import RecordingError

    raw = read_raw(arguments.file)
    rate = arguments.rate or raw.rate_hz
    if rate is None:
        raise RecordingError(f"recording {arguments.file}: does not tell its rate; give --rate HZ")
    told = raw.start_us or 0
    write_recording(raw, rate, told if arguments.start is None else arguments.start, arguments.out)
    print(f"{arguments.out}: {raw.values.shape[1]} channels, {len(raw.values)} samples at {rate:g} Hz")
    return 0
