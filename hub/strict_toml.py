"""TOML read into a frozen struct, where a key that the struct does not know is refused with the nearest that it does."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from hub.errors import ConfigError

Kind = TypeVar("Kind")

MAX_BYTES = 4 * 1024 * 1024
"""Largest file that is read [bytes]."""


def read_toml(path: Path, kind: type[Kind]) -> Kind:
    """The content of a TOML file as ``kind``.

    Raises:
        ConfigError: the file cannot be read, is larger than ``MAX_BYTES``, is not TOML, or is not of that kind.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ConfigError(f"{path}: {size} bytes, at most {MAX_BYTES}; is it the right file?")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path}: cannot be read: {problem}; check the path and its permissions") from problem
    return parse_toml(text, kind, str(path))


def parse_toml(text: str, kind: type[Kind], name: str) -> Kind:
    """TOML text as ``kind``; ``name`` begins the error message.

    Raises:
        ConfigError: it is not TOML, has an unknown key (the nearest valid one is named), or a value is not as wanted.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ConfigError(f"{name}: not TOML: {problem}") from problem
    _check_keys(raw, msgspec.inspect.type_info(kind), name, "")
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as problem:
        raise ConfigError(f"{name}: {_plain(str(problem))}") from problem


def _check_keys(raw: object, wanted: msgspec.inspect.Type, name: str, where: str) -> None:
    if isinstance(wanted, msgspec.inspect.Metadata):
        wanted = wanted.type
    if isinstance(wanted, msgspec.inspect.UnionType):
        for part in wanted.types:
            if _fits(raw, part):
                _check_keys(raw, part, name, where)
    elif isinstance(wanted, msgspec.inspect.StructType) and isinstance(raw, dict):
        fields = {field.encode_name: field.type for field in wanted.fields}
        for key, value in raw.items():
            path = f"{where}.{key}" if where else key
            if key not in fields:
                raise ConfigError(f"{name}: unknown key {path!r}; {nearest(key, sorted(fields))}")
            _check_keys(value, fields[key], name, path)
    elif isinstance(wanted, msgspec.inspect.DictType) and isinstance(raw, dict):
        for key, value in raw.items():
            _check_keys(value, wanted.value_type, name, f"{where}.{key}")
    elif isinstance(wanted, msgspec.inspect.CollectionType) and isinstance(raw, list):
        for index, value in enumerate(raw):
            label = value.get("code", value.get("name")) if isinstance(value, dict) else None
            _check_keys(value, wanted.item_type, name, f"{where}[{label if isinstance(label, str) else index}]")


def _fits(raw: object, part: msgspec.inspect.Type) -> bool:
    inner = part.type if isinstance(part, msgspec.inspect.Metadata) else part
    if isinstance(raw, dict):
        return isinstance(inner, msgspec.inspect.StructType | msgspec.inspect.DictType)
    return isinstance(raw, list) and isinstance(inner, msgspec.inspect.CollectionType)


def nearest(key: str, known: list[str]) -> str:
    """A question for the known name that was probably meant; all of them where none is near."""
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"


def _plain(message: str) -> str:
    """msgspec's words with the path in front and without its dollar sign."""
    text, found, path = message.partition(" - at `$")
    return f"{path.rstrip('`').lstrip('.')}: {text}" if found else text
