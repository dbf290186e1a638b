"""What a network's answer at a point means in words, which layers have units to draw, and how finely."""

from __future__ import annotations

import numpy as np

from app import numbers
from app.plots.certainty import told
from engine.graph.report import Report
from engine.layer import LossLayer
from engine.layers.data import Input

_MOST_OUTPUTS = 4
#: Crossings of the grid, each way; the finest is taken that costs at most so many multiply–adds, some 50 ms.
_SIZES = (64, 40, 24)
_MOST_COST = 100_000_000


def grid_size(report: Report) -> int:
    """How many crossings each way the plane is asked for at: fewer where the network is costly."""
    cost = max((report.computed or report).total_cost, 1)
    return next((size for size in _SIZES if size * size * cost <= _MOST_COST), _SIZES[-1])


def boundary_of(report: Report) -> float:
    """Above which a single output means the second class, as the first loss has it."""
    computed = report.computed or report
    losses = [layer for node in computed.losses if isinstance(layer := computed.layers[node], LossLayer)]
    return losses[0].boundary if losses else 0.5


def answer_in_words(values: np.ndarray, names: tuple[str, ...], boundary: float) -> str:
    """"inner, 93.1 %" of outputs (K,) for classes; the numbers themselves of a regression."""
    if not names:
        return ", ".join(numbers.number(float(value), 4) for value in values[:_MOST_OUTPUTS])
    label = int(told(values, boundary))
    value = float(values[0 if len(values) == 1 else label])
    if len(values) == 1 and boundary == 0.5:
        value = value if label else 1.0 - value
    name = names[label] if label < len(names) else str(label)
    score = len(values) == 1 and boundary != 0.5
    return f"{name}, {numbers.number(value, 4) if score or not 0 <= value <= 1 else numbers.percent(value)}"


def layers_with_units(report: Report) -> tuple[str, ...]:
    """The computed layers whose output is a plain row of numbers, without Input and losses, in computing order."""
    computed = report.computed or report
    return tuple(node for node in computed.order
                 if len(computed.shapes[node]) == 1 and not isinstance(computed.layers[node], (Input, LossLayer)))


def usual_layer(report: Report) -> str:
    """The one to begin with: the last hidden layer, which the output is drawn from; "" where there is none."""
    computed, nodes = report.computed or report, layers_with_units(report)
    hidden = [node for node in nodes if _is_hidden(computed, node, nodes)]
    return hidden[-1] if hidden else (nodes[-1] if nodes else "")


def _is_hidden(computed: Report, node: str, nodes: tuple[str, ...]) -> bool:
    """Does a layer that learns come after it?"""
    later = nodes[nodes.index(node) + 1 :]
    return any(computed.weights.get(other) for other in later)
