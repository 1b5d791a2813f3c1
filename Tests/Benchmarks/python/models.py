"""Builds all that the comparison runs: data, trained weights, and each peer's models in every form worth trying."""

import contextlib
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import litert_models
import onnx_models
from network import Network, Shape
from signals import windows
from training import train


@dataclass(frozen=True)
class Candidate:
    """One way for a runtime to say the network."""

    runtime: str  # onnx or litert
    kind: str  # float or int8; last for the network rewritten for its last step; empty for no network
    form: str
    path: Path
    layout: str

    @property
    def label(self) -> str:
        return f"{ {'onnx': 'ONNX Runtime', 'litert': 'LiteRT'}[self.runtime]} {self.kind}"


@dataclass(frozen=True)
class Size:
    """Of the whole comparison."""

    shape: Shape = Shape()
    training_steps: int = 1200
    calibration: int = 256
    test: int = 256

    @classmethod
    def tiny(cls) -> "Size":
        """Seconds, for the self-test."""
        return cls(Shape(channels=16, blocks=3, embedding=8), 20, 16, 16)


@dataclass(frozen=True)
class Models:
    size: Size
    network: Network
    folder: Path
    candidates: list[Candidate]
    calibration: np.ndarray  # (windows, steps, in)
    test: np.ndarray  # (windows, steps, in)
    reference: np.ndarray  # (windows, steps, E) of the test windows, computed in float64

    def file(self, name: str) -> Path:
        """weights, calibration, test, window (the first), fields (test windows cut to the receptive field), field (the
        first) or step (the last of the first window): floats without a header."""
        return self.folder / f"{name}.f32"


def build(size: Size, folder: Path, say) -> Models:
    """Makes what is not there yet; a change of these sources makes everything anew."""
    folder = folder / f"models-{_fingerprint(size)}"
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / "weights.f32"
    if not weights.exists():
        say(f"training {size.training_steps} steps …")
        train(size.shape, size.training_steps, say=say).save(weights)
    network = Network.load(weights, size.shape)
    calibration, test = windows(size.calibration, seed=7), windows(size.test, seed=8)
    models = Models(size, network, folder, [], calibration, test, network.forward(test.astype(np.float64)))
    for name, values in {
        "calibration": calibration, "test": test, "window": test[0], "step": test[0][-1:],
        "fields": test[:, -size.shape.receptive_field() :], "field": test[0][-size.shape.receptive_field() :],
    }.items():
        values.tofile(models.file(name))
    _onnx(models, say)
    _litert(models, say)
    return models


def _fingerprint(size: Size) -> str:
    """Of the sources that decide what is built."""
    digest = hashlib.sha256(repr(size).encode())
    here = Path(__file__).parent
    for name in ("signals", "network", "training", "onnx_models", "litert_models", "models"):
        digest.update((here / f"{name}.py").read_bytes())
    digest.update((here.parent / "requirements.txt").read_bytes())
    return digest.hexdigest()[:12]


def _onnx(models: Models, say) -> None:
    def add(kind: str, form: str, layout: str, write) -> Path:
        name = "-".join(part for part in (kind.replace(" ", "-"), form, layout) if part)
        path = models.folder / f"{name}.onnx"
        if not path.exists():
            say(f"writing {path.name}")
            # Calibration talks to the standard output.
            with contextlib.redirect_stdout(io.StringIO()):
                write(path)
        models.candidates.append(Candidate("onnx", kind, f"{form} {layout}".strip(), path, layout))
        return path

    network, calibration = models.network, models.calibration
    for layout in onnx_models.LAYOUTS:
        floats = add("float", "", layout, lambda path: onnx_models.write_float(network, layout, path))
        # One quantizer for every layout; all of them for the first, since they differ in numbers and not in speed.
        for quantizer in onnx_models.QUANTIZERS if layout == "conv1d" else ["u8s8_99.995"]:
            add(
                "int8", quantizer, layout,
                lambda path: onnx_models.write_int8(floats, layout, quantizer, calibration, path))
    last = add("last float", "", "conv1d", lambda path: onnx_models.write_float(network, "conv1d", path, True))
    field = calibration[:, -models.size.shape.receptive_field() :]
    add(
        "last int8", "u8s8_99.995", "conv1d",
        lambda path: onnx_models.write_int8(last, "conv1d", "u8s8_99.995", field, path))
    add("empty", "", "conv1d", lambda path: onnx_models.write_empty(models.size.shape.inputs, path))


def _litert(models: Models, say) -> None:
    field = models.calibration[:, -models.size.shape.receptive_field() :]
    forms = [(kind, layout, False) for layout in litert_models.LAYOUTS for kind in ("float", "int8")]
    forms += [("int8", "conv2d_tall", True), ("last float", "conv2d_tall", False), ("last int8", "conv2d_tall", True)]
    for kind, layout, sliced in forms:
        last = kind.startswith("last")
        form = f"{layout} sliced" if sliced else layout
        path = models.folder / f"{f'{kind} {form}'.replace(' ', '-')}.tflite"
        if not path.exists():
            say(f"writing {path.name}")
            calibration = (field if last else models.calibration) if kind.endswith("int8") else None
            litert_models.write(models.network, layout, path, calibration, sliced, last)
        models.candidates.append(Candidate("litert", kind, form, path, layout))
    path = models.folder / "empty.tflite"
    if not path.exists():
        litert_models.write_empty(models.size.shape.inputs, path)
    models.candidates.append(Candidate("litert", "empty", "", path, "conv1d"))
