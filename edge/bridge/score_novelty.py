"""How unusual the spectrum is, by the ONNX model; the rows of one window together, beside every other indicator.

Rules it keeps:
- It scores only rows that the model was made for: the same frequencies, the same length of the window.
- A model that cannot be loaded, or was made for other rows, is said once (``ModelState`` not running); all else goes on.
- onnxruntime is imported when the first row comes, never before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edge.bridge.config import Config
from edge.contract.records import ModelState
from edge.contract.records.bridge import BridgeNovelty, BridgeSpectrum
from edge.errors import ModelError
from models import manifest

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

FEATURES = "features"


def features(rows: list[BridgeSpectrum]) -> NDArray[np.float32]:
    """What the model sees of one window: the mean of the channels' levels less their own mean, (levels,) [dB].

    The mean level is taken off because traffic moves it all day, and stiffness does not.
    """
    levels = np.array([row.levels_db for row in rows], dtype=np.float64)
    relative = levels - levels.mean(axis=1, keepdims=True)
    return np.asarray(relative.mean(axis=0), dtype=np.float32)


class ScoreNovelty:
    """The step; holds the rows of one window."""

    def __init__(self, config: Config) -> None:
        self._name = config.novelty.model
        self._window_s = config.spectrum.window_s
        self._rows: list[BridgeSpectrum] = []
        self._session: InferenceSession | None = None
        self._made_for: dict[str, float] = {}
        self._known = False

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, BridgeSpectrum) and self._name:
            self._rows.append(item)
            return [item]
        if not self._rows:
            return [item]
        rows, self._rows = self._rows, []
        return [*self._of(rows), item]

    def _of(self, rows: list[BridgeSpectrum]) -> list[object]:
        out: list[object] = []
        if not self._known:
            self._known = True
            out.append(self._load(rows))
        if self._session is not None and self._fits(rows[0]):
            (score,) = self._session.run(["score"], {FEATURES: features(rows)[None, :]})
            out.append(BridgeNovelty(t=rows[0].t, model=self._name, score=float(f"{float(score[0]):.4g}")))
        return out

    def _load(self, rows: list[BridgeSpectrum]) -> ModelState:
        version = "unknown"
        try:
            entry = manifest.load(self._name)
            version = entry.version
            self._session, self._made_for = _session(str(entry.path))
        except (manifest.ManifestError, ModelError):
            self._session = None
        running = self._session is not None and self._fits(rows[0])
        return ModelState(t=rows[0].t, model=self._name, version=version, running=running)

    def _fits(self, row: BridgeSpectrum) -> bool:
        made = self._made_for
        return (
            len(row.levels_db) == made["levels"]
            and abs(row.f_step_hz / made["f_step_hz"] - 1.0) < 0.01
            and abs(row.f_first_hz / made["f_first_hz"] - 1.0) < 0.01
            and self._window_s == made["window_s"]
        )


def _session(path: str) -> tuple[InferenceSession, dict[str, float]]:
    """A session on one thread, and the rows that the model was made for (metadata ``rows``).

    Raises:
        ModelError: onnxruntime is not installed, cannot load the file, or the file does not say its rows.
    """
    try:
        import onnxruntime
    except ImportError as problem:
        raise ModelError(f"model {path}: onnxruntime is not installed; install machikado[bridge]") from problem
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        rows = json.loads(session.get_modelmeta().custom_metadata_map["rows"])
        made_for = {name: float(rows[name]) for name in ("levels", "f_first_hz", "f_step_hz", "window_s")}
    except (RuntimeError, ValueError, KeyError, onnxruntime.capi.onnxruntime_pybind11_state.Fail) as problem:
        raise ModelError(f"model {path}: {problem}; export it again") from problem
    return session, made_for
