"""Running a trained model on the device: one small class a format, loaded late, on one thread.

The run-time libraries cost tens of megabytes, so they are imported when a model is first loaded and never before.
Both classes give the same answer for the same input on the same processor architecture.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from edge.errors import ModelError
from models import manifest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Model(Protocol):
    """A model with one input and one output."""

    def load(self) -> None:
        """Import the run-time library and read the file; does nothing the second time.

        Raises:
            ModelError: the library is not installed, or the file is missing or not a model.
        """
        ...

    def run(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The model's output for ``features``, shape (batch, …) as its card says; loads the model if need be.

        Raises:
            ModelError: as ``load``, or the features do not fit the model's input.
        """
        ...


class OnnxModel:
    """A model in an ``.onnx`` file, run by onnxruntime on one thread and without its memory arena."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._session: Any = None
        self._input = ""

    def load(self) -> None:
        """See ``Model.load``."""
        if self._session is not None:
            return
        try:
            import onnxruntime
        except ImportError as problem:
            raise ModelError(f"model {self._path}: onnxruntime is not installed; install it with pip") from problem
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        content = _read(self._path)
        try:
            session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except _onnxruntime_errors() as problem:
            raise ModelError(f"model {self._path}: not a model that onnxruntime reads; export it again") from problem
        if (inputs := len(session.get_inputs())) != 1:
            raise ModelError(f"model {self._path}: has {inputs} inputs, wanted 1; export it again")
        self._input = session.get_inputs()[0].name
        self._session = session

    def run(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """See ``Model.run``; the first output is given where there are several."""
        self.load()
        first_output = self._session.get_outputs()[0].name
        try:
            output: NDArray[np.float32] = self._session.run([first_output], {self._input: features})[0]
        except _onnxruntime_errors() as problem:
            raise ModelError(_misfit(self._path, features)) from problem
        return output


class LiteRtModel:
    """A model in a ``.tflite`` file, run by ai-edge-litert on one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._interpreter: Any = None
        self._shape: tuple[int, ...] = ()

    def load(self) -> None:
        """See ``Model.load``."""
        if self._interpreter is not None:
            return
        try:
            from ai_edge_litert.interpreter import Interpreter, OpResolverType
        except ImportError as problem:
            raise ModelError(f"model {self._path}: ai-edge-litert is not installed; install it with pip") from problem
        try:
            # The built-in kernels alone: the default delegate costs memory, and logs, for models of this size.
            interpreter = Interpreter(
                model_content=_read(self._path),
                num_threads=1,
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
            interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as problem:
            raise ModelError(f"model {self._path}: not a model that LiteRT reads; export it again") from problem
        self._shape = tuple(int(size) for size in interpreter.get_input_details()[0]["shape"])
        self._interpreter = interpreter

    def run(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """See ``Model.run``; another batch size than the last one allocates the tensors anew."""
        self.load()
        interpreter = self._interpreter
        index = interpreter.get_input_details()[0]["index"]
        try:
            if features.shape != self._shape:
                interpreter.resize_tensor_input(index, features.shape, strict=True)
                interpreter.allocate_tensors()
                self._shape = features.shape
            interpreter.set_tensor(index, features)
            interpreter.invoke()
        except (RuntimeError, ValueError) as problem:
            raise ModelError(_misfit(self._path, features)) from problem
        output: NDArray[np.float32] = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        return output


def open_model(name: str) -> tuple[Model, str]:
    """The model that the manifest registers under ``name``, loaded, and its version.

    Raises:
        ModelError: the manifest does not give it out, or as ``Model.load``.
    """
    try:
        entry = manifest.load(name)
    except manifest.ManifestError as problem:
        raise ModelError(str(problem)) from problem
    model: Model = LiteRtModel(entry.path) if entry.path.suffix == ".tflite" else OnnxModel(entry.path)
    model.load()
    return model, entry.version


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise ModelError(f"model {path}: {problem.strerror}; install the package again") from problem


def _onnxruntime_errors() -> tuple[type[Exception], ...]:
    """What onnxruntime raises: classes of its own that share no base but Exception."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = (state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf, state.NotImplemented)
    return (*own, state.RuntimeException, RuntimeError, ValueError)


def _misfit(path: Path, features: NDArray[np.float32]) -> str:
    return f"model {path}: input {features.dtype} {features.shape} does not fit; give it what its card says"
