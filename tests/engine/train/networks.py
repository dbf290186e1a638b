"""Small networks that the tests of training share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.compute import Model, compile
from engine.graph.model import Graph
from engine.train.checks import Arrays

Spec = tuple[str, Mapping[str, Any]]
SIGMOID_LOSS: Spec = ("SigmoidBinaryCrossEntropy", {})
SOFTMAX_LOSS: Spec = ("SoftmaxCrossEntropy", {})


def chain(*layers: Spec) -> Graph:
    """A graph of these layers, one after another."""
    graph, before = Graph(), ""
    for kind, params in layers:
        graph, node_id = graph.add(kind, params)
        graph = graph.connect(before, node_id) if before else graph
        before = node_id
    return graph


def mlp(inputs: int, *units: int, loss: Spec = SOFTMAX_LOSS, activation: str = "Tanh") -> Graph:
    """Input, Dense layers with activations between them, a loss."""
    layers: list[Spec] = [("Input", {"shape": (inputs,)})]
    for position, count in enumerate(units):
        layers += [(activation, {})] if position else []
        layers.append(("Dense", {"units": count}))
    return chain(*layers, loss)


def dropout_net() -> Graph:
    """A network that draws random numbers while it trains."""
    return chain(("Input", {"shape": (6,)}), ("Dense", {"units": 12}), ("ReLU", {}), ("Dropout", {"rate": 0.3}),
                 ("Dense", {"units": 3}), SOFTMAX_LOSS)


def classes(rows: int = 70, features: int = 6, count: int = 3, held_back: int = 20, seed: int = 0) -> Arrays:
    """Points around one centre a class, the classes in turn."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(0.0, 2.0, (count, features))
    y = np.arange(rows + held_back, dtype=np.int64) % count
    x = (centres[y] + rng.normal(0.0, 1.0, (len(y), features))).astype(np.float32)
    return Arrays(x[:rows], y[:rows], x[rows:], y[rows:])


def compiled(graph: Graph, batch: int = 16, seed: int = 0, dtype: str = "float32") -> Model:
    return compile(graph, batch_size=batch, seed=seed, dtype=dtype)
