"""The network that every runtime runs, with batch normalisation folded: shapes, float weights, float reference."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Shape:
    """`tcn64` unless told: block i is dilated by 2^i."""

    inputs: int = 6
    channels: int = 64
    blocks: int = 8
    taps: int = 3
    embedding: int = 64

    def layers(self) -> list[tuple[str, int, int, int, int]]:
        """Name, outputs, inputs, taps and dilation of each layer, in the order in which data flows."""
        result = [("stem", self.channels, self.inputs, 1, 1)]
        for block in range(self.blocks):
            result.append((f"block{block}.conv", self.channels, self.channels, self.taps, 2**block))
            result.append((f"block{block}.pointwise", self.channels, self.channels, 1, 1))
        return result + [("projection", self.embedding, self.channels, 1, 1)]

    def receptive_field(self) -> int:
        """Steps that have a say in one embedding."""
        return 1 + (self.taps - 1) * (2**self.blocks - 1)

    def multiplications(self) -> int:
        """Of one step."""
        return sum(outputs * inputs * taps for _, outputs, inputs, taps, _ in self.layers())


@dataclass(frozen=True)
class Layer:
    name: str
    dilation: int
    weight: np.ndarray  # (out, in, tap); the last tap meets the newest frame
    bias: np.ndarray  # (out)


class Network:
    """Folded float32 layers."""

    def __init__(self, shape: Shape, layers: list[Layer]):
        self.shape = shape
        self.layers = layers

    @property
    def stem(self) -> Layer:
        return self.layers[0]

    @property
    def blocks(self) -> list[tuple[Layer, Layer]]:
        """Convolution and pointwise layer of each block."""
        return list(zip(self.layers[1:-1:2], self.layers[2:-1:2]))

    @property
    def projection(self) -> Layer:
        return self.layers[-1]

    def save(self, path: Path) -> None:
        """Weights, then bias, of each layer in order: little-endian float32 without a header."""
        np.concatenate([part.ravel() for layer in self.layers for part in (layer.weight, layer.bias)]).astype(
            "<f4").tofile(path)

    @classmethod
    def load(cls, path: Path, shape: Shape) -> "Network":
        values = np.fromfile(path, "<f4")
        layers, start = [], 0
        for name, outputs, inputs, taps, dilation in shape.layers():
            middle = start + outputs * inputs * taps
            end = middle + outputs
            layers.append(
                Layer(name, dilation, values[start:middle].reshape(outputs, inputs, taps), values[middle:end]))
            start = end
        if start != values.size:
            raise ValueError(f"{path} holds {values.size} numbers, expected {start}")
        return cls(shape, layers)

    def forward(self, x: np.ndarray, at=lambda site, values: values) -> np.ndarray:
        """(windows, steps, in) → (windows, steps, E). `at` may replace what flows through each named site."""
        x = at("input", x)
        x = at("stem", np.maximum(convolve(self.stem, x), 0))
        for index, (convolution, pointwise) in enumerate(self.blocks):
            hidden = at(f"block{index}.conv", np.maximum(convolve(convolution, x), 0))
            branch = at(f"block{index}.pointwise", convolve(pointwise, hidden))
            x = at(f"block{index}.output", np.maximum(x + branch, 0))
        return at("embedding", convolve(self.projection, x))


def convolve(layer: Layer, x: np.ndarray) -> np.ndarray:
    """Causal: before the first step every frame is zero."""
    taps = layer.weight.shape[2]
    y = np.broadcast_to(layer.bias, x.shape[:2] + layer.bias.shape).copy()
    for tap in range(taps):
        shift = (taps - 1 - tap) * layer.dilation
        if shift < x.shape[1]:
            y[:, shift:] += x[:, : x.shape[1] - shift] @ layer.weight[:, :, tap].T
    return y


def relative_error(values: np.ndarray, reference: np.ndarray) -> float:
    """RMS of the difference over RMS of the reference."""
    values, reference = values.astype(np.float64), reference.astype(np.float64)
    return float(np.sqrt(np.mean((values - reference) ** 2) / np.mean(reference**2)))
