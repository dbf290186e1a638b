"""Aligning, distributing and selecting by the way nodes hang together: what the Edit menu offers for a selection."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from engine.graph import chains, places
from engine.graph.model import Graph, Position
from engine.graph.places import Frame, Side

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Arranger:
    """Acts on the selected nodes; each method is one undoable step, or a change of the selection."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self.align_left = partial(self.align, Side.LEFT)
        self.align_centre = partial(self.align, Side.CENTRE)
        self.align_right = partial(self.align, Side.RIGHT)
        self.align_top = partial(self.align, Side.TOP)
        self.align_middle = partial(self.align, Side.MIDDLE)
        self.align_bottom = partial(self.align, Side.BOTTOM)
        self.distribute_across = partial(self.distribute, 0)
        self.distribute_down = partial(self.distribute, 1)
        self.select_upstream = partial(self._select, chains.upstream)
        self.select_downstream = partial(self._select, chains.downstream)
        self.select_kind = partial(self._select, chains.of_same_kind)

    def align(self, side: Side) -> None:
        """Brings one side of the selected nodes onto a line."""
        self._move(places.align(self._frames(), side), f"Align {side.name.lower()}")

    def distribute(self, axis: int) -> None:
        """Makes the gaps between the selected nodes equal, across (0) or down (1)."""
        self._move(places.distribute(self._frames(), axis), "Distribute down" if axis else "Distribute across")

    def _frames(self) -> dict[str, Frame]:
        rects = {i: item.scene_rect for i in self._view.document.selection
                 if (item := self._view.canvas.nodes.get(i)) is not None}
        return {i: (rect.x(), rect.y(), rect.width(), rect.height()) for i, rect in rects.items()}

    def _move(self, positions: dict[str, Position], text: str) -> None:
        before = {i: (item.x(), item.y()) for i, item in self._view.canvas.nodes.items()}
        self._view.editor.move(positions, text)
        self._view.glide.start(before)

    def _select(self, reach: Callable[[Graph, Iterable[str]], set[str]]) -> None:
        document = self._view.document
        document.select(reach(document.graph, document.selection))
