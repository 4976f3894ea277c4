from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from edge.contract.records import Record
from edge.contract.records.kiosk import KioskState, KioskSupply
from hub.city import DeviceContext, context_of
from hub.city_file import built_in_city, parse_city
from hub.errors import ConfigError
from hub.judgement import Figure
from hub.kiosk.judgement import Judgement
from hub.opening import Hours
from tests.hub.kiosk.test_judgement import HOUR, NOON, SECOND

CITY = Path(__file__).parents[3] / "hub" / "cities" / "ota.toml"


@pytest.fixture
def context() -> DeviceContext:
    context = context_of(built_in_city("ota"), "kiosk-01")
    weekdays_until_noon = Hours(code="register", weekly={"wed": ["09:00-12:00"]})
    return msgspec.structs.replace(
        context,
        certificate_hours={"family_register": weekdays_until_noon},
        certificate_supplies={"seal": ["tray2"], "residence": ["tray1", "tray2"]},
    )


def offered(context: DeviceContext, now: int, *records: tuple[int, Record]) -> dict[str, Figure]:
    judgement = Judgement(context)
    for t, record in records:
        judgement.observe(record, t)
    return {
        figure.key.removeprefix("certificate."): figure
        for figure in judgement.status(now).figures
        if figure.key.startswith("certificate.")
    }


def test_each_certificate_by_its_own_hours_and_paper(context: DeviceContext) -> None:
    said = offered(
        context,
        NOON + 10 * SECOND,
        (NOON, KioskState(state="degraded", reasons=["paper_out"])),
        (NOON, KioskSupply(supply="tray1", status="full")),
        (NOON, KioskSupply(supply="tray2", status="out")),
    )

    assert {key: figure.value for key, figure in said.items()} == {
        "residence": True, "seal": False, "family_register": False, "tax": True,
    }  # fmt: skip
    assert said["seal"].text is not None
    assert "用紙がなくなりました" in said["seal"].text.ja
    assert said["family_register"].text is not None
    assert "時間外" in said["family_register"].text.ja


@pytest.mark.parametrize(
    ("state", "after_us", "value"),
    [
        (KioskState(state="in_service"), 0, True),
        (KioskState(state="out_of_service", reasons=["paper_jam"]), 0, False),
        (KioskState(state="maintenance", reasons=["door_open"]), 0, False),
        (KioskState(state="unknown", reasons=["unknown"]), 0, None),
        (KioskState(state="in_service"), 200 * SECOND, None),
        (KioskState(state="in_service"), 12 * HOUR, None),
    ],
)
def test_true_and_false_only_by_a_fresh_state(
    context: DeviceContext, state: KioskState, after_us: int, value: bool | None
) -> None:
    assert offered(context, NOON + after_us, (NOON, state))["tax"].value is value


def test_before_any_word_nothing_is_offered(context: DeviceContext) -> None:
    assert {figure.value for figure in offered(context, NOON).values()} == {None}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('certificate_hours = { tax = "nowhere" }', "hours 'nowhere' is not known"),
        ('certificate_hours = { copy = "kiosk" }', "certificate 'copy' is not known"),
        ('certificate_supplies = { tax = ["tray9"] }', "supply 'tray9' is not known"),
        ('configuration = { app = "xyz" }', "configuration"),
    ],
)
def test_a_wrong_line_of_the_city_file_is_named(line: str, words: str) -> None:
    text = CITY.read_text(encoding="utf-8")
    marked = text.replace('certificates = ["residence"', f'{line}\ncertificates = ["residence"')

    with pytest.raises(ConfigError, match=words):
        parse_city(marked)
