"""Short ways to write a graph in code."""

from __future__ import annotations

from engine.graph.elements import ROW
from engine.graph.model import Graph, Position
from engine.issues import ChainruleError, shown
from engine.layer import Layer

#: From one node to the next: closer than Tidy up lays them, so that a template can be read in a small window.
STEP_X = 200.0
#: From one row of a chain that is wrapped to the next: the wire between them runs in the gap.
STEP_ROW = 1.5 * ROW


def chain(*layers: Layer | tuple[str, Layer], start: Position = (0.0, 0.0), per_row: int = 0) -> Graph:
    """A graph of layers one after the other, laid out from left to right, with ``per_row`` in rows of so many.

    A pair ``("hidden_1", Dense(units=3))`` gives the node its id, which also names its weights ("hidden_1.W");
    a bare layer gets one made from its kind. Raises :class:`engine.issues.ChainruleError` where an id comes twice,
    or something is no layer.
    """
    graph, before = Graph(), ""
    for number, entry in enumerate(layers):
        name, layer = entry if isinstance(entry, tuple) and len(entry) == 2 else ("", entry)
        if not isinstance(layer, Layer):
            raise ChainruleError(f"{shown(entry)} is no layer.", "Expected layers, or pairs of an id and a layer.",
                                 "Write Dense(units=3), say.")
        row, column = divmod(number, per_row) if per_row else (0, number)
        position = (start[0] + column * STEP_X, start[1] + row * STEP_ROW)
        graph, node_id = graph.add(layer.kind, layer.values, position, id=name)
        if before:
            graph = graph.connect(before, node_id)
        before = node_id
    return graph
