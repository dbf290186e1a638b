"""What the mouse does in a plot over steps: a frame dragged zooms into it, the wheel zooms at the pointer."""

from __future__ import annotations

import pyqtgraph as pg
from pyqtgraph.GraphicsScene.mouseEvents import MouseDragEvent
from PySide6.QtCore import QRectF, Qt, Signal

from app.plots import colours

#: A frame thinner than this (pixels) zooms along its length only; one that is short both ways was not meant.
_THIN = 12.0


class ViewBox(pg.ViewBox):
    """pyqtgraph's, with a rubber band on the left button, panning on the middle one, and Shift to pick a step."""

    leaving = Signal(bool)  # the view is about to be changed by the person; True: by one more notch of the wheel
    picked = Signal(float)  # Shift and the left button at this step

    def __init__(self) -> None:
        super().__init__(enableMenu=False)

    def retheme(self) -> None:
        """Takes the colours of the theme in force."""
        self.rbScaleBox.setPen(pg.mkPen(colours.token("accent"), width=1))
        self.rbScaleBox.setBrush(pg.mkBrush(None))

    def wheelEvent(self, event: object, axis: int | None = None) -> None:
        self.leaving.emit(True)
        super().wheelEvent(event, axis)

    def mouseDragEvent(self, event: MouseDragEvent, axis: int | None = None) -> None:
        if event.button() != Qt.MouseButton.LeftButton or axis is not None:
            if event.isStart():
                self.leaving.emit(False)
            super().mouseDragEvent(event, axis)
            return
        event.accept()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.picked.emit(self.mapToView(event.pos()).x())
            return
        if not event.isFinish():
            self.updateScaleBox(event.buttonDownPos(), event.pos())
            return
        self.rbScaleBox.hide()
        self.zoom_into(QRectF(event.buttonDownPos(), event.pos()).normalized())

    def zoom_into(self, frame: QRectF) -> None:
        """Shows what lies in a frame, given in pixels of the view."""
        enabled = self.state["mouseEnabled"]
        across, up = frame.width() >= _THIN, frame.height() >= _THIN and enabled[1]
        if not across and not up:
            return
        self.leaving.emit(False)
        inside = self.mapToView(frame.topLeft()), self.mapToView(frame.bottomRight())
        if across:
            self.setXRange(inside[0].x(), inside[1].x(), padding=0)
        if up:
            self.setYRange(inside[1].y(), inside[0].y(), padding=0)
        self.sigRangeChangedManually.emit([across, up])
