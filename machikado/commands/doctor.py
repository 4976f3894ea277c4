"""``machikado doctor``: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Check a device's or the hub's installation; say in plain words what is wrong and how to mend it."

EPILOG = """\
  machikado doctor --device /etc/machikado/kamata-bridge/DEVICE.toml
  machikado doctor --hub /etc/machikado/hub/hub.toml --json

It changes nothing and disturbs no agent or hub that runs. Exit codes: 0 nothing fails, 3 something fails."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("--device", type=Path, metavar="DEVICE.toml", action="append", default=[])
    parser.add_argument("--hub", type=Path, metavar="HUB.toml")
    parser.add_argument("--json", action="store_true", help="findings as a JSON array")
    parser.set_defaults(run=lambda arguments: _run(parser, arguments))


def _run(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    from machikado.findings import failed, found, printed

    if not arguments.device and arguments.hub is None:
        parser.error("give --device DEVICE.toml, --hub HUB.toml or both")
    findings = found(arguments.device, arguments.hub)
    print(printed(findings, arguments.json))
    return 3 if failed(findings) else 0
