"""The findings of both doctors in one list, as text for people or JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

SIGNS = {"ok": "  ok ", "warn": "WARN ", "fail": "FAIL "}


def found(devices: Sequence[Path], hub: Path | None) -> list[dict[str, Any]]:
    """Every check of these devices and of the hub, in order: ``of``, ``name``, ``outcome``, ``says``, ``mend``."""
    findings: list[dict[str, Any]] = []
    for device in devices:
        from edge.main import examine as examine_device

        findings += [{"of": str(device), **msgspec.to_builtins(check)} for check in examine_device(device)]
    if hub is not None:
        from hub.doctor import examine as examine_hub

        findings += [{"of": str(hub), **msgspec.to_builtins(check)} for check in examine_hub(hub)]
    return findings


def failed(findings: Sequence[dict[str, Any]]) -> bool:
    """Whether anything fails."""
    return any(finding["outcome"] == "fail" for finding in findings)


def printed(findings: Sequence[dict[str, Any]], as_json: bool) -> str:
    """The findings, one a line with its remedy below; or a JSON array."""
    if as_json:
        return msgspec.json.format(msgspec.json.encode(findings), indent=1).decode()
    lines = []
    for finding in findings:
        lines.append(f"{SIGNS[finding['outcome']]} {finding['name']}: {finding['says']}")
        if finding.get("mend"):
            lines.append(f"        → {finding['mend']}")
    fails = sum(finding["outcome"] == "fail" for finding in findings)
    warns = sum(finding["outcome"] == "warn" for finding in findings)
    lines.append(f"{len(findings)} checks, {fails} failed, {warns} to watch")
    return "\n".join(lines)
