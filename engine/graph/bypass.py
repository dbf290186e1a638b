"""Layers and blocks that are left out: what stands for their output, and what forbids to leave them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.graph import groups
from engine.graph.model import Graph, Node
from engine.issues import Fix, Issue
from engine.layer import Layer
from engine.layers import LAYERS
from engine.shapes import Shape, text


def issues(graph: Graph, sources: Mapping[str, str], shapes: Mapping[str, Shape]) -> Iterator[Issue]:
    """Why nodes cannot be bypassed as they are drawn. ``sources`` leads from each bypassed node to the node whose
    output stands for its own; ``shapes`` are those of the nodes that are computed. A block of which nothing is
    computed is judged as one: what its layers do among themselves does not matter."""
    blocks = _whole_blocks(graph)
    inside = {i for block in blocks for i in groups.members(graph, block)}
    for block in blocks:
        yield from _block(graph, block, sources, shapes)
    for node_id, source in sources.items():
        layer = _layer(graph.nodes[node_id])
        if layer is not None and node_id not in inside:
            yield from _node(graph.nodes[node_id], layer, shapes.get(source))


def _whole_blocks(graph: Graph) -> list[str]:
    """The outermost groups without a node that is enabled."""
    off = [i for i in graph.groups if not any(graph.nodes[n].enabled for n in groups.members(graph, i))]
    return [i for i in off if not any(around in off for around in groups.around(graph, graph.groups[i].parent))]


def _layer(node: Node) -> Layer | None:
    kind = LAYERS.get(node.kind)
    return kind(**node.params) if kind is not None and not kind.problems(node.params) else None


def _node(node: Node, layer: Layer, shape: Shape | None) -> Iterator[Issue]:
    happened = expected = ""
    if layer.variadic or len(layer.inputs) != 1:
        happened = f"{layer.title} is bypassed, but it has {'no input' if not layer.inputs else 'several inputs'}."
        expected = "Only a layer with one input can be left out: that input passes it by."
    elif not Graph({node.id: node}).has_output(node.id):
        happened, expected = f"{layer.title} is bypassed.", "A loss cannot be left out: nothing would be trained."
    elif shape is not None:
        outcome = layer.infer(shape)
        if not isinstance(outcome, Issue) and outcome != shape:
            happened = f"{layer.title} is bypassed, but makes {text(outcome)} of {text(shape)}."
            expected = "Only a layer that keeps the shape can be left out."
    if happened:
        yield _issue(happened, expected, node.id)


def _block(graph: Graph, block: str, sources: Mapping[str, str], shapes: Mapping[str, Shape]) -> Iterator[Issue]:
    label, inside = graph.groups[block].label, groups.members(graph, block)
    if any(not graph.has_output(i) for i in inside):
        yield _issue(f"{label} is bypassed, with a loss in it.", "A loss cannot be left out: nothing would be trained.",
                     block)
        return
    leaving = {e.source for e in graph.edges.values() if e.source in inside and e.target not in inside}
    if any(not sources.get(i) for i in leaving):
        yield _issue(f"{label} is bypassed, but not fed by one layer alone.",
                     "Only a block with one input can be left out: that input passes it by.", block)
        return
    made = _shapes_inside(graph, inside, sources, shapes)
    for output in sorted(leaving):
        taken, given = shapes.get(sources[output]), made.get(output)
        if taken is not None and given is not None and taken != given:
            yield _issue(f"{label} is bypassed, but makes {text(given)} of {text(taken)}.",
                         "Only a block that keeps the shape can be left out.", block)
            return


def _shapes_inside(
    graph: Graph, inside: tuple[str, ...], sources: Mapping[str, str], shapes: Mapping[str, Shape]
) -> dict[str, Shape]:
    """The shapes that the layers of a block would have if they were computed, as far as they can be told."""
    made: dict[str, Shape] = {}
    for _ in inside:  # each round settles at least one more, in whatever order they were drawn
        before = len(made)
        for node_id in inside:
            edges = graph.inputs(node_id)
            fed = [made.get(e.source) if e.source in inside else shapes.get(sources.get(e.source) or e.source)
                   for e in edges]
            layer = _layer(graph.nodes[node_id])
            known = [shape for shape in fed if shape is not None]
            if node_id in made or layer is None or not known or len(known) < len(fed):
                continue
            outcome = layer.infer(*known)
            if not isinstance(outcome, Issue):
                made[node_id] = outcome
        if len(made) == before:
            break
    return made


def _issue(happened: str, expected: str, where: str) -> Issue:
    return Issue("bypass", happened, expected, "Enable it again, or delete it.", where,
                 mends=(Fix("Enable it again", "enable", (("node", where),)),))
