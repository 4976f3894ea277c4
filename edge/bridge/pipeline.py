"""The bridge's pipeline: from counted samples to what an engineer asks for, in order."""

from __future__ import annotations

from edge.bridge.assemble import AssembleBlocks
from edge.bridge.average_spectra import AverageSpectra
from edge.bridge.config import Config
from edge.bridge.detect_passages import DetectPassages
from edge.bridge.identify_modes import IdentifyModes
from edge.bridge.read_temperatures import ReadTemperatures
from edge.bridge.reduce_rate import ReduceRate
from edge.bridge.report_levels import ReportLevels
from edge.bridge.report_spectra import ReportSpectra
from edge.bridge.score_novelty import ScoreNovelty
from edge.bridge.track_modes import TrackModes
from edge.bridge.watch_sensors import WatchSensors
from edge.pipeline import Pipeline

__all__ = ["Config", "pipeline"]


def pipeline(config: Config) -> Pipeline:
    """Samples and temperatures to bridge records."""
    return Pipeline(
        ReadTemperatures(config.temperature_every_s),
        AssembleBlocks(config),
        WatchSensors(config),
        ReduceRate(config.highest_hz),
        ReportLevels(config.level_window_s),
        ReportSpectra(config.spectrum, config.highest_hz),
        IdentifyModes(config.modes, config.highest_hz),
        TrackModes(config.modes),
        DetectPassages(config.passages),
        ScoreNovelty(config),
        AverageSpectra(config.spectrum),
    )
