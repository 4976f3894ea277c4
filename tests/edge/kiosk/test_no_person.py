"""Nothing personal that a provider might let slip reaches a record, or even a raw item made of its messages."""

from __future__ import annotations

import json

import msgspec
import pytest

from edge.contract.records import Record
from edge.errors import SourceError
from edge.kiosk.items import ProviderLink, ProviderStatus, SessionEnded, SupplyCounted
from edge.kiosk.pipeline import Config, pipeline
from edge.kiosk.xfs4iot import JobNumbers, items_of
from edge.pipeline import Tick
from tests.edge.kiosk.test_state import WELL


def my_number(eleven: str) -> str:
    """A number of twelve digits whose last is the check digit of a My Number (ordinance of 2014, article 5)."""
    weighed = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(eleven), start=1))
    rest = weighed % 11
    return eleven + str(0 if rest <= 1 else 11 - rest)


PLANTED = (
    my_number("12345678901"), my_number("99887766554"), "ヤマダ タロウ", "山田 太郎", "yamada taro", "04A2B3C4D5E6F7",
    "1980-04-01", "東京都大田区蒲田5-13-14", "住民票の写し 第0123456号",
)  # fmt: skip


def leaked(said: bytes) -> list[str]:
    """Planted texts in the bytes, plain or escaped as JSON escapes them."""
    return [secret for secret in PLANTED if secret.encode() in said or json.dumps(secret).strip('"').encode() in said]


def test_the_search_finds_what_is_planted() -> None:
    assert leaked(msgspec.json.encode({"a": [f"x{PLANTED[2]}"]})) == [PLANTED[2]]
    assert leaked(json.dumps({"a": PLANTED[2]}).encode()) == [PLANTED[2]]
    assert leaked(msgspec.msgpack.encode([PLANTED[0]])) == [PLANTED[0]]


def test_the_planted_numbers_are_true_to_their_check_digit() -> None:
    assert my_number("12345678901") == "123456789018"


@pytest.mark.parametrize("secret", PLANTED)
def test_no_text_of_a_raw_item_reaches_a_record(secret: str) -> None:
    words = {**WELL, **dict.fromkeys(list(WELL)[1:], secret), secret: secret, f"printer.paper.{secret}": "low"}
    items: list[object] = [
        ProviderLink(up=True),
        ProviderStatus(WELL, whole=True),
        ProviderStatus(words, whole=True),
        ProviderStatus({"common.device": secret}, whole=False),
        SupplyCounted(secret, 3, 10),
        SupplyCounted("upper", 3, 10),
        SessionEnded(secret, "issued", 9.0, 1),
        SessionEnded("residence", secret, 9.0, 1),
        SessionEnded("residence", "issued", 9.0, 1),
        Tick(),
    ]

    made = pipeline(Config())
    records: list[Record] = [r for second, item in enumerate(items) for r in made.process(second * 1_000_000, item)]

    assert len(records) >= 5
    assert leaked(msgspec.json.encode(records)) == []
    assert leaked(msgspec.msgpack.encode(records)) == []


@pytest.mark.parametrize("secret", PLANTED)
def test_no_text_beside_the_words_of_a_message_reaches_an_item(secret: str) -> None:
    status = {
        "header": {"type": "completion", "name": "Common.Status", "requestId": 1, "completionCode": "success"},
        "payload": {
            "common": {"device": "online", "holder": secret},
            "printer": {"paper": {"upper": secret, secret: "low"}, "lastDocument": secret, "toner": {"name": secret}},
            "cardReader": {"media": "present", "track2": secret},
            secret: {secret: secret},
        },
    }
    read = {
        "header": {"type": "unsolicited", "name": "CardReader.MediaInsertedEvent", "version": "2.0"},
        "payload": {"chip": [{"data": secret}]},
    }

    items = [
        item for message in (status, read) for item in items_of(json.dumps(message, ensure_ascii=False), JobNumbers())
    ]

    assert len(items) == 1
    assert leaked(msgspec.json.encode(items)) == []


@pytest.mark.parametrize("secret", PLANTED)
def test_an_error_does_not_quote_the_message_that_caused_it(secret: str) -> None:
    for broken in (f'{{"header": "{secret}"}}', f'{{"header": {{"type": 5, "name": "{secret}"}}}}', secret):
        with pytest.raises(SourceError) as raised:
            items_of(broken, JobNumbers())
        assert secret not in str(raised.value)
