"""The network as a value: frozen nodes and edges; every edit returns a new graph.

Because a graph never changes, undo keeps two of them, a worker process can be sent one, and a run remembers exactly
what it trained. Positions are plain numbers that computing ignores.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from engine.graph.elements import Edge, Group, Node, Note, Position, clean_params, port_order
from engine.issues import ChainruleError, near_miss
from engine.layer import Layer, LossLayer
from engine.layers import LAYERS
from engine.params import ParameterError

__all__ = ["Edge", "Graph", "Group", "Node", "Note", "Position", "clean_params", "layer_of"]


@dataclass(frozen=True)
class Graph:
    """Nodes by id, edges by (target, port), groups and notes by id; treat all as read-only.

    What is done with groups stands in :mod:`engine.graph.groups`; what they and nodes left out mean for computing,
    in :mod:`engine.graph.expand`.
    """

    nodes: Mapping[str, Node] = field(default_factory=dict)
    edges: Mapping[tuple[str, str], Edge] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    notes: Mapping[str, Note] = field(default_factory=dict)

    # -- reading ---------------------------------------------------------------------------------------------

    @cached_property
    def _inputs(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for edge in self.edges.values():
            found.setdefault(edge.target, []).append(edge)
        for edges in found.values():
            if len(edges) > 1:
                edges.sort(key=lambda e: port_order(e.port))
        return found

    @cached_property
    def _outputs(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for edge in self.edges.values():
            found.setdefault(edge.source, []).append(edge)
        return found

    @cached_property
    def homes(self) -> Mapping[str, tuple[list[str], list[str]]]:
        """By group (and "" for none): the nodes, and the groups, that lie directly in it."""
        found: dict[str, tuple[list[str], list[str]]] = {i: ([], []) for i in ("", *self.groups)}
        for node in self.nodes.values():
            found[node.group][0].append(node.id)
        for group in self.groups.values():
            found[group.parent][1].append(group.id)
        return found

    @cached_property
    def rank(self) -> Mapping[str, int]:
        """The place of each node among the others, oldest first."""
        return {node_id: place for place, node_id in enumerate(self.nodes)}

    @cached_property
    def is_plain(self) -> bool:
        """Is computed exactly what is drawn: nothing repeated, nothing bypassed?"""
        return all(node.enabled for node in self.nodes.values()) and all(g.repeat == 1 for g in self.groups.values())

    def inputs(self, node_id: str) -> list[Edge]:
        """The wires into a node, in the order of its ports."""
        return self._inputs.get(node_id, [])

    def outputs(self, node_id: str) -> list[Edge]:
        """The wires out of a node, oldest first."""
        return self._outputs.get(node_id, [])

    def by_name(self, name: str) -> Node:
        """The node with this id or name; raises :class:`ChainruleError` where there is none."""
        if name in self.nodes:
            return self.nodes[name]
        for node in self.nodes.values():
            if node.name == name:
                return node
        labels = [n.label for n in self.nodes.values()]
        raise ChainruleError(f"There is no node called {name!r}.", f"The graph has {', '.join(labels)}.",
                             near_miss(name, labels))

    def free_port(self, node_id: str) -> str | None:
        """The first input port of a node that has no wire; a variadic layer always has one more."""
        for port in self.ports(node_id):
            if (node_id, port) not in self.edges:
                return port
        return None

    def ports(self, node_id: str) -> tuple[str, ...]:
        """A node's input ports; a variadic layer shows one more than it has wires, at least two."""
        layer = LAYERS.get(self.nodes[node_id].kind)
        if layer is None:  # an unknown kind keeps the wires its file gave it
            return tuple(edge.port for edge in self.inputs(node_id))
        if not layer.variadic:
            return layer.inputs
        used = [port_order(edge.port)[0] for edge in self.inputs(node_id)]
        return tuple(f"in{i}" for i in range(1, max(max(used, default=0) + 1, 2) + 1))

    def takes_many(self, node_id: str) -> bool:
        """Does a node take any number of inputs?"""
        layer = LAYERS.get(self.nodes[node_id].kind)
        return layer is not None and layer.variadic

    def has_output(self, node_id: str) -> bool:
        """May a wire leave this node? Unknown kinds may have what their file gave them."""
        layer = LAYERS.get(self.nodes[node_id].kind)
        return layer is None or not issubclass(layer, LossLayer)

    # -- editing: each returns a new graph -------------------------------------------------------------------

    def add(
        self, kind: str, params: Mapping[str, Any] | None = None, position: Position = (0.0, 0.0),
        *, id: str = "", name: str = "",
    ) -> tuple[Graph, str]:
        """A graph with one more node, and the node's id (made from the kind where none is given)."""
        new_id = id or self.fresh_id(kind)
        if new_id in self.nodes:
            raise ChainruleError(f"A node called {new_id!r} exists already.", "Ids are unique.", "Choose another.")
        node = Node(new_id, kind, clean_params(kind, params or {}), position, name)
        return replace(self, nodes={**self.nodes, new_id: node}), new_id

    def fresh_id(self, kind: str) -> str:
        """An id no node has: ``dense_1``, ``conv_2``."""
        layer = LAYERS.get(kind)
        stem = (layer.stem if layer else "") or kind.lower()
        number = 1
        while f"{stem}_{number}" in self.nodes:
            number += 1
        return f"{stem}_{number}"

    def put(self, *nodes: Node) -> Graph:
        """A graph with these nodes added or replaced."""
        return replace(self, nodes={**self.nodes, **{node.id: node for node in nodes}})

    def set_params(self, node_id: str, **params: Any) -> Graph:
        """A graph in which some of a node's parameters have new values."""
        node = self.nodes[node_id]
        merged = clean_params(node.kind, {**node.params, **params})
        return self.put(replace(node, params=merged))

    def rename(self, node_id: str, name: str) -> Graph:
        """A graph in which a node is called ``name`` ("" for its id); raises where another is called so."""
        taken = any(n.label == name or n.id == name for n in self.nodes.values() if n.id != node_id)
        if name and taken:
            raise ChainruleError(f"Another layer is called {name!r}.", "Names are unique within a network.",
                                 "Choose another name.")
        return self.put(replace(self.nodes[node_id], name="" if name == node_id else name))

    def move(self, positions: Mapping[str, Position]) -> Graph:
        """A graph in which some nodes lie elsewhere; a wire whose ends go the same way takes its dots along."""
        moved = self.put(*(replace(self.nodes[i], position=(float(x), float(y))) for i, (x, y) in positions.items()))
        dotted = {key: e for key, e in self.edges.items() if e.dots and e.source in positions and e.target in positions}
        carried = {}
        for key, edge in dotted.items():
            way, other = (_way(self.nodes[i].position, moved.nodes[i].position) for i in (edge.source, edge.target))
            if way == other:
                carried[key] = replace(edge, dots=tuple((x + way[0], y + way[1]) for x, y in edge.dots))
        return replace(moved, edges={**moved.edges, **carried}) if carried else moved

    def enable(self, node_ids: Iterable[str], on: bool) -> Graph:
        """A graph in which these nodes are computed, or bypassed."""
        return self.put(*(replace(self.nodes[i], enabled=on) for i in node_ids))

    def reroute(self, key: tuple[str, str], dots: Iterable[Position]) -> Graph:
        """A graph in which a wire is led through these dots."""
        return replace(self, edges={**self.edges, key: replace(self.edges[key], dots=tuple(dots))})

    def put_note(self, *notes: Note) -> Graph:
        """A graph with these notes added or replaced."""
        return replace(self, notes={**self.notes, **{note.id: note for note in notes}})

    def remove_notes(self, ids: Iterable[str]) -> Graph:
        """A graph without these notes; what lies on them stays."""
        gone = set(ids)
        return replace(self, notes={i: note for i, note in self.notes.items() if i not in gone})

    def connect(self, source: str, target: str, port: str = "") -> Graph:
        """A graph with a wire to ``port`` (the first free one by default), replacing the wire that was there."""
        for node_id in (source, target):
            if node_id not in self.nodes:
                raise ChainruleError(f"There is no node {node_id!r}.", "", near_miss(node_id, self.nodes))
        chosen = port or self.free_port(target)
        if chosen is None:
            raise ChainruleError(f"{self.nodes[target].label} has no free input.", "One wire per input port.",
                                 "Remove the other wire first, or merge the two with Add or Concatenate.")
        edge = Edge(source, target, chosen)
        return replace(self, edges={**self.edges, edge.key: edge})

    def disconnect(self, target: str, port: str) -> Graph:
        """A graph without the wire into this port; a variadic layer's later wires move up."""
        edges = {key: edge for key, edge in self.edges.items() if key != (target, port)}
        return replace(self, edges=edges)._closed_up({target})

    def remove(self, ids: Iterable[str], *, heal: bool = False) -> Graph:
        """A graph without these nodes and their wires; ``heal`` joins the ends of a chain that was cut."""
        gone = set(ids)
        edges = {key: e for key, e in self.edges.items() if e.source not in gone and e.target not in gone}
        if heal:
            for edge in self.edges.values():
                if edge.source in gone and edge.target not in gone:
                    source = self.surviving_source(edge.source, gone)
                    if source is not None:
                        edges[edge.key] = replace(edge, source=source)
        nodes = {i: node for i, node in self.nodes.items() if i not in gone}
        touched = {e.target for e in self.edges.values() if e.target in nodes and e.key not in edges}
        return replace(self, nodes=nodes, edges=edges)._closed_up(touched).without_empty_groups()

    def without_empty_groups(self) -> Graph:
        """A group lives as long as a layer is in it."""
        if not self.groups:
            return self
        kept: set[str] = set()
        for node in self.nodes.values():
            group_id = node.group
            while group_id and group_id not in kept:
                kept.add(group_id)
                group_id = self.groups[group_id].parent
        return replace(self, groups={i: group for i, group in self.groups.items() if i in kept})

    def surviving_source(self, node_id: str, gone: set[str]) -> str | None:
        """The node that alone feeds what is removed before ``node_id``, by one way or several; None where there is
        none, or more than one."""
        found: set[str] = set()
        passed, stack = set[str](), [node_id]
        while stack:
            current = stack.pop()
            if current not in gone:
                found.add(current)
            elif current not in passed:
                passed.add(current)
                before = [edge.source for edge in self.inputs(current)]
                if not before:  # an Input, or a layer that nothing is wired to: what it made is gone
                    return None
                stack += before
        return found.pop() if len(found) == 1 else None

    def _closed_up(self, targets: set[str]) -> Graph:
        """Variadic inputs renumbered without gaps, so that a port's number is its place in the sum."""
        edges = dict(self.edges)
        for target in targets:
            layer = LAYERS.get(self.nodes[target].kind) if target in self.nodes else None
            if layer is None or not layer.variadic:
                continue
            incoming = sorted((e for e in edges.values() if e.target == target), key=lambda e: port_order(e.port))
            for edge in incoming:
                del edges[edge.key]
            for number, edge in enumerate(incoming, 1):
                moved = replace(edge, port=f"in{number}")
                edges[moved.key] = moved
        return replace(self, edges=edges)

    def would_cycle(self, source: str, target: str) -> bool:
        """Would a wire from ``source`` to ``target`` close a cycle?"""
        stack, seen = [source], set()
        while stack:
            current = stack.pop()
            if current == target:
                return True
            if current not in seen:
                seen.add(current)
                stack.extend(edge.source for edge in self.inputs(current))
        return False

    # -- plain data ------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """The graph as plain JSON values."""
        told = {"nodes": [node.to_dict() for node in self.nodes.values()],
                "edges": [edge.to_dict() for edge in self.edges.values()]}
        more = {"groups": [group.to_dict() for group in self.groups.values()],
                "notes": [note.to_dict() for note in self.notes.values()]}
        return told | {name: entries for name, entries in more.items() if entries}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Graph:
        """The graph that :meth:`to_dict` wrote. Raises :class:`ChainruleError` where the data has another form;
        unknown kinds and parameters out of range are kept, for checking to report."""
        try:
            nodes = [Node.from_dict(entry) for entry in data["nodes"]]
            edges = [Edge.from_dict(entry) for entry in data["edges"]]
            groups = [Group.from_dict(entry) for entry in data.get("groups", ())]
            notes = [Note.from_dict(entry) for entry in data.get("notes", ())]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ChainruleError("The network's description is damaged.", f"It lacks or garbles {error}.",
                                 "Open an older copy of the file.") from error
        graph = cls({n.id: n for n in nodes}, {e.key: e for e in edges}, {g.id: g for g in groups},
                    {n.id: n for n in notes})
        graph._require_whole(edges, len(nodes))
        return graph.without_empty_groups()

    def _require_whole(self, edges: Iterable[Edge], nodes: int) -> None:
        """Raises where ids lead nowhere, come twice or go round in a circle."""
        older = "Open an older copy of the file."
        for edge in edges:
            if edge.source not in self.nodes or edge.target not in self.nodes:
                raise ChainruleError(f"A wire joins {edge.source!r} to {edge.target!r}.",
                                     "Both ends must be layers of the network.", older)
        if len(self.nodes) < nodes:
            raise ChainruleError("Two layers have the same id.", "Ids are unique.", older)
        begun: list[tuple[str, str, set[str]]] = [(node.label, node.group, set()) for node in self.nodes.values()]
        begun += [(group.label, group.parent, {group.id}) for group in self.groups.values()]
        for label, above, seen in begun:
            while above:
                if above not in self.groups or above in seen:
                    raise ChainruleError(f"{label} is in the group {above!r}.",
                                         "A group must exist and cannot be inside itself.", older)
                seen.add(above)
                above = self.groups[above].parent


def _way(begin: Position, end: Position) -> Position:
    return (end[0] - begin[0], end[1] - begin[1])


def layer_of(node: Node) -> Layer:
    """The layer a node stands for; raises :class:`engine.params.ParameterError` where its parameters are wrong."""
    if node.kind not in LAYERS:
        raise ParameterError(f"{node.kind!r} is no layer this program knows.", "", near_miss(node.kind, LAYERS))
    return LAYERS[node.kind](**node.params)
