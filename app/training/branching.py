"""What a branch takes over: the curves up to its first step, and the weights of every layer that still fits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app.numbers import count
from app.recorded.history import RunHistory
from app.recorded.history_file import from_arrays, to_arrays
from engine.graph.model import Graph
from engine.graph.report import Report

_EVERYTHING = 1 << 62


def history_until(history: RunHistory, step: int) -> RunHistory:
    """A copy of the history as it was at ``step``; the other one stays as it is, whoever draws it."""
    begun = from_arrays(to_arrays(history, _EVERYTHING))
    begun.drop_after(step)
    return begun


def fresh_layers(report: Report, weights: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """The layers, in computing order, for which ``weights`` ("node.name") do not hold all that fits: training begins
    them anew. Ids of what is drawn, each once."""
    return tuple(node for node, fits in _fitting(report, weights).items() if not fits)


def any_fits(report: Report, weights: Mapping[str, np.ndarray]) -> bool:
    """Is there a layer that keeps its weights?"""
    return any(_fitting(report, weights).values())


def _fitting(report: Report, weights: Mapping[str, np.ndarray]) -> dict[str, bool]:
    """Whether each layer that has weights finds them all, whatever copies it is computed as."""
    computed = report.computed or report
    found: dict[str, bool] = {}
    for node in computed.order:
        drawn = report.origin.get(node, node)
        for name, spec in computed.weights.get(node, {}).items():
            given = weights.get(f"{node}.{name}")
            found[drawn] = found.get(drawn, True) and given is not None and given.shape == spec.shape
    return found


def fresh_sentence(report: Report, graph: Graph, weights: Mapping[str, np.ndarray]) -> str:
    """Says which layers begin anew at the next Run; "" where all keep their weights."""
    fresh = fresh_layers(report, weights)
    if not fresh:
        return ""
    if not any_fits(report, weights):
        return "No layer keeps its weights: the next Run begins anew, at step 0."
    names = [f"“{graph.nodes[node].label}”" for node in fresh]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{listed} will begin with fresh weights at the next Run. The others keep theirs."


def branch_sentence(step: int) -> str:
    """Says that the next Run begins a branch, and what may be done before."""
    return (f"At step {count(step)} a branch begins with the next Run. Change what you like in network and settings, "
            "then press Run. The run you came from is kept.")
