"""Answers ``snmpd`` for a printer: a ``pass_persist`` script that looks into a file at each question.

Run by ``snmpd``, with the file as its only argument: lines of ``identifier type value``. The protocol is that of
snmpd.conf(5), PASS-PERSIST.
"""

from __future__ import annotations

import sys
from pathlib import Path


def answer(question: str, identifier: str, lines: list[str]) -> list[str]:
    """The three lines that answer a ``get`` or ``getnext``, or ``NONE``."""
    known = sorted((_numbers(line.split(" ", 2)[0]), line) for line in lines if line)
    asked = _numbers(identifier)
    found = [line for at, line in known if (at > asked if question == "getnext" else at == asked)]
    return found[0].split(" ", 2) if found else ["NONE"]


def _numbers(identifier: str) -> tuple[int, ...]:
    return tuple(int(part) for part in identifier.strip(".").split("."))


def main(file: Path) -> None:
    """Answer until the other end closes."""
    for question in sys.stdin:
        word = question.strip()
        if word == "PING":
            print("PONG", flush=True)
        elif word in ("get", "getnext"):
            lines = file.read_text(encoding="utf-8").splitlines()
            print("\n".join(answer(word, sys.stdin.readline().strip(), lines)), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
