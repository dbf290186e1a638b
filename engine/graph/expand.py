"""From the graph that is drawn to the graph that is computed: repeated blocks written out, bypassed nodes left out.

The first copy of a repeated block keeps the ids of its nodes; the others are called ``dense_1·2``, ``dense_1·3`` …,
so that weights have names that stay when the number of copies changes. A graph without repeats and without bypassed
nodes is its own expansion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.graph import bypass, groups
from engine.graph.model import Edge, Graph, Group, Node
from engine.issues import Fix, Issue
from engine.layers import LAYERS
from engine.shapes import Shape, text

if TYPE_CHECKING:
    from engine.graph.report import Report

_MOST_NODES = 5000
_COPY = "·"


@dataclass(frozen=True)
class Expansion:
    """``graph`` is what is computed. ``origin`` leads from each copy to the node that is drawn; ``sources`` from
    each bypassed node to the node whose output stands for its own ("" where there is none). ``blocks`` lists the
    repeated groups with the node that feeds them and their last node."""

    graph: Graph
    origin: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    blocks: tuple[tuple[str, str, str], ...] = ()
    issues: tuple[Issue, ...] = ()


def expand(graph: Graph) -> Expansion:
    """The graph that is computed. Never raises: what cannot be repeated stays single, with an issue on its group."""
    if graph.is_plain:
        return Expansion(graph)
    grown, origin, blocks, issues = graph, dict[str, str](), list[tuple[str, str, str]](), list[Issue]()
    # From the inside out, so that the copies of an outer block hold the copies of those within it.
    for group in sorted(graph.groups.values(), key=lambda g: -groups.depth(graph, g.id)):
        if group.repeat == 1:
            continue
        problem = _why_not_repeat(grown, group)
        if problem is not None:
            issues.append(problem)
            continue
        source, output = _ends(grown, group.id)
        blocks.append((group.id, source, output))
        grown = _repeated(grown, group, source, output, origin)
    off = [node.id for node in grown.nodes.values() if not node.enabled]
    gone = set(off)
    sources = {i: grown.surviving_source(i, gone) or "" for i in off if i in graph.nodes}
    return Expansion(_bare(grown.remove(off, heal=True)), origin, sources, tuple(blocks), tuple(issues))


def _bare(graph: Graph) -> Graph:
    """The nodes and wires alone: an expansion has nothing to expand."""
    return Graph({i: replace(node, group="") for i, node in graph.nodes.items()}, graph.edges)


def _border(graph: Graph, group_id: str) -> tuple[set[str], list[Edge], list[Edge]]:
    """The nodes of a group, the wires that come in and those that go out."""
    inside = set(groups.members(graph, group_id))
    entering = [e for e in graph.edges.values() if e.target in inside and e.source not in inside]
    leaving = [e for e in graph.edges.values() if e.source in inside and e.target not in inside]
    return inside, entering, leaving


def _ends(graph: Graph, group_id: str) -> tuple[str, str]:
    """The one node that feeds a group and the one whose output leaves it."""
    _, entering, leaving = _border(graph, group_id)
    return entering[0].source, leaving[0].source


def _why_not_repeat(graph: Graph, group: Group) -> Issue | None:
    inside, entering, leaving = _border(graph, group.id)
    sources, outputs = {e.source for e in entering}, {e.source for e in leaving}
    happened = expected = ""
    if len(sources) != 1 or len(outputs) != 1:
        happened = f"{group.label} is repeated {group.repeat} times, but is fed by {_layers(len(sources))} and " \
                   f"{_layers(len(outputs))} inside it {'leads' if len(outputs) == 1 else 'lead'} out."
        expected = "Copies stand one after the other: one layer feeds the block, and one inside leads out."
    elif any(not graph.has_output(i) for i in inside):
        happened = f"{group.label} is repeated {group.repeat} times, but holds a loss."
        expected = "A loss is the end of a network: it comes once."
    elif len(graph.nodes) + (group.repeat - 1) * len(inside) > _MOST_NODES:
        happened = f"{group.label} repeated {group.repeat} times makes more than {_MOST_NODES} layers."
        expected = "A network of that size cannot be trained here."
    if not happened:
        return None
    return Issue("repeat", happened, expected, "Rewire the block, or take the repeat away.", group.id,
                 mends=(_once(group),))


def _layers(count: int) -> str:
    return "1 layer" if count == 1 else f"{count or 'no'} layers"


def _once(group: Group) -> Fix:
    return Fix(f"Compute {group.label} once", "repeat", (("group", group.id), ("times", 1)))


def _repeated(graph: Graph, group: Group, source: str, output: str, origin: dict[str, str]) -> Graph:
    """The graph with the copies of a group in a chain behind it."""
    inside, entering, leaving = _border(graph, group.id)
    inner = [e for e in graph.edges.values() if e.source in inside and e.target in inside]
    nodes, edges = dict(graph.nodes), dict(graph.edges)
    last = output
    for number in range(2, group.repeat + 1):
        names = {i: _copy_id(i, number, nodes) for i in graph.nodes if i in inside}
        for node_id, copy_id in names.items():
            nodes[copy_id] = _copied(graph.nodes[node_id], copy_id, number)
            origin[copy_id] = origin.get(node_id, node_id)
        made = [Edge(names[e.source], names[e.target], e.port) for e in inner]
        made += [Edge(last, names[e.target], e.port) for e in entering]
        edges.update({edge.key: edge for edge in made})
        last = names[output]
    edges.update({e.key: replace(e, source=last) for e in leaving})
    return replace(graph, nodes=nodes, edges=edges)


def _copied(node: Node, copy_id: str, number: int) -> Node:
    return replace(node, id=copy_id, name=f"{node.name}{_COPY}{number}" if node.name else "")


def _copy_id(node_id: str, number: int, taken: Mapping[str, Node]) -> str:
    made = f"{node_id}{_COPY}{number}"
    while made in taken:
        made += _COPY
    return made


# -- telling about the drawn graph what was found out about the computed one -----------------------------------


def told_back(report: Report, expansion: Expansion, graph: Graph) -> Report:
    """The report of the expanded graph, for the graph that is drawn: issues of copies stand at their originals,
    bypassed nodes have the shape that passes them by. Copies keep their entries, for they are computed."""
    layers, shapes = dict(report.layers), dict(report.shapes)
    issues = [*expansion.issues, *_uneven(expansion, graph, shapes)]
    issues += bypass.issues(graph, expansion.sources, report.shapes)
    for node_id, source in expansion.sources.items():
        node = graph.nodes[node_id]
        kind = LAYERS.get(node.kind)
        if kind is not None and not kind.problems(node.params):
            layers[node_id] = kind(**node.params)
        if source in shapes:
            shapes[node_id] = shapes[source]
    known = {(issue.code, issue.where, issue.parameter) for issue in issues}
    for issue in report.issues:
        home = _at_origin(issue, expansion.origin)
        key = (home.code, home.where, home.parameter)
        if issue is home or key not in known:  # what is wrong with every copy is said once
            issues.append(home)
        known.add(key)
    return replace(report, issues=tuple(issues), layers=layers, shapes=shapes, origin=expansion.origin, computed=report)


def _at_origin(issue: Issue, origin: Mapping[str, str]) -> Issue:
    if issue.where not in origin and not any(value in origin for fix in issue.mends for _, value in fix.arguments
                                             if isinstance(value, str)):
        return issue
    mends = tuple(replace(fix, arguments=tuple((name, origin.get(value, value) if isinstance(value, str) else value)
                                               for name, value in fix.arguments)) for fix in issue.mends)
    return replace(issue, where=origin.get(issue.where, issue.where), mends=mends)


def _uneven(expansion: Expansion, graph: Graph, shapes: Mapping[str, Shape]) -> Iterator[Issue]:
    """Repeated blocks that put out another shape than they take."""
    for group_id, source, output in expansion.blocks:
        taken, given = shapes.get(source), shapes.get(output)
        if taken is not None and given is not None and taken != given:
            group = graph.groups[group_id]
            yield Issue(
                "repeat_shape", f"{group.label} takes {text(taken)} and puts out {text(given)}.",
                f"To stand {group.repeat} times in a row it must put out what it takes.",
                "Change the layers in it, or take the repeat away.", group_id, mends=(_once(group),))
