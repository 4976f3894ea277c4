from __future__ import annotations

import json

import pytest

from edge.errors import SourceError
from edge.kiosk.items import Item, ProviderStatus, SessionEnded, SupplyCounted
from edge.kiosk.xfs4iot import JobNumbers, items_of, status_command


def message(kind: str, name: str, payload: object, **header: object) -> str:
    return json.dumps({"header": {"type": kind, "name": name, "version": "2.0", **header}, "payload": payload})


STATUS = {
    "common": {"device": "online", "devicePosition": "inPosition"},
    "printer": {"media": "notPresent", "paper": {"upper": "full", "lower": "low"}, "toner": "full"},
    "auxiliaries": {"UPS": {"low": False, "engaged": True, "powering": False, "recovered": False}},
    "kiosk": {"backend": "reachable", "network": "ok", "supplies": {"upper": {"left": 137, "capacity": 500}}},
}
WORDS = {
    "common.devicePosition": "inPosition",
    "common.device": "online", "printer.media": "notPresent", "printer.paper.upper": "full", "printer.paper.lower": "low",
    "printer.toner": "full", "auxiliaries.UPS.powering": "false", "auxiliaries.UPS.low": "false",
    "kiosk.backend": "reachable", "kiosk.network": "ok",
}  # fmt: skip
ENDED = {"certificate": "seal", "outcome": "issued", "durationMs": 92_500, "copies": 2}


@pytest.mark.parametrize(
    ("text", "items"),
    [
        pytest.param(
            message("completion", "Common.Status", STATUS, requestId=1, completionCode="success"),
            [ProviderStatus(WORDS, True), SupplyCounted("upper", 137, 500)],
            id="completion with its code in the header",
        ),
        pytest.param(
            message("completion", "Common.Status", {"completionCode": "success", "common": {"device": "offline"}}),
            [ProviderStatus({"common.device": "offline"}, True)],
            id="completion with its code in the payload",
        ),
        pytest.param(
            message("completion", "Common.Status", {"completionCode": "timeOut"}), [], id="a completion that failed"
        ),
        pytest.param(
            message(
                "unsolicited", "Common.StatusChangedEvent", {"printer": {"paper": {"upper": "out", "lower": None}}}
            ),
            [ProviderStatus({"printer.paper.upper": "out"}, False)],
            id="only what changed",
        ),
        pytest.param(
            message("unsolicited", "Common.StatusChangedEvent", {"printer": {"toner": "sparkling"}}),
            [ProviderStatus({"printer.toner": "new"}, False)],
            id="a word of the future",
        ),
        pytest.param(
            message("unsolicited", "Kiosk.SupplyEvent", {"supplies": {"lower": {"left": -1, "capacity": 500}}}),
            [SupplyCounted("lower", -1, 500)],
            id="a level that is not known",
        ),
        pytest.param(
            message("unsolicited", "Kiosk.SessionEndedEvent", ENDED),
            [SessionEnded("seal", "issued", 92.5, 2)],
            id="session",
        ),
        pytest.param(message("acknowledge", "Common.Status", None, requestId=1), [], id="an acknowledgement"),
        pytest.param(message("unsolicited", "Printer.MediaTakenEvent", {}), [], id="an event of no use here"),
    ],
)
def test_each_message_becomes_its_items(text: str, items: list[Item]) -> None:
    assert items_of(text, JobNumbers()) == items


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is it a service provider"),
        ("[]", "Expected `object`"),
        ('{"payload": {}}', "missing required field `header`"),
        (b"\xff\xfe", "is it a service provider"),
        (message("acknowledge", "Common.Status", {}, status="tooManyRequests"), "refuses Common.Status"),
        ('{"header":' * 2000, "is it a service provider"),
    ],
)
def test_what_is_no_message_is_refused_in_one_line(text: str | bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as raised:
        items_of(text, JobNumbers())
    assert "\n" not in str(raised.value)


def test_the_command_asks_for_the_whole_status() -> None:
    asked = json.loads(status_command(7, 5000))

    assert asked["header"] == {
        "type": "command", "name": "Common.Status", "requestId": 7, "version": "2.0", "timeout": 5000,
    }  # fmt: skip
