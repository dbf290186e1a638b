"""The line at the step of the run that is looked at, when that is not the newest."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QObject, Signal

from app.plots import colours


class Marker(QObject):
    """A vertical line with a handle, which can be dragged to another step."""

    dragged = Signal(int)

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__()
        self.line = pg.InfiniteLine(angle=90, movable=True)
        self.line.setZValue(40)
        self.line.addMarker("v", position=1.0, size=9)
        self.line.hide()
        self.line.sigDragged.connect(lambda line: self.dragged.emit(round(line.value())))
        view.addItem(self.line, ignoreBounds=True)
        self.retheme()

    def show_step(self, step: int | None) -> None:
        """Stands at a step; None: is away, since all is shown as it is now."""
        if step is not None and not self.line.moving:
            scene = self.line.scene()
            if scene is not None:  # the line forgets where it was before Qt could ask, and would leave a trail
                scene.update(self.line.sceneBoundingRect())
            self.line.setPos(step)
        self.line.setVisible(step is not None)

    def retheme(self) -> None:
        """Takes the colours of the theme in force."""
        self.line.setPen(pg.mkPen(colours.token("accent"), width=1))
        self.line.setHoverPen(pg.mkPen(colours.token("strong"), width=1))
