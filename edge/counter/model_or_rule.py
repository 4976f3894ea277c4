"""A model that may be missing: it answers, or says once that it does not run and leaves the answer to the plain rule."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from edge.contract.records import ModelState
from edge.errors import ModelError
from edge.inference import Model, open_model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NO_MODEL: Final = "none"
"""The name that asks for the plain rule."""

_log = logging.getLogger(__name__)


class ModelOrRule:
    """The model named ``name``, loaded when it is first asked; after one error it is not asked again."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._model: Model | None = None
        self._version = "unknown"
        self._asked = name == NO_MODEL

    def run(self, mono: int, features: NDArray[np.float32]) -> tuple[NDArray[np.float32] | None, list[ModelState]]:
        """The model's answer, None when the rule is to be used; and what changed about the model at ``mono``."""
        changed: list[ModelState] = []
        if not self._asked:
            self._asked = True
            try:
                self._model, self._version = open_model(self._name)
            except ModelError as problem:
                return None, [self._failed(mono, problem)]
            changed.append(self._state(mono, running=True))
        if self._model is None:
            return None, changed
        try:
            return self._model.run(features), changed
        except ModelError as problem:
            self._model = None
            return None, [*changed, self._failed(mono, problem)]

    def _failed(self, mono: int, problem: ModelError) -> ModelState:
        _log.warning("model %s does not run, the plain rule is used: %s", self._name, problem)
        return self._state(mono, running=False)

    def _state(self, mono: int, running: bool) -> ModelState:
        return ModelState(t=mono, model=self._name, version=self._version, running=running)
