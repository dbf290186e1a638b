"""Thin marks across a plot over steps: what was changed there, and the evaluation that early stopping goes back to."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt

from app.plots import colours

#: More marks than these on one plot would hide its curves: the newest are drawn.
_MOST = 24


class Notches:
    """Dotted vertical lines with tooltips; a line that is there already stays."""

    def __init__(self, view: pg.ViewBox) -> None:
        self._view = view
        self._shown: tuple[tuple[int, str, str], ...] = ()
        self.lines: list[pg.InfiniteLine] = []

    def show(self, marks: Sequence[tuple[int, str, str]]) -> None:
        """Marks as (step, what it means, colour token)."""
        wanted = tuple(marks[-_MOST:])
        if wanted == self._shown:
            return
        self._shown = wanted
        while len(self.lines) < len(wanted):
            line = pg.InfiniteLine(angle=90, movable=False)
            line.setZValue(-5)
            self._view.addItem(line, ignoreBounds=True)
            self.lines.append(line)
        for line in self.lines[len(wanted) :]:
            line.hide()
        for line, (step, text, _) in zip(self.lines, wanted, strict=False):
            line.setPos(step)
            line.setToolTip(text)
            line.show()
        self.retheme()

    def retheme(self) -> None:
        """Takes the colours of the theme in force."""
        for line, (_, _, token) in zip(self.lines, self._shown, strict=False):
            line.setPen(pg.mkPen(colours.token(token), width=1, style=Qt.PenStyle.DotLine))
