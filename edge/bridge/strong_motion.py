"""Strong-motion text files: K-NET and KiK-net components of Japan's NIED, and COSMOS or CSMIP volumes.

Sources: K-NET ASCII format (https://www.kyoshin.bosai.go.jp/kyoshin/man/knetform_en.html); COSMOS Strong-Motion Data
Format, version 1.20 (2001); CSMIP volume 2, whose blocks begin with a line that counts points and names the time step.

Rules it keeps:
- A K-NET file is one component; the others of the same station and record lie beside it and are read with it.
- Of a volume the accelerations are taken, one block a channel; what the block's line says of unit and step holds.
- Blocks of other lengths or steps than the first are left out, and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edge.bridge.config import Channel, Unit
from edge.bridge.raw import Finding, Raw, Real
from edge.errors import RecordingError

KNET_HEAD = "Origin Time"
KNET_LINES = 17
KNET_SUFFIX = re.compile(r"^\.(ew|ns|ud)[12]?$")
HEAD_BYTES = 64 * 1024
_SOME_NUMBER = re.compile(r"^\d+(\.\d*)?$")

_STEP = re.compile(r"^\s*(\d+)\s+points of accel\w*\s+data equally spaced at\s+(-?[\d.]+)\s*sec", re.I)
_BLOCK = re.compile(r"^\s*(\d+)\s+(?:raw\s+)?accel\w*\.?\s*(?:pts|data)\b.*?units\s*=\s*([^,(]+)\(", re.I)
_OTHERS = re.compile(r"^\s*(\d+)\s+points of (veloc\w*|displ\w*)\s+data", re.I)
_SECONDS = re.compile(r"\bapprox\.?\s+(\d+)\s+secs?", re.I)
_FORMAT = re.compile(r"\(\s*\d+\s*[efgi](\d+)(?:\.\d+)?\s*\)", re.I)
_REALS = re.compile(r"^\s*(\d+)\s+Real-header values follow on\s+(\d+)\s+lines", re.I)
_CHANNEL = re.compile(r"\bChan(?:nel)?\s*(\d+)\s*:", re.I)
STEP_PLACE = 33
"""Place of the sampling step [s] among a COSMOS file's real-header values, counted from 0."""


def is_knet(path: Path) -> bool:
    """Whether a file is a component of K-NET or KiK-net, by its suffix and its first line."""
    return KNET_SUFFIX.match(path.suffix.lower()) is not None and _head(path).startswith(KNET_HEAD)


def read_knet(path: Path) -> Raw:
    """A component and those beside it.

    Raises:
        RecordingError: a header line is missing or not as it should be, or there are no numbers.
    """
    beside = sorted(
        other
        for other in path.parent.glob(f"{path.stem}.*")
        if is_knet(other) and other.suffix[3:4] == path.suffix[3:4]
    )
    parts = [_component(other) for other in beside]
    first = next((one for one in parts if not one.doubt), parts[0])
    columns = [one for one in parts if one.rate_hz == first.rate_hz and len(one.values) == len(first.values)]
    return _joined(path, columns, [one.name for one in parts if one not in columns])


class _Column(NamedTuple):
    name: str
    unit: Unit | None
    rate_hz: float
    values: Real
    doubt: str = ""
    """What the header says that cannot be, or nothing."""


def _component(path: Path) -> _Column:
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    said = {line[:18].strip(): line[18:].strip() for line in lines[:KNET_LINES]}
    try:
        rate_hz = float(said["Sampling Freq(Hz)"].lower().removesuffix("hz"))
        numerator, _, denominator = said["Scale Factor"].partition("/")
        scale = float(numerator.lower().replace("(gal)", "")) / float(denominator)
    except (KeyError, ValueError, ZeroDivisionError) as problem:
        raise RecordingError(f"recording {path}: K-NET header: {problem!r}; is the file whole?") from problem
    counts = _numbers(path, lines[KNET_LINES:], None)
    seconds = said.get("Duration Time(s)", "")
    doubt = _doubt(len(counts), rate_hz, float(seconds)) if _SOME_NUMBER.match(seconds) else ""
    return _Column(path.suffix[1:].lower(), "cm/s2", rate_hz, counts * scale, doubt)


def _doubt(points: int, rate_hz: float, seconds: float) -> str:
    """What is wrong where a header's duration [whole seconds] and rate do not give the points that there are."""
    if not rate_hz > 0.0 or abs(points / rate_hz - seconds) <= max(1.0, 0.01 * seconds):
        return ""
    return f"{points} points at {rate_hz:g} Hz are {points / rate_hz:g} s, the header says {seconds:g} s"


def is_volume(path: Path) -> bool:
    """Whether a file is a COSMOS or CSMIP volume with accelerations in it."""
    return any(_STEP.match(line) or _BLOCK.match(line) for line in _head(path).splitlines())


