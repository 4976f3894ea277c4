"""The city's file: what it says, when its places are open, and how a wrong line is named."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import msgspec
import pytest

from edge.contract.families import FAMILIES
from edge.contract.quantity import CODE_PATTERN
from hub.city import City, Thresholds, always_open, context_of, is_open, rounds_from
from hub.city_file import CITIES, built_in_city, load_city, parse_city, problems_of
from hub.errors import ConfigError
from hub.opening import Hours, opening_at
from hub.words import Words
from provisioning.toml_text import toml_text

JST = ZoneInfo("Asia/Tokyo")


@pytest.fixture(scope="module")
def ota() -> City:
    return built_in_city("ota")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=JST)


def changed(old: str, new: str) -> str:
    text = (CITIES / "ota.toml").read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1)


def all_words(value: object) -> list[Words]:
    if isinstance(value, Words):
        return [value]
    if isinstance(value, list | tuple):
        return [word for each in value for word in all_words(each)]
    if isinstance(value, msgspec.Struct):
        return [word for name in value.__struct_fields__ for word in all_words(getattr(value, name))]
    return []


def test_the_demo_city_has_what_the_demo_shows(ota: City) -> None:
    count = {family: sum(each.family == family for each in ota.device) for family in FAMILIES}

    assert count == {"bridge": 1, "truck": 3, "gate": 1, "kiosk": 2, "counter": 2}
    assert problems_of(ota) == []
    assert ota.demo


def test_every_name_stands_in_three_languages_and_every_device_can_be_read_aloud(ota: City) -> None:
    words = all_words(ota)

    assert len(words) > 60
    assert all(each.ja and each.easy and each.en for each in words)
    assert all(re.fullmatch(r"[ぁ-んァ-ヶー・0-9 　]+", context_of(ota, each.name).name.reading) for each in ota.device)


def test_every_kanji_of_an_easy_name_has_its_reading_behind_it(ota: City) -> None:
    without = [
        re.sub(r"[一-龥々ぁ-ん]*[一-龥々][一-龥々ぁ-ん]*（[ぁ-ん ]+）", "", each.easy) for each in all_words(ota)
    ]
    bare = [each for each in without if re.search(r"[一-龥々]", each)]

    assert bare == []


def test_every_code_may_stand_in_a_record(ota: City) -> None:
    codes = [each.code for each in ota.service] + [each.code for each in ota.round]
    codes += [each.code for each in ota.facility] + [each.code for each in ota.hours]
    codes += [point.code for each in ota.round for point in each.points]

    assert all(re.fullmatch(CODE_PATTERN, code) for code in codes)


@pytest.mark.parametrize(
    ("facility", "when", "is_it", "why", "next_change"),
    [
        ("honcho", "2026-11-24T08:29:59", False, "not_yet", "2026-11-24T08:30"),
        ("honcho", "2026-11-24T08:30:00", True, "open", "2026-11-24T17:00"),
        ("honcho", "2026-11-24T17:00:00", False, "over", "2026-11-25T08:30"),
        ("honcho", "2026-11-23T10:00:00", False, "holiday", "2026-11-24T08:30"),  # 勤労感謝の日
        ("honcho", "2026-05-06T10:00:00", False, "holiday", "2026-05-07T08:30"),  # 振替休日
        ("honcho", "2026-09-22T10:00:00", False, "holiday", "2026-09-24T08:30"),  # 国民の休日, before 秋分の日
        ("honcho", "2026-11-21T10:00:00", False, "weekly", "2026-11-24T08:30"),  # Saturday before a long weekend
        ("honcho", "2026-12-29T10:00:00", False, "day_off", "2027-01-04T08:30"),  # over New Year
        ("honcho", "2027-03-28T10:00:00", True, "open", "2027-03-28T17:00"),  # a Sunday, by exception
        ("kamata-library", "2026-11-23T10:00:00", True, "open", "2026-11-23T20:00"),  # open on holidays
        ("kamata-library", "2026-11-12T10:00:00", False, "day_off", "2026-11-13T09:00"),  # second Thursday
        ("kamata-library", "2026-11-19T10:00:00", True, "open", "2026-11-19T20:00"),  # third Thursday
    ],
)
def test_openings(ota: City, facility: str, when: str, is_it: bool, why: str, next_change: str) -> None:
    opening = is_open(ota, facility, at(when))

    assert (opening.open, opening.why) == (is_it, why)
    assert (opening.closes_at or opening.opens_at) == at(next_change)
    assert (opening.closes_at is None) != (opening.opens_at is None)


def test_a_holiday_is_called_by_its_name(ota: City) -> None:
    opening = is_open(ota, "honcho", at("2026-11-23T10:00"))

    assert opening.words.ja.startswith("勤労感謝の日")


def test_a_time_in_another_zone_is_the_same_moment(ota: City) -> None:
    opening = is_open(ota, "honcho", dt.datetime(2026, 11, 24, 0, 0, tzinfo=dt.UTC))

    assert opening.open
    assert opening.closes_at == dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)


def test_a_time_without_a_zone_is_refused(ota: City) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        is_open(ota, "honcho", dt.datetime(2026, 11, 24))  # noqa: DTZ001


def test_a_break_at_noon_is_a_pause_and_midnight_does_not_close() -> None:
    lunch = Hours(code="lunch", weekly={"tue": ["09:00-12:00", "13:00-24:00"], "wed": ["00:00-02:00"]})

    pause = opening_at(lunch, at("2026-11-24T12:30"), JST)
    night = opening_at(lunch, at("2026-11-24T23:00"), JST)

    assert (pause.why, pause.opens_at) == ("pause", at("2026-11-24T13:00"))
    assert night.closes_at == at("2026-11-25T02:00")


def test_hours_that_never_open_have_no_next_opening() -> None:
    opening = opening_at(Hours(code="never", weekly={}), at("2026-11-24T12:00"), JST)

    assert (opening.open, opening.opens_at) == (False, None)


def test_the_always_open_city_is_open_at_night_on_new_years_day_and_never_closes(ota: City) -> None:
    opening = is_open(always_open(ota), "honcho", at("2027-01-01T03:00"))

    assert (opening.open, opening.closes_at) == (True, None)
    assert problems_of(always_open(ota)) == []
    assert all(len(each.weekdays) == 7 for each in always_open(ota).round)


def test_a_changed_city_can_be_written_as_a_file_of_its_own(ota: City) -> None:
    changed_city = always_open(ota)

    text = toml_text(msgspec.to_builtins(changed_city))

    assert parse_city(text) == changed_city
    assert parse_city(toml_text(msgspec.to_builtins(ota))) == ota


def test_rounds_can_begin_when_the_demo_begins_and_keep_their_intervals(ota: City) -> None:
    first = rounds_from(ota, "23:50").round[0]

    assert [point.planned for point in first.points] == ["23:50", "00:05", "00:20", "00:35", "00:50", "01:05"]


def test_a_device_gets_its_facility_services_and_the_nearest_thresholds(ota: City) -> None:
    context = context_of(ota, "counter-01")
    by_code = {each.code: each for each in context.services}

    assert context.name.ja == "大田区役所 本庁舎 1階 戸籍住民窓口"
    assert list(by_code) == ["residence", "seal", "family_register", "moving"]
    assert by_code["residence"].thresholds.wait_min == ota.thresholds["counter"].wait_min
    assert by_code["moving"].thresholds.wait_min.warning == 40  # type: ignore[union-attr]
    assert by_code["moving"].thresholds.silent_after_s == 120


def test_a_devices_own_threshold_stands_before_its_familys(ota: City) -> None:
    assert context_of(ota, "counter-02").thresholds.people.bad == 14  # type: ignore[union-attr]
    assert context_of(ota, "counter-01").thresholds.people.bad == 35  # type: ignore[union-attr]


def test_a_bridge_without_hours_is_never_closed_and_a_kiosk_keeps_its_own(ota: City) -> None:
    late = int(at("2026-11-23T22:00").timestamp()) * 1_000_000

    assert context_of(ota, "bridge-01").opening(late).closes_at is None
    assert context_of(ota, "kiosk-01").opening(late).closes_at == at("2026-11-23T23:00")
    assert not context_of(ota, "counter-01").opening(late, "residence").open


def test_every_device_of_the_city_has_a_context_with_a_silence_limit(ota: City) -> None:
    limits = [context_of(ota, each.name).thresholds.silent_after_s for each in ota.device]

    assert all(limit is not None and limit >= 60 for limit in limits)


def test_thresholds_without_a_value_take_the_general_one() -> None:
    assert Thresholds(silent_after_s=5).over(Thresholds(silent_after_s=9)).silent_after_s == 5
    assert Thresholds().over(Thresholds(silent_after_s=9)).silent_after_s == 9


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('time_zone = "Asia/Tokyo"', 'timezone = "Asia/Tokyo"', "unknown key 'timezone'; did you mean 'time_zone'?"),
        ("windows = 3", "windws = 3", "unknown key 'service[residence].windws'; did you mean 'windows'?"),
        ('facility = "honcho"', 'facilty = "honcho"', "did you mean 'facility'?"),
        ("late_min = {", "late_mins = {", "unknown key 'thresholds.truck.late_mins'; did you mean 'late_min'?"),
        ('reading = "おおたく"', 'kana = "おおたく"', "unknown key 'name.kana'"),
        ('facility = "honcho"', 'facility = "honcyo"', "facility 'honcyo' is not known"),
        ('hours = "office"', 'hours = "ofice"', "hours 'ofice' is not known"),
        ('rounds = ["kamata-burnable"]', 'rounds = ["kamata"]', "round 'kamata' is not known"),
        ('services = ["residence", "seal", "tax"]', 'services = ["insurance"]', "service 'insurance' is not known"),
        ('code = "residence"', 'code = "Residence 1"', "regex"),
        ('name = "gate-01"', 'name = "gate_01"', "regex"),
        ('name = "truck-02"', 'name = "truck-01"', "device 'truck-01': named 2 times"),
        ('code = "kb2"', 'code = "kb1"', "point 'kb1': named 2 times"),
        ('code = "kb2"', 'code = "none"', "may not be called 'none'"),
        ("lat_deg = 35.5613\nlon_deg = 139.7160", "lat_deg = 35.9\nlon_deg = 139.7160", "outside the city's bounds"),
        ('planned = "08:20"', 'planned = "07:20"', "before the point in front of it"),
        ('planned = "08:20"', 'planned = "8:20"', "regex"),
        ('mon = ["08:30-17:00"]', 'mon = ["17:00-08:30"]', "ends before it begins"),
        ('mon = ["08:30-17:00"]', 'mon = ["08:30-17:00", "16:00-18:00"]', "overlaps the one before"),
        ('first = "12-29"', 'first = "02-30"', "'02-30' is no day of any year"),
        ('time_zone = "Asia/Tokyo"', 'time_zone = "Asia/Tokio"', "not a known IANA name"),
        ("capacity = 160", 'capacity = 160\nrounds = ["kamata-burnable"]', "'rounds' is not for a gate"),
        ('rounds = ["kamata-burnable"]', "", "a truck needs 'rounds'"),
        ("notice = 10, warning = 20, bad = 45", "notice = 10, warning = 50, bad = 45", "must rise or fall"),
        ("wait_min = { notice = 10, warning = 20, bad = 40 }", "wait_min = { notice = 20, warning = 10 }", "must rise"),
        ("demo = true", "demo = maybe", "not TOML"),
        ('family = "gate"', 'family = "door"', "Invalid enum value 'door'"),
    ],
)
def test_a_wrong_line_is_named(old: str, new: str, says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)) as refusal:
        parse_city(changed(old, new), "city.toml")

    assert str(refusal.value).startswith("city.toml: ")
    assert "\n" not in str(refusal.value)


def test_several_wrong_lines_are_counted() -> None:
    with pytest.raises(ConfigError, match=r"\(and 1 more\)$"):
        parse_city(changed('hours = "office"\nservices', 'hours = "x"\nservices').replace('"kiosk"\ncert', '"y"\ncert'))


def test_a_missing_file_and_an_unknown_city_are_refused() -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_city(CITIES / "nowhere.toml")
    with pytest.raises(ConfigError, match="known: ota"):
        built_in_city("nowhere")


def test_an_unknown_device_facility_or_service_is_named(ota: City) -> None:
    with pytest.raises(ConfigError, match="device 'truck-99'"):
        context_of(ota, "truck-99")
    with pytest.raises(ConfigError, match="facility 'castle'"):
        is_open(ota, "castle", at("2026-11-24T10:00"))
    with pytest.raises(ConfigError, match="service 'insurance': not offered at 'ikegami'"):
        is_open(ota, "ikegami", at("2026-11-24T10:00"), "insurance")
