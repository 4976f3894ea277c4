"""A device's own alarms as alerts: on while they are on, never turned back by what comes late, said in all languages."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest

from edge.contract.records import DeviceAlarm, SourceState
from hub.device_alerts import WORDS, DeviceAlerts

T = 1_795_000_000_000_000


def test_every_alarm_code_of_the_contract_has_its_words() -> None:
    assert set(WORDS) == set(get_args(get_type_hints(DeviceAlarm)["code"]))


def test_an_alarm_is_an_alert_until_it_ends() -> None:
    alerts = DeviceAlerts()

    alerts.observe(DeviceAlarm(t=T, code="no_acks", active=True), T)
    during = alerts.alerts()
    alerts.observe(DeviceAlarm(t=T + 5, code="no_acks", active=False), T + 5)

    assert [(one.key, one.since) for one in during] == [("device_no_acks", T)]
    assert alerts.alerts() == []


def test_an_alarm_that_comes_late_does_not_turn_the_state_back() -> None:
    alerts = DeviceAlerts()

    alerts.observe(DeviceAlarm(t=T + 5, code="overheated", active=False), T + 5)
    alerts.observe(DeviceAlarm(t=T, code="overheated", active=True), T)

    assert alerts.alerts() == []


@pytest.mark.parametrize("state", ["failed", "delivering"])
def test_a_failed_source_is_an_alert_whatever_the_alarm_says(state: str) -> None:
    alerts = DeviceAlerts()
    alerts.observe(DeviceAlarm(t=T, code="source_failed", active=state != "failed"), T)

    alerts.observe(SourceState(t=T + 1, source="mcu", state="failed" if state == "failed" else "delivering"), T + 1)

    assert [one.key for one in alerts.alerts()] == (["device_source_failed"] if state == "failed" else [])
