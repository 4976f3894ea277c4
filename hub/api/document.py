"""Writes or checks ``docs/openapi.json``: ``python -m hub.api.document --write``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from hub.api.app import bare_app
from hub.api.openapi import document_of

NAME = Path("docs/openapi.json")


def text() -> str:
    """The document as it is checked in."""
    return json.dumps(document_of(bare_app()), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 when the document agrees with the API (now), 1 when ``--check`` found that it does not."""
    parser = argparse.ArgumentParser(prog="python -m hub.api.document", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", action="store_true", help="write the document where it differs")
    what.add_argument("--check", action="store_true", help="say whether it differs, change nothing")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the project's folder (default: this one)")
    chosen = parser.parse_args(arguments)
    path = chosen.root / NAME
    if path.exists() and path.read_text(encoding="utf-8") == text():
        return 0
    if chosen.write:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(), encoding="utf-8")
    print(f"{NAME}: {'written' if chosen.write else 'differs from the API; run with --write'}")
    return 0 if chosen.write else 1


if __name__ == "__main__":
    raise SystemExit(main())