def read_volume(path: Path) -> Raw:
    """The accelerations of every channel in a volume.

    Raises:
        RecordingError: a block is cut short, or its step is not told.
    """
    lines = path.read_text(encoding="latin-1").splitlines()
    blocks = list(_blocks(path, lines))
    kept = [one for one in blocks if one.rate_hz == blocks[0].rate_hz and len(one.values) == len(blocks[0].values)]
    return _joined(path, kept, [one.name for one in blocks if one not in kept])


def _blocks(path: Path, lines: list[str]) -> Iterator[_Column]:
    name, last, step_s, at = "", "a channel", 0.0, 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if found := _CHANNEL.search(line):
            name = f"ch{int(found[1])}"
        if found := _REALS.match(line):
            reals = _numbers(path, lines[at : at + int(found[2])], _width(line))
            step_s = float(reals[STEP_PLACE]) if len(reals) > STEP_PLACE else 0.0
        if (others := _OTHERS.match(line)) and not _reaches(lines, at, int(others[1]), _width(line)):
            raise RecordingError(f"recording {path}: it ends within the {others[2]} of {last}; the file is cut short")
        csmip, cosmos = _STEP.match(line), _BLOCK.match(line)
        if not csmip and not cosmos:
            continue
        count = int((csmip or cosmos or [""])[1])
        step_s = float(csmip[2]) if csmip else step_s
        if not step_s > 0.0:
            raise RecordingError(f"recording {path}, line {at}: no time step is told before this block; add the header")
        values: list[Real] = []
        while at < len(lines) and sum(map(len, values)) < count:
            values.append(_numbers(path, [lines[at]], _width(line)))
            at += 1
        joined = np.concatenate(values)[:count] if values else np.zeros(0)
        if len(joined) < count:
            raise RecordingError(f"recording {path}: {len(joined)} of {count} points; the file is cut short")
        rate_hz = round(1.0 / step_s, 6)
        told = _SECONDS.search(line)
        doubt = _doubt(count, rate_hz, float(told[1])) if told else ""
        yield _Column(name, _unit(line if csmip else (cosmos or ["", "", ""])[2]), rate_hz, joined, doubt)
        last, name = name or "a channel", ""


def _unit(text: str) -> Unit | None:
    plain = text.lower().replace(" ", "").replace("^", "")
    if "cm/s" in plain or "gal" in plain:
        return "cm/s2"
    if "mm/s" in plain:
        return "mm/s2"
    if "m/s" in plain:
        return "m/s2"
    return "g" if plain.strip("()") == "g" or "ing." in plain or plain.endswith(",g") else None


def _width(line: str) -> int | None:
    found = _FORMAT.search(line)
    return int(found[1]) if found else None


def _numbers(path: Path, lines: list[str], width: int | None) -> Real:
    """Numbers in columns of ``width`` characters, which may touch, or between spaces."""
    try:
        return np.array([float(word) for line in lines for word in _words(line, width)], dtype=np.float64)
    except ValueError as problem:
        raise RecordingError(f"recording {path}: {problem}; is the file whole?") from problem


def _words(line: str, width: int | None) -> list[str]:
    if width is None:
        return line.split()
    words = (line[at : at + width] for at in range(0, len(line.rstrip()), width))
    return [word for word in words if word.strip()]


def _reaches(lines: list[str], at: int, count: int, width: int | None) -> bool:
    """Whether so many numbers follow before the file ends."""
    while count > 0 and at < len(lines):
        count -= len(_words(lines[at], width))
        at += 1
    return count <= 0


def _joined(path: Path, columns: list[_Column], left_out: list[str]) -> Raw:
    if not columns or not len(columns[0].values):
        raise RecordingError(f"recording {path}: no numbers behind its header; is the file whole?")
    names = [one.name or f"ch{n + 1}" for n, one in enumerate(columns)]
    unique = [name if names.count(name) == 1 else f"ch{n + 1}" for n, name in enumerate(names)]
    channels = tuple(
        Channel(name=name, unit=one.unit or "m/s2") for name, one in zip(unique, columns, strict=True)
    )  # fmt: skip
    findings: tuple[Finding, ...] = ()
    if left_out:
        says = f"{len(left_out)} channels of another length or rate than the first are left out: {', '.join(left_out)}"
        findings = (Finding("channels_left_out", says),)
    values = np.column_stack([one.values for one in columns])
    told = all(one.unit is not None for one in columns)
    doubts = sorted({one.doubt for one in columns if one.doubt})
    if doubts:
        says = f"{'; '.join(doubts)}: cut short, or another rate; give --rate HZ if the points are all there"
        findings = (*findings, Finding("header_conflict", says))
    return Raw(values, None if doubts else columns[0].rate_hz, channels, findings=findings, units_told=told)


def _head(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES).decode("latin-1")
