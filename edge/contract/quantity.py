"""How a record's field says what it measures: unit, range and meaning, beside its type.

The data dictionary, the validation at both ends and the pages all come from these annotations.
"""

from typing import Annotated

import msgspec

from edge.contract import limits


def quantity(unit: str, meaning: str, low: float | None = None, high: float | None = None) -> msgspec.Meta:
    """A number with its SI (or stated) unit, its meaning and the range that is credible."""
    return msgspec.Meta(description=meaning, ge=low, le=high, extra={"unit": unit})


def meaning(text: str) -> msgspec.Meta:
    """A flag or an enumeration with its meaning."""
    return msgspec.Meta(description=text)


def numbers(unit: str, text: str, most: int = limits.LIST_ITEMS) -> msgspec.Meta:
    """A bounded list of numbers of one unit."""
    return msgspec.Meta(description=text, max_length=most, extra={"unit": unit})


def tag(text: str) -> msgspec.Meta:
    """A field that tells series of one kind apart: a channel, a mode, a lane, a service."""
    return msgspec.Meta(description=text, extra={"role": "tag"})


END = r"$(?!\n)"
"""End of a pattern for Python and for JSON schema alike: a bare ``$`` lets a line end through in Python."""

CODE_PATTERN = r"^[a-z0-9][a-z0-9_.-]{0,31}" + END

Code = Annotated[str, msgspec.Meta(pattern=CODE_PATTERN, extra={"role": "code"})]
"""A short identifier of a thing that the city file or a configuration declares (a lane, a service, a model).

It is not free text: lower case, at most 32 characters, no spaces, so it holds neither a name in any script nor a sentence.
"""

HEX_16_PATTERN = r"^[0-9a-f]{16}" + END
SHA256_PATTERN = r"^[0-9a-f]{64}" + END

Count = Annotated[int, msgspec.Meta(ge=0, le=limits.NUMBER_MAX)]
Epoch = Annotated[str, msgspec.Meta(pattern=HEX_16_PATTERN, extra={"role": "code"})]
Digest = Annotated[str, msgspec.Meta(pattern=HEX_16_PATTERN, extra={"role": "code"})]
