"""What a run can take up: whether there is one to start, and which edits reach one that goes on. Those of live
parameters do; all else waits for the next run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from app.document import Document
from engine.graph.diff import diff
from engine.graph.expand import expand
from engine.graph.model import Graph, Node
from engine.initialisers import Initialiser
from engine.layers import LAYERS
from engine.params import Param, Variant
from engine.train.config import TrainingConfig
from engine.train.optim import Optimizer


def why_not_train(document: Document) -> str:
    """What forbids training, as a sentence; "" where nothing does."""
    errors, nodes = document.report.errors, document.graph.nodes
    if errors:
        first = errors[0]
        place = f"{nodes[first.where].label}: " if first.where in nodes else ""
        more = f" ({len(errors) - 1} more in Problems)" if len(errors) > 1 else ""
        return f"{place}{first.sentence()}{more}"
    if not document.source:
        return "There is no data to train on. Choose a data set in the Data tab."
    return document.source_problem


def live_settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, float]:
    """The settings that a run follows, as ``after`` has them: name → value; of the optimizer's only where it is still
    the same."""
    was, now = TrainingConfig.of(before), TrainingConfig.of(after)
    found = {name: float(getattr(now, name)) for name in TrainingConfig.parameters if _follows(name, was, now)}
    if was.optimizer["kind"] != now.optimizer["kind"]:
        return found
    declared = Optimizer.kinds[now.optimizer["kind"]].parameters
    return found | {name: float(now.optimizer[name]) for name, param in declared.items() if param.live}


def _follows(name: str, before: TrainingConfig, after: TrainingConfig) -> bool:
    """Does a run that goes on follow this setting? Not where its steps are no mini-batches."""
    full = Optimizer.kinds[before.optimizer["kind"]].full_batch
    return TrainingConfig.parameters[name].live and before.batching == after.batching == "mini" and not full


def settings_waiting(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The settings, as a person reads them, that differ and cannot change while a run goes on."""
    old, new = TrainingConfig.of(before), TrainingConfig.of(after)
    found = [
        f"its {param.label.lower()}"
        for name, param in TrainingConfig.parameters.items()
        if name != "optimizer" and getattr(old, name) != getattr(new, name) and not _follows(name, old, new)
    ]
    if old.optimizer["kind"] != new.optimizer["kind"]:
        return (*found, "its optimizer")
    declared = Optimizer.kinds[new.optimizer["kind"]].parameters
    fixed = [p.label for name, p in declared.items() if not p.live and old.optimizer[name] != new.optimizer[name]]
    return (*found, *(f"its {label.lower()}" for label in fixed))


def live_parameters(before: Graph, after: Graph, changed: Iterable[str]) -> dict[str, float]:
    """The live parameters of these nodes as ``after`` has them: "node.name" → value."""
    found: dict[str, float] = {}
    for node_id in changed:
        node = after.nodes[node_id]
        layer = LAYERS.get(node.kind)
        if layer is None or node_id not in before.nodes or before.nodes[node_id].kind != node.kind:
            continue
        for name, param in layer.parameters.items():
            value = node.params.get(name, param.default)
            if param.live and param.problem(value) is None:
                found[f"{node_id}.{name}"] = float(value)
    return found


def beginnings(before: Graph, after: Graph, changed: Iterable[str]) -> tuple[str, ...]:
    """Those of these nodes whose first weights are made in another way: it matters only when they begin anew."""
    return tuple(i for i in changed if i in before.nodes and i in after.nodes
                 and before.nodes[i].kind == after.nodes[i].kind
                 and _beginning(before.nodes[i]) != _beginning(after.nodes[i]))


def _beginning(node: Node) -> dict[str, Any]:
    declared = LAYERS[node.kind].parameters if node.kind in LAYERS else {}
    return {name: node.params.get(name, param.default) for name, param in declared.items() if _begins(param)}


def _begins(param: Param[Any]) -> bool:
    """Does it say how weights begin?"""
    return isinstance(param, Variant) and param.family is Initialiser


def graph_needs_restart(before: Graph, after: Graph) -> bool:
    """Do the two compute something else, live parameters aside? Looks, names and groups do not count."""
    if before is after:
        return False
    before, after = expand(before).graph, expand(after).graph
    difference = diff(before, after)
    if not replace(difference, changed=()).computes_same:
        return True
    return any(_fixed(before.nodes[node]) != _fixed(after.nodes[node]) for node in difference.changed)


def _fixed(node: Node) -> Node:
    """The node without what a run does not depend on once it has weights, or follows by itself."""
    layer = LAYERS.get(node.kind)
    left_out = {name for name, param in layer.parameters.items() if param.live or _begins(param)} if layer else set()
    params = {name: value for name, value in node.params.items() if name not in left_out}
    return replace(node, params=params, position=(0.0, 0.0), name="", group="")
