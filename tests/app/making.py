"""Documents and sessions for the tests of training in the window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from app.document import Content, Document
from engine.project.templates import TEMPLATES
from engine.train.config import TrainingConfig
from engine.train.events import (
    Evaluated,
    Histogram,
    LayerStatistics,
    Started,
    Statistics,
    Steps,
    WeightStatistics,
)


def document_of(template: str, **settings: Any) -> Document:
    """A document with a template's project, with other training settings where given."""
    project = TEMPLATES[template].build()
    document = Document()
    training = TrainingConfig.of({**project.training, **settings}).to_dict()
    document.set_content(Content(project.graph, dict(project.source), training))
    return document


def with_optimizer(training: Mapping[str, Any], **values: Any) -> dict[str, Any]:
    """The settings with other values of the optimizer."""
    return {**training, "optimizer": {**training["optimizer"], **values}}


def started(keys: tuple[str, ...] = ("hidden_1.W", "hidden_1.b", "output.W", "output.b"), **more: Any) -> Started:
    """The beginning of a made-up run."""
    nodes = ("input", *dict.fromkeys(key.rpartition(".")[0] for key in keys))
    values = {"total_steps": 1000, "steps_per_epoch": 10, "epochs": 100, "batch_size": 32, "parameters": 10}
    return Started(**{**values, "weight_keys": keys, "flow_nodes": nodes, **more})


def steps(first: int, count: int, weights: int = 4, nodes: int = 3, seed: int = 0) -> Steps:
    """A report of made-up steps."""
    random = np.random.default_rng([seed, first])
    return Steps(
        step=np.arange(first, first + count),
        loss=random.lognormal(size=count).astype(np.float32),
        accuracy=random.random(count, np.float32),
        learning_rate=np.full(count, 1e-3, np.float32),
        gradient_norms=random.lognormal(size=(count, weights)).astype(np.float32),
        flow=random.lognormal(-5, size=nodes).astype(np.float32),
        epoch=1, steps_per_second=100.0, seconds=count / 100,
    )  # fmt: skip


def evaluated(step: int, train: float, held_back: float, **metrics: tuple[float, float]) -> Evaluated:
    """A made-up evaluation; each metric is (train, validation)."""
    return Evaluated(step, 1, train, {k: v[0] for k, v in metrics.items()}, held_back,
                     {k: v[1] for k, v in metrics.items()})  # fmt: skip


def looked_at(step: int, keys: tuple[str, ...] = ("hidden_1.W", "hidden_1.b", "output.W", "output.b")) -> Statistics:
    """A made-up close look at a step: an activation of eight units, two of them dead, and a layer for each node."""
    random = np.random.default_rng(step)
    spread = Histogram(-1.0, 1.0, random.integers(0, 50, 64))
    stretch = np.array([3.0 + step / 64, 1.0])
    weights = [WeightStatistics(key, 0.0, 0.1, 0.5, float(random.lognormal(-7)), spread, spread, stretch)
               for key in keys]  # fmt: skip
    layers = [LayerStatistics(node, 0.0, 1.0, 8, np.nan, np.nan, spread,
                              tuple(w for w in weights if w.key.startswith(f"{node}.")))
              for node in dict.fromkeys(key.rpartition(".")[0] for key in keys)]  # fmt: skip
    layers += [LayerStatistics("activation_1", 0.5, 1.0, 8, 0.25, 0.125, spread, ()),
               LayerStatistics("activation_2", 0.5, 1.0, 8, 0.0, 0.0, spread, ())]  # fmt: skip
    return Statistics(step, 1e-3, 0.5, tuple(layers))
