"""Replay: a recording through the pipeline that runs in the field, to the very lines that a device numbers.

Rules it keeps:
- The same file with the same settings gives the same bytes, at any speed.
- An agent's own recording gives what the agent numbered when it was made, but for the records of the runtime itself.
- Only the pacing knows the time, and the clock is passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from edge.config import convert, load
from edge.delivery import Delivery
from edge.errors import ConfigError, RecordingError
from edge.family import parts_of
from edge.lines import Line, numbered
from edge.settle import Settler
from simulators.formats.recording import Recording


def replayed(recording: Recording, settings: object, deliveries: Iterable[Delivery] | None = None) -> Iterator[bytes]:
    """The lines of JSON of a recording, without line ends; arguments as for ``replayed_lines``."""
    return (line.line for line in replayed_lines(recording, settings, deliveries))


def replayed_lines(
    recording: Recording, settings: object, deliveries: Iterable[Delivery] | None = None
) -> Iterator[Line]:
    """The lines of a recording.

    Args:
        settings: the family's pipeline settings, as ``settings_of`` gives them.
        deliveries: the recording's own, perhaps paced or watched; None for as fast as they are taken.
    """
    pipeline = parts_of(recording.family).pipeline(settings)
    taken = recording.deliveries if deliveries is None else deliveries
    return numbered(taken, pipeline, Settler(recording.settler_state))


def settings_of(recording: Recording, config: Path | None) -> object:
    """The pipeline's settings: those of a device's TOML, else those that came with the recording.

    Raises:
        ConfigError: the TOML is refused or is of another family.
        RecordingError: the settings that came with the recording are refused.
    """
    if config is not None:
        loaded = load(config)
        if loaded.config.device.family != recording.family:
            raise ConfigError(
                f"{config}: a {loaded.config.device.family}, but the recording is of a {recording.family}; "
                "give that device's file, or none"
            )
        return loaded.pipeline
    try:
        return convert(recording.pipeline, parts_of(recording.family).config, "pipeline.")
    except ConfigError as problem:
        raise RecordingError(
            f"settings in the recording of {recording.device}: {problem}; give --config DEVICE.toml"
        ) from problem


def paced(
    deliveries: Iterable[Delivery], speed: float, now: Callable[[], float], sleep: Callable[[float], object]
) -> Iterator[Delivery]:
    """The deliveries, none before its time.

    Args:
        speed: recorded seconds a second.
        now: monotonic clock [s].
    """
    began, first = now(), None
    for delivery in deliveries:
        first = delivery.mono_us if first is None else first
        ahead_s = (delivery.mono_us - first) / 1e6 / speed - (now() - began)
        if ahead_s > 0:
            sleep(ahead_s)
        yield delivery


def watched(deliveries: Iterable[Delivery], reached: Callable[[float], None]) -> Iterator[Delivery]:
    """The deliveries; ``reached`` is told how far each is from the first [s]."""
    first = None
    for delivery in deliveries:
        first = delivery.mono_us if first is None else first
        reached((delivery.mono_us - first) / 1e6)
        yield delivery
