"""What a branch takes over: the curves up to its first step, and the weights of every layer that still fits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app.history import RunHistory
from app.history_file import from_arrays, to_arrays
from engine.graph.model import Graph
from engine.graph.report import Report

_EVERYTHING = 1 << 62


def history_until(history: RunHistory, step: int) -> RunHistory:
    """A copy of the history as it was at ``step``; the other one stays as it is, whoever draws it."""
    begun = from_arrays(to_arrays(history, _EVERYTHING))
    begun.drop_after(step)
    return begun


def any_fits(report: Report, weights: Mapping[str, np.ndarray]) -> bool:
    """Would training take over any of these weights?"""
    specs = (report.computed or report).weights
    return any(array.shape == specs[node][name].shape for key, array in weights.items()
               for node, _, name in (key.rpartition("."),) if name in specs.get(node, {}))


def fresh_layers(report: Report, graph: Graph, weights: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """The layers of ``graph``, in computing order, for which ``weights`` ("node.name") hold nothing that fits:
    training would begin them anew. Ids of what is drawn, each once."""
    computed = report.computed or report
    found: dict[str, None] = {}
    for node in computed.order:
        for name, spec in computed.weights.get(node, {}).items():
            given = weights.get(f"{node}.{name}")
            drawn = report.origin.get(node, node)
            if (given is None or given.shape != spec.shape) and drawn in graph.nodes:
                found[drawn] = None
    return tuple(found)


def fresh_sentence(graph: Graph, fresh: tuple[str, ...], weights: Mapping[str, np.ndarray]) -> str:
    """Says which layers begin anew at the next Run; "" where all keep their weights."""
    if not fresh:
        return ""
    names = [f"“{graph.nodes[node].label}”" for node in fresh]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    kept = {key.rpartition(".")[0] for key in weights} & graph.nodes.keys() - set(fresh)
    rest = "The others keep theirs." if kept else "No layer keeps its weights."
    return f"{listed} will begin with fresh weights at the next Run. {rest}"
