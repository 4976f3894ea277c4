"""What a doctor finds, and the findings that are the same at both ends: the secret's file, the broker, a place on disk.

A finding that is not ``ok`` says what to do.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from edge.contract.address import Address
from edge.host.broker_visit import Found, Visitor, visit

MIB: Final = 1024 * 1024

Outcome = Literal["ok", "warn", "fail"]


class Check(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finding.

    Attributes:
        name: what was looked at; stable, for programs.
        outcome: ``fail`` when the process cannot do its work so, ``warn`` when it will not for long or not well.
        says: what is so.
        mend: what to do about it; empty when nothing.
    """

    name: str
    outcome: Outcome
    says: str
    mend: str = ""


class Whose(NamedTuple):
    """How one end is spoken of.

    Attributes:
        provision: the command that gives it its identity, and ``owner`` the user that its secret belongs to.
        away, refused, denied: what to do when the broker does not answer, lets it not in, or grants it not what it reads.
        topics: what it reads.
    """

    provision: str
    owner: str
    away: str
    refused: str
    denied: str
    topics: str


def check_secret(file: str, whose: Whose) -> Check:
    """Whether the secret can be read by us and by nobody else."""

    def finding(outcome: Outcome, says: str, mend: str = "") -> Check:
        return Check(name="password file", outcome=outcome, says=says, mend=mend)

    if not file:
        return finding("warn", "none is configured; the broker lets anybody in", f"run '{whose.provision}'")
    path = Path(file)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        first = path.read_text(encoding="utf-8").splitlines()[:1]
    except (OSError, UnicodeDecodeError) as problem:
        mend = f"make it with '{whose.provision}', owned by {whose.owner}"
        return finding("fail", f"{path}: cannot be read: {problem}", mend)
    if not first or not first[0].strip():
        return finding("fail", f"{path}: its first line is empty", f"make it again with '{whose.provision} --renew'")
    if mode & 0o077:
        return finding("warn", f"{path}: others may read it (mode {mode:o})", f"chmod 600 {path}")
    return finding("ok", f"{path}: readable by its owner only")


def check_brokers(visitor: Visitor, brokers: Iterable[Address], whose: Whose, timeout_s: float) -> Iterator[Check]:
    """Whether each broker answers, lets us in, and grants us what we read; one of several may be away."""
    visits = [(str(broker), visit(visitor, broker, timeout_s)) for broker in brokers]
    none_answers = all(found.unreachable is not None for _, found in visits)
    for where, found in visits:
        yield from _of_visit(visitor.username, where, found, whose, "fail" if none_answers else "warn")


def _of_visit(username: str, where: str, found: Found, whose: Whose, if_away: Outcome) -> Iterator[Check]:
    if found.unreachable is not None:
        says = f"{where}: no answer: {found.unreachable}"
        yield Check(name="broker", outcome=if_away, says=says, mend=whose.away)
        return
    yield Check(name="broker", outcome="ok", says=f"{where}: answers")
    if found.refused is not None:
        says = f"{where}: refuses {username!r}: {found.refused}"
        yield Check(name="login", outcome="fail", says=says, mend=whose.refused)
        return
    yield Check(name="login", outcome="ok", says=f"{where}: lets {username or 'anybody'!r} in")
    if found.denied:
        says = f"{where}: refuses {whose.topics}: {', '.join(found.denied)}"
        yield Check(name="topics", outcome="fail", says=says, mend=whose.denied)
        return
    yield Check(name="topics", outcome="ok", says=f"{where}: grants {whose.topics}")


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists as far as this user may see."""
    while not os.path.exists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder


def unusable(path: Path, what: str) -> tuple[str, str] | None:
    """Why a file cannot be made or written at a path, and what to do; None when it can. ``what`` names the setting."""
    folder = existing(path.parent)
    if not folder.is_dir():
        return f"{folder} is no folder", f"correct {what}"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"folder {folder} cannot be written by this user", f"sudo chown machikado {folder}"
    if os.path.exists(path) and not os.access(path, os.R_OK | os.W_OK):
        return "cannot be read and written by this user", f"sudo chown machikado {path}*"
    return None
