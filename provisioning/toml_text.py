"""Plain values written as TOML text that reads back as the same values.

Tables hold booleans, numbers, strings, lists and tables; a list of tables becomes ``[[name]]`` blocks.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import TypeGuard

from provisioning.errors import ProvisioningError

_BARE = re.compile(r"^[A-Za-z0-9_-]+$")


def toml_text(table: Mapping[str, object], comment: str = "") -> str:
    """The text of a TOML document, with ``comment`` (one line) at its head.

    Raises:
        ProvisioningError: a value is none that TOML has (None, say).
    """
    head = f"# {comment}\n\n" if comment else ""
    return head + "\n".join(_table(table, ())).strip("\n") + "\n"


def _table(table: Mapping[str, object], path: tuple[str, ...]) -> list[str]:
    lines = [f"{_key(key)} = {_value(value)}" for key, value in table.items() if not _is_block(value)]
    for key, value in table.items():
        here = (*path, key)
        name = ".".join(_key(part) for part in here)
        if isinstance(value, Mapping):
            lines += ["", f"[{name}]", *_table(value, here)]
        elif _is_tables(value):
            for each in value:
                lines += ["", f"[[{name}]]", *_table(each, here)]
    return lines


def _is_tables(value: object) -> TypeGuard[list[Mapping[str, object]]]:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _is_block(value: object) -> bool:
    return isinstance(value, Mapping) or _is_tables(value)


def _key(key: str) -> str:
    return key if _BARE.match(key) else _string(key)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
    raise ProvisioningError(f"value {value!r}: TOML has no {type(value).__name__}; leave the setting out")
