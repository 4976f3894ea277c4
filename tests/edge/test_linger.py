"""Lingering on a metered line: what waits for company, for how long, and what never waits."""

from __future__ import annotations

import msgspec
import pytest

from edge.config import convert
from edge.contract.records import BlobManifest, DeviceAlarm, Record
from edge.contract.records.bridge import BridgeSpectrum, BridgeTemperature, BridgeTrigger
from edge.contract.records.counter import CounterQueue
from edge.errors import ConfigError
from edge.linger import may_linger
from edge.link import Link, LinkConfig
from tests.edge.outboxes import OnDisk, airs, alarm
from tests.edge.test_link import CONFIG, HELLO, ack, numbers, open_link

LINGERING = msgspec.structs.replace(CONFIG, linger_s=60.0)


def lingering_link(disk: OnDisk) -> Link:
    """A link on a metered line; the hub has everything there is."""
    link = open_link(disk, LINGERING)
    disk.outbox.append(airs(1, 1))
    return link


def test_live_records_wait_for_company_and_leave_together(disk: OnDisk) -> None:
    link = lingering_link(disk)

    at_once = link.next_batches(0.0, 0)
    disk.outbox.append(airs(2, 3))
    before = link.next_batches(59.9, 0)

    assert (at_once, before) == ([], [])
    assert numbers(link.next_batches(60.0, 0)) == [(2, 4)]


def test_without_lingering_nothing_waits(disk: OnDisk) -> None:
    link = open_link(disk)

    disk.outbox.append(airs(1, 1))

    assert numbers(link.next_batches(0.0, 0)) == [(2, 2)]


def test_the_next_records_wait_again(disk: OnDisk) -> None:
    link = lingering_link(disk)
    link.next_batches(0.0, 0)
    link.next_batches(60.0, 0)
    link.ack(ack(2), 61.0)

    disk.outbox.append(airs(2, 2))

    assert link.next_batches(70.0, 0) == []
    assert link.next_batches(129.0, 0) == []
    assert numbers(link.next_batches(130.0, 0)) == [(3, 3)]


def test_an_alarm_takes_along_what_waits(disk: OnDisk) -> None:
    link = lingering_link(disk)
    link.next_batches(0.0, 0)

    disk.outbox.append([alarm()])

    assert sorted(numbers(link.next_batches(1.0, 0))) == [(2, 2), (3, 3)]


def test_what_is_hurried_leaves_at_once_with_what_waits(disk: OnDisk) -> None:
    link = lingering_link(disk)
    link.next_batches(0.0, 0)
    disk.outbox.append(airs(2, 2))

    link.hurry()

    assert numbers(link.next_batches(1.0, 0)) == [(2, 3)]


def test_what_was_lost_under_way_is_sent_again_without_waiting(disk: OnDisk) -> None:
    link = lingering_link(disk)
    link.hurry()
    link.next_batches(0.0, 0)

    link.next_batches(10.0, 0)
    link.hello_due(10.0)
    link.ack(ack(1, last=1), 10.0)

    assert numbers(link.next_batches(10.0, 0)) == [(2, 2)]


def test_what_waited_for_the_hub_does_not_wait_for_company(disk: OnDisk) -> None:
    link = Link(disk.outbox, LINGERING, lambda: HELLO)
    disk.outbox.append(airs(1, 3))
    link.connected(0.0)

    link.ack(ack(0), 1.0)

    assert numbers(link.next_batches(1.0, 0)) == [(1, 4)]


def test_a_line_on_which_records_linger_is_free_for_blobs(disk: OnDisk) -> None:
    link = lingering_link(disk)
    link.next_batches(0.0, 0)
    while_they_wait = link.is_idle

    link.hurry()

    assert (while_they_wait, link.is_idle) == (True, False)


def test_rare_batches_are_no_reason_to_miss_acks(disk: OnDisk) -> None:
    link = lingering_link(disk)
    link.next_batches(0.0, 0)
    link.puback()  # a blob's
    link.next_batches(1000.0, 0)
    link.puback()

    assert not link.no_acks(1001.0)
    assert link.no_acks(1180.1)


def test_a_new_epoch_waits_anew(disk: OnDisk) -> None:
    link = lingering_link(disk)
    link.hurry()
    link.ack(ack(1, last=99), 0.0)

    disk.outbox.append(airs(1, 1))
    link.connected(1.0)
    link.ack(ack(0, last=0), 1.0)
    disk.outbox.append(airs(2, 2))

    assert all(last <= disk.outbox.last - 1 for _, last in numbers(link.next_batches(1.0, 0)))


@pytest.mark.parametrize(
    ("record", "may"),
    [
        (BridgeTemperature(sensor="air", temperature_degc=3.0), True),
        (BridgeSpectrum(channel="z", f_first_hz=1.0, f_step_hz=1.0, levels_db=[1.0], averages=1.0), True),
        (DeviceAlarm(code="overheated", active=True), False),
        (BridgeTrigger(peak_m_s2=1.0, channels=3), False),
        (CounterQueue(service="tax", waiting=3, windows_open=1), False),
        (BlobManifest(sha256="0" * 64, size=1, form="miniseed"), False),
    ],
    ids=lambda given: type(given).__name__,
)
def test_no_alarm_state_shown_number_or_blob_lingers(record: Record, may: bool) -> None:
    assert may_linger(record) is may


def test_an_hour_is_the_longest() -> None:
    with pytest.raises(ConfigError, match="linger_s"):
        convert({"linger_s": 3601.0}, LinkConfig, "link.")
