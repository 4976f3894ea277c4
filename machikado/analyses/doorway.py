"""``machikado analyse doorway``: who went through a doorway, from recorded 8×8 thermal frames."""

from __future__ import annotations

import argparse
from pathlib import Path

from machikado.numbers import real

HELP = "Passages in and out through a doorway, from recorded 8×8 thermal frames."

EPILOG = """\
FILE is an .npz file with arrays of the shape (frames, 8, 8): whole numbers are counts of a quarter degree, others °C.
In is towards higher columns. Each array is a sequence of its own, its frames counted from 0.

  machikado analyse doorway frames.npz --json

Exit codes: 0 done, 1 the file holds no such frames."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("file", type=Path, metavar="FILE", help="the frames")
    parser.add_argument(
        "--rate",
        type=real(0.1, 100.0, "frames a second"),
        default=10.0,
        metavar="HZ",
        help="frames a second (default: 10)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    import msgspec

    from edge.counter.recorded import passages, read_frames

    sequences = read_frames(arguments.file)
    told = [each for name, frames in sequences.items() for each in passages(name, frames, arguments.rate)]
    if arguments.json:
        plain = [{**each._asdict(), "confidence": round(each.confidence, 3)} for each in told]
        print(msgspec.json.encode({"passages": plain}).decode())
        return 0
    for each in told:
        print(f"{each.sequence} frame {each.frame:6d}  {each.direction:3s}  {each.confidence:.2f}")
    entered = sum(each.direction == "in" for each in told)
    print(f"{entered} in, {len(told) - entered} out, {sum(map(len, sequences.values()))} frames")
    return 0
