"""Edits that hypothesis makes on the canvas: as many undos as edits give back what was there, and redos what became."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from app.canvas.scene import CanvasScene
from engine.graph.model import Graph

Thing = TypeVar("Thing")


def pick(things: Iterable[Thing], number: int) -> Thing | None:
    """One of the things, whatever the number; None where there are none."""
    things = list(things)
    return things[number % len(things)] if things else None


def row_of(*kinds: str, wires: Iterable[tuple[str, str]]) -> Graph:
    """Layers beside one another, wired from first to second."""
    graph = Graph()
    for kind in kinds:
        graph, _ = graph.add(kind, position=(len(graph.nodes) * 216.0, 0.0))
    for source, target in wires:
        graph = graph.connect(source, target)
    return graph


def check_there_and_back(scene: CanvasScene, beginning: Graph, in_step: Callable[[CanvasScene, Graph], bool]) -> None:
    """Undoes all there is to undo, then does all of it again; the canvas keeps in step. Both are gone afterwards."""
    document = scene.document
    stack, final = document.undo_stack, document.graph
    for back, expected in ((stack.undo, beginning), (stack.redo, final)):
        for _ in range(stack.count()):
            back()
        assert document.graph is expected
        assert in_step(scene, expected)
    scene.deleteLater()
    document.deleteLater()
