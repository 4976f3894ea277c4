"""A standing SVG as a PNG by resvg, which is not needed for anything else.

A hub renders apart: resvg holds Python's lock for a second or more, and reads every font of the machine.
"""

from __future__ import annotations

import sys
from typing import Final

from hub.apart import run_apart
from hub.errors import ApartFailed, DrawingError

WIDTH: Final = 1800


def png(drawing: str, width: int = WIDTH) -> bytes:
    """A drawing as a PNG of ``width`` pixels.

    Raises:
        DrawingError: the renderer is not installed.
    """
    try:
        import resvg_py
    except ImportError as problem:
        raise DrawingError("a PNG needs resvg-py (pip install 'machikado[hub]'), or take the SVG") from problem
    return bytes(resvg_py.svg_to_bytes(svg_string=str(drawing), width=width, background="#ffffff"))


def png_apart(drawing: str) -> bytes:
    """The same in a process of its own.

    Raises:
        DrawingError: the renderer is not installed, takes too long, or fails.
    """
    try:
        return run_apart("hub.display.svg_png", drawing.encode())
    except ApartFailed as problem:
        raise DrawingError(f"PNG: {problem}") from problem


def main() -> int:
    """An SVG on standard input, its PNG on standard output; exit status 1 and a line where there is none."""
    try:
        sys.stdout.buffer.write(png(sys.stdin.buffer.read().decode()))
    except DrawingError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
