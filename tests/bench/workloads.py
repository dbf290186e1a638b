"""The seven networks whose training step is timed, for the engine and for PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from engine.graph.model import Graph

Spec = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Workload:
    """One row of the table. ``asked`` are the ratios to PyTorch eager for one thread and for two."""

    name: str
    title: str
    layers: tuple[Spec, ...]
    batch: int
    classes: int = 0
    optimizer: Mapping[str, Any] = field(default_factory=lambda: {"kind": "Adam"})
    asked: tuple[float, float] = (1.0, 1.0)
    steps: int = 20
    #: Builds the same network in PyTorch (imported there only).
    torch: Callable[[Any], Any] | None = None

    @property
    def input_shape(self) -> tuple[int, ...]:
        return tuple(self.layers[0][1]["shape"])

    def graph(self) -> Graph:
        graph, previous = Graph(), ""
        for kind, params in self.layers:
            graph, node = graph.add(kind, params)
            graph = graph.connect(previous, node) if previous else graph
            previous = node
        return graph


def _mlp(*sizes: int, activation: str) -> tuple[Spec, ...]:
    layers: list[Spec] = [("Input", {"shape": (sizes[0],)})]
    for index, units in enumerate(sizes[1:], 1):
        layers.append(("Dense", {"units": units}))
        if index < len(sizes) - 1:
            layers.append((activation, {}))
    return tuple(layers)


def _torch_mlp(*sizes: int, activation: str) -> Callable[[Any], Any]:
    def build(nn: Any) -> Any:
        parts: list[Any] = []
        for index, (inputs, units) in enumerate(pairwise(sizes), 1):
            parts.append(nn.Linear(inputs, units))
            if index < len(sizes) - 1:
                parts.append(getattr(nn, activation)())
        return nn.Sequential(*parts)

    return build


def _conv(filters: int, size: int, padding: Any) -> Spec:
    return ("Conv2D", {"filters": filters, "kernel_size": (size, size), "padding": padding})


LENET: tuple[Spec, ...] = (
    ("Input", {"shape": (28, 28, 1)}),
    _conv(6, 5, "same"), ("ReLU", {}), ("MaxPool2D", {}),
    _conv(16, 5, "valid"), ("ReLU", {}), ("MaxPool2D", {}),
    ("Flatten", {}), ("Dense", {"units": 120}), ("ReLU", {}), ("Dense", {"units": 84}), ("ReLU", {}),
    ("Dense", {"units": 10}),
)


def _torch_lenet(nn: Any) -> Any:
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def _conv_bn(filters: int) -> tuple[Spec, ...]:
    return (_conv(filters, 3, "same"), ("BatchNorm", {}), ("ReLU", {}))


CNN: tuple[Spec, ...] = (
    ("Input", {"shape": (32, 32, 3)}),
    *_conv_bn(32), *_conv_bn(32), ("MaxPool2D", {}), *_conv_bn(64), *_conv_bn(64), ("MaxPool2D", {}),
    ("GlobalAvgPool", {}), ("Dense", {"units": 10}),
)


def _torch_cnn(nn: Any) -> Any:
    def block(inputs: int, filters: int) -> list[Any]:
        return [nn.Conv2d(inputs, filters, 3, padding=1), nn.BatchNorm2d(filters), nn.ReLU()]

    return nn.Sequential(
        *block(3, 32), *block(32, 32), nn.MaxPool2d(2), *block(32, 64), *block(64, 64), nn.MaxPool2d(2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def _torch_lstm(nn: Any) -> Any:
    class Last(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(32, 128, batch_first=True)
            self.head = nn.Linear(128, 10)

        def forward(self, x: Any) -> Any:
            return self.head(self.lstm(x)[0][:, -1])

    return Last()


def _with_loss(layers: tuple[Spec, ...], loss: str = "SoftmaxCrossEntropy") -> tuple[Spec, ...]:
    return (*layers, (loss, {}))


WORKLOADS = (
    Workload("W1", "2-8-8-1 tanh, batch 10, Adam", _with_loss(_mlp(2, 8, 8, 1, activation="Tanh"), "MSE"), 10,
             asked=(0.15, 0.15), steps=2000, torch=_torch_mlp(2, 8, 8, 1, activation="Tanh")),
    Workload("W1s", "2-8-8-1 tanh, batch 10, SGD", _with_loss(_mlp(2, 8, 8, 1, activation="Tanh"), "MSE"), 10,
             optimizer={"kind": "SGD", "learning_rate": 0.01}, asked=(0.15, 0.15), steps=2000,
             torch=_torch_mlp(2, 8, 8, 1, activation="Tanh")),
    Workload("W2", "784-128-10 ReLU, batch 64", _with_loss(_mlp(784, 128, 10, activation="ReLU")), 64, 10,
             asked=(0.5, 0.6), steps=300, torch=_torch_mlp(784, 128, 10, activation="ReLU")),
    Workload("W3", "784-1024×3-10, batch 256", _with_loss(_mlp(784, 1024, 1024, 1024, 10, activation="ReLU")), 256, 10,
             asked=(0.55, 0.55), steps=8, torch=_torch_mlp(784, 1024, 1024, 1024, 10, activation="ReLU")),
    Workload("W4", "LeNet 28×28, batch 64", _with_loss(LENET), 64, 10, asked=(0.5, 0.7), steps=40, torch=_torch_lenet),
    Workload("W5", "CNN with batch norm 32×32×3, batch 64", _with_loss(CNN), 64, 10, asked=(0.8, 0.9), steps=5,
             torch=_torch_cnn),
    Workload("W6", "LSTM 64 steps, 32→128, batch 64",
             _with_loss((("Input", {"shape": (64, 32)}), ("LSTM", {"units": 128}), ("Dense", {"units": 10}))), 64, 10,
             asked=(1.1, 1.5), steps=15, torch=_torch_lstm),
    Workload("W7", "50 layers × 64 tanh, batch 64, SGD momentum",
             _with_loss(_mlp(*[64] * 50, 10, activation="Tanh")), 64, 10,
             optimizer={"kind": "SGD", "learning_rate": 0.01, "momentum": 0.9}, asked=(0.3, 0.3), steps=60,
             torch=_torch_mlp(*[64] * 50, 10, activation="Tanh")),
)
