"""Which benchmarks there are: every module of this package that has a top-level `run`."""

import ast
import difflib
import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from benchmarks.errors import UnknownBenchmark
from benchmarks.figures import Figure

Run = Callable[[bool], Iterable[Figure]]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark: its name on the command line and the first sentence of its docstring."""

    name: str
    sentence: str

    def load(self) -> Run:
        """Import the module and give its `run(quick)`."""
        return cast(Run, importlib.import_module(f"benchmarks.{self.name.replace('-', '_')}").run)


def benchmarks(folder: Path = Path(__file__).parent) -> list[Benchmark]:
    """All of them by name, found by reading the sources, so that nothing heavy is imported to list them."""
    found = []
    for path in sorted(folder.glob("[!_]*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in module.body):
            found.append(Benchmark(path.stem.replace("_", "-"), first_sentence(ast.get_docstring(module) or "")))
    return found


def first_sentence(docstring: str) -> str:
    """The docstring up to its first full stop, on one line."""
    paragraph = " ".join(docstring.split("\n\n")[0].split())
    head, stop, _ = paragraph.partition(". ")
    return head + stop.strip()


def named(name: str, known: list[Benchmark]) -> Benchmark:
    """The benchmark of that name.

    Raises UnknownBenchmark with the nearest name.
    """
    for benchmark in known:
        if benchmark.name == name:
            return benchmark
    nearest = difflib.get_close_matches(name, [benchmark.name for benchmark in known], n=1, cutoff=0.0)
    raise UnknownBenchmark(f"no benchmark '{name}'; did you mean '{nearest[0]}'? (--list shows all)")
