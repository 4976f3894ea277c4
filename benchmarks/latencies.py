"""Percentiles of live readings' latencies, each group weighed by its readings."""

from collections.abc import Iterable

from benchmarks.errors import MeasurementFailed
from benchmarks.fleet_plan import Answers


def percentile(answers: Answers, part: float) -> float:
    """The latency [s] that `part` (0–1) of all readings do not exceed. Raises MeasurementFailed when there are none."""
    return _percentile(zip(answers.latency_s, answers.readings, strict=True), part)


def worst_span(answers: Answers, span_s: float, part: float) -> float:
    """The highest of the percentiles of each `span_s` [s] of appending, the last and shorter one joined to its neighbour.

    Raises MeasurementFailed when there are no readings.
    """
    if not answers.appended_s:
        raise MeasurementFailed("no live reading was appended; wanted some")
    first_s = min(answers.appended_s)
    whole = max(1, int((max(answers.appended_s) - first_s) / span_s))
    spans: dict[int, list[tuple[float, int]]] = {}
    for appended_s, latency_s, count in zip(answers.appended_s, answers.latency_s, answers.readings, strict=True):
        spans.setdefault(min(int((appended_s - first_s) / span_s), whole - 1), []).append((latency_s, count))
    return max(_percentile(span, part) for span in spans.values())


def _percentile(latencies: Iterable[tuple[float, int]], part: float) -> float:
    ordered = sorted(latencies)
    wanted = part * sum(count for _, count in ordered)
    passed = 0
    for latency_s, count in ordered:
        passed += count
        if passed >= wanted:
            return latency_s
    raise MeasurementFailed("no live reading was appended; wanted some")
