"""``machikado analyse bridge-campaign``: what happened to a bridge during a campaign, the owner's event log laid over it."""

from __future__ import annotations

import argparse
from pathlib import Path

from machikado.numbers import SEED

HELP = "Find, date and size a bridge's changes over a campaign, lay the event log over them, draw the plan's figure."

EPILOG = """\
SERIES.csv has columns t (ISO 8601, or a number), f1 … fk [Hz], one or more temperature… [°C], and may have f1_std … [Hz]
and level (of vibration, any unit); ten-minute or hourly rows. BRIDGE.toml holds [girder] (spans, stiffness, mass) and
[[events]] (date, number, name); docs/analyses.md shows one. SPECTRA.npz holds t [s UTC], f_hz, levels_db of one sensor.

  machikado analyse bridge-campaign series.csv --bridge bridge.toml --spectra spectra.npz --figure plan.svg --json
  machikado analyse bridge-campaign --simulated 1 --figure plan.svg --figure plan.png

The second is the city's plan in simulation: 137 days, eight events; --keep FOLDER writes its files."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("series", type=Path, metavar="SERIES.csv", nargs="?")
    parser.add_argument("--bridge", type=Path, metavar="BRIDGE.toml", help="the girder and the owner's event log")
    parser.add_argument("--spectra", type=Path, metavar="SPECTRA.npz", help="spectra of one sensor, for the figure")
    parser.add_argument("--sensor", default="S5", help="its name (S5)")
    parser.add_argument("--figure", type=_figure, action="append", default=[], metavar="FILE", help=".svg or .png")
    parser.add_argument("--simulated", type=SEED, metavar="SEED", help="a simulated campaign instead of SERIES.csv")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the simulated campaign's files are left")
    parser.add_argument("--json", action="store_true", help="the answer as one JSON object")
    parser.set_defaults(run=_run)


def _figure(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".svg", ".png"):
        raise argparse.ArgumentTypeError(f"{text!r}: wanted a name that ends with .svg or .png")
    return path


def _run(arguments: argparse.Namespace) -> int:
    import tempfile

    from hub.errors import SeriesRefused

    if (arguments.series is None) == (arguments.simulated is None):
        raise SeriesRefused("bridge-campaign: name SERIES.csv, or --simulated SEED, one of both")
    if arguments.spectra is not None and not arguments.figure:
        raise SeriesRefused(f"--spectra {arguments.spectra}: is for the figure only; add --figure FILE")
    if arguments.simulated is None:
        return _analyse(arguments, arguments.series, arguments.bridge, arguments.spectra)
    with tempfile.TemporaryDirectory() as made:
        folder = arguments.keep or Path(made)
        _simulate(arguments.simulated, folder)
        return _analyse(arguments, folder / "series.csv", folder / "bridge.toml", folder / "spectra.npz")


def _simulate(seed: int, folder: Path) -> None:
    import numpy as np

    from simulators.bridge import campaign, campaign_files

    folder.mkdir(parents=True, exist_ok=True)
    generator, settings = np.random.default_rng(seed), campaign.Settings()
    campaign_files.write(campaign.simulate(settings, generator), settings, generator, folder)


def _analyse(arguments: argparse.Namespace, series: Path, bridge: Path | None, spectra: Path | None) -> int:
    from zoneinfo import ZoneInfo

    import msgspec

    from hub.bridge import campaign_answer, twin_file

    of_bridge = twin_file.read(bridge) if bridge else twin_file.BridgeFile()
    windows, names, findings = campaign_answer.read(series)
    analysed = campaign_answer.answer(windows, names, of_bridge, findings)
    if arguments.figure:
        from hub.bridge import campaign_figure
        from hub.display.svg_png import png

        held = campaign_figure.read_spectra(spectra) if spectra else None
        drawing = campaign_figure.svg(analysed, held, ZoneInfo(of_bridge.zone), arguments.sensor)
        for path in arguments.figure:
            if path.suffix.lower() == ".png":
                path.write_bytes(png(drawing))
            else:
                path.write_text(str(drawing), encoding="utf-8")
    found = analysed.answer
    print(msgspec.json.encode(found).decode() if arguments.json else campaign_answer.told(found))
    return 0
