"""The gate's raw items hold one thing that points at an article, its salted hash: no record may hold it."""

from __future__ import annotations

import msgspec

from edge.gate.items import Item, TagHeard
from edge.gate.pipeline import Config, pipeline
from tests.edge.gate.test_pipeline import carried
from tests.edge.gate.walks import with_ticks

HASHES = (3_735_928_559, 123_456_789, 1_234_567_890)


def test_no_byte_of_an_articles_hash_is_in_a_record() -> None:
    items = [each for n, article in enumerate(HASHES) for each in carried(10 + 20 * n, first=1, article=article)]

    records = with_ticks(pipeline(Config()), items, until_s=90)

    said = msgspec.json.encode(records)
    assert said.count(b"gate_detection") == len(HASHES)
    for article in HASHES:
        assert str(article).encode() not in said
        assert f"{article:x}".encode() not in said.lower()


def test_raw_items_have_no_text_at_all() -> None:
    assert TagHeard in Item.__args__
    for item in Item.__args__:
        described = msgspec.inspect.type_info(item)
        assert isinstance(described, msgspec.inspect.StructType)
        kinds = {type(field.type) for field in described.fields}
        assert not kinds & {msgspec.inspect.StrType, msgspec.inspect.BytesType}
