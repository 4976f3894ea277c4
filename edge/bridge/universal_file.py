"""Universal files, data set 58 (functions at nodal degrees of freedom): the exchange format of modal analysis.

Source: I-deas Test Universal File Format, data set 58, read by pyuff. Only time responses (function type 1) are taken.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from edge.bridge.config import Channel, Unit
from edge.bridge.raw import Finding, Raw
from edge.errors import RecordingError

SUFFIXES = frozenset((".uff", ".unv", ".uf", ".u58"))
TIME_RESPONSE = 1
DELIMITER = re.compile(rb"^ {4}-1 *\r?$", re.M)
_UNITS: dict[int, Unit] = {11: "m/s", 12: "m/s2"}
"""Ordinate data types of the format: 11 velocity, 12 acceleration."""
_DIRECTIONS = {1: "x", 2: "y", 3: "z", -1: "x-", -2: "y-", -3: "z-"}


def read_universal(path: Path) -> Raw:
    """The time responses of a universal file as channels.

    Raises:
        RecordingError: pyuff is not installed, the file is damaged, or holds no evenly sampled time response.
    """
    try:
        import pyuff
    except ImportError as problem:
        raise RecordingError(f"recording {path}: needs pyuff; install machikado[engineer]") from problem
    try:
        file = pyuff.UFF(str(path))
        sets: list[dict[str, Any]] = [
            file.read_sets(n) for n, kind in enumerate(file.get_set_types()) if int(kind) == 58
        ]
    except Exception as problem:
        raise RecordingError(f"recording {path}: {problem}; is it a universal file?") from problem
    responses = [one for one in sets if int(one.get("func_type", 0)) == TIME_RESPONSE and len(one.get("data", ()))]
    if not responses:
        raise RecordingError(f"recording {path}: no time response (data set 58, function type 1) in it")
    first = responses[0]
    step_s = float(first.get("abscissa_inc") or 0.0)
    if not step_s > 0.0:
        raise RecordingError(
            f"recording {path}: a time step of {step_s:g} s, wanted above 0; correct it, or resample what is not evenly sampled"
        )
    kept = [one for one in responses if len(one["data"]) == len(first["data"]) and one.get("abscissa_inc") == step_s]
    findings: tuple[Finding, ...] = ()
    text = path.read_bytes()
    if len(DELIMITER.findall(text)) % 2:
        findings = (Finding("cut_short", "its last data set has no end: channels may be missing; copy it again"),)
    short = [_name(one, n) for n, one in enumerate(kept) if int(one["num_pts"]) != len(one["data"])]
    if short:
        says = f"{', '.join(short)}: other numbers of points than the header counts; copy the file again"
        findings = (*findings, Finding("cut_short", says))
    if len(kept) < len(responses):
        says = f"{len(responses) - len(kept)} responses of another length or rate than the first are left out"
        findings = (*findings, Finding("channels_left_out", says))
    units = [_UNITS.get(int(one.get("ordinate_spec_data_type") or 0)) for one in kept]
    channels = tuple(
        Channel(name=_name(one, n), unit=unit or "m/s2") for n, (one, unit) in enumerate(zip(kept, units, strict=True))
    )
    values = np.column_stack([np.real(np.asarray(one["data"])).astype(np.float64) for one in kept])
    return Raw(
        values, round(1.0 / step_s, 6), channels, findings=findings, units_told=all(unit is not None for unit in units)
    )


def _name(response: dict[str, Any], number: int) -> str:
    node, direction = int(response.get("rsp_node") or 0), int(response.get("rsp_dir") or 0)
    return f"n{node}{_DIRECTIONS.get(direction, '')}" if node else f"ch{number + 1}"
