"""``machikado analyse``: the offline door, recorded data through the field's own code; one module an analysis."""

from __future__ import annotations

import argparse
import importlib
from importlib.util import find_spec

HELP = "Analyse a recording with the code that runs in the field; one answer, as text or JSON."

ANALYSES = ("bridge-modes", "bridge-drift", "bridge-campaign", "bridge-convert", "doorway", "occupancy", "waits")
"""Each is a module of ``machikado/analyses`` with ``HELP`` and ``add(parser)``, which sets ``run``."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's sub-commands, those that are here."""
    kinds = parser.add_subparsers(dest="analysis", required=True, metavar="ANALYSIS")
    for name in ANALYSES:
        place = f"machikado.analyses.{name.replace('-', '_')}"
        if find_spec(place) is not None:
            module = importlib.import_module(place)
            module.add(kinds.add_parser(name, help=module.HELP, description=module.HELP))
