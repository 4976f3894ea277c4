"""The shelf keeps what is worth most, says what had to go, and sends within the day's budget."""

import sqlite3

import pytest

from edge.blob_sender import ANSWER_S, UNANNOUNCED_S, BlobsConfig, BlobSender
from edge.blobs import Content, Shelf
from edge.contract.blob import decode_chunk
from edge.contract.control import BlobAck
from edge.contract.records import BlobDropped, BlobManifest, Record
from edge.errors import OutboxError

T = 1_795_000_000_000_000
HOUR = T // 3_600_000_000


def content(letter: str, worth: float = 1.0, size: int = 3000) -> Content:
    return Content("miniseed", letter.encode() * size, worth, T, T + 90_000_000)


@pytest.fixture
def shelf() -> Shelf:
    made = Shelf(sqlite3.connect(":memory:", isolation_level=None), 10_000)
    made.open()
    return made


def put(shelf: Shelf, *contents: Content) -> list[Record]:
    said = [record for one in contents for record in shelf.put(one)]
    for one in contents:
        shelf.announced(one.sha256)
    return said


def sent(sender: BlobSender, now: float = 0.0, hour: int = HOUR) -> tuple[str, int, int] | None:
    payload = sender.next_chunk(now, hour)
    if payload is None:
        return None
    chunk = decode_chunk(payload)
    return chunk.header.sha256, chunk.header.offset, len(chunk.content)


def test_a_blob_is_announced_with_its_hash_and_span(shelf: Shelf) -> None:
    [manifest] = put(shelf, content("a"))

    assert manifest == BlobManifest(
        sha256=content("a").sha256, size=3000, form="miniseed", t_from=T, t_to=T + 90_000_000
    )


def test_what_is_there_already_is_not_announced_again(shelf: Shelf) -> None:
    put(shelf, content("a"))

    assert shelf.put(content("a")) == []


def test_a_manifest_that_was_not_numbered_is_offered_again(shelf: Shelf) -> None:
    shelf.put(content("a"))
    put(shelf, content("b"))

    assert [manifest.sha256 for manifest in shelf.unannounced()] == [content("a").sha256]


def test_a_full_shelf_drops_what_is_worth_least_and_says_so(shelf: Shelf) -> None:
    put(shelf, content("a", 3.0), content("b", 1.0), content("c", 2.0))

    said = put(shelf, content("d", 4.0))

    assert [type(one) for one in said] == [BlobDropped, BlobManifest]
    assert said[0] == BlobDropped(sha256=content("b").sha256, why="shelf_full")
    assert shelf.bytes_held == 9000


def test_a_new_blob_that_is_worth_no_more_is_itself_dropped_and_said(shelf: Shelf) -> None:
    put(shelf, content("a", 3.0), content("b", 3.0), content("c", 3.0))

    said = put(shelf, content("d", 3.0))

    assert said[1] == BlobDropped(sha256=content("d").sha256, why="shelf_full")
    assert shelf.next_to_send() is not None


def test_what_the_hub_has_whole_makes_room_without_a_word(shelf: Shelf) -> None:
    put(shelf, content("a", 9.0), content("b", 1.0), content("c", 1.0))
    shelf.account(BlobAck(sha256=content("a").sha256, have=3000, outcome="whole"))

    said = put(shelf, content("d", 0.5))

    assert [type(one) for one in said] == [BlobManifest]


def test_a_blob_larger_than_the_shelf_is_dropped_and_said(shelf: Shelf) -> None:
    said = put(shelf, content("a", size=10_001))

    assert [type(one) for one in said] == [BlobManifest, BlobDropped]
    assert shelf.bytes_held == 0


