"""Estimates the people in one contrast, by the model, or by warm area where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from edge.counter.features import people_by_rule
from edge.counter.model_or_rule import ModelOrRule
from edge.counter.steps.subtract_background import Contrast

RULE_BELOW: Final = (0.4, 0.2)
RULE_ABOVE: Final = (0.4, 0.4)
"""Ends of the rule's 80 % interval: a constant and a share of the estimate, as it erred on simulated scenes."""


class PeopleEstimate(NamedTuple):
    """People in view: 10 %, 50 % and 90 % quantile, and what made them."""

    low: float
    people: float
    high: float
    method: Literal["model", "rule"]


class CountPeople:
    """Contrasts in, estimates out; the model's state when it changes."""

    def __init__(self, model: str) -> None:
        self._model = ModelOrRule(model)

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, Contrast):
            return (item,)
        answer, changed = self._model.run(mono, item.degc[None, :, :, None])
        if answer is None:
            return (*changed, estimate_by_rule(people_by_rule(item.degc)))
        low, people, high = (max(0.0, float(quantile)) for quantile in answer[0])
        return (*changed, PeopleEstimate(min(low, people), people, max(high, people), "model"))


def estimate_by_rule(people: float) -> PeopleEstimate:
    """The rule's count with its interval."""
    low = max(0.0, people - RULE_BELOW[0] - RULE_BELOW[1] * people)
    return PeopleEstimate(low, people, people + RULE_ABOVE[0] + RULE_ABOVE[1] * people, "rule")
