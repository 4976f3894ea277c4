"""The simulated bridge speaks true frames, the same twice, and its truth is what a measurement finds."""

import numpy as np
import pytest
from scipy import signal

from firmware_bridge.message_stream import MessageStream
from firmware_bridge.messages import Acceleration, Hello, Levels
from simulators.bridge.settings import Settings, frequency_factor, structure_degc
from simulators.bridge.simulator import BridgeSimulator, simulator
from simulators.bridge.vibration import Vibration

START_US = 1_800_000_000_000_000


def bridge(seed: int = 1) -> BridgeSimulator:
    return simulator(Settings(), np.random.default_rng(seed), START_US)


def spoken(made: BridgeSimulator, steps_s: list[float]) -> bytes:
    return b"".join(one.data for at in steps_s for one in made.advance(START_US + round(at * 1e6)))


def test_the_same_seed_gives_the_same_bytes_and_truth_however_it_is_advanced() -> None:
    one, other = bridge(), bridge()

    assert spoken(one, [30.0]) == spoken(other, [0.4, 3.03, 17.0, 29.99, 30.0])
    assert one.truth() == other.truth()


def test_every_frame_is_read_and_every_sample_is_there_once() -> None:
    stream = MessageStream()

    messages = [received.message for received in stream.feed(spoken(bridge(), [20.0]))]

    samples = [message for message in messages if isinstance(message, Acceleration)]
    assert [message.first_sample for message in samples] == list(range(0, 4000, 25))
    assert sum(isinstance(message, Hello) for message in messages) == 2
    assert sum(isinstance(message, Levels) for message in messages) == 2
    assert stream.counters.damaged == stream.counters.lost == 0


def test_a_frame_does_not_appear_before_its_last_sample() -> None:
    samples = [one for one in bridge().advance(START_US + 124_999) if len(one.data) > 100]

    assert samples == []


def test_an_oscillator_left_alone_rings_at_its_true_frequency_and_damping() -> None:
    quiet = Settings(ambient=0.0, vehicles_an_hour=0.0, noise_density=0.0, modes=1)
    vibration = Vibration(quiet, np.random.default_rng(1))
    vibration._state[0] = 1.0

    ringing = np.concatenate([vibration.second() for _ in range(20)])[:, 1]

    envelope = abs(signal.hilbert(ringing))[400:-400]
    phase = np.unwrap(np.angle(signal.hilbert(ringing)))[400:-400]
    time_s = np.arange(len(envelope)) / 200.0
    damped_hz = np.polyfit(time_s, phase, 1)[0] / (2 * np.pi)
    decay = -np.polyfit(time_s, np.log(envelope), 1)[0]
    assert damped_hz == pytest.approx(vibration.frequency_hz[0], rel=2e-4)
    assert decay == pytest.approx(quiet.damping_ratio * 2 * np.pi * vibration.frequency_hz[0], rel=0.01)


def test_frequencies_fall_with_warmth_and_faster_below_freezing() -> None:
    settings = Settings()
    factors = [frequency_factor(settings, degc) for degc in (-10.0, 0.0, 10.0, 20.0)]

    steps = -np.diff(factors)
    assert steps[1] == pytest.approx(steps[2])
    assert steps[0] == pytest.approx(settings.frozen_factor * steps[1])


def test_the_structure_follows_the_air_later() -> None:
    hours = np.arange(0.0, 24.0, 0.05)

    warmest = hours[np.argmax([structure_degc(Settings(), hour) for hour in hours])]

    assert 17.0 < warmest < 18.5


def test_vehicles_are_told_with_their_times() -> None:
    made = bridge()
    spoken(made, [300.0])

    passages = [fact for fact in made.truth() if fact["what"] == "passage"]

    assert 5 <= len(passages) <= 50
    assert all(3e6 < float(str(fact["until"])) - float(str(fact["t"])) < 20e6 for fact in passages)
