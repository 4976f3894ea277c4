"""A truck's pipeline: from what its receiver says to where it is, where it stood and what it has collected."""

from __future__ import annotations

from typing import Annotated

import msgspec

from edge.contract.quantity import Code
from edge.pipeline import Pipeline
from edge.truck.motion import MotionSettings
from edge.truck.steps.decode import Decode
from edge.truck.steps.find_stops import FindStops
from edge.truck.steps.gate_fix import GateFix
from edge.truck.steps.measure_way import MeasureWay
from edge.truck.steps.refuse_jumps import RefuseJumps
from edge.truck.steps.serve_points import Point, ServePoints
from edge.truck.steps.thin import Thin

Positive = Annotated[float, msgspec.Meta(gt=0)]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A truck's ``[pipeline]`` table.

    Attributes:
        round: the round of the city file that the truck drives; absent: it reports no collections.
        points: the round's collection points, as ``[[pipeline.points]]``.
        fix_hold_s: how long another kind of fix lasts before it is said [s].
        fix_silent_s: without a word from the receiver for so long there is no fix [s].
        worst_accuracy_m: a position vaguer than this (95 %) is no fix [m].
        fastest_m_s: above this between two fixes, the later one is refused [m/s].
        jump_slack_m: noise allowed for in that [m].
        jump_agree: so many refused fixes in a row that agree among themselves are believed.
        moved_m, off_line_m, at_least_every_s: when a position is reported; also its error bounds (``steps/thin.py``).
        still_m_s, moving_m_s, leave_m: what stillness and motion are (``motion.py``).
        stop_dwell_s: shorter halts are no stops [s].
        depart_s, depart_m: less motion does not end a stop.
        no_data_s: longer than this without a fix is unknown time [s].
        reach_m: how near a collection point the truck stands to serve it [m].
        serve_s: for how long [s].
        round_pause_s: without a service for so long the round begins anew [s].
        odometer_piece_m, odometer_every_s: smallest way added, and how often it is said.
    """

    round: Code | None = None
    points: Annotated[list[Point], msgspec.Meta(max_length=512)] = []
    fix_hold_s: Annotated[float, msgspec.Meta(ge=0)] = 3.0
    fix_silent_s: Positive = 10.0
    worst_accuracy_m: Positive = 100.0
    fastest_m_s: Positive = 40.0
    jump_slack_m: Positive = 50.0
    jump_agree: Annotated[int, msgspec.Meta(ge=2, le=100)] = 5
    moved_m: Positive = 50.0
    off_line_m: Positive = 10.0
    at_least_every_s: Annotated[float, msgspec.Meta(gt=0, le=600)] = 60.0
    still_m_s: Annotated[float, msgspec.Meta(ge=0)] = 0.7
    moving_m_s: Positive = 1.5
    leave_m: Positive = 40.0
    stop_dwell_s: Positive = 15.0
    depart_s: Positive = 10.0
    depart_m: Positive = 30.0
    no_data_s: Positive = 900.0
    reach_m: Positive = 30.0
    serve_s: Positive = 15.0
    round_pause_s: Positive = 14_400.0
    odometer_piece_m: Positive = 10.0
    odometer_every_s: Positive = 60.0

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        names = [point.name for point in self.points]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice or "none" in names:
            raise ValueError(f"points: {', '.join(twice) or 'none'}: each needs a name of its own, and not 'none'")
        if self.moving_m_s < self.still_m_s:
            raise ValueError(f"moving_m_s {self.moving_m_s:g}: below still_m_s {self.still_m_s:g}; raise it")


def pipeline(config: Config) -> Pipeline:
    """Sentences of a receiver, or reports of gpsd, to truck records, in order."""
    return Pipeline(
        Decode(),
        GateFix(config.fix_hold_s, config.fix_silent_s, config.worst_accuracy_m),
        RefuseJumps(config.fastest_m_s, config.jump_slack_m, config.jump_agree),
        Thin(config.moved_m, config.off_line_m, config.at_least_every_s),
        FindStops(_motion_settings(config)),
        ServePoints(config.round, config.points, config.reach_m, config.serve_s, config.round_pause_s),
        MeasureWay(config.odometer_piece_m, config.odometer_every_s, config.no_data_s),
    )


def _motion_settings(config: Config) -> MotionSettings:
    return MotionSettings(
        still_m_s=config.still_m_s,
        moving_m_s=config.moving_m_s,
        leave_m=config.leave_m,
        dwell_s=config.stop_dwell_s,
        depart_s=config.depart_s,
        depart_m=config.depart_m,
        no_data_s=config.no_data_s,
    )
