"""The pages that show kept figures: all of them in `docs/figures.md`, a line a benchmark in the README.

Both say what the commands printed, number for number; nothing in them is written by hand.
"""

import re
from pathlib import Path
from typing import Any

from benchmarks.catalogue import Benchmark, benchmarks
from benchmarks.results import FOLDER, Kept, kept

PROJECT = Path(__file__).parent.parent
README = PROJECT / "README.md"
PAGE = PROJECT / "docs" / "figures.md"
_PART = re.compile(r"(<!-- figures -->\n).*?(<!-- /figures -->)", re.S)
_COLUMNS = ("figure", "value", "unit", "peer", "the peer's", "ratio", "aim", "met")
HEAD = """# Figures

Written by `python -m benchmarks --pages` from what `python -m benchmarks NAME --keep` kept in `benchmarks/results/`; each
section is one long form, on the machine and the day that it names. A figure whose aim was missed says **no**.
"""


def page(folder: Path = FOLDER) -> str:
    """The whole of `docs/figures.md`.

    Raises:
        ResultsDamaged: a results file is not what `--keep` writes.
    """
    return "\n".join([HEAD, *(_section(one, results) for one, results in _kept(folder))])


def filled(text: str, folder: Path = FOLDER) -> str:
    """The README's text with a line a kept benchmark between its markers.

    Raises:
        ResultsDamaged: a results file is not what `--keep` writes.
    """
    return _PART.sub(lambda part: f"{part[1]}{summary(folder)}\n{part[2]}", text)


def summary(folder: Path = FOLDER) -> str:
    """One line a kept benchmark: what it measures, its first aimed figure, how many aims are met, and which are not."""
    rows = [
        _row(["benchmark", "what it measures", "its first figure", "aims met", "missed"]),
        _row(["---", "---", "---", "---:", "---"]),
    ]
    for benchmark, results in _kept(folder):
        aimed = [figure for figure in results.figures if figure["met"] is not None]
        missed = sorted({f"`{figure['figure']}`" for figure in aimed if not figure["met"]})
        met = sum(figure["met"] for figure in aimed)
        rows.append(
            _row(
                [
                    f"[{benchmark.name}](docs/figures.md#{benchmark.name})",
                    benchmark.sentence,
                    _in_words(aimed[0]) if aimed else "",
                    f"{met} of {len(aimed)}",
                    ", ".join(missed),
                ]
            )
        )
    return "\n".join(rows)


def _kept(folder: Path) -> list[tuple[Benchmark, Kept]]:
    found = ((benchmark, kept(benchmark.name, folder)) for benchmark in benchmarks())
    return [(benchmark, results) for benchmark, results in found if results is not None]


def _section(benchmark: Benchmark, results: Kept) -> str:
    rows = [_row(_COLUMNS), _row(["---", "---:", "---", "---", "---:", "---:", "---", "---"])]
    rows += [_row(_cells(figure)) for figure in results.figures]
    inputs: dict[str, list[str]] = {}
    for figure in results.figures:
        names = inputs.setdefault(figure["input"], [])
        if f"`{figure['figure']}`" not in names:
            names.append(f"`{figure['figure']}`")
    said = (
        [f"Input: {text}." for text in inputs]
        if len(inputs) == 1
        else [f"- {text}: {', '.join(names)}" for text, names in inputs.items()]
    )
    head = [f"## {benchmark.name}", "", benchmark.sentence, "", f"{results.date}, {results.machine}.", ""]
    return "\n".join([*head, *rows, "", *said, ""])


def _cells(figure: dict[str, Any]) -> list[str]:
    met = {True: "yes", False: "**no**", None: ""}[figure["met"]]
    numbers = {key: _number(figure[key]) for key in ("value", "peer_value", "ratio")}
    if figure["peer"] and figure["peer_value"] is None:
        numbers["peer_value"] = "not there"
    return [
        f"`{figure['figure']}`",
        numbers["value"],
        figure["unit"],
        figure["peer"] or "",
        numbers["peer_value"],
        numbers["ratio"],
        figure["aim"] or "",
        met,
    ]


def _in_words(figure: dict[str, Any]) -> str:
    beside = f" ({figure['peer']}: {_number(figure['peer_value'])})" if figure["peer_value"] is not None else ""
    return f"`{figure['figure']}` {_number(figure['value'])} {figure['unit']}{beside}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,}"


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
