"""A bridge's records become a status: figures with their times, sick sensors and shifted frequencies as alerts."""

import pytest

from edge.contract.records import Record
from edge.contract.records.bridge import (
    BridgeMode,
    BridgeNovelty,
    BridgePassage,
    BridgeSensor,
    BridgeTemperature,
    BridgeVibration,
)
from hub.bridge.judgement import Judgement
from hub.judgement import Figure

NOW = 1_800_000_000_000_000
SECOND = 1_000_000
STEP = 300 * SECOND


def mode(frequency_hz: float, label: str = "m1") -> BridgeMode:
    return BridgeMode(mode=label, frequency_hz=frequency_hz, frequency_std_hz=0.003, damping_ratio=0.01)


def level(rms: float, channel: str = "a1") -> BridgeVibration:
    return BridgeVibration(channel=channel, rms_m_s2=rms, peak_m_s2=4 * rms, window_s=60.0, samples=3000)


def judged(*seen: tuple[Record, int]) -> Judgement:
    judgement = Judgement()
    for record, t in seen:
        judgement.observe(record, t)
    return judgement


def figure(judgement: Judgement, key: str, now: int = NOW) -> Figure:
    return next(one for one in judgement.status(now).figures if one.key == key)


def history(frequencies_hz: list[float], until: int = NOW) -> Judgement:
    first = until - STEP * (len(frequencies_hz) - 1)
    return judged(*((mode(value), first + n * STEP) for n, value in enumerate(frequencies_hz)))


def test_a_bridge_that_said_nothing_is_unknown_and_has_no_numbers() -> None:
    status = Judgement().status(NOW)

    assert status.level == "unknown"
    assert [one.value for one in status.figures] == [None] * len(status.figures)


def test_a_frequency_is_shown_with_its_time_and_interval() -> None:
    shown = figure(history([2.6]), "frequency_m1_hz")

    assert (shown.value, shown.unit, shown.t) == (2.6, "Hz", NOW)
    assert (shown.low, shown.high) == pytest.approx((2.6 - 1.96 * 0.003, 2.6 + 1.96 * 0.003))


def test_the_level_is_that_of_the_strongest_well_channel() -> None:
    judgement = judged(
        (level(0.002), NOW), (level(0.005, "a3"), NOW), (level(9.0, "a4"), NOW - SECOND),
        (BridgeSensor(channel="a4", finding="spikes", used=False), NOW),
    )  # fmt: skip

    assert figure(judgement, "vibration_rms_mm_s2").value == pytest.approx(5.0)


def test_an_older_record_never_turns_a_figure_back() -> None:
    judgement = judged(
        (BridgeTemperature(sensor="air", temperature_degc=9.0), NOW),
        (BridgeTemperature(sensor="air", temperature_degc=30.0), NOW - 60 * SECOND),
        (mode(2.6), NOW),
        (mode(9.9), NOW - STEP),
    )

    assert figure(judgement, "temperature_air_degc").value == 9.0
    assert figure(judgement, "frequency_m1_hz").value == 2.6


def test_a_sick_sensor_is_an_alert_until_it_is_well() -> None:
    judgement = judged((BridgeSensor(channel="a3", finding="stuck", used=False), NOW - STEP))
    sick = judgement.alerts(NOW - STEP)

    judgement.observe(BridgeSensor(channel="a3", finding="ok", used=True), NOW)

    assert [(one.key, one.since) for one in sick] == [("bridge_sensor_a3", NOW - STEP)]
    assert "固着" in sick[0].text.ja
    assert judgement.alerts(NOW) == []


def test_a_silent_bridge_is_said_and_not_called_good() -> None:
    judgement = judged((level(0.002), NOW - 400 * SECOND))

    assert judgement.status(NOW).level == "unknown"
    assert [one.key for one in judgement.alerts(NOW)] == ["bridge_silent"]


def test_vehicles_of_the_last_hour_are_counted() -> None:
    passage = BridgePassage(duration_s=5.0, peak_m_s2=0.1, channels=3)

    judgement = judged(*((passage, NOW - minute * 60 * SECOND) for minute in (1, 30, 59, 61, 500)))

    assert figure(judgement, "passages_last_hour").value == 3


def test_the_novelty_score_is_shown_and_never_judged() -> None:
    judgement = judged((level(0.002), NOW), (BridgeNovelty(model="bridge-novelty", score=25.0), NOW))

    assert figure(judgement, "novelty").value == 25.0
    assert judgement.alerts(NOW) == []
    assert judgement.status(NOW).level == "unknown"


def test_every_text_is_in_three_languages() -> None:
    judgement = history([2.6])
    judgement.observe(BridgeSensor(channel="a3", finding="clipping", used=False), NOW)

    texts = [judgement.status(NOW).headline, *(one.label for one in judgement.status(NOW).figures)]
    texts += [one.text for one in judgement.alerts(NOW + 400 * SECOND)]
    assert all(text.ja and text.easy and text.en for text in texts)
