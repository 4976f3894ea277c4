"""The report of a long form: what was done to how many readings, and what the checker found; a page's part between marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.chaos.fleet import COUNTS, Run

RUNS, BUGS = "chaos", "planted"
SAID = {
    "stored": "records in the store",
    "declared": "records that a small outbox dropped and declared lost",
    "refused": "records in the hub's quarantine, as another device's",
    "aside": "records in a device's own quarantine",
    "gone": "records on a card that was taken out of its device before they were sent",
    "uncommitted": "readings that an agent had not yet put on disk when it died",
}


def report(runs: Sequence[Run], command: str) -> str:
    """The tables, as Markdown."""
    total = {name: sum(run.wrong.get(name, 0) for run in runs) for name in COUNTS}
    tally = {name: sum(run.tally.get(name, 0) for run in runs) for name in ("readings", "records", *SAID)}
    faults = Counter(kind for run in runs for kind, count in run.faults.items() for _ in range(count))
    red = [run for run in runs if run.is_red]
    lines = [
        f"`{command}`: {len(runs)} runs, {tally['readings']:,} readings ({tally['records']:,} records put on disk by the "
        f"devices), {faults.total():,} faults; {len(red)} runs red.",
        "",
        "| broker and store | runs | readings | " + " | ".join(COUNTS) + " |",
        "|---|---|---|" + "---|" * len(COUNTS),
        *_rows(runs),
        "| **all** | " + " | ".join(f"**{n:,}**" for n in (len(runs), tally["readings"], *total.values())) + " |",
        "",
        "Not wrong, and said: "
        + "; ".join(f"{tally[name]:,} {words}" for name, words in SAID.items())
        + f". Processes that ended by themselves and were started again: {sum(run.restarts for run in runs):,}.",
        "",
        f"Faults that could not be done as planned: {sum(len(run.skipped) for run in runs):,} (a card that did not become even "
        "with the hub is not cloned). "
        f"From the storm's end until all had arrived and was checked: {_median(run.calm_s for run in runs):.0f} s in half of "
        f"the runs, {max((run.calm_s for run in runs), default=0):.0f} s at most.",
        "",
        "| fault | times |",
        "|---|---|",
        *(f"| {kind.replace('_', ' ')} | {count:,} |" for kind, count in sorted(faults.items())),
    ]
    if red:
        lines += ["", "Red seeds: " + "; ".join(f"{run.seed} ({run.verdict})" for run in red) + "."]
    return "\n".join(lines)


def _rows(runs: Sequence[Run]) -> list[str]:
    rows = []
    for pair in sorted({(run.broker, run.store) for run in runs}):
        own = [run for run in runs if (run.broker, run.store) == pair]
        numbers = (
            len(own),
            sum(run.tally.get("readings", 0) for run in own),
            *(sum(run.wrong.get(name, 0) for run in own) for name in COUNTS),
        )
        rows.append(f"| {pair[0]}, {pair[1]} | " + " | ".join(f"{number:,}" for number in numbers) + " |")
    return rows


def _median(values: object) -> float:
    ordered = sorted(values)  # type: ignore[call-overload]
    return float(ordered[len(ordered) // 2]) if ordered else 0.0


def filled(page: str, mark: str, text: str) -> str:
    """The page with ``text`` between the marks of that name. Raises ValueError when it has none."""
    begin, end = f"<!-- {mark}:begin -->", f"<!-- {mark}:end -->"
    if begin not in page or end not in page:
        raise ValueError(f"the page has no {begin} … {end}")
    before, rest = page.split(begin, 1)
    return f"{before}{begin}\n{text}\n{end}{rest.split(end, 1)[1]}"


def write(path: Path, runs: Sequence[Run], command: str) -> None:
    """Fill the page's table of runs."""
    path.write_text(filled(path.read_text(encoding="utf-8"), RUNS, report(runs, command)), encoding="utf-8")


def write_bugs(path: Path, found: Mapping[str, Sequence[Run]]) -> None:
    """Fill the page's table of planted bugs: of so many seeds, how many turned red, and what was seen."""
    lines = ["| planted bug | seeds tried | red | what the checker found in the first red one |", "|---|---|---|---|"]
    for bug, runs in found.items():
        red = [run for run in runs if run.is_red and not run.trouble]
        seen = red[0].verdict.removeprefix("RED: ") if red else "nothing"
        lines.append(f"| {bug.replace('_', ' ')} | {len(runs)} | {len(red)} | {seen} |")
    text = "\n".join(lines)
    path.write_text(filled(path.read_text(encoding="utf-8"), BUGS, text), encoding="utf-8")
