"""The network as ONNX: float, and int8 by ONNX Runtime's own static quantizer.

There is more than one way to say a causal dilated convolution and to quantize it; what is below had a chance of being
the best, and the comparison runs what proves best on the CPU at hand.
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static)
from onnxruntime.quantization.shape_inference import quant_pre_process

from network import Layer, Network
from signals import STEPS

# Where the steps of a window lie in a tensor: alone (1, C, T), or as the last or the third of an image's sizes.
LAYOUTS = {"conv1d": (STEPS,), "conv2d_wide": (1, STEPS), "conv2d_tall": (STEPS, 1)}

INT8, UINT8 = QuantType.QInt8, QuantType.QUInt8


def _percentile(percent: float) -> tuple[CalibrationMethod, dict]:
    return CalibrationMethod.Percentile, {"CalibPercentile": percent, "CalibMaxIntermediateOutputs": 32}


# Type of activations and weights, calibration. Unsigned activations with signed weights are what VNNI multiplies;
# without VNNI such sums saturate, against which a weight may have seven bits (`reduced`).
QUANTIZERS = {
    "u8s8_minmax": (UINT8, INT8, (CalibrationMethod.MinMax, {}), False),
    "u8s8_average": (UINT8, INT8, (CalibrationMethod.MinMax, {"CalibMovingAverage": True}), False),
    "u8s8_99.99": (UINT8, INT8, _percentile(99.99), False),
    "u8s8_99.995": (UINT8, INT8, _percentile(99.995), False),
    "u8s8_99.999": (UINT8, INT8, _percentile(99.999), False),
    "u8s8_99.995_reduced": (UINT8, INT8, _percentile(99.995), True),
    "u8u8_99.995": (UINT8, UINT8, _percentile(99.995), False),
    "s8s8_99.995": (INT8, INT8, _percentile(99.995), False),
}


def write_float(network: Network, layout: str, path: Path, last_only: bool = False) -> None:
    """Input (1, in, …) and output (1, E, …), steps as `layout` says.

    `last_only` is the network rewritten for the last embedding alone: a block needs every second frame of the one
    below, so the dilated convolutions become strided ones over a receptive field's worth of steps.
    """
    sizes = LAYOUTS[layout]
    axis = sizes.index(STEPS)
    nodes, constants = [], []

    def convolution(layer: Layer, source: str) -> str:
        outputs, inputs, taps = layer.weight.shape
        kernel, dilations, before, strides = ([1] * len(sizes), [1] * len(sizes), [0] * len(sizes), [1] * len(sizes))
        kernel[axis] = taps
        if last_only:
            strides[axis] = min(2, taps)
        else:
            dilations[axis], before[axis] = layer.dilation, (taps - 1) * layer.dilation
        weight = layer.weight.reshape([outputs, inputs] + kernel)
        constants.append(numpy_helper.from_array(weight, f"{layer.name}.weight"))
        constants.append(numpy_helper.from_array(layer.bias, f"{layer.name}.bias"))
        nodes.append(
            helper.make_node(
                "Conv", [source, f"{layer.name}.weight", f"{layer.name}.bias"], [layer.name], layer.name,
                kernel_shape=kernel, dilations=dilations, strides=strides, pads=before + [0] * len(sizes)))
        return layer.name

    def add(kind: str, sources: list[str], name: str) -> str:
        nodes.append(helper.make_node(kind, sources, [name], name))
        return name

    def constant(name: str, value: int) -> str:
        constants.append(numpy_helper.from_array(np.array([value], np.int64), name))
        return name

    def every_second(x: str, block: int) -> str:
        ends = [constant(f"block{block}.{n}", v) for n, v in (("from", 2), ("to", STEPS), ("axis", axis + 2), ("by", 2))]
        return add("Slice", [x, *ends], f"block{block}.kept")

    x = add("Relu", [convolution(network.stem, "patches")], "stem.relu")
    for index, (dilated, pointwise) in enumerate(network.blocks):
        hidden = add("Relu", [convolution(dilated, x)], f"block{index}.conv.relu")
        kept = every_second(x, index) if last_only else x
        total = add("Add", [kept, convolution(pointwise, hidden)], f"block{index}.sum")
        x = add("Relu", [total], f"block{index}.output")
    embedding = convolution(network.projection, x)

    def value(name: str, channels: int, steps: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(
            name, TensorProto.FLOAT, [1, channels, *(steps if size == STEPS else size for size in sizes)])

    field = network.shape.receptive_field()
    graph = helper.make_graph(
        nodes, "tcn", [value("patches", network.shape.inputs, field if last_only else STEPS)],
        [value(embedding, network.shape.embedding, 1 if last_only else STEPS)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 10
    onnx.checker.check_model(model)
    onnx.save(model, path)


def write_empty(inputs: int, path: Path) -> None:
    """A model that does nothing: what a call costs. Its input is a window of one step as `conv1d` has it."""
    value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, inputs, 1])
    graph = helper.make_graph(
        [helper.make_node("Neg", ["patches"], ["embedding"])], "empty", [value("patches")], [value("embedding")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 10
    onnx.save(model, path)


def to_layout(window: np.ndarray, layout: str) -> np.ndarray:
    """(steps, in) → (1, in, …)."""
    sizes = [len(window) if size == STEPS else size for size in LAYOUTS[layout]]
    return np.ascontiguousarray(window.T.reshape(1, window.shape[1], *sizes))


def from_layout(output: np.ndarray) -> np.ndarray:
    """(1, E, …) → (steps, E)."""
    return output.reshape(output.shape[1], -1).T


class _Calibration(CalibrationDataReader):
    def __init__(self, windows: np.ndarray, layout: str):
        self.remaining = iter([{"patches": to_layout(window, layout)} for window in windows])

    def get_next(self):
        return next(self.remaining, None)


def write_int8(float_path: Path, layout: str, quantizer: str, calibration: np.ndarray, path: Path) -> None:
    """QDQ by ONNX Runtime: static, per channel, on `calibration` (windows, steps, in)."""
    activation, weight, (method, options), reduced = QUANTIZERS[quantizer]
    prepared = path.with_suffix(".prepared")
    quant_pre_process(float_path, prepared, skip_symbolic_shape=True)
    quantize_static(
        prepared, path, _Calibration(calibration, layout), quant_format=QuantFormat.QDQ, per_channel=True,
        activation_type=activation, weight_type=weight, reduce_range=reduced, calibrate_method=method,
        extra_options=options)
    prepared.unlink()


def session(path: Path) -> onnxruntime.InferenceSession:
    """One thread, every graph optimisation."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
