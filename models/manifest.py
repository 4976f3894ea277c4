"""The manifest of models: which file a model's name stands for, and proof that it is that file.

Standard library only, so that an agent can ask it before it loads a runtime.

Rules it keeps:
- A file is given out only when its SHA-256 is the one in the manifest: a cut or swapped file is refused, not run.
- A name has one current version; a version says what it takes and gives, so that a caller can refuse a wrong shape.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

MANIFEST = Path(__file__).with_name("manifest.json")
FILE_BYTES = 16 * 1024 * 1024
"""Largest model file [bytes]."""


class ManifestError(Exception):
    """A model is not in the manifest, or its file is not the one the manifest names."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One input or output: its name in the model, its shape (-1: any number of rows) and its element type."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One model: ``file`` lies under ``models/``; ``path`` is where that is on this machine."""

    name: str
    version: str
    file: str
    sha256: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    path: Path


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal.

    Raises:
        ManifestError: the file is absent, unreadable or above ``FILE_BYTES``.
    """
    try:
        size = path.stat().st_size
        if size > FILE_BYTES:
            raise ManifestError(
                f"model file {path}: {size} bytes, at most {FILE_BYTES} are allowed; export a smaller one"
            )
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as problem:
        raise ManifestError(f"model file {path}: {problem.strerror}; install the models or train it again") from problem


def names(manifest: Path = MANIFEST) -> list[str]:
    """Every model's name, in order.

    Raises:
        ManifestError: the manifest cannot be read.
    """
    return sorted(_read(manifest))


def load(name: str, manifest: Path = MANIFEST) -> Entry:
    """The entry of ``name``, its file checked against the manifest.

    Raises:
        ManifestError: the manifest cannot be read, has no such name, or the file is not the one it names.
    """
    entries = _read(manifest)
    if name not in entries:
        known = ", ".join(sorted(entries)) or "none"
        raise ManifestError(f"model {name!r} is not in {manifest.name} (known: {known}); correct the name")
    entry = _entry(name, entries[name], manifest)
    seen = sha256_of(entry.path)
    if seen != entry.sha256:
        raise ManifestError(
            f"model file {entry.path}: SHA-256 {seen[:12]}…, the manifest says {entry.sha256[:12]}…; "
            "install the models again, or register the new file"
        )
    return entry


def register(
    name: str,
    version: str,
    file: str,
    inputs: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    manifest: Path = MANIFEST,
) -> Entry:
    """Write or replace one model's entry; ``file`` is relative to the manifest. For training scripts.

    Raises:
        ManifestError: the manifest or the file cannot be read, or the manifest cannot be written.
    """
    path = manifest.parent / file
    entry = Entry(name, version, file, sha256_of(path), inputs, outputs, path)
    entries = _read(manifest) if manifest.exists() else {}
    entries[name] = {key: value for key, value in asdict(entry).items() if key not in ("name", "path")}
    try:
        manifest.write_text(json.dumps(entries, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as problem:
        raise ManifestError(f"manifest {manifest}: {problem.strerror}; make it writable") from problem
    return entry


def _read(manifest: Path) -> dict[str, dict[str, object]]:
    try:
        entries = json.loads(manifest.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ManifestError(f"manifest {manifest}: {problem.strerror}; install the models") from problem
    except ValueError as problem:
        raise ManifestError(f"manifest {manifest}: not JSON ({problem}); restore it") from problem
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise ManifestError(f"manifest {manifest}: wanted an object of objects; restore it")
    return entries


def _entry(name: str, fields: dict[str, object], manifest: Path) -> Entry:
    try:
        return Entry(
            name=name,
            version=str(fields["version"]),
            file=str(fields["file"]),
            sha256=str(fields["sha256"]),
            inputs=_tensors(fields["inputs"]),
            outputs=_tensors(fields["outputs"]),
            path=manifest.parent / str(fields["file"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise ManifestError(
            f"manifest {manifest}: model {name!r} lacks or spoils {problem}; register it again"
        ) from problem


def _tensors(listed: object) -> tuple[Tensor, ...]:
    if not isinstance(listed, list):
        raise ValueError(f"tensors {listed!r}, wanted a list")
    return tuple(Tensor(str(one["name"]), tuple(int(n) for n in one["shape"]), str(one["dtype"])) for one in listed)
