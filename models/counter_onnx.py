"""The counter's models as ONNX files, from the weights of their TFLite files: ``python -m models.counter_onnx``.

Same weights, same answers within a few parts in a million (``tests/models/test_counter_onnx.py``): for devices that have
onnxruntime for another reason. Training writes them too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models import manifest

PEOPLE: Final = "counter-people"
OCCUPANCY: Final = "counter-occupancy"
SUFFIX: Final = "-onnx"
OPSET: Final = 13
IR_VERSION: Final = 8

Constant = NDArray[Any]


def main() -> None:
    """Write and register both."""
    for name in (PEOPLE, OCCUPANCY):
        print(write(name))


def write(name: str) -> Path:
    """Write the ONNX file beside the TFLite file of ``name``, register it as ``name`` + ``SUFFIX`` and give its path.

    Raises:
        ManifestError: the model is not registered, or the manifest cannot be written.
    """
    of = manifest.load(name)
    path = of.path.with_suffix(".onnx")
    path.write_bytes(made(of))
    manifest.register(name + SUFFIX, of.version, f"{name}/{path.name}", of.inputs, of.outputs)
    return path


def made(of: manifest.Entry) -> bytes:
    """The ONNX file with the weights of that TFLite file."""
    import onnx

    graph = (_people if of.name == PEOPLE else _occupancy)(_constants(of.path), of)
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", OPSET)], producer_name="machikado"
    )
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def _constants(path: Path) -> list[list[Constant]]:
    """For each operator of a TFLite file that has any, its real constants: weights and biases, in the order of its inputs."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path))
    operators = interpreter._get_ops_details()
    moving = {int(at) for each in operators for at in each["outputs"]}
    moving |= {int(each["index"]) for each in interpreter.get_input_details()}
    found = []
    for each in operators:
        if each["op_name"] != "DELEGATE":
            found.append([interpreter.get_tensor(int(at)) for at in each["inputs"] if int(at) not in moving])
    real = [[constant for constant in constants if constant.dtype == np.float32] for constants in found]
    return [constants for constants in real if constants]


def _people(constants: list[list[Constant]], of: manifest.Entry) -> Any:
    """contrast (n, 8, 8, 1) → three convolutions, mean, dense → median and two softplus spreads → quantiles (n, 3)."""
    from onnx import helper

    *layers, (one,), (signs,), (moved,) = constants
    assert one == 1.0, "softplus is the logarithm of one more than the exponential"
    kept: dict[str, Constant] = {"signs": signs, "moved": moved}
    nodes = [helper.make_node("Transpose", [of.inputs[0].name], ["frame"], perm=[0, 3, 1, 2])]
    last = "frame"
    for nth, (weights, bias) in enumerate(layers[:3]):
        kept |= {f"filter_{nth}": weights.transpose(0, 3, 1, 2), f"bias_{nth}": bias}
        nodes += [
            helper.make_node("Conv", [last, f"filter_{nth}", f"bias_{nth}"], [f"sum_{nth}"], pads=[1, 1, 1, 1]),
            helper.make_node("Relu", [f"sum_{nth}"], [f"seen_{nth}"]),
        ]
        last = f"seen_{nth}"
    nodes.append(helper.make_node("ReduceMean", [last], ["pooled"], axes=[2, 3], keepdims=0))
    for name, given, (weights, bias) in zip(
        ("dense", "median", "spread"), ("pooled", "hidden", "hidden"), layers[3:], strict=True
    ):
        kept |= {f"{name}_weights": weights, f"{name}_bias": bias}
        nodes.append(helper.make_node("Gemm", [given, f"{name}_weights", f"{name}_bias"], [name], transB=1))
        if name == "dense":
            nodes.append(helper.make_node("Relu", ["dense"], ["hidden"]))
    nodes += [
        helper.make_node("Softplus", ["spread"], ["positive"]),
        helper.make_node("Split", ["positive"], ["below", "above"], axis=1),
        helper.make_node("Concat", ["below", "median", "above"], ["parts"], axis=1),
        helper.make_node("Mul", ["parts", "signs"], ["away"]),
        helper.make_node("Concat", ["median", "median", "median"], ["medians"], axis=1),
        helper.make_node("Add", ["medians", "away"], ["quantiles"]),
        helper.make_node("Add", ["quantiles", "moved"], [of.outputs[0].name]),
    ]
    return _graph(nodes, kept, of)


def _occupancy(constants: list[list[Constant]], of: manifest.Entry) -> Any:
    """air (n, 3) → [air, relu(light − hinges)] → weighed → probability (n, 1)."""
    from onnx import helper

    (hinges, hinges_bias), (weights, bias) = constants
    air, probability = of.inputs[0].name, of.outputs[0].name
    nodes = [
        helper.make_node("Gemm", [air, "hinges", "hinges_bias"], ["over"], transB=1),
        helper.make_node("Relu", ["over"], ["above"]),
        helper.make_node("Concat", [air, "above"], ["signs"], axis=1),
        helper.make_node("Gemm", ["signs", "weights", "bias"], ["score"], transB=1),
        helper.make_node("Sigmoid", ["score"], [probability]),
    ]
    kept = {"hinges": hinges, "hinges_bias": hinges_bias, "weights": weights, "bias": bias}
    return _graph(nodes, kept, of)


def _graph(nodes: list[Any], constants: dict[str, Constant], of: manifest.Entry) -> Any:
    from onnx import TensorProto, helper, numpy_helper

    (given,), (told,) = (
        [helper.make_tensor_value_info(each.name, TensorProto.FLOAT, ["n", *each.shape[1:]]) for each in tensors]
        for tensors in (of.inputs, of.outputs)
    )
    kept = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in constants.items()]
    return helper.make_graph(nodes, of.name, [given], [told], kept)


if __name__ == "__main__":
    main()
