"""Writes the models that PyTorch exports, untrained but with realistic batch-norm statistics.

usage: make_torch.py FOLDER, with PyTorch 1.13 (Debian 12: apt-get install python3-torch; /usr/bin/python3).
make.py beside this file does the rest.
"""

import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class SedgeTCN(nn.Module):
    """The shape that the engine runs as it is: patch stem, dilated residual blocks, 1x1 projection."""

    def __init__(self, inputs=1, patch=4, channels=8, blocks=3, embedding=6):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv1d(inputs, channels, patch, stride=patch, bias=False), nn.BatchNorm1d(channels))
        self.convs = nn.ModuleList(
            nn.Sequential(nn.Conv1d(channels, channels, 3, dilation=2**i, bias=False), nn.BatchNorm1d(channels))
            for i in range(blocks)
        )
        self.pointwise = nn.ModuleList(
            nn.Sequential(nn.Conv1d(channels, channels, 1, bias=False), nn.BatchNorm1d(channels)) for _ in range(blocks)
        )
        self.projection = nn.Conv1d(channels, embedding, 1)

    def forward(self, x):
        x = F.relu(self.stem(x))
        for i, (conv, pointwise) in enumerate(zip(self.convs, self.pointwise)):
            u = F.relu(conv(F.pad(x, (2 * 2**i, 0))))
            x = F.relu(x + pointwise(u))
        return self.projection(x)


class Chomp(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.size = size

    def forward(self, x):
        return x[:, :, : -self.size]


class TemporalBlock(nn.Module):
    """Two padded and chomped convolutions beside a shortcut, after Bai, Kolter, Koltun (2018)."""

    def __init__(self, inputs, outputs, kernel, dilation):
        super().__init__()
        pad = (kernel - 1) * dilation
        self.net = nn.Sequential(
            nn.Conv1d(inputs, outputs, kernel, padding=pad, dilation=dilation), Chomp(pad), nn.ReLU(), nn.Dropout(0.2),
            nn.Conv1d(outputs, outputs, kernel, padding=pad, dilation=dilation), Chomp(pad), nn.ReLU(), nn.Dropout(0.2),
        )
        self.shortcut = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else None

    def forward(self, x):
        return F.relu(self.net(x) + (x if self.shortcut is None else self.shortcut(x)))


class ChompTCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(TemporalBlock(1, 8, 3, 1), TemporalBlock(8, 8, 3, 2), TemporalBlock(8, 12, 2, 4))
        self.head = nn.Linear(12, 5)

    def forward(self, x):
        return self.head(self.net(x)[:, :, -1])


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(channels, channels, 5, padding=2), nn.BatchNorm1d(channels), nn.ReLU(),
            nn.Conv1d(channels, channels, 3, padding=1), nn.BatchNorm1d(channels),
        )

    def forward(self, x):
        return F.relu(x + self.body(x))


class ResNet(nn.Module):
    """Looks both ways, so it runs on windows."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv1d(3, 8, 7, stride=2, padding=3), nn.BatchNorm1d(8), nn.ReLU())
        self.body = nn.Sequential(Residual(8), Residual(8))
        self.head = nn.Linear(8, 6)

    def forward(self, x):
        x = F.adaptive_avg_pool1d(self.body(self.stem(x)), 1)
        return self.head(x.view(x.size(0), -1))


class Inception(nn.Module):
    """Branches, depthwise convolutions, ReLU6, reshaping and picking: what is left of the operators."""

    def __init__(self):
        super().__init__()
        self.branches = nn.ModuleList(nn.Conv1d(2, 4, k, padding=k // 2) for k in (1, 3, 9))
        self.depthwise = nn.Conv1d(12, 12, 3, padding=2, dilation=2, groups=12)
        self.norm = nn.BatchNorm1d(12)
        self.grouped = nn.Conv1d(12, 8, 1, groups=4)
        self.dense = nn.Linear(8 * 16, 10)
        self.register_buffer("order", torch.tensor([7, 2, 2, 0, 5]))

    def forward(self, x):
        x = F.relu6(torch.cat([branch(x) for branch in self.branches], dim=1))
        x = self.norm(self.depthwise(x))
        x = F.relu(x)[:, :, 1::2]
        x = self.grouped(x)
        picked = torch.index_select(x, 1, self.order).mean(dim=2)
        return torch.cat([self.dense(F.dropout(x, training=False).flatten(1)), picked], dim=1)


def settle(model, shape):
    """Batch norms see data once, so that folding them is put to the test; then evaluation."""
    model.train()
    with torch.no_grad():
        for _ in range(20):
            model(torch.randn(16, *shape))
        for module in model.modules():
            if isinstance(module, nn.BatchNorm1d):
                module.weight.uniform_(0.5, 1.5)
                module.bias.uniform_(-0.3, 0.3)
    return model.eval()


def main(folder):
    for seed, (name, model, shape, dynamic) in enumerate([
        ("torch_tcn", SedgeTCN(), (1, 256), None),
        ("torch_chomp", ChompTCN(), (1, 64), {"x": {0: "batch", 2: "time"}, "y": {0: "batch"}}),
        ("torch_resnet", ResNet(), (3, 64), {"x": {0: "batch"}, "y": {0: "batch"}}),
        ("torch_inception", Inception(), (2, 32), None),
    ]):
        torch.manual_seed(seed)
        model.apply(lambda m: m.reset_parameters() if hasattr(m, "reset_parameters") else None)
        settle(model, shape)
        torch.onnx.export(
            model, torch.randn(1, *shape), f"{folder}/{name}.onnx", input_names=["x"], output_names=["y"],
            dynamic_axes=dynamic, opset_version=13,
            # One model keeps its batch norms as operators; exporting for evaluation folds them.
            training=torch.onnx.TrainingMode.PRESERVE if name == "torch_resnet" else torch.onnx.TrainingMode.EVAL)
        if name == "torch_resnet":
            state = {key: value.numpy() for key, value in model.state_dict().items()}
            np.savez(f"{folder}/torch_resnet.npz", **state)


if __name__ == "__main__":
    main(*sys.argv[1:])
