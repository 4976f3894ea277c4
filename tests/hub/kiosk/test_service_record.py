"""How a kiosk served: availability over open hours, time between failures with its interval, whom a fault affects."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
import pytest
from scipy.stats import chi2

from edge.contract.records.kiosk import (
    KioskConfiguration,
    KioskPrivacy,
    KioskService,
    KioskSession,
    KioskState,
    KioskSupply,
    KioskTakings,
)
from hub.city import DeviceContext, context_of
from hub.city_file import built_in_city
from hub.judgement import Alert, Figure, Status
from hub.kiosk.failures import mean_time_between
from hub.kiosk.judgement import Judgement
from hub.kiosk.service_book import ServiceBook
from hub.kiosk.upkeep import work
from hub.live import View
from hub.opening import Hours, open_spans
from hub.words import Words
from tests.hub.kiosk.test_judgement import HOUR, NOON, SECOND

TOKYO = ZoneInfo("Asia/Tokyo")
NINE_TO_FIVE = Hours(code="office", weekly={"mon": ["09:00-17:00"], "tue": ["09:00-17:00"], "wed": ["09:00-17:00"]})
QUARTER = 900 * SECOND
MORNING = NOON - 12 * HOUR
"""2026-11-25 00:00 in Tokyo, a Wednesday."""


def window(served_s: float = 0.0, out_s: float = 0.0, unknown_s: float = 0.0, failures: int = 0) -> KioskService:
    return KioskService(
        window_s=900.0, in_service_s=served_s, out_of_service_s=out_s, unknown_s=unknown_s, failures=failures
    )


def a_day(book: ServiceBook, out: range = range(0), unseen: range = range(0)) -> None:
    """Windows of a quarter of an hour over the whole Wednesday; in some it is out, some were never seen."""
    for quarter in range(96):
        if quarter not in unseen:
            one = window(out_s=900.0, failures=int(quarter == out[0])) if quarter in out else window(served_s=900.0)
            book.take(one, MORNING + (quarter + 1) * QUARTER)


@pytest.mark.parametrize("failures", [0, 1, 2, 3, 10, 80])
def test_the_interval_of_time_between_failures_is_garwoods(failures: int) -> None:
    found = mean_time_between(1000.0, failures)

    assert found.low_s == pytest.approx(2000 / chi2.ppf(0.9, 2 * failures + 2), rel=1e-6)
    if failures:
        assert found.high_s == pytest.approx(2000 / chi2.ppf(0.1, 2 * failures), rel=1e-6)
    else:
        assert found.high_s is None
    assert (found.mean_s is None) == (failures < 3)


def test_open_spans_are_cut_at_both_ends_and_leave_closed_days_out() -> None:
    start = dt.datetime(2026, 11, 25, 12, tzinfo=TOKYO)

    spans = open_spans(NINE_TO_FIVE, start, start + dt.timedelta(days=5, hours=-1), TOKYO)

    assert [(first.isoformat()[:16], last.isoformat()[:16]) for first, last in spans] == [
        ("2026-11-25T12:00", "2026-11-25T17:00"), ("2026-11-30T09:00", "2026-11-30T11:00"),
    ]  # fmt: skip


def test_what_happens_while_it_is_closed_does_not_count() -> None:
    book = ServiceBook(NINE_TO_FIVE, TOKYO)
    a_day(book, out=range(36))

    found = book.availability()

    assert found is not None
    assert (found.share, found.low, found.high, found.open_s) == (1.0, 1.0, 1.0, 8 * 3600.0)


def test_two_of_eight_open_hours_out_are_three_quarters() -> None:
    book = ServiceBook(NINE_TO_FIVE, TOKYO)
    a_day(book, out=range(40, 48))

    found = book.availability()

    assert found is not None
    assert (found.share, found.low, found.high) == pytest.approx((0.75, 0.75, 0.75))


def test_unseen_time_widens_the_interval_and_too_much_of_it_gives_no_number() -> None:
    some, most = ServiceBook(NINE_TO_FIVE, TOKYO), ServiceBook(NINE_TO_FIVE, TOKYO)
    a_day(some, out=range(40, 48), unseen=range(48, 56))
    a_day(most, unseen=range(40, 66))

    found, unsure = some.availability(), most.availability()

    assert found is not None
    assert (found.share, found.low, found.high) == pytest.approx((4 / 6, 0.5, 0.75))
    assert unsure is not None
    assert unsure.share is None


def test_windows_may_come_late_and_twice() -> None:
    book, late = ServiceBook(NINE_TO_FIVE, TOKYO), ServiceBook(NINE_TO_FIVE, TOKYO)
    a_day(book, out=range(40, 48))
    a_day(late, out=range(40, 48), unseen=range(20, 50))
    for quarter in (*range(49, 19, -1), 30):
        late.take(
            window(out_s=900.0, failures=int(quarter == 40)) if quarter in range(40, 48) else window(served_s=900.0),
            MORNING + (quarter + 1) * QUARTER,
        )

    assert late.availability() == book.availability()
    assert late.between_failures() == book.between_failures()


@pytest.fixture
def context() -> DeviceContext:
    context = context_of(built_in_city("ota"), "kiosk-01")
    return msgspec.structs.replace(context, configuration={"forms": "0" * 16})


def figure(status: Status, key: str) -> Figure:
    return next(each for each in status.figures if each.key == key)


def served(context: DeviceContext, sessions: int, failures: int = 0) -> Judgement:
    """A kiosk that served from midnight to noon, with some sessions and failures."""
    judgement = Judgement(context)
    for quarter in range(48):
        one = window(served_s=900.0, failures=1 if quarter < failures else 0)
        judgement.observe(one, MORNING + (quarter + 1) * QUARTER)
    for number in range(sessions):
        session = KioskSession(certificate="residence", outcome="issued", duration_s=60.0, copies=1)
        judgement.observe(session, NOON - 5 * HOUR + number * 60 * SECOND)
    return judgement


@pytest.mark.parametrize(
    ("failures", "value", "words"), [(0, "too_few", "too few failures (0)"), (2, "too_few", "(2)"), (6, 2.0, None)]
)
def test_too_few_failures_are_said_instead_of_a_mean(
    context: DeviceContext, failures: int, value: float | str, words: str | None
) -> None:
    found = figure(served(context, 0, failures).status(NOON), "between_failures")

    assert found.value == value
    assert (found.text is None) if words is None else (found.text is not None and words in found.text.en)


def test_a_kiosk_that_is_out_affects_those_who_would_have_come(context: DeviceContext) -> None:
    """Fifty sessions in the last five hours are ten an hour: one hour out and four to come are fifty people."""
    judgement = served(context, sessions=50)
    judgement.observe(KioskState(state="out_of_service", reasons=["paper_jam"]), NOON - 1 * HOUR)
    judgement.observe(KioskState(state="out_of_service", reasons=["paper_jam"]), NOON)

    assert figure(judgement.status(NOON), "affected").value == pytest.approx(50, abs=1)


@pytest.mark.parametrize(
    ("state", "sessions", "empty_in_s", "affected"),
    [
        (KioskState(state="in_service"), 50, None, 0.0),
        (KioskState(state="degraded", reasons=["paper_low"]), 50, 3 * 3600.0, 10.0),
        (KioskState(state="unknown", reasons=["unknown"]), 50, None, None),
        (KioskState(state="out_of_service", reasons=["paper_jam"]), 3, None, None),
    ],
)
def test_how_many_are_affected_is_nought_forecast_or_not_known(
    context: DeviceContext, state: KioskState, sessions: int, empty_in_s: float | None, affected: float | None
) -> None:
    judgement = served(context, sessions)
    judgement.observe(state, NOON)
    if empty_in_s is not None:
        judgement.observe(KioskSupply(supply="tray1", status="low", level_percent=5.0, empty_in_s=empty_in_s), NOON)

    value = figure(judgement.status(NOON), "affected").value

    assert value == (None if affected is None else pytest.approx(affected, abs=0.5))


def test_papers_inside_are_an_alert_until_it_was_opened(context: DeviceContext) -> None:
    judgement = Judgement(context)
    judgement.observe(KioskPrivacy(event="document_retained", count=1), NOON)
    inside = [alert.key for alert in judgement.alerts(NOON + 9 * HOUR)]
    judgement.observe(KioskState(state="maintenance", reasons=["door_open"]), NOON + 10 * HOUR)

    assert inside == ["kiosk.retained"]
    assert "kiosk.retained" not in [alert.key for alert in judgement.alerts(NOON + 10 * HOUR)]
    assert figure(judgement.status(NOON + HOUR), "retained_today").value == 1


@pytest.mark.parametrize(("digest", "keys"), [("0" * 16, []), ("1" * 16, ["kiosk.configuration.forms"])])
def test_another_configuration_than_the_registered_one_is_an_alert(
    context: DeviceContext, digest: str, keys: list[str]
) -> None:
    judgement = Judgement(context)
    judgement.observe(KioskConfiguration(part="forms", digest=digest), NOON)

    assert [alert.key for alert in judgement.alerts(NOON)] == keys


def test_takings_and_time_saved_are_counted_by_the_local_day(context: DeviceContext) -> None:
    judgement = Judgement(context)
    judgement.observe(KioskTakings(means="emoney", window_s=600.0, payments=3, amount_yen=900), NOON)
    judgement.observe(KioskTakings(means="emoney", window_s=600.0, payments=1, amount_yen=300), NOON - 13 * HOUR)
    judgement.observe(KioskTakings(means="credit", window_s=600.0, payments=1, amount_yen=450), NOON + HOUR)
    judgement.observe(KioskSession(certificate="form", outcome="issued", duration_s=60.0, saved_s=300.0), NOON)

    status = judgement.status(NOON + 2 * HOUR)

    assert [(one.key, one.value) for one in status.figures if one.key.startswith("takings.")] == [
        ("takings.credit", 450), ("takings.emoney", 900),
    ]  # fmt: skip
    assert figure(status, "saved_today").value == 5


def view(device: str, alerts: list[Alert], affected: float | None, forms: str = "0" * 16) -> View:
    words = Words(ja=device, easy=device, en=device)
    figures = [
        Figure(key="affected", label=words, value=affected),
        Figure(key="configuration.forms", label=words, value=forms, t=NOON),
    ]
    status = Status(level="good", headline=words, figures=figures)
    return View(
        device=device, family="kiosk", called=words, name=words, facility=words, liveness="live", heard_t=NOON,
        silent_after_s=180.0, status=status, alerts=alerts, health=None,
    )  # fmt: skip


def alert(severity: str, t: int = NOON) -> Alert:
    words = Words(ja=severity, easy=severity, en=severity)
    return Alert(key="kiosk.paper_out", severity=severity, text=words, since=t)  # type: ignore[arg-type]


def test_the_list_of_what_to_mend_begins_with_what_affects_most_citizens() -> None:
    found = work(
        [
            view("well", [], 0.0),
            view("low", [alert("warning")], 0.0),
            view("quiet-branch", [alert("critical")], 4.0),
            view("unheard", [alert("warning")], None),
            view("ward-office", [alert("info"), alert("critical", NOON + 1)], 120.0),
        ]
    )

    assert [one.device for one in found] == ["ward-office", "quiet-branch", "unheard", "low"]
    assert (found[0].severity, [words.en for words in found[0].to_do]) == ("critical", ["critical", "info"])


@pytest.mark.parametrize(
    ("digests", "named"),
    [
        (["0", "0", "0"], []),
        (["0", "0", "1"], ["k2"]),
        (["0", "1"], ["k0", "k1"]),
        (["0"], []),
    ],
)
def test_kiosks_that_issue_by_something_else_than_the_others_are_named(digests: list[str], named: list[str]) -> None:
    found = work(view(f"k{number}", [], 0.0, digit * 16) for number, digit in enumerate(digests))

    assert [one.device for one in found] == named
