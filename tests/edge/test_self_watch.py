"""The device's own alarms: begun at one limit, ended at an easier one, none for what the machine does not say."""

from __future__ import annotations

from edge.self_watch import DISK_FULL_BYTES, SelfWatch
from edge.vitals import Vitals

WELL = Vitals(5.0, 40.0, 30_000_000, 10 * DISK_FULL_BYTES, 50.0)
NOTHING_KNOWN = Vitals(None, None, None, None, None)


def on(alarms: dict[str, bool]) -> set[str]:
    return {code for code, active in alarms.items() if active}


def test_a_device_that_is_well_or_says_nothing_has_no_alarm() -> None:
    watch = SelfWatch()

    assert on(watch.look(WELL, 0, False, False)) == set()
    assert on(watch.look(NOTHING_KNOWN, 0, False, False)) == set()


def test_a_disk_about_its_limit_does_not_flicker() -> None:
    watch = SelfWatch()

    frees = [DISK_FULL_BYTES - 1, DISK_FULL_BYTES + 1, 2 * DISK_FULL_BYTES]
    seen = [on(watch.look(WELL._replace(disk_free_bytes=free), 0, False, False)) for free in frees]

    assert seen == [{"disk_full"}, {"disk_full"}, set()]


def test_heat_is_an_alarm_from_85_until_80_degrees() -> None:
    watch = SelfWatch()

    seen = [on(watch.look(WELL._replace(temperature_degc=t), 0, False, False)) for t in (84.9, 85.0, 80.0, 79.9)]

    assert seen == [set(), {"overheated"}, {"overheated"}, set()]


def test_an_outbox_that_evicts_what_no_hub_has_is_full_until_it_stops() -> None:
    watch = SelfWatch()

    seen = [on(watch.look(WELL, evicted, False, False)) for evicted in (0, 12, 12)]

    assert seen == [set(), {"outbox_full"}, set()]


def test_a_failed_model_and_a_configuration_given_up_are_alarms() -> None:
    watch = SelfWatch()

    assert on(watch.look(WELL, 0, True, True)) == {"model_failed", "config_rolled_back"}
