"""Judges from the air and the light whether anybody is there, by the model, or by the light where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from edge.contract.records.counter import CounterAir, CounterOccupancy
from edge.counter.features import air_row
from edge.counter.model_or_rule import ModelOrRule

RULE_LUX: Final = 365.0
"""The light above which the rule says 'occupied': the threshold that erred least on the training days."""
RULE_PROBABILITY: Final = 0.97
"""How often the rule was right on days it was not fitted to."""


class JudgeOccupancy:
    """After every record of the air, one of the occupancy, where the air tells enough."""

    def __init__(self, model: str) -> None:
        self._model = ModelOrRule(model)

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        yield item
        if not isinstance(item, CounterAir):
            return
        row = air_row(item)
        if row is not None:
            answer, changed = self._model.run(mono, row)
            yield from changed
            if answer is not None:
                probability = float(answer[0, 0])
                yield CounterOccupancy(
                    t=item.t, occupied=probability >= 0.5, probability=round(probability, 4), method="model"
                )
                return
        if item.illuminance_lux is not None:
            occupied = item.illuminance_lux > RULE_LUX
            probability = RULE_PROBABILITY if occupied else round(1.0 - RULE_PROBABILITY, 4)
            yield CounterOccupancy(t=item.t, occupied=occupied, probability=probability, method="rule")
