"""Groups: blocks of layers that can be collapsed, nested and repeated, as pure functions on graphs.

A node names the innermost group it is in, a group the one around it. A group holds at least one layer: a graph that
loses the last one loses the group too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from engine.graph.model import Edge, Graph, Group, Position
from engine.issues import ChainruleError


@dataclass(frozen=True)
class Ports:
    """What a block shows while it is collapsed: (node, port) of inputs, nodes of outputs, in the order in which they
    lie from top to bottom. ``crossing`` are the wires between inside and outside."""

    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[str, ...]
    crossing: tuple[Edge, ...]


def around(graph: Graph, group_id: str) -> Iterator[str]:
    """The group and those around it, from the inside out; nothing for ""."""
    while group_id:
        yield group_id
        group_id = graph.groups[group_id].parent


def depth(graph: Graph, group_id: str) -> int:
    """How many groups are around this one."""
    return sum(1 for _ in around(graph, group_id)) - 1


def members(graph: Graph, group_id: str) -> tuple[str, ...]:
    """Every node inside a group, those of groups within it too, in the order of the graph."""
    inside = {i for home in within(graph, group_id) for i in graph.homes[home][0]}
    return tuple(sorted(inside, key=graph.rank.__getitem__))


def within(graph: Graph, group_id: str) -> set[str]:
    """The group and every group inside it."""
    found = [group_id]
    for home in found:
        found += graph.homes[home][1]
    return set(found)


def stand_ins(graph: Graph) -> dict[str, str]:
    """For each node that a collapsed block hides, the outermost such block."""
    outermost = {}
    for group_id in graph.groups:
        closed = [i for i in around(graph, group_id) if graph.groups[i].collapsed]
        if closed:
            outermost[group_id] = closed[-1]
    return {node.id: outermost[node.group] for node in graph.nodes.values() if node.group in outermost}


def open_home(graph: Graph, node_ids: Iterable[str]) -> str:
    """The innermost group around all of these nodes that a new layer among them would visibly belong to; "" for
    none."""
    chains = [list(around(graph, graph.nodes[i].group))[::-1] for i in node_ids]
    home = ""
    for level in zip(*chains, strict=False):
        if len(set(level)) > 1 or graph.groups[level[0]].collapsed:
            break
        home = level[0]
    return home


def ports(graph: Graph, group_id: str) -> Ports:
    """The ports of a block: where wires cross its border, and the ends inside that no wire has reached yet."""
    inside = set(members(graph, group_id))
    lying = sorted(inside, key=lambda i: (graph.nodes[i].position[1], graph.nodes[i].position[0]))
    inputs: list[tuple[str, str]] = []
    outputs: list[str] = []
    crossing: list[Edge] = []
    for node_id in lying:
        entering = {edge.port: edge for edge in graph.inputs(node_id)}
        crossing += [edge for edge in entering.values() if edge.source not in inside]
        wanted = graph.ports(node_id)
        if graph.takes_many(node_id) and len(entering) >= 2:
            wanted = tuple(entering)  # the port that is always kept free would show on every block
        inputs += [(node_id, port) for port in wanted if port not in entering or entering[port].source not in inside]
        leaving = graph.outputs(node_id)
        out = [edge for edge in leaving if edge.target not in inside]
        crossing += out
        if (out or not leaving) and graph.has_output(node_id):
            outputs.append(node_id)
    return Ports(tuple(inputs), tuple(outputs), tuple(crossing))


# -- editing: each returns a new graph -------------------------------------------------------------------------


def fresh_id(graph: Graph) -> str:
    """An id that neither a group nor a node has."""
    number = 1
    while (made := f"block_{number}") in graph.groups or made in graph.nodes:
        number += 1
    return made


def group(graph: Graph, node_ids: Iterable[str], name: str = "", *, collapsed: bool = False) -> tuple[Graph, str]:
    """A graph with a new group around these nodes, and its id. A group that only some of the nodes are in comes
    inside whole. Raises :class:`ChainruleError` where there are no nodes."""
    chosen = [i for i in node_ids if i in graph.nodes]
    if not chosen:
        raise ChainruleError("Nothing is selected.", "A block is made of one layer or more.", "Select layers first.")
    whole = _whole_groups(graph, set(chosen))
    chains = [_chain(graph, node_id, whole) for node_id in chosen]
    home = ""
    for level in zip(*chains, strict=False):
        if len(set(level)) > 1:
            break
        home = level[0]
    made = Group(fresh_id(graph), name, home, collapsed)
    place = [home, *_above(graph, home)]
    nodes, groups = [], {**graph.groups, made.id: made}
    for node_id in chosen:
        # What lies directly in the common group on the way to this node comes inside: the node, or a group.
        way = [i for i in around(graph, graph.nodes[node_id].group) if i not in place]
        if way:
            groups[way[-1]] = replace(graph.groups[way[-1]], parent=made.id)
        else:
            nodes.append(replace(graph.nodes[node_id], group=made.id))
    return replace(graph, groups=groups).put(*nodes), made.id


def _whole_groups(graph: Graph, chosen: set[str]) -> set[str]:
    """The groups all of whose nodes are chosen: they are dealt with as one."""
    return {i for i in graph.groups if chosen.issuperset(members(graph, i))}


def _chain(graph: Graph, node_id: str, whole: set[str]) -> list[str]:
    """The groups around a node from the outside in, those that are chosen whole left out."""
    return [i for i in reversed(list(around(graph, graph.nodes[node_id].group))) if i not in whole]


def _above(graph: Graph, group_id: str) -> list[str]:
    return list(around(graph, graph.groups[group_id].parent)) if group_id else []


def ungroup(graph: Graph, group_id: str) -> Graph:
    """A graph without this group; what was in it is in the group around it."""
    gone = graph.groups[group_id]
    groups = {i: replace(other, parent=gone.parent) if other.parent == group_id else other
              for i, other in graph.groups.items() if i != group_id}
    nodes = [replace(node, group=gone.parent) for node in graph.nodes.values() if node.group == group_id]
    return replace(graph.put(*nodes), groups=groups)


def splice(graph: Graph, group_id: str, source: str, edge: Edge | None = None) -> Graph:
    """A graph in which ``source`` feeds a block through its first port and, where ``edge`` is given, the block's
    only output feeds what that wire fed. What the block has no port for stays as it was."""
    found = ports(graph, group_id)
    if not found.inputs:
        return graph
    wired = graph.connect(source, *found.inputs[0])
    if edge is None or len(found.outputs) != 1:
        return wired
    return wired.connect(found.outputs[0], *edge.key)


def put(graph: Graph, changed: Group) -> Graph:
    """A graph in which a group is replaced by this one of the same id."""
    return replace(graph, groups={**graph.groups, changed.id: changed})


def fold(graph: Graph, group_id: str, collapsed: bool) -> Graph:
    """A graph in which a block is collapsed, or open again. What it leads to in its own row closes up to the card, or
    makes room for what was inside: where wires lead to the right, folding twice gives back the same graph."""
    group, inside = graph.groups[group_id], members(graph, group_id)
    if group.collapsed == collapsed:
        return graph
    places = [graph.nodes[i].position[0] for i in inside]
    spare = max(places) - min(places)
    way = -spare if collapsed else spare
    after = _row_behind(graph, inside, min(places) + (spare / 2 if group.collapsed else 0.0))
    # The card stands in the middle of its layers: for its left side to stay, they come half the way.
    shifts = dict.fromkeys(inside, way / 2) | dict.fromkeys(after, way)
    moved = graph.move({i: (graph.nodes[i].position[0] + dx, graph.nodes[i].position[1]) for i, dx in shifts.items()})
    return put(moved, replace(group, collapsed=collapsed))


def _row_behind(graph: Graph, inside: Collection[str], left: float) -> set[str]:
    """What a block leads to in its own row: at what stands no further right than the block's left side another row
    begins."""
    after = {i for member in inside for i in descendants(graph, member)}.difference(inside)
    begun = {i for i in after if graph.nodes[i].position[0] <= left}
    return after - begun - {i for first in begun for i in descendants(graph, first)}


def descendants(graph: Graph, node_id: str) -> set[str]:
    """Every node that a node leads to, itself left out."""
    found: set[str] = set()
    stack = [node_id]
    while stack:
        for edge in graph.outputs(stack.pop()):
            if edge.target not in found and edge.target != node_id:
                found.add(edge.target)
                stack.append(edge.target)
    return found


def spread(graph: Graph, positions: Mapping[str, Position]) -> dict[str, Position]:
    """Places for what is seen, as places for all layers: those in a collapsed block go where it goes."""
    found = {i: place for i, place in positions.items() if i in graph.nodes}
    for block in positions.keys() & graph.groups.keys():
        middle, place = _middle(graph, block), positions[block]
        for i in members(graph, block):
            x, y = graph.nodes[i].position
            found[i] = (x + place[0] - middle[0], y + place[1] - middle[1])
    return found


def _middle(graph: Graph, group_id: str) -> Position:
    xs, ys = zip(*(graph.nodes[i].position for i in members(graph, group_id)), strict=True)
    return ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)


def adopt(graph: Graph, node_ids: Iterable[str], group_id: str) -> Graph:
    """A graph in which these nodes are directly in a group ("" for none)."""
    moved = graph.put(*(replace(graph.nodes[i], group=group_id) for i in node_ids))
    return moved.without_empty_groups()


def rename(graph: Graph, group_id: str, name: str) -> Graph:
    """A graph in which a group is called ``name`` ("" for its id); raises where another group is called so."""
    if name and any(name in (other.name, other.id) for other in graph.groups.values() if other.id != group_id):
        raise ChainruleError(f"Another block is called {name!r}.", "Names of blocks are unique within a network.",
                             "Choose another name.")
    return put(graph, replace(graph.groups[group_id], name="" if name == group_id else name))
