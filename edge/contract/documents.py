"""Writes or checks the documents that are generated from the contract: ``python -m edge.contract.documents --write``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.contract.asyncapi import asyncapi
from edge.contract.dictionary import dictionary


def _asyncapi_text() -> str:
    return json.dumps(asyncapi(), indent=1, ensure_ascii=False) + "\n"


DOCUMENTS: dict[str, Callable[[], str]] = {
    "docs/data-dictionary.md": dictionary,
    "docs/asyncapi.json": _asyncapi_text,
}
"""Each generated file under the project's root, and what makes its text."""


def write(root: Path) -> list[str]:
    """Write every document that differs; their names."""
    drifted = differing(root)
    for name in drifted:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(DOCUMENTS[name](), encoding="utf-8")
    return drifted


def differing(root: Path) -> list[str]:
    """Names of the documents that are missing or say something else than the contract."""
    return [name for name, make in DOCUMENTS.items() if _content(root / name) != make()]


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 when the documents agree with the contract (now), 1 when ``--check`` found some that do not."""
    parser = argparse.ArgumentParser(prog="python -m edge.contract.documents", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", action="store_true", help="write the documents that differ")
    what.add_argument("--check", action="store_true", help="name the documents that differ, change nothing")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the project's folder (default: this one)")
    chosen = parser.parse_args(arguments)
    names = write(chosen.root) if chosen.write else differing(chosen.root)
    for name in names:
        print(f"{name}: {'written' if chosen.write else 'differs from the contract; run with --write'}")
    return 1 if names and chosen.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
