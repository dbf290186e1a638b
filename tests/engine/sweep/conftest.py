"""A network and settings that train in a moment."""

from __future__ import annotations

import pytest

from engine.data import Xor
from engine.graph.model import Graph
from engine.train.config import TrainingConfig


@pytest.fixture
def small() -> tuple[Graph, dict, dict]:
    """Graph, source and training settings: XOR, five epochs."""
    graph, before = Graph(), ""
    for kind, values in (("Input", {"shape": (2,)}), ("Dense", {"units": 3}), ("Tanh", {}), ("Dense", {"units": 1}),
                         ("SigmoidBinaryCrossEntropy", {})):
        graph, node = graph.add(kind, values, (0, 0))
        graph = graph.connect(before, node) if before else graph
        before = node
    return graph, Xor().to_dict(), TrainingConfig(epochs=5, seed=3).to_dict()
