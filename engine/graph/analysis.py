"""What each layer of a network puts out, learns, computes, keeps and sees."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.graph.expand import expand
from engine.graph.model import Graph
from engine.graph.order import wiring_of
from engine.graph.report import Report
from engine.layers import LAYERS
from engine.receptive import SINGLE, Field, joined
from engine.shapes import Shape, size

#: Bytes of a number in training.
FLOAT32 = 4
#: Behind layers that spread places out, parts of places add up: 1 + ⅓ + ⅔ is 2.
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """One layer. ``output`` is None where no shape is known; bytes are those of float32.

    ``cost`` counts multiply–adds of one example's forward pass; ``activation_bytes`` is one example's output;
    ``field`` how many places of the Input one place of the output sees along each axis (behind layers that spread
    places out it differs from one to the next, and this is the most, or close to it), None for all of it, () where
    there are no places.
    """

    id: str
    label: str
    title: str
    output: Shape | None
    parameters: int
    cost: int
    weight_bytes: int
    activation_bytes: int
    field: Shape | None


def analyse(graph: Graph, report: Report) -> tuple[LayerFacts, ...]:
    """The facts of every node that is drawn, in computing order; what is not computed comes last. Where a shape is
    missing a node keeps its place, so that rows do not jump when a wire is cut."""
    computed = expand(graph).graph
    fields = receptive_fields(computed, report)
    order = [i for i in wiring_of(computed).order()[0] if i in graph.nodes]
    seen = set(order)
    return tuple(_facts(graph, report, node_id, fields) for node_id in (
        *order, *(i for i in graph.nodes if i not in seen)))


def _facts(graph: Graph, report: Report, node_id: str, fields: dict[str, Field]) -> LayerFacts:
    node, shape = graph.nodes[node_id], report.shapes.get(node_id)
    kind = LAYERS.get(node.kind)
    copies = report.copies(node_id)
    weights = sum([size(spec.shape) for i in copies for spec in report.weights.get(i, {}).values()])
    field = fields.get(node_id, ())
    return LayerFacts(
        node_id, node.label, kind.title if kind else node.kind, shape, report.parameters(node_id),
        sum([report.costs.get(i, 0) for i in copies]), weights * FLOAT32,
        (size(shape) * len(copies) if shape is not None else 0) * FLOAT32,
        None if field is None else tuple(math.ceil(seen - _ROUNDING) for seen, _ in field),
    )


def receptive_fields(graph: Graph, report: Report) -> dict[str, Field]:
    """How much of the Input each sound node sees; no layer sees more than there is."""
    fields: dict[str, Field] = {}
    largest: dict[str, Shape] = {}
    for node_id in report.order:
        layer, shapes = report.layers[node_id], report.inputs.get(node_id, ())
        sources = [edge.source for edge in graph.inputs(node_id) if edge.source in fields]
        if not sources:
            whole = report.shapes[node_id][:-1]
            fields[node_id], largest[node_id] = (SINGLE,) * len(whole), whole
            continue
        field = layer.receptive_field(joined(fields[source] for source in sources), *shapes)
        whole = largest[sources[0]]
        if field is not None and len(field) == len(whole):
            field = tuple((min(seen, length), step) for (seen, step), length in zip(field, whole, strict=True))
        fields[node_id], largest[node_id] = field, whole
    return fields
