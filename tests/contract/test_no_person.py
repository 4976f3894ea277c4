"""The contract cannot carry a person: no type has room for a name, a face, a card or a plate.

Every type that travels is walked to its leaves. A text is allowed only as an enumeration or in one of the few forms
below; bytes, open objects and free texts only where ``ALLOWED`` argues why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
import pytest

from edge.contract import control
from edge.contract.batch import Header
from edge.contract.blob import ChunkHeader
from edge.contract.codec import UnknownRecord
from edge.contract.quantity import CODE_PATTERN, HEX_16_PATTERN, SHA256_PATTERN
from edge.contract.records import ALL

TRAVELS: tuple[type[msgspec.Struct], ...] = (
    *ALL,
    Header,
    ChunkHeader,
    control.Ack,
    control.State,
    control.DesiredConfig,
    control.ReportedConfig,
    control.Command,
    control.CommandReply,
)

FORMS = {
    CODE_PATTERN: "an identifier that the city file or a configuration declares: lower case, 32 characters, no spaces",
    HEX_16_PATTERN: "a random identity or a digest",
    SHA256_PATTERN: "a content hash",
}

ALLOWED = {
    "ReportedConfig.reason": "one bounded line that our own check of a configuration wrote, about keys and values of it",
    "CommandReply.reason": "one bounded line that our own keeper wrote, about times and what is held",
    "DesiredConfig.pipeline[value]": "goes from the hub to a device, where the family's configuration type checks it",
    "DesiredConfig.pipeline[key]": "as its values",
}

PERSONAL = frozenset([
    "name", "names", "surname", "person", "persons", "patron", "user", "card", "cards", "plate", "face",
    "faces", "uid", "nfc", "felica", "idm", "email", "mail", "phone", "address", "birth", "birthday", "age",
    "sex", "gender", "photo", "portrait", "image", "picture", "voice", "audio", "license", "licence",
    "mynumber", "passport", "account", "signature", "fingerprint", "iris", "driver", "resident", "citizen",
    "comment", "note", "text", "message",
])  # fmt: skip

EXPLAINED_NAMES = {
    "Command.name": "which command: an enumeration of the contract",
}


def complaints(kind: type[msgspec.Struct]) -> list[str]:
    """What in a type could carry a person."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    found: list[str] = []
    for field in info.fields:
        where = f"{kind.__name__}.{field.name}"
        if PERSONAL & set(field.name.lower().split("_")) and where not in EXPLAINED_NAMES:
            found.append(f"{where}: called like something personal")
        found += [f"{place}: {what}" for place, what in _rooms(where, field.type) if place not in ALLOWED]
    return found


def _rooms(where: str, node: Any) -> Iterator[tuple[str, str]]:
    """Leaves that have room for anything at all."""
    inspect = msgspec.inspect
    closed = (inspect.IntType, inspect.FloatType, inspect.BoolType, inspect.NoneType, inspect.LiteralType)
    if isinstance(node, inspect.Metadata):
        yield from _rooms(where, node.type)
    elif isinstance(node, inspect.UnionType):
        for inner in node.types:
            yield from _rooms(where, inner)
    elif isinstance(node, inspect.StrType):
        if node.pattern not in FORMS:
            yield where, "free text"
    elif isinstance(node, inspect.ListType | inspect.VarTupleType):
        yield from _rooms(f"{where}[]", node.item_type)
        if node.max_length is None:
            yield where, "unbounded list"
    elif isinstance(node, inspect.TupleType):
        for inner in node.item_types:
            yield from _rooms(f"{where}[]", inner)
    elif isinstance(node, inspect.DictType):
        yield from _rooms(f"{where}[key]", node.key_type)
        yield from _rooms(f"{where}[value]", node.value_type)
    elif isinstance(node, inspect.StructType):
        for field in node.fields:
            yield from _rooms(f"{where}.{field.name}", field.type)
    elif not isinstance(node, closed):
        yield where, f"room for anything ({type(node).__name__})"


@pytest.mark.parametrize("kind", TRAVELS, ids=lambda kind: kind.__name__)
def test_no_type_has_room_for_a_person(kind: type[msgspec.Struct]) -> None:
    assert complaints(kind) == []


def test_every_control_message_is_walked() -> None:
    known = {kind for kind in vars(control).values() if isinstance(kind, type) and issubclass(kind, control.Message)}

    assert known - {control.Message} <= set(TRAVELS)


def test_every_permission_is_still_needed() -> None:
    rooms = {
        place
        for kind in TRAVELS
        for field in msgspec.inspect.type_info(kind).fields  # type: ignore[attr-defined]
        for place, _ in _rooms(f"{kind.__name__}.{field.name}", field.type)
    }

    assert set(ALLOWED) <= rooms


class _Planted(msgspec.Struct):
    note: Literal["a"]
    patron_id: int
    remark: str
    short: Annotated[str, msgspec.Meta(max_length=5)]
    form: Annotated[str, msgspec.Meta(pattern=r"^.*$")]
    raw: bytes
    anything: Any
    several: list[str]
    by_word: dict[str, int]
    maybe: str | None = None


def test_what_could_carry_a_person_is_found() -> None:
    found = {re.split(r"[:\[]", complaint)[0].removeprefix("_Planted.") for complaint in complaints(_Planted)}

    assert found == set(_Planted.__struct_fields__)


@pytest.mark.parametrize("text", ["Yamada Taro", "山田太郎", "山田", "a b", "A", "x" * 33, "品川 300 あ 12-34", "a\n"])
def test_a_code_holds_neither_a_name_nor_a_sentence(text: str) -> None:
    assert re.search(CODE_PATTERN, text) is None


def test_a_record_that_is_kept_aside_shows_its_kind_and_time_only() -> None:
    assert UnknownRecord.__struct_fields__ == ("kind", "t")
