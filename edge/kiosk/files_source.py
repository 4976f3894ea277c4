"""The files that a kiosk issues by (forms, office codes, software's version), each as a digest once in a while."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from threading import Event
from typing import Annotated, Final

import msgspec

from edge.contract.quantity import Code
from edge.kiosk.items import ConfigurationSeen
from edge.source import Emit

_PURPOSE: Final = b"machikado-config"
"""Keeps the digest from being any plain hash of the content."""
_log = logging.getLogger(__name__)


class FilesSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="files"
):
    """Files by the code of the part that each is; name here what is the same on every kiosk of one kind."""

    parts: Annotated[dict[Code, str], msgspec.Meta(min_length=1, max_length=32)]
    name: Code = "files"
    every_s: Annotated[float, msgspec.Meta(ge=1, le=86_400)] = 600.0


class FilesSource:
    """The digests of some files as items; a file that cannot be read is said once in the log and left out."""

    def __init__(self, settings: FilesSettings) -> None:
        self._settings = settings
        self._missing: set[str] = set()

    @property
    def name(self) -> str:
        return self._settings.name

    def run(self, emit: Emit, stop: Event) -> None:
        """See ``Source.run``."""
        while not stop.is_set():
            for part, path in self._settings.parts.items():
                digest = self._digest(part, Path(path))
                if digest is not None:
                    emit(ConfigurationSeen(part, digest))
            stop.wait(self._settings.every_s)

    def _digest(self, part: str, path: Path) -> str | None:
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=8, person=_PURPOSE)).hexdigest()
        except OSError as problem:
            if part not in self._missing:
                _log.warning("source %s: %s: %s", self.name, path, problem.strerror)
            self._missing.add(part)
            return None
        self._missing.discard(part)
        return digest
