"""Nodes glide to where an edit has put them, unless motion is reduced."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEasingCurve, QVariantAnimation

from app.canvas.scene import CanvasScene
from app.style import theme
from engine.graph.model import Position

_DURATION_MS = 220


class Glide(QVariantAnimation):
    """The document has the new positions at once; only the picture takes its time."""

    def __init__(self, canvas: CanvasScene) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._from: dict[str, Position] = {}
        self.setStartValue(0.0)
        self.setEndValue(1.0)
        self.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.valueChanged.connect(self._show)

    def start(self, before: Mapping[str, Position]) -> None:
        """From these positions to the document's."""
        nodes = self._canvas.graph.nodes
        self._from = {i: p for i, p in before.items() if i in nodes and nodes[i].position != p}
        duration = theme.motion(_DURATION_MS)
        if self._from and duration:
            self._canvas.place(self._from)
            self.setDuration(duration)
            super().start()

    def stop(self) -> None:
        """Everything in its place at once."""
        if self.state() == QVariantAnimation.State.Running:
            super().stop()
            self._show(1.0)

    def _show(self, share: float) -> None:
        nodes = self._canvas.graph.nodes
        places = {}
        for node_id, (x, y) in self._from.items():
            if node_id in nodes:
                to_x, to_y = nodes[node_id].position
                places[node_id] = (x + (to_x - x) * share, y + (to_y - y) * share)
        self._canvas.place(places)
