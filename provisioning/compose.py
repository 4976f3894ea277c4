"""A compose file as text: services with the very files and commands that the systemd units have."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

Node = str | bool | Sequence["Node"] | Mapping[str, "Node"]

OURS: dict[str, Node] = {"image": "machikado", "build": {"context": "../..", "dockerfile": "deploy/Dockerfile"}}
"""The image of the hub, built from this project."""


def compose_text(services: Mapping[str, Mapping[str, Node]], volumes: Sequence[str]) -> str:
    """The text of ``compose.yaml``; ``volumes`` are named ones that outlive the containers."""
    document: dict[str, Node] = {"services": services, "volumes": {name: {} for name in volumes}}
    return "\n".join(
        ("# Written by machikado; change it with a compose.override.yaml, not here.", *_lines(document, ""), "")
    )


def service(
    command: str, mounts: Sequence[str], after: Sequence[str] = (), base: Mapping[str, Node] = OURS
) -> dict[str, Node]:
    """One service that runs ``command`` for ever with files and volumes mounted (``FROM:TO`` or ``FROM:TO:ro``)."""
    words: dict[str, Node] = {**base, "command": command.split(), "restart": "unless-stopped", "volumes": list(mounts)}
    return {**words, "depends_on": list(after)} if after else words


def _lines(node: Mapping[str, Node], indent: str) -> list[str]:
    lines: list[str] = []
    for key, value in node.items():
        if isinstance(value, Mapping) and value:
            lines += [f"{indent}{key}:", *_lines(value, indent + "  ")]
        else:
            # JSON is YAML: a list or a text on one line needs no rules of its own.
            lines.append(f"{indent}{key}: {json.dumps(value, ensure_ascii=False)}")
    return lines
