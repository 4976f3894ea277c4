"""A configuration that somebody edited is kept: its first line bears the SHA-256 of what was written below it.

Rules it keeps:
- A file that is as it was written may be written anew; any other is its editor's.
- A file of another device or family is never taken for this one's.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any, Final

from provisioning.errors import ProvisioningError

BEFORE: Final = ".before"
"""Ends the name that a replaced file gets."""
_SEAL: Final = re.compile(r"^# .*\(sha256 (?P<digest>[0-9a-f]{64})\)\n", re.ASCII)


def sealed(comment: str, body: str) -> str:
    """A file of ``body`` whose first line says ``comment`` and what the body was."""
    return f"# {comment} (sha256 {_digest(body)})\n\n{body}"


def is_edited(text: str) -> bool:
    """Whether a file is no longer, or never was, what provisioning wrote."""
    seal = _SEAL.match(text)
    return seal is None or seal["digest"] != _digest(text[seal.end() :].removeprefix("\n"))


def kept_table(path: Path, name: str, family: str) -> dict[str, Any] | None:
    """The content of a configuration that has to be kept; None where there is none, or one as it was written.

    Raises:
        ProvisioningError: it is another device's or of another family, or cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise ProvisioningError(f"{path}: {problem.strerror}; check the path") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ProvisioningError(f"{path}: was edited and is not TOML: {problem}; mend it, or --replace it") from problem
    device = table.get("device")
    found = (device.get("name"), device.get("family")) if isinstance(device, dict) else (None, None)
    if found != (name, family):
        raise ProvisioningError(
            f"{path}: is the configuration of {found[0]!r}, family {found[1]!r}; wanted {name!r}, family {family!r}: "
            "choose another --out, or --replace it"
        )
    return table if is_edited(text) else None


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8")).hexdigest()
