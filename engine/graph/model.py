"""The network as a value: frozen nodes and edges; every edit returns a new graph.

Because a graph never changes, undo keeps two of them, a worker process can be sent one, and a run remembers exactly
what it trained. Positions are plain numbers that computing ignores.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from engine.issues import ChainruleError, near_miss
from engine.layer import Layer
from engine.layers import LAYERS
from engine.params import ParameterError

Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Node:
    """One layer on the canvas. ``params`` holds only what differs from the layer's defaults, as plain values,
    and may be out of range (a hand-edited file): checking says so. ``name`` is what a person calls it."""

    id: str
    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)
    position: Position = (0.0, 0.0)
    name: str = ""

    @property
    def label(self) -> str:
        """The name if it has one, else the id: unique within its graph either way."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Edge:
    """A wire from a node's output to one input port of another."""

    source: str
    target: str
    port: str = "in"

    @property
    def key(self) -> tuple[str, str]:
        """An input port takes one wire, so (target, port) identifies it."""
        return (self.target, self.port)


@dataclass(frozen=True)
class Graph:
    """Nodes by id and edges by (target, port); treat both as read-only."""

    nodes: Mapping[str, Node] = field(default_factory=dict)
    edges: Mapping[tuple[str, str], Edge] = field(default_factory=dict)

    # -- reading ---------------------------------------------------------------------------------------------

    @cached_property
    def _inputs(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for edge in self.edges.values():
            found.setdefault(edge.target, []).append(edge)
        return {target: sorted(edges, key=lambda e: _port_order(e.port)) for target, edges in found.items()}

    @cached_property
    def _outputs(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for edge in self.edges.values():
            found.setdefault(edge.source, []).append(edge)
        return found

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
        used = [_port_order(edge.port)[0] for edge in self.inputs(node_id)]
        return tuple(f"in{i}" for i in range(1, max(max(used, default=0) + 1, 2) + 1))

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
        """A graph in which some nodes lie elsewhere."""
        return self.put(*(replace(self.nodes[i], position=(float(x), float(y))) for i, (x, y) in positions.items()))

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
                    source = self._surviving_source(edge.source, gone)
                    if source is not None:
                        edges[edge.key] = replace(edge, source=source)
        nodes = {i: node for i, node in self.nodes.items() if i not in gone}
        touched = {e.target for e in self.edges.values() if e.target in nodes and e.key not in edges}
        return Graph(nodes, edges)._closed_up(touched)

    def _surviving_source(self, node_id: str, gone: set[str]) -> str | None:
        """The nearest node before a removed chain, or None where the chain had several inputs or none."""
        while node_id in gone:
            inputs = self.inputs(node_id)
            if len(inputs) != 1:
                return None
            node_id = inputs[0].source
        return node_id

    def _closed_up(self, targets: set[str]) -> Graph:
        """Variadic inputs renumbered without gaps, so that a port's number is its place in the sum."""
        edges = dict(self.edges)
        for target in targets:
            layer = LAYERS.get(self.nodes[target].kind) if target in self.nodes else None
            if layer is None or not layer.variadic:
                continue
            incoming = sorted((e for e in edges.values() if e.target == target), key=lambda e: _port_order(e.port))
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
        return {
            "nodes": [
                {"id": n.id, "kind": n.kind, "params": _plain(n.params), "position": list(n.position), "name": n.name}
                for n in self.nodes.values()
            ],
            "edges": [{"source": e.source, "target": e.target, "port": e.port} for e in self.edges.values()],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Graph:
        """The graph that :meth:`to_dict` wrote. Raises :class:`ChainruleError` where the data has another form;
        unknown kinds and parameters out of range are kept, for checking to report."""
        try:
            nodes = [
                Node(_text(n["id"]), _text(n["kind"]), clean_params(_text(n["kind"]), dict(n.get("params", {}))),
                     _position(n.get("position", (0.0, 0.0))), _text(n.get("name", "")))
                for n in data["nodes"]
            ]
            edges = [Edge(_text(e["source"]), _text(e["target"]), _text(e.get("port", "in"))) for e in data["edges"]]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ChainruleError("The network's description is damaged.", f"It lacks or garbles {error}.",
                                 "Open an older copy of the file.") from error
        graph = cls({n.id: n for n in nodes}, {e.key: e for e in edges})
        for edge in edges:
            if edge.source not in graph.nodes or edge.target not in graph.nodes:
                raise ChainruleError(f"A wire joins {edge.source!r} to {edge.target!r}.",
                                     "Both ends must be layers of the network.", "Open an older copy of the file.")
        if len(graph.nodes) < len(nodes):
            raise ChainruleError("Two layers have the same id.", "Ids are unique.", "Open an older copy of the file.")
        return graph


def layer_of(node: Node) -> Layer:
    """The layer a node stands for; raises :class:`engine.params.ParameterError` where its parameters are wrong."""
    if node.kind not in LAYERS:
        raise ParameterError(f"{node.kind!r} is no layer this program knows.", "", near_miss(node.kind, LAYERS))
    return LAYERS[node.kind](**node.params)


def clean_params(kind: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters under their present names and in stored form, defaults left out; unknown kinds stay as they are."""
    layer = LAYERS.get(kind)
    if layer is None:
        return dict(params)
    cleaned = layer.cleaned(params)
    defaults = layer.defaults()
    return {name: value for name, value in cleaned.items() if name not in defaults or value != defaults[name]
            or type(value) is not type(defaults[name])}


def _port_order(port: str) -> tuple[int, str]:
    digits = port.removeprefix("in")
    return (int(digits) if digits.isdigit() else 0, port)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} where a text was expected")
    return value


def _position(value: Any) -> Position:
    x, y = value
    return (float(x), float(y))
