"""The whole pipeline: the same answer twice and however it was delivered, sick channels left out, vehicles seen."""

import subprocess
import sys

import msgspec
import numpy as np
import pytest

from edge.bridge.config import Channel, Config, Modes, Novelty
from edge.bridge.items import TemperatureReading
from edge.bridge.pipeline import pipeline
from edge.contract.records import ModelState
from edge.contract.records.bridge import (
    BridgeMode,
    BridgeNovelty,
    BridgePassage,
    BridgeSensor,
    BridgeSpectrum,
    BridgeTemperature,
    BridgeVibration,
)
from simulators.bridge.settings import Settings
from simulators.bridge.vibration import Vibration
from tests.edge.bridge.deliveries import BOOT_US, lines, of_kind, run

CHANNELS = [Channel(name=name) for name in ("a1", "a3", "a4")]
CONFIG = Config(channels=CHANNELS, level_window_s=10.0, modes=Modes(confirm=1, first_s=60.0, step_s=60.0))
SETTINGS = Settings(hour_of_day=10.0)


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    vibration = Vibration(SETTINGS, np.random.default_rng(7))
    return np.concatenate([vibration.second() for _ in range(300)])


def test_records_are_the_same_bytes_twice_and_however_they_were_delivered(samples: np.ndarray) -> None:
    whole = lines(run(samples, CONFIG))

    assert lines(run(samples, CONFIG)) == whole
    assert lines(run(samples, CONFIG, size=26)) == whole
    assert lines(run(samples, CONFIG, size=1777)) == whole


def test_the_girders_modes_are_tracked_within_one_percent(samples: np.ndarray) -> None:
    last = {record.mode: record.frequency_hz for record in of_kind(run(samples, CONFIG), BridgeMode)}

    true = Vibration(SETTINGS, np.random.default_rng(7)).frequency_hz
    off = [abs(true / frequency_hz - 1.0).min() for frequency_hz in last.values()]
    assert len(last) >= 5
    assert max(off) < 0.01


def test_levels_are_those_of_the_samples(samples: np.ndarray) -> None:
    time_s = np.arange(60 * 200) / 200.0
    sine = (
        0.3 * np.sin(2 * np.pi * 4.9 * time_s)[:, None]
        + 9.81
        + 1e-4 * np.random.default_rng(1).normal(size=(12_000, 1))
    )

    level = of_kind(run(sine, Config(level_window_s=20.0)), BridgeVibration)[1]

    assert level.rms_m_s2 == pytest.approx(0.3 / np.sqrt(2.0), rel=0.01)
    assert level.peak_m_s2 == pytest.approx(0.3, rel=0.02)


def test_a_spectrum_row_holds_the_density_of_white_noise() -> None:
    noise = np.random.default_rng(2).normal(size=(200 * 130, 1))

    row = of_kind(run(noise, CONFIG), BridgeSpectrum) or of_kind(run(noise, Config()), BridgeSpectrum)

    assert np.mean(10 ** (np.array(row[0].levels_db) / 10.0)) == pytest.approx(0.01, rel=0.05)


def test_a_sick_channel_is_left_out_of_everything_and_said_once(samples: np.ndarray) -> None:
    sick = samples.copy()
    sick[:, 1] = 0.123

    records = run(sick, CONFIG)

    said = [(one.channel, one.finding, one.used) for one in of_kind(records, BridgeSensor)]
    assert said == [("a1", "ok", True), ("a3", "stuck", False), ("a4", "ok", True)]
    assert {one.channel for one in of_kind(records, BridgeVibration)} == {"a1", "a4"}
    assert {one.channel for one in of_kind(records, BridgeSpectrum)} == {"a1", "a4"}
    assert {len(one.shape_real) for one in of_kind(records, BridgeMode)} == {2}


def test_a_channel_that_recovers_is_used_again(samples: np.ndarray) -> None:
    sick = samples.copy()
    sick[4000:8000, 0] = np.nan

    said = [(one.finding, one.used) for one in of_kind(run(sick, CONFIG), BridgeSensor) if one.channel == "a1"]

    assert said == [("ok", True), ("dropout", False), ("ok", True)]


