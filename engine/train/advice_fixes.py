"""What an advice offers to change: edits of the drawn graph, and of the training settings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from engine.compute import Model
from engine.issues import Fix
from engine.layers import LAYERS
from engine.layers.elementwise import Elementwise
from engine.numbers import number
from engine.params import Variant
from engine.train.config import TrainingConfig
from engine.train.optim import Optimizer

#: The name of the edit that changes a training setting rather than the graph.
SET_TRAINING = "set_training"
#: What is level below zero.
_RECTIFIERS = ("ReLU", "ReLU6")


def leaky(model: Model, node: str) -> tuple[Fix, ...]:
    """A slope below zero in the place of a rectifier."""
    drawn = model.report.origin.get(node, node)
    if model.graph.nodes[node].kind not in _RECTIFIERS:
        return ()
    return (Fix("Use Leaky ReLU", "replace_kind", (("node", drawn), ("kind", "LeakyReLU"))),)


def unsaturated(model: Model, node: str = "") -> tuple[Fix, ...]:
    """ReLU in the place of an activation with flat ends, or of all of them; normalisation before a single one."""
    if not node:
        flat = tuple(i for i, drawn in model.drawn.nodes.items() if _is_flat(drawn.kind))
        if not flat:
            return ()
        title = f"Use ReLU instead of {len(flat)} activations" if len(flat) > 1 else "Use ReLU"
        return (Fix(title, "replace_kinds", (("nodes", flat), ("kind", "ReLU"))),)
    drawn = model.report.origin.get(node, node)
    found = [Fix("Insert batch norm before", "insert_before", (("node", drawn), ("kind", "BatchNorm")))]
    if _is_flat(model.graph.nodes[node].kind):
        found.append(Fix("Use ReLU", "replace_kind", (("node", drawn), ("kind", "ReLU"))))
    return tuple(found)


def _is_flat(kind: str) -> bool:
    """Is this an activation that is level at either end?"""
    layer = LAYERS[kind]
    return issubclass(layer, Elementwise) and all(map(math.isfinite, layer().flat_ends()))


def own_beginning(model: Model, node: str) -> tuple[Fix, ...]:
    """The layer's own way of making its first weights, where another one was chosen."""
    drawn = model.report.origin.get(node, node)
    declared = type(model.report.layers[node]).parameters.get("initialiser")
    if not isinstance(declared, Variant) or "initialiser" not in model.drawn.nodes[drawn].params:
        return ()
    title = declared.family.kinds[declared.default["kind"]].title
    return (Fix(f"Begin with {title}", "reset_param", (("node", drawn), ("name", "initialiser"))),)


def less_rate(rate: float) -> tuple[Fix, ...]:
    """A tenth of the learning rate."""
    wanted = _rounded(rate / 10)
    return (set_training(f"Set the learning rate to {number(wanted, 2)}", "optimizer.learning_rate", wanted),)


def more_rate(rate: float) -> tuple[Fix, ...]:
    """Ten times the learning rate."""
    wanted = _rounded(rate * 10) or 1e-3
    return (set_training(f"Set the learning rate to {number(wanted, 2)}", "optimizer.learning_rate", wanted),)


def _rounded(rate: float) -> float:
    return float(f"{rate:.2g}")


def set_training(title: str, name: str, value: object) -> Fix:
    """A mend that changes a training setting; ``optimizer.x`` is the optimizer's x, plain pairs are a dict."""
    return Fix(title, SET_TRAINING, (("name", name), ("value", value)))


def apply_to_training(training: Mapping[str, Any], fix: Fix) -> dict[str, Any]:
    """The settings after such a mend. Raises KeyError where the optimizer has no such parameter, ParameterError where
    the value is not allowed."""
    arguments: dict[str, Any] = dict(fix.arguments)
    name, value = str(arguments["name"]), arguments["value"]
    config = TrainingConfig.of(training)
    owner, _, parameter = name.rpartition(".")
    if owner == "optimizer":
        kind = Optimizer.kinds[config.optimizer["kind"]]
        if parameter not in kind.parameters:
            raise KeyError(parameter)
        return TrainingConfig.of({**training, "optimizer": {**config.optimizer, parameter: value}}).to_dict()
    whole = dict(value) if isinstance(value, tuple) else value
    return TrainingConfig.of({**training, name: whole}).to_dict()
