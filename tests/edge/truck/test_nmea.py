"""NMEA sentences as seen on the wire, beside what they mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.truck.errors import NmeaError
from edge.truck.nmea import Gga, Gll, Gsa, Gsv, Meaning, Other, Rmc, Vtg, decode, encode, is_intact, receiver_time

KNOT = 1852 / 3600

SEEN: list[tuple[str, bytes, Meaning]] = [
    (
        "GGA of a Garmin with four decimals",
        b"$GPGGA,165007.000,4143.6058,N,08338.0778,W,1,06,1.5,204.3,M,-33.7,M,,0000*67\r\n",
        Gga(60607.0, 41 + 43.6058 / 60, -(83 + 38.0778 / 60), 1, 6, 1.5, 204.3),
    ),
    (
        "GGA of several constellations (talker GN)",
        b"$GNGGA,000941.00,4404.13387,N,12118.85628,W,1,12,1.01,1144.8,M,-21.4,M,,*4D",
        Gga(581.0, 44 + 4.13387 / 60, -(121 + 18.85628 / 60), 1, 12, 1.01, 1144.8),
    ),
    (
        "GGA without a fix leaves everything unknown",
        b"$GPGGA,212607.891,,,,,0,00,,,M,0.0,M,,0000*56",
        Gga(77167.891, None, None, 0, 0, None, None),
    ),
    (
        "RMC south and east, old receiver without a mode",
        b"$GPRMC,095255.810,V,2712.6404,S,15303.1201,E,0.00,0.00,080407,,,A*6E",
        Rmc(35575.81, False, -(27 + 12.6404 / 60), 153 + 3.1201 / 60, 0.0, 0.0, "080407", "A"),
    ),
    (
        "RMC void at the start",
        b"$GPRMC,,V,,,,,,,,,,N*53",
        Rmc(None, False, None, None, None, None, "", "N"),
    ),
    (
        "RMC of NMEA 4.1 with a navigational status after the mode",
        b"$GPRMC,223251.00,A,3757.92653,N,12231.94543,W,0.068,338.51,210416,0.00,E,A,V*5B",
        Rmc(81171.0, True, 37 + 57.92653 / 60, -(122 + 31.94543 / 60), 0.068 * KNOT, 338.51, "210416", "A"),
    ),
    (
        "GLL",
        b"$GPGLL,3757.92653,N,12231.94543,W,223251.00,A,A*7F",
        Gll(81171.0, True, 37 + 57.92653 / 60, -(122 + 31.94543 / 60), "A"),
    ),
    ("GSA with a 3D fix", b"$GPGSA,A,3,31,16,29,23,20,32,,,,,,,2.8,1.5,2.4*36", Gsa(3, 1.5)),
    ("GSA without a fix", b"$GPGSA,A,1,,,,,,,,,,,,,0.0,0.0,0.0*30", Gsa(1, 0.0)),
    ("VTG without a course", b"$GNVTG,,T,,M,0.029,N,0.053,K,A*30", Vtg(None, 0.029 * KNOT)),
    ("VTG that knows nothing", b"$GPVTG,,,,,,,,,N*30", Vtg(None, None)),
    (
        "GSV of GLONASS",
        encode("GLGSV,3,1,09,69,27,097,25,70,74,053,29,71,38,301,32,73,21,041,23"),
        Gsv("GL", 9),
    ),
    ("a sentence of another kind", b"$GPZDA,193223.00,23,12,2007,00,00*69", Other("GPZDA")),
    ("a sentence of a maker's own", encode("PUBX,00,1"), Other("PUBX")),
]

REFUSED = [
    ("cut in the middle", b"$GPGGA,165007.000,4143.6058,N,0833", "no checksum"),
    ("its beginning lost", b",1.7,-30.40,M,-13.9,M,,*7D", "begins with"),
    ("one digit changed", b"$GPGLL,3757.92653,N,12231.94543,W,223252.00,A,A*7F", "checksum 7C, it says 7F"),
    ("checksum not hexadecimal", b"$GPGLL,3757.92653,N,12231.94543,W,223251.00,A,A*7G", "invalid literal"),
    ("61 minutes of arc", encode("GPGLL,3761.00000,N,12231.94543,W,223251.00,A,A"), "outside 0–60"),
    ("91 degrees north", encode("GPGLL,9100.00000,N,12231.94543,W,223251.00,A,A"), "outside 0–90"),
    ("90 degrees and a minute", encode("GPGLL,9001.00000,N,12231.94543,W,223251.00,A,A"), "no angle"),
    ("a side that is none", encode("GPGLL,3757.92653,X,12231.94543,W,223251.00,A,A"), "side 'X'"),
    ("25 o'clock", encode("GPGLL,3757.92653,N,12231.94543,W,253251.00,A,A"), "no time of day"),
    ("not a number", encode("GPGLL,37nan,N,12231.94543,W,223251.00,A,A"), "not a number"),
    ("infinite speed", encode("GPVTG,,T,,M,inf,N,,K,A"), "not a number"),
    ("a number with an underscore", encode("GPVTG,,T,,M,1_0,N,,K,A"), "not a number"),
    ("negative speed", encode("GPVTG,,T,,M,-1.0,N,,K,A"), "outside 0"),
    ("too few fields", encode("GPGGA,1,2"), "2 fields, wanted at least 9"),
    ("longer than any receiver's", encode("GPTXT," + "x" * 200), "at most 120"),
    ("bytes that are not ASCII", b"$GP\xff\xfe*01", "ordinal not in range"),
    ("nothing", b"", "begins with"),
]


@pytest.mark.parametrize(("line", "meaning"), [pytest.param(line, meaning, id=name) for name, line, meaning in SEEN])
def test_a_sentence_means_what_its_receiver_meant(line: bytes, meaning: Meaning) -> None:
    said = decode(line)

    assert type(said) is type(meaning)
    assert said == pytest.approx(meaning, rel=1e-12) if not _has_text(meaning) else said == meaning


def _has_text(meaning: Meaning) -> bool:
    return any(isinstance(field, str) or field is None for field in meaning)


@pytest.mark.parametrize(("line", "reason"), [pytest.param(line, reason, id=name) for name, line, reason in REFUSED])
def test_a_damaged_sentence_is_refused_with_its_reason(line: bytes, reason: str) -> None:
    with pytest.raises(NmeaError, match=reason):
        decode(line)


@given(st.binary(max_size=150))
def test_no_bytes_end_in_anything_but_a_meaning_or_a_refusal(noise: bytes) -> None:
    for line in (noise, b"$" + noise, b"$GPGGA," + noise):
        try:
            assert isinstance(decode(line), tuple)
        except NmeaError:
            assert not is_intact(line) or line.startswith(b"$")


@given(st.integers(0, 60), st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_noticed(at: int, bit: int) -> None:
    line = bytearray(b"$GPGLL,3757.92653,N,12231.94543,W,223251.00,A,A*7F")
    at %= len(line)
    line[at] ^= 1 << bit

    assert not is_intact(bytes(line)) or bytes(line).upper() == b"$GPGLL,3757.92653,N,12231.94543,W,223251.00,A,A*7F"


def test_a_date_is_taken_as_the_receiver_says_it() -> None:
    told = receiver_time("080407", 35575.81)

    assert told.weeks_added == 0
    assert datetime.fromtimestamp(told.utc_us / 1e6, UTC).isoformat() == "2007-04-08T09:52:55.810000+00:00"


def test_a_date_before_a_roll_over_is_moved_by_1024_weeks_and_says_so() -> None:
    not_before = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1e6)

    told = receiver_time("080407", 0.0, not_before)

    assert told.weeks_added == 1024
    assert datetime.fromtimestamp(told.utc_us / 1e6, UTC).date().isoformat() == "2026-11-22"


def test_a_date_of_the_1990s_needs_two_roll_overs() -> None:
    not_before = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1e6)

    told = receiver_time("220899", 0.0, not_before)

    assert told.weeks_added == 2048


@pytest.mark.parametrize("date", ["", "310299", "0804", "08o407"])
def test_no_such_date_is_refused(date: str) -> None:
    with pytest.raises(NmeaError, match="date"):
        receiver_time(date, 0.0)