def test_the_most_worth_goes_first_in_chunks_and_each_waits_for_its_answer(shelf: Shelf) -> None:
    put(shelf, content("a", 1.0), content("b", 2.0))
    sender = BlobSender(shelf, BlobsConfig(chunk_kib=2))

    first = sent(sender)
    while_waiting = sent(sender)
    sender.ack(BlobAck(sha256=content("b").sha256, have=2048), 0.0)
    second = sent(sender)
    sender.ack(BlobAck(sha256=content("b").sha256, have=3000, outcome="whole"), 0.0)
    third = sent(sender)

    assert first == (content("b").sha256, 0, 2048)
    assert while_waiting is None
    assert second == (content("b").sha256, 2048, 952)
    assert third == (content("a").sha256, 0, 2048)


def test_a_chunk_without_an_answer_is_sent_again_with_growing_pauses(shelf: Shelf) -> None:
    put(shelf, content("a"))
    sender = BlobSender(shelf, BlobsConfig())

    at = [sent(sender, now) is not None for now in (0.0, ANSWER_S - 1, ANSWER_S, 3 * ANSWER_S - 1, 3 * ANSWER_S)]

    assert at == [True, False, True, False, True]


def test_a_blob_goes_on_from_where_the_hub_says_it_is(shelf: Shelf) -> None:
    put(shelf, content("a"))
    sender = BlobSender(shelf, BlobsConfig(chunk_kib=1))
    sent(sender)
    sender.ack(BlobAck(sha256=content("a").sha256, have=2048), 0.0)

    after_a_restart = BlobSender(shelf, BlobsConfig(chunk_kib=1))

    assert sent(after_a_restart) == (content("a").sha256, 2048, 952)


def test_one_that_the_hub_cannot_place_yet_lets_others_pass(shelf: Shelf) -> None:
    put(shelf, content("a", 2.0), content("b", 1.0))
    sender = BlobSender(shelf, BlobsConfig())
    sent(sender)
    sender.ack(BlobAck(sha256=content("a").sha256, outcome="unannounced"), 0.0)

    meanwhile = sent(sender, 1.0)
    sender.ack(BlobAck(sha256=content("b").sha256, have=3000, outcome="whole"), 1.0)
    later = sent(sender, UNANNOUNCED_S)

    assert meanwhile == (content("b").sha256, 0, 3000)
    assert later == (content("a").sha256, 0, 3000)


def test_one_that_the_hub_refuses_is_off_the_shelf(shelf: Shelf) -> None:
    put(shelf, content("a"))
    sender = BlobSender(shelf, BlobsConfig())
    sent(sender)

    refused = sender.ack(BlobAck(sha256=content("a").sha256, outcome="refused"), 0.0)

    assert refused == content("a").sha256
    assert shelf.bytes_held == 0


def test_no_more_than_the_budget_leaves_in_a_day_and_a_restart_does_not_renew_it(shelf: Shelf) -> None:
    put(shelf, content("a", 2.0), content("b", 1.0))
    config = BlobsConfig(budget_mib_a_day=4000 / 1024 / 1024)
    sender = BlobSender(shelf, config)
    sent(sender)
    sender.ack(BlobAck(sha256=content("a").sha256, have=3000, outcome="whole"), 0.0)

    spent = sent(BlobSender(shelf, config), 1.0, HOUR + 24)
    next_day = sent(BlobSender(shelf, config), 1.0, HOUR + 25)

    assert spent is None
    assert next_day == (content("b").sha256, 0, 3000)


def test_a_restored_hub_is_offered_everything_again(shelf: Shelf) -> None:
    put(shelf, content("a"))
    shelf.account(BlobAck(sha256=content("a").sha256, have=3000, outcome="whole"))
    sender = BlobSender(shelf, BlobsConfig())

    sender.rewound()

    assert sent(sender) == (content("a").sha256, 0, 3000)


def test_the_shelf_of_a_newer_agent_is_refused_in_words() -> None:
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.execute("PRAGMA user_version=9")

    with pytest.raises(OutboxError, match="schema 9 is newer"):
        Shelf(database, 1000).open()
