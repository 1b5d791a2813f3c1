"""The network as TFLite: float, and full-integer int8 by TensorFlow's converter.

`LAYOUTS` are the ways to say a causal dilated convolution that were thought to have a chance.
"""

from pathlib import Path

import numpy as np

from network import Layer, Network
from signals import STEPS

# Steps as the width or the height of an image, or alone.
LAYOUTS = {"conv2d_wide": (1, STEPS), "conv2d_tall": (STEPS, 1), "conv1d": (STEPS,)}


def write(
    network: Network, layout: str, path: Path, calibration: np.ndarray | None = None, sliced: bool = False,
    last_only: bool = False,
) -> None:
    """Float, or int8 with float input and output when there are calibration windows (windows, steps, in).

    `sliced` puts a slice that takes everything between a branch and its addition. Without it the two share memory
    while the converter watches ranges, and the branch gets the range of the sum, which costs accuracy. `last_only` is
    the network rewritten for the last embedding alone, as in onnx_models.
    """
    import tensorflow as tf

    axes = len(LAYOUTS[layout])
    axis = LAYOUTS[layout].index(STEPS)

    def convolution(layer: Layer, x):
        outputs, inputs, taps = layer.weight.shape
        kernel, dilations, strides, padding = [1] * axes, [1] * axes, [1] * axes, [[0, 0] for _ in range(axes + 2)]
        kernel[axis] = taps
        weight = layer.weight.transpose(2, 1, 0).reshape(kernel + [inputs, outputs])
        if last_only:
            strides[axis] = min(2, taps)
        elif taps > 1:
            dilations[axis], padding[axis + 1][0] = layer.dilation, (taps - 1) * layer.dilation
            x = tf.pad(x, padding)
        y = tf.nn.convolution(x, weight, padding="VALID", strides=strides, dilations=dilations)
        return tf.nn.bias_add(y, layer.bias)

    def every_second(x):
        return x[(slice(None),) * (axis + 1) + (slice(2, None, 2),)]

    def forward(patches):
        x = tf.nn.relu(convolution(network.stem, patches))
        for dilated, pointwise in network.blocks:
            branch = convolution(pointwise, tf.nn.relu(convolution(dilated, x)))
            kept = every_second(x) if last_only else x
            x = tf.nn.relu(kept + (branch[..., : branch.shape[-1]] if sliced else branch))
        return convolution(network.projection, x)

    steps = network.shape.receptive_field() if last_only else STEPS
    sizes = (1, *(steps if size == STEPS else size for size in LAYOUTS[layout]), network.shape.inputs)
    function = tf.function(forward).get_concrete_function(tf.TensorSpec(sizes, tf.float32, name="patches"))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
    if calibration is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.representative_dataset = lambda: ([to_layout(window, layout)] for window in calibration)
    path.write_bytes(converter.convert())


def write_empty(inputs: int, path: Path) -> None:
    """A model that does nothing: what a call costs. Its input is a window of one step as `conv1d` has it."""
    import tensorflow as tf

    function = tf.function(lambda patches: -patches).get_concrete_function(
        tf.TensorSpec((1, 1, inputs), tf.float32, name="patches"))
    path.write_bytes(tf.lite.TFLiteConverter.from_concrete_functions([function]).convert())


def to_layout(window: np.ndarray, layout: str) -> np.ndarray:
    """(steps, in) → (1, …, in)."""
    sizes = [len(window) if size == STEPS else size for size in LAYOUTS[layout]]
    return np.ascontiguousarray(window.reshape(1, *sizes, window.shape[1]))


def from_layout(output: np.ndarray) -> np.ndarray:
    """(1, …, E) → (steps, E)."""
    return output.reshape(-1, output.shape[-1])


def interpreter(path: Path, delegate: bool = True):
    """One thread, with the XNNPACK delegate that is on by default, or with the plain reference kernels."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    resolver = OpResolverType.AUTO if delegate else OpResolverType.BUILTIN_REF
    result = Interpreter(model_path=str(path), num_threads=1, experimental_op_resolver_type=resolver)
    result.allocate_tensors()
    return result
