"""Short ways to write a graph in code."""

from __future__ import annotations

from engine.graph.model import Graph, Position
from engine.layer import Layer

#: From one node to the next on the canvas; a node is 150 × 64 pixels.
STEP_X, STEP_Y = 200.0, 110.0
#: From one row of a chain that is wrapped to the next: the wire between them runs there.
STEP_ROW = 264.0  # far enough that the wire between two rows passes no layer


def chain(*layers: Layer | tuple[str, Layer], start: Position = (0.0, 0.0), per_row: int = 0) -> Graph:
    """A graph of layers one after the other, laid out from left to right, with ``per_row`` in rows of so many.

    A pair ``("hidden_1", Dense(units=3))`` gives the node its id, which also names its weights ("hidden_1.W");
    a bare layer gets one made from its kind. Raises :class:`engine.issues.ChainruleError` where an id comes twice.
    """
    graph, before = Graph(), ""
    for number, entry in enumerate(layers):
        name, layer = entry if isinstance(entry, tuple) else ("", entry)
        row, column = divmod(number, per_row) if per_row else (0, number)
        position = (start[0] + column * STEP_X, start[1] + row * STEP_ROW)
        graph, node_id = graph.add(layer.kind, layer.values, position, id=name)
        if before:
            graph = graph.connect(before, node_id)
        before = node_id
    return graph
