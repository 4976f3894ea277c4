"""Kept results: what a long form printed, behind a line that names the machine, in `benchmarks/results/NAME.jsonl`.

Rules it keeps:
- Only whole long runs are kept; a run that broke off leaves the file of the run before it.
- The lines are those that were printed, byte for byte.
"""

import datetime as dt
import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.errors import ResultsDamaged

FOLDER = Path(__file__).parent / "results"


class Kept(NamedTuple):
    """The results of one benchmark: on which machine and when, and its lines as objects."""

    machine: str
    date: str
    figures: list[dict[str, Any]]


def machine() -> str:
    """This machine in a few words: processor, cores, memory, system, Python."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {len(os.sched_getaffinity(0))} cores, {memory_gib:.0f} GiB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model"):
            return value.strip()
    return platform.processor() or "unnamed processor"


def keep(name: str, lines: Sequence[str], folder: Path = FOLDER) -> Path:
    """Write a long form's lines behind the machine's; the file."""
    head = {"benchmark": name, "machine": machine(), "date": dt.datetime.now(dt.UTC).date().isoformat()}
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.jsonl"
    beside = path.with_suffix(".new")
    beside.write_text("\n".join([json.dumps(head, ensure_ascii=False), *lines]) + "\n", encoding="utf-8")
    beside.replace(path)
    return path


def kept(name: str, folder: Path = FOLDER) -> Kept | None:
    """What was kept of a benchmark, None where nothing was.

    Raises:
        ResultsDamaged: the file is not what `keep` writes, or holds a quick form.
    """
    path = folder / f"{name}.jsonl"
    if not path.exists():
        return None
    try:
        head, *figures = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found = Kept(head["machine"], head["date"], figures)
        forms = {figure["form"] for figure in figures}
    except (ValueError, KeyError, TypeError) as problem:
        raise ResultsDamaged(
            f"{path.name}: {problem!r}; make it anew with 'python -m benchmarks {name} --keep'"
        ) from problem
    if forms != {"long"}:
        raise ResultsDamaged(f"{path.name}: forms {sorted(forms)}; wanted long ones only, as --keep writes them")
    return found
