"""The settings that a run had at a step: those it was begun with, and what was changed while it went on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.recorded.marks import Mark
from engine.graph.model import Graph
from engine.params import Int, Param, ParameterError
from engine.train.config import TrainingConfig
from engine.train.optim import Optimizer


def settings_at(
    training: Mapping[str, Any], graph: Graph, marks: Iterable[Mark], step: int
) -> tuple[dict[str, Any], Graph]:
    """``training`` and ``graph`` as they were after ``step``, with every change of ``marks`` until then."""
    found = dict(training)
    for mark in marks:
        if mark.step > step:
            continue
        node, _, name = mark.name.rpartition(".")
        if not node:
            found = _with(found, name, mark.after)
        elif node in graph.nodes:
            graph = graph.set_params(node, **{name: mark.after})
    return found, graph


def same_training(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Do the two mean the same, whatever of it they leave to the defaults?"""
    try:
        return TrainingConfig.of(first).to_dict() == TrainingConfig.of(second).to_dict()
    except ParameterError:
        return dict(first) == dict(second)


def _with(training: dict[str, Any], name: str, value: float) -> dict[str, Any]:
    """The settings with another value of the run's or of its optimizer's parameter of this name."""
    if name in TrainingConfig.parameters:
        return {**training, name: _number(TrainingConfig.parameters[name], value)}
    optimizer = {**TrainingConfig.defaults()["optimizer"], **training.get("optimizer", {})}
    kind = Optimizer.kinds.get(optimizer["kind"])
    if kind is None or name not in kind.parameters:
        return training
    return {**training, "optimizer": {**optimizer, name: _number(kind.parameters[name], value)}}


def _number(param: Param[Any], value: float) -> float | int:
    return int(value) if isinstance(param, Int) else value
