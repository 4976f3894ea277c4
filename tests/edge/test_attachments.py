"""What goes beside the records follows the hub through a restore, also one that came while the device was off."""

import sqlite3

from edge.attachments import Attachments
from edge.blob_sender import BlobsConfig, BlobSender
from edge.blobs import Content, Shelf
from edge.contract.control import BlobAck
from edge.log import Log

CONTENT = Content("miniseed", b"waveform", 1.0, 1, 2)


def shelf_with_a_blob_that_the_hub_had() -> Shelf:
    shelf = Shelf(sqlite3.connect(":memory:", isolation_level=None), 10_000)
    shelf.open()
    shelf.put(CONTENT)
    shelf.announced(CONTENT.sha256)
    shelf.account(BlobAck(sha256=CONTENT.sha256, have=8, outcome="whole"))
    return shelf


def test_a_hub_restored_while_the_device_was_off_is_offered_everything_again() -> None:
    shelf = shelf_with_a_blob_that_the_hub_had()
    started_anew = Attachments(shelf, BlobSender(shelf, BlobsConfig()), None, Log(lambda _: None), generation=3)

    started_anew.hub_has_generation(4)

    assert shelf.next_to_send() is not None


def test_the_generation_that_was_known_before_offers_nothing_again() -> None:
    shelf = shelf_with_a_blob_that_the_hub_had()
    started_anew = Attachments(shelf, BlobSender(shelf, BlobsConfig()), None, Log(lambda _: None), generation=3)

    started_anew.hub_has_generation(3)

    assert shelf.next_to_send() is None
