"""Edits that people make with a gesture, as pure functions from graph to graph."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from engine.graph import groups
from engine.graph.elements import ROW
from engine.graph.model import Edge, Graph, Position
from engine.issues import ChainruleError
from engine.layer import LossLayer
from engine.layers import LAYERS

#: Marks the clipboard text as ours; ``version`` is that of the text's form.
FRAGMENT = "layers"
FRAGMENT_VERSION = 1


def replug(graph: Graph, edge: Edge, target: str, port: str) -> Graph:
    """A graph in which a wire ends at another port; within one node it changes places with the wire there."""
    if edge.key == (target, port):
        return graph
    if edge.target != target:
        return graph.disconnect(*edge.key).connect(edge.source, target, _settled(graph, target, port))
    edges = {key: e for key, e in graph.edges.items() if key != edge.key}
    other = edges.get((target, port))
    if other is not None:
        edges[edge.key] = replace(other, port=edge.port)
    edges[(target, port)] = replace(edge, port=port)
    # connect, then disconnect what is not there: renumbers the ports of a layer that takes many inputs.
    return replace(graph, edges=edges).disconnect(target, "")


def _settled(graph: Graph, target: str, port: str) -> str:
    """``port``, or the first free one where a layer of many inputs would be left with a gap."""
    layer = LAYERS.get(graph.nodes[target].kind)
    taken = (target, port) in graph.edges
    return port if taken or layer is None or not layer.variadic else graph.free_port(target) or port


def connect(graph: Graph, source: str, target: str, port: str) -> Graph:
    """A graph with a wire to ``port``, replacing the wire that was there; leaves no gap between many inputs."""
    return graph.connect(source, target, _settled(graph, target, port))


def can_follow(kind: str) -> bool:
    """Does a layer of this kind take an input?"""
    layer = LAYERS[kind]
    return layer.variadic or bool(layer.inputs)


def can_lead(kind: str) -> bool:
    """Does a layer of this kind have an output that others may take?"""
    return not issubclass(LAYERS[kind], LossLayer)


def fits_on_wire(kind: str) -> bool:
    """Can a layer of this kind stand in the middle of a wire?"""
    return can_follow(kind) and can_lead(kind)


def insert_on_wire(graph: Graph, edge: Edge, node_id: str) -> Graph:
    """A graph in which a node that is there already stands in the middle of a wire."""
    port = graph.free_port(node_id)
    if port is None:
        raise ChainruleError(f"{graph.nodes[node_id].label} has no free input.", "", "Unplug it first.")
    return graph.connect(edge.source, node_id, port).connect(node_id, edge.target, edge.port)


def make_room(graph: Graph, node_id: str, pitch: float) -> Graph:
    """A graph in which a node stands a column (``pitch``) behind what leads to it in its row, where it stood nearer,
    and what follows is moved right until it stands a column away. A wire that leads back to the beginning of another
    row ends there: that row stays."""
    graph = _clear_of_sources(graph, node_id, pitch)
    x = graph.nodes[node_id].position[0]
    after = [place for edge in graph.outputs(node_id) for place in [graph.nodes[edge.target].position[0]]
             if place > x - pitch]
    lack = x + pitch - min(after, default=x + pitch)
    if lack <= 0:
        return graph
    positions = {i: graph.nodes[i].position for i in _in_row(graph, node_id, pitch)}
    return graph.move({i: (px + lack, py) for i, (px, py) in positions.items()})


def _clear_of_sources(graph: Graph, node_id: str, pitch: float) -> Graph:
    """Moves a node right where a drop in a short gap put it onto, or right beside, what leads to it."""
    x, y = graph.nodes[node_id].position
    before = [graph.nodes[edge.source].position for edge in graph.inputs(node_id)]
    near = [px + pitch for px, py in before if abs(x - px) < pitch and abs(y - py) < ROW / 2]
    return graph.move({node_id: (max(x, *near), y)}) if near else graph


def _in_row(graph: Graph, node_id: str, pitch: float) -> set[str]:
    """Every node that a node leads to by wires that do not run back by a column or more, itself left out."""
    found: set[str] = set()
    stack = [node_id]
    while stack:
        source = stack.pop()
        least = graph.nodes[source].position[0] - pitch
        for edge in graph.outputs(source):
            if edge.target not in found and edge.target != node_id and graph.nodes[edge.target].position[0] > least:
                found.add(edge.target)
                stack.append(edge.target)
    return found


def copy_text(graph: Graph, ids: Iterable[str], notes: Iterable[str] = ()) -> str:
    """Nodes, the wires between them, the groups that are whole, and notes, as JSON text for the clipboard."""
    part = extract(graph, ids, notes)
    return json.dumps({"chainrule": FRAGMENT, "version": FRAGMENT_VERSION, **part.to_dict()}, indent=1)


def extract(graph: Graph, ids: Iterable[str], notes: Iterable[str] = ()) -> Graph:
    """The part of a graph that consists of these nodes and notes; groups of which a node is missing stay behind."""
    chosen, noted = set(ids), set(notes)
    whole = {i: g for i, g in graph.groups.items() if chosen.issuperset(groups.members(graph, i))}

    def home(group_id: str) -> str:
        return next((i for i in groups.around(graph, group_id) if i in whole), "")

    return Graph(
        {i: replace(node, group=home(node.group)) for i, node in graph.nodes.items() if i in chosen},
        {key: e for key, e in graph.edges.items() if e.source in chosen and e.target in chosen},
        {i: replace(group, parent=home(group.parent)) for i, group in whole.items()},
        {i: note for i, note in graph.notes.items() if i in noted},
    )


def read_text(text: str) -> Graph:
    """The nodes and wires that :func:`copy_text` wrote. Raises :class:`ChainruleError` for any other text."""
    expected = "Paste takes layers that were copied in Chainrule."
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or data.get("chainrule") != FRAGMENT:
        raise ChainruleError("The clipboard holds no layers.", expected, "Select layers and copy them first.")
    if data.get("version") != FRAGMENT_VERSION:
        raise ChainruleError("The copied layers come from another version of Chainrule.", expected,
                             "Copy them again in this version.")
    return Graph.from_dict(data)


def paste(graph: Graph, part: Graph, offset: Position) -> tuple[Graph, tuple[str, ...]]:
    """A graph with a copy of ``part``, moved by ``offset``, and the ids of the new nodes.

    Names that are taken are dropped: a name belongs to one node, or one group.
    """
    graph, blocks = _paste_groups(graph, part)
    taken = {node.label for node in graph.nodes.values()}
    new_ids: dict[str, str] = {}
    for node in part.nodes.values():
        new_id = graph.fresh_id(node.kind)
        name = "" if node.name in taken else node.name
        graph = graph.put(replace(node, id=new_id, position=_shifted(node.position, offset), name=name,
                                  group=blocks.get(node.group, "")))
        new_ids[node.id] = new_id
    edges = dict(graph.edges)
    for edge in part.edges.values():
        wire = replace(edge, source=new_ids[edge.source], target=new_ids[edge.target],
                       dots=tuple(_shifted(dot, offset) for dot in edge.dots))
        edges[wire.key] = wire
    pasted = replace(graph, edges=edges)
    for new_id in new_ids.values():  # a layer of many inputs may have lost some: close the gaps
        pasted = pasted.disconnect(new_id, "")
    for note in part.notes.values():
        pasted = pasted.put_note(replace(note.shifted(*offset), id=fresh_note(pasted)))
    return pasted, tuple(new_ids.values())


def _paste_groups(graph: Graph, part: Graph) -> tuple[Graph, dict[str, str]]:
    """The graph with copies of the groups, and their new ids by the old ones."""
    taken = {group.label for group in graph.groups.values()}
    new_ids: dict[str, str] = {}
    for group in part.groups.values():
        new_ids[group.id] = groups.fresh_id(graph)
        graph = groups.put(graph, replace(group, id=new_ids[group.id], name="" if group.name in taken else group.name))
    for old, new_id in new_ids.items():
        graph = groups.put(graph, replace(graph.groups[new_id], parent=new_ids.get(part.groups[old].parent, "")))
    return graph, new_ids


def _shifted(position: Position, offset: Position) -> Position:
    return (position[0] + offset[0], position[1] + offset[1])


def fresh_note(graph: Graph) -> str:
    """An id that no note has."""
    number = 1
    while f"note_{number}" in graph.notes:
        number += 1
    return f"note_{number}"