def test_lost_deliveries_cost_samples_and_invent_none(samples: np.ndarray) -> None:
    records = run(samples, CONFIG, without=range(20_000, 21_000))

    levels = [one for one in of_kind(records, BridgeVibration) if one.channel == "a1"]
    assert sum(one.samples for one in levels) <= 50 * 294
    assert of_kind(records, BridgeMode)


def test_a_vehicle_on_a_quiet_bridge_is_one_passage_near_its_time() -> None:
    rng = np.random.default_rng(3)
    quiet = 1e-4 * rng.normal(size=(200 * 120, 3))
    time_s = np.arange(len(quiet)) / 200.0
    quiet += (0.05 * np.exp(-(((time_s - 80.0) / 2.0) ** 2)) * np.sin(2 * np.pi * 8.0 * time_s))[:, None]

    passages = of_kind(run(quiet, CONFIG), BridgePassage)

    assert len(passages) == 1
    assert passages[0].t == pytest.approx(BOOT_US + 76e6, abs=3e6)
    assert passages[0].peak_m_s2 == pytest.approx(0.05, rel=0.1)
    assert passages[0].channels == 3


def test_noise_is_no_passage() -> None:
    assert of_kind(run(np.random.default_rng(4).normal(size=(200 * 600, 3)), CONFIG), BridgePassage) == []


def test_temperatures_are_thinned_and_impossible_ones_left_out() -> None:
    made = pipeline(Config(temperature_every_s=60.0))

    told = [
        record.temperature_degc
        for second in range(180)
        for record in made.process(second * 1_000_000, TemperatureReading(sensor="air", temperature_degc=second / 10))
        + made.process(second * 1_000_000, TemperatureReading(sensor="box", temperature_degc=850.0))
        if isinstance(record, BridgeTemperature)
    ]

    assert told == [0.0, 6.0, 12.0]


def test_the_shipped_model_scores_rows_of_its_own_kind(samples: np.ndarray) -> None:
    records = run(samples, CONFIG)

    assert [one.running for one in of_kind(records, ModelState)] == [True]
    assert len(of_kind(records, BridgeNovelty)) == len({one.t for one in of_kind(records, BridgeSpectrum)})


def test_without_its_model_all_else_goes_on_and_it_is_said_once(samples: np.ndarray) -> None:
    records = run(samples, Config(channels=CHANNELS, novelty=Novelty(model="no-such-model")))

    assert [one.running for one in of_kind(records, ModelState)] == [False]
    assert not of_kind(records, BridgeNovelty)
    assert of_kind(records, BridgeVibration)


def test_the_pipeline_with_its_model_stays_well_below_100_mb() -> None:
    code = (
        "import numpy as np\n"
        "from edge.bridge.pipeline import Config, pipeline\n"
        "from edge.bridge import sources\n"
        "from edge.bridge.items import AccelerationChunk\n"
        "from edge.contract.records import ModelState\n"
        "made, rng, running = pipeline(Config()), np.random.default_rng(1), []\n"
        "for s in range(660):\n"
        "    data = rng.normal(size=(200, 3)).astype('<f4').tobytes()\n"
        "    item = AccelerationChunk(run=0, first_sample=s*200, rate_hz=200.0, channels=3, encoding='f4', data=data)\n"
        "    running += [r.running for r in made.process((s+1)*10**6, item) if isinstance(r, ModelState)]\n"
        "assert running == [True]\n"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])\n"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100)

    # VmHWM, not ru_maxrss: the latter keeps the parent's peak across exec.
    assert int(told.stdout) < 100 * 1024


def test_no_model_is_named_by_an_empty_name() -> None:
    assert msgspec.convert({"novelty": {"model": ""}}, Config).novelty.model == ""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"novelty": {"model": "Not a code"}}, Config)
