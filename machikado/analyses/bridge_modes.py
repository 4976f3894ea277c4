"""``machikado analyse bridge-modes``: natural modes of a recording, with intervals and with what is wrong with it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from machikado.numbers import RATE_HZ

HELP = "Natural modes of a bridge's recording: frequency, damping, shape, each with its interval, and what to doubt."

EPILOG = """\
FILE is an array (.npy, samples x channels), a CSMIP set (.npz with acc_cm_s2, dt, chan), a table (.csv, a column of time
is understood), miniSEED (.mseed), a universal file (.uff), a COSMOS or CSMIP volume, or a K-NET component. A .toml beside
an array names rate, channels and units, as for 'machikado replay'. Several files are nodes of one structure: joined where
each tells its start and that to half a millisecond (start_utc, clock_error_s), else each for itself and without shapes.

  machikado analyse bridge-modes frame.npy --rate 256 --json
  machikado analyse bridge-modes quake.npz

Exit codes: 0 an answer (ok, weak or no_mode), 1 the recording cannot be analysed (bad_input; findings say why)."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("file", type=Path, nargs="+", metavar="FILE", help="the recording; several: one of each node")
    parser.add_argument("--rate", type=RATE_HZ, metavar="HZ", help="its sampling rate, where the file does not say it")
    parser.add_argument(
        "--band",
        type=_band,
        default=(0.5, 20.0),
        metavar="LOW:HIGH",
        help="frequencies to look at [Hz] (default: 0.5:20)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.set_defaults(run=_run)


def _band(text: str) -> tuple[float, float]:
    low, _, high = text.partition(":")
    try:
        band = float(low), float(high)
    except ValueError:
        band = 0.0, 0.0
    if not 0.0 < band[0] < band[1] <= 500.0:
        raise argparse.ArgumentTypeError(f"{text!r}: wanted two frequencies in hertz, for example 0.5:20")
    return band


def _run(arguments: argparse.Namespace) -> int:
    import msgspec

    from edge.bridge.analyse import Analysis, unreadable
    from edge.bridge.nodes import analyse_nodes
    from edge.bridge.raw_recording import read_raw
    from edge.errors import RecordingError

    answer: Analysis
    try:
        raws = [read_raw(file) for file in arguments.file]
    except RecordingError as problem:
        answer = unreadable(str(problem))
    else:
        answer = analyse_nodes(raws, arguments.rate, arguments.band)
    plain = answer.to_builtins()
    is_bad = answer.status == "bad_input"
    if arguments.json or not is_bad:
        print(msgspec.json.encode(plain).decode() if arguments.json else _text(plain))
    if not is_bad:
        return 0
    reason = next((finding.says for finding in answer.findings if finding.fatal), "see its findings")
    name = str(arguments.file[0])
    print(f"machikado: {reason if name in reason else f'{name}: {reason}'}", file=sys.stderr)
    return 1


def _text(answer: dict[str, object]) -> str:
    """The answer for people: one mode a line, then what to doubt."""
    lines = [f"status: {answer['status']}"]
    for heading, key in (("modes", "modes"), ("weak modes", "weak_modes")):
        modes = answer[key]
        assert isinstance(modes, list)
        if modes:
            lines.append(f"{heading}:  frequency [Hz] (95 %)           damping [%] (95 %)")
        for mode in modes:
            (f_low, f_high), (d_low, d_high) = mode["frequency_ci95_hz"], mode["damping_ci95"]
            lines.append(
                f"  {mode['frequency_hz']:9.4f}  ({f_low:.4f} to {f_high:.4f})   "
                f"{100 * mode['damping']:6.3f}  ({100 * d_low:.3f} to {100 * d_high:.3f})"
            )
    findings = answer["findings"]
    assert isinstance(findings, list)
    lines += [f"{finding['code']}: {finding['says']}" for finding in findings]
    return "\n".join(lines)
