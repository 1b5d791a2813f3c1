"""Where int8 loses accuracy: the range that each runtime's quantizer chose for every tensor, and what the float
network's embeddings lose when that tensor alone is int8."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from network import Network, relative_error


@dataclass
class Numbers:
    """What a quantizer chose: scale and zero point by site, and weights and bias by layer as they are dequantised."""

    activations: dict[str, tuple[float, int]] = field(default_factory=dict)
    weights: dict[str, np.ndarray] = field(default_factory=dict)  # (out, in, tap)
    biases: dict[str, np.ndarray] = field(default_factory=dict)  # (out)


def of_bundle(path: Path, network: Network) -> Numbers:
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])

    def tensor(name: str) -> np.ndarray:
        entry = header[name]
        begin, end = entry["data_offsets"]
        kind = {"I8": "<i1", "I32": "<i4", "F32": "<f4"}[entry["dtype"]]
        return np.frombuffer(data[start + begin : start + end], kind).reshape(entry["shape"])

    chosen = json.loads(header["__metadata__"]["quantization"])
    pair = lambda entry: (entry["scale"], entry["zero_point"])
    numbers = Numbers({"input": pair(chosen["input"]), "stem": pair(chosen["stem"])})
    for index, block in enumerate(chosen["blocks"]):
        for name in ("conv", "pointwise", "output"):
            numbers.activations[f"block{index}.{name}"] = pair(block[name])
    numbers.activations["embedding"] = pair(chosen["embedding"])
    source = "input"
    for layer in network.layers:
        stored = layer.name.replace("block", "blocks.")
        scale = tensor(f"{stored}.weight_scale")
        numbers.weights[layer.name] = tensor(f"{stored}.weight") * scale[:, None, None]
        numbers.biases[layer.name] = tensor(f"{stored}.bias") * scale * numbers.activations[source][0]
        source = site_after(layer.name)
    return numbers


def site_after(layer: str) -> str:
    """What the next layer reads."""
    return layer.replace("pointwise", "output")


def of_onnx(path: Path, network: Network) -> Numbers:
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    names = {"patches": "input", "stem.relu": "stem", "projection": "embedding"}
    numbers = Numbers()
    for node in graph.node:
        if node.op_type == "QuantizeLinear":
            source = node.input[0].removesuffix("_QuantizeLinear_Input")
            site = names.get(source, source.removesuffix(".relu"))
            scale, zero = (constants[name] for name in node.input[1:3])
            # Unsigned types differ from ours by 128 in the zero point alone.
            numbers.activations[site] = (float(scale), int(zero) - (128 if zero.dtype == np.uint8 else 0))
        elif node.op_type == "DequantizeLinear" and node.input[0] in constants:
            layer, part = node.input[0].removesuffix("_quantized").rsplit(".", 1)
            value, scale = constants[node.input[0]], constants[node.input[1]].reshape(-1)
            zero = constants[node.input[2]].reshape(-1).astype(np.int64) if len(node.input) > 2 else np.int64(0)
            real = (value.reshape(scale.size, -1) - np.reshape(zero, (-1, 1))) * scale[:, None]
            if part == "weight":
                numbers.weights[layer] = real.reshape(_layer(network, layer).weight.shape)
            else:
                numbers.biases[layer] = real.reshape(-1)
    return numbers


def of_litert(path: Path, network: Network) -> Numbers:
    """By the order of operators, since the converter keeps no names."""
    from litert_models import interpreter

    model = interpreter(path, delegate=False)
    tensors = {entry["index"]: entry for entry in model.get_tensor_details()}
    numbers = Numbers()

    def activation(site: str, index: int) -> None:
        scale, zero = tensors[index]["quantization"]
        numbers.activations[site] = (float(scale), int(zero))

    layers, block = iter(network.layers), 0
    for operator in model._get_ops_details():
        if operator["op_name"] == "QUANTIZE":
            activation("input", operator["outputs"][0])
        elif operator["op_name"] == "CONV_2D":
            layer = next(layers)
            site = "embedding" if layer.name == "projection" else layer.name
            activation(site, operator["outputs"][0])
            for part, index in zip(("weights", "biases"), operator["inputs"][1:3]):
                scale = tensors[index]["quantization_parameters"]["scales"]
                values = model.get_tensor(index)
                if part == "weights":
                    outputs, inputs, taps = layer.weight.shape
                    values = values.reshape(outputs, taps, inputs).transpose(0, 2, 1) * scale[:, None, None]
                else:
                    values = values * scale
                getattr(numbers, part)[layer.name] = values
        elif operator["op_name"] == "ADD":
            activation(f"block{block}.output", operator["outputs"][0])
            block += 1
    return numbers


def _layer(network: Network, name: str):
    return next(layer for layer in network.layers if layer.name == name)


def rounded(values: np.ndarray, scale: float, zero: int) -> np.ndarray:
    return (np.clip(np.rint(values / scale) + zero, -128, 127) - zero) * scale


def simulated(network: Network, numbers: Numbers) -> tuple[Network, callable]:
    """The network with all of `numbers` in place, in float: its error should be that of the runtime itself."""
    layers = [
        replace(layer, weight=numbers.weights[layer.name], bias=numbers.biases[layer.name])
        for layer in network.layers
    ]
    return Network(network.shape, layers), lambda site, values: rounded(values, *numbers.activations[site])


def losses(network: Network, numbers: Numbers, windows: np.ndarray, reference: np.ndarray) -> dict[str, float]:
    """Relative error of the embeddings by the one tensor, or group of tensors, that is int8."""
    result = {}
    for site in numbers.activations:
        at = lambda place, values: rounded(values, *numbers.activations[site]) if place == site else values
        result[site] = relative_error(network.forward(windows, at), reference)
    for index, layer in enumerate(network.layers):
        layers = list(network.layers)
        # Bias included: correcting it is part of rounding the weights well.
        layers[index] = replace(layer, weight=numbers.weights[layer.name], bias=numbers.biases[layer.name])
        result[f"{layer.name} weights"] = relative_error(Network(network.shape, layers).forward(windows), reference)
    exact = lambda place, values: values
    all_weights, all_activations = simulated(network, numbers)
    result["all weights"] = relative_error(all_weights.forward(windows, exact), reference)
    result["all activations"] = relative_error(network.forward(windows, all_activations), reference)
    result["all"] = relative_error(all_weights.forward(windows, all_activations), reference)
    return result


def table(network: Network, runtimes: dict[str, Numbers], windows: np.ndarray) -> str:
    """One line a tensor: for each runtime the largest value it can hold and the loss."""
    reference = network.forward(windows)
    columns = {name: losses(network, numbers, windows, reference) for name, numbers in runtimes.items()}
    lines = ["tensor".ljust(24) + "".join(name.rjust(26) for name in runtimes)]
    for site in next(iter(columns.values())):
        cells = []
        for name, numbers in runtimes.items():
            span = ""
            if site in numbers.activations:
                scale, zero = numbers.activations[site]
                span = f"{(-128 - zero) * scale:.2f}…{(127 - zero) * scale:.2f}"
            cells.append(f"{span}  {columns[name][site]:.4f}".rjust(26))
        lines.append(site.ljust(24) + "".join(cells))
    return "\n".join(lines)
