"""What an engineer writes about a bridge for its digital twin: spans, stiffness, mass, sections, supports, sensors.

One TOML file; ``read`` makes a frozen struct of it. Unknown keys are refused.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated

import msgspec

from hub.errors import ConfigError

Positive = Annotated[float, msgspec.Meta(gt=0.0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0.0)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]

MOST_BYTES = 1024 * 1024


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table in which an unknown key is an error."""


class Section(Table, frozen=True):
    """A stretch of the girder that is one in stiffness and mass.

    Attributes:
        until_m: where it ends, from the left abutment; it begins where the one before ends.
        bending_stiffness_nm2, mass_kg_m, shear_stiffness_n: the girder's where absent.
    """

    until_m: Positive
    name: Name = ""
    bending_stiffness_nm2: Positive | None = None
    mass_kg_m: Positive | None = None
    shear_stiffness_n: Positive | None = None


class Support(Table, frozen=True):
    """An abutment or a pier. Its deflection is held where ``vertical_n_m`` is absent; its rotation is free at 0 N·m."""

    name: Name = ""
    vertical_n_m: Positive | None = None
    rotational_nm: NotNegative = 0.0


class Girder(Table, frozen=True):
    """The girder as designed.

    Attributes:
        spans_m: lengths of the spans from the left abutment.
        bending_stiffness_nm2: EI.
        shear_stiffness_n: κGA; shear is left out where absent.
        sections: in order; each span in fifths where empty.
        supports: as many as spans and one, from the left; pinned where empty.
        sensors_m: places of the vertical sensors, in the order of the measured shapes.
        modes: which of the girder's modes, from 1, the measured ones are, in their order; 1, 2, 3 … where empty.
    """

    spans_m: Annotated[list[Positive], msgspec.Meta(min_length=1, max_length=20)]
    bending_stiffness_nm2: Positive
    mass_kg_m: Positive
    shear_stiffness_n: Positive | None = None
    sections: Annotated[list[Section], msgspec.Meta(max_length=60)] = []
    supports: list[Support] = []
    sensors_m: Annotated[list[NotNegative], msgspec.Meta(max_length=64)] = []
    modes: Annotated[list[Annotated[int, msgspec.Meta(ge=1, le=30)]], msgspec.Meta(max_length=12)] = []

    def __post_init__(self) -> None:
        length = sum(self.spans_m)
        if self.supports and len(self.supports) != len(self.spans_m) + 1:
            raise ValueError(f"supports: {len(self.supports)}; wanted one more than spans, {len(self.spans_m) + 1}")
        ends = [section.until_m for section in self.sections]
        if ends and (any(b <= a for a, b in pairwise(ends)) or abs(ends[-1] - length) > 1e-6 * length):
            raise ValueError(f"sections: until_m is {ends}; wanted rising, the last {length:g}, where the girder ends")
        if any(place > length for place in self.sensors_m):
            raise ValueError(f"sensors_m: {self.sensors_m}; wanted within the girder's {length:g} m")
        if len(set(self.modes)) != len(self.modes):
            raise ValueError(f"modes: {self.modes}; wanted each once")


class Event(Table, frozen=True):
    """An entry of the owner's log.

    Attributes:
        date: local calendar day, or a time with its zone (ISO 8601).
        number: as the owner counts, ① being 1; entries may share one.
        name: what happened.
        kind: what the owner believes it changes.
    """

    date: Name
    name: Name
    number: Annotated[int, msgspec.Meta(ge=1, le=99)]
    kind: str = ""


class BridgeFile(Table, frozen=True):
    """The file: the girder, the owner's event log, and the zone of its dates."""

    girder: Girder | None = None
    events: Annotated[list[Event], msgspec.Meta(max_length=100)] = []
    zone: str = "Asia/Tokyo"


def read(path: Path) -> BridgeFile:
    """The file at ``path``.

    Raises ConfigError when it cannot be read, with what is wrong in it.
    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise ConfigError(f"{path}: {problem.strerror}; name a bridge's TOML file") from problem
    if len(content) > MOST_BYTES:
        raise ConfigError(f"{path}: above {MOST_BYTES >> 20} MiB; it is no bridge's TOML file")
    try:
        return msgspec.toml.decode(content, type=BridgeFile)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path}: {problem}; docs/analyses.md shows a whole file") from problem
