"""``machikado report``: a monthly report that an engineer can file, from the hub's own records."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Make a bridge's monthly monitoring report (Japanese) from the hub's records, as HTML or PDF."

EPILOG = """\
The hub may run meanwhile; nothing is written to its files. A month that goes on is reported as far as it has gone.

  machikado report bridge bridge-01 --month 2026-11 --hub HUB.toml --out report.pdf"""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    kinds = parser.add_subparsers(dest="subject", required=True, metavar="SUBJECT")
    bridge = kinds.add_parser("bridge", help="a bridge's month", description=HELP, epilog=EPILOG)
    bridge.formatter_class = argparse.RawDescriptionHelpFormatter
    bridge.add_argument("device", metavar="DEVICE", help="the device's name")
    bridge.add_argument("--month", required=True, metavar="YYYY-MM", help="of the city's time zone")
    bridge.add_argument("--hub", type=Path, required=True, metavar="HUB.toml", help="whose records")
    bridge.add_argument("--out", type=_out, required=True, metavar="OUT", help="what to write: .html or .pdf")
    bridge.set_defaults(run=_bridge)


def _out(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".html", ".pdf"):
        raise argparse.ArgumentTypeError(f"{text!r}: wanted a name that ends in .html or .pdf")
    return path


def _bridge(arguments: argparse.Namespace) -> int:
    from hub.display.pdf import pdf
    from hub.main import bridge_report

    page = bridge_report(arguments.hub, arguments.device, arguments.month)
    content = pdf(page) if arguments.out.suffix.lower() == ".pdf" else page.encode()
    arguments.out.write_bytes(content)
    print(f"{arguments.out}: {arguments.device}, {arguments.month}, {len(content):,} bytes")
    return 0
