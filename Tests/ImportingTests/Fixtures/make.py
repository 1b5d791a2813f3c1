"""Writes every fixture of this folder: models as exporters write them, and what ONNX Runtime makes of inputs.

usage: make.py, in a virtual environment with requirements.txt; Debian's python3-torch is called for PyTorch's models.
"""

import os
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import onnx
import onnxruntime as ort
import tensorflow as tf
import tf2onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
L = tf.keras.layers


def tf_window():
    x = i = L.Input((64, 2))
    x = L.Conv1D(8, 5, strides=2, padding="same", activation="relu")(x)
    for dilation in (1, 2):
        y = L.Conv1D(8, 3, padding="same", dilation_rate=dilation, use_bias=False)(x)
        y = L.ReLU()(L.BatchNormalization()(y))
        x = L.Add()([x, y])
    x = L.Dropout(0.1)(L.GlobalAveragePooling1D()(x))
    return tf.keras.Model(i, L.Dense(7)(x))


def tf_causal():
    x = i = L.Input((48, 1))
    x = L.Conv1D(6, 1)(x)
    for dilation in (1, 2, 4):
        y = L.Conv1D(6, 3, padding="causal", dilation_rate=dilation, activation="relu")(x)
        x = L.Add()([x, L.BatchNormalization()(y)])
    return tf.keras.Model(i, L.Dense(4)(x))


def tensorflow(name, model, folder, rng):
    for layer in model.layers:
        if isinstance(layer, L.BatchNormalization):
            n = layer.gamma.shape[0]
            layer.set_weights([rng.uniform(0.5, 1.5, n), rng.normal(0, 0.3, n), rng.normal(0, 0.3, n), rng.uniform(0.2, 2, n)])
    proto, _ = tf2onnx.convert.from_keras(model, opset=13)
    onnx.save(proto, f"{folder}/{name}.onnx")


class Reader(CalibrationDataReader):
    def __init__(self, name, batches):
        self.items = iter([{name: batch} for batch in batches])

    def get_next(self):
        return next(self.items, None)


def signals(rng, shape):
    """A few waves with noise: (windows, ...) of unit variance."""
    channels_last = shape[1] > shape[2]
    t = np.arange(max(shape[1:]))
    frames = np.stack([
        np.stack([np.sin(t * rng.uniform(0.05, 1.5) + rng.uniform(0, 6)) + 0.3 * rng.standard_normal(t.size)
                  for _ in range(min(shape[1:]))]) for _ in range(shape[0])])
    return (frames.transpose(0, 2, 1) if channels_last else frames).astype(np.float32)


def run(path, x):
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return name, np.concatenate([session.run(None, {name: window[None]})[0] for window in x])


def quantize(source, target, rng, shape, activations):
    with tempfile.TemporaryDirectory() as scratch:
        prepared = f"{scratch}/prepared.onnx"
        quant_pre_process(source, prepared)
        name, _ = run(prepared, signals(rng, (1, *shape)))
        quantize_static(
            prepared, target, Reader(name, signals(rng, (64, *shape))[:, None]), quant_format=QuantFormat.QDQ,
            per_channel=True, activation_type=activations, weight_type=QuantType.QInt8)


def main():
    subprocess.run(["/usr/bin/python3", f"{HERE}/make_torch.py", HERE], check=True)
    state = np.load(f"{HERE}/torch_resnet.npz")
    save_file({key: state[key] for key in state.files}, f"{HERE}/torch_resnet.safetensors")
    os.remove(f"{HERE}/torch_resnet.npz")
    rng = np.random.default_rng(7)
    tf.keras.utils.set_random_seed(7)
    tensorflow("tf_window", tf_window(), HERE, rng)
    tensorflow("tf_causal", tf_causal(), HERE, rng)
    shapes = {
        "torch_tcn": (1, 256), "torch_chomp": (1, 64), "torch_resnet": (3, 64), "torch_inception": (2, 32),
        "tf_window": (64, 2), "tf_causal": (48, 1),
    }
    for name, activations in [
        ("torch_tcn", QuantType.QInt8), ("torch_resnet", QuantType.QUInt8), ("tf_window", QuantType.QUInt8),
        ("tf_causal", QuantType.QInt8), ("torch_inception", QuantType.QUInt8),
    ]:
        quantize(f"{HERE}/{name}.onnx", f"{HERE}/{name}_qdq.onnx", rng, shapes[name], activations)
        shapes[f"{name}_qdq"] = shapes[name]
    for name, shape in shapes.items():
        x = signals(rng, (6, *shape))
        _, y = run(f"{HERE}/{name}.onnx", x)
        np.save(f"{HERE}/{name}.input.npy", x)
        np.save(f"{HERE}/{name}.output.npy", y.astype(np.float32))
        print(f"{name:22}{os.path.getsize(f'{HERE}/{name}.onnx'):8} bytes  {x.shape} -> {y.shape}", file=sys.stderr)


if __name__ == "__main__":
    main()
