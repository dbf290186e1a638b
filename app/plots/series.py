"""One curve of a plot: what it shows, and the items that draw it."""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from app import run_colours
from app.plots import colours
from app.plots.frame import Frame

#: The tables of a history that curves are drawn from.
TRAINING, EVALUATIONS, UPDATES, ACTIVITY = SOURCES = ("training", "evaluations", "updates", "activity")


@dataclass(frozen=True)
class Series:
    """One curve: where its numbers come from and how it is shown. ``node`` is the layer it belongs to."""

    key: str
    label: str
    #: A token of the theme, also with how much of the ground is mixed in, or a number in the order of colours.
    colour: str | int | tuple[str, float]
    source: str
    column: int
    shown: bool = True
    smoothed: bool = False
    node: str = ""
    #: Of another run: the number of its colour, and how much of the ground is mixed in.
    run: tuple[int, float] | None = None
    #: Is it of the validation part?
    held_back: bool = False

    @property
    def style(self) -> Qt.PenStyle:
        """Whole where it is of the present run; dashed, or dotted for the validation part, where of another."""
        if self.run is None:
            return Qt.PenStyle.SolidLine
        return Qt.PenStyle.DotLine if self.held_back else Qt.PenStyle.DashLine

    def paint(self) -> QColor:
        if self.run is not None:
            return colours.mixed(run_colours.colour(self.run[0]), colours.token("panel"), self.run[1])
        if isinstance(self.colour, tuple):
            return colours.mixed(colours.token(self.colour[0]), colours.token("panel"), self.colour[1])
        return colours.series(self.colour) if isinstance(self.colour, int) else colours.token(self.colour)


class Curve:
    """A series on the frame: the numbers as they are and, where smoothed, their running mean."""

    def __init__(self, series: Series, frame: Frame) -> None:
        self.series = series
        self.shown = series.shown
        #: Are its points so many that only a thin line is drawn in time?
        self.dense = series.source == TRAINING
        self.raw = pg.PlotDataItem(antialias=True, connect="finite")
        self.mean = pg.PlotDataItem(antialias=True, connect="finite")
        for item in self.items:
            item.setLogMode(False, frame.is_log)
            frame.addItem(item, ignoreBounds=True)
        depth = 0 if series.run is not None else 1
        self.raw.setZValue(depth)
        self.mean.setZValue(depth + 1)

    @property
    def items(self) -> tuple[pg.PlotDataItem, pg.PlotDataItem]:
        return (self.raw, self.mean)

    def dress(self, dimmed: bool, under: bool, width: float) -> None:
        """Takes its colour: ``dimmed`` where another layer is selected, ``under`` where the mean lies on top."""
        colour = self.series.paint()
        strong = colours.faint(colour) if dimmed else colour
        width = 1.0 if self.series.run is not None else width
        style = self.series.style
        raw = colours.faint(colour) if under else strong
        self.raw.setPen(pg.mkPen(raw, width=1 if self.dense else width, style=style))
        self.mean.setPen(pg.mkPen(strong, width=width, style=style))
        self.raw.setSymbolBrush(strong)
        self.raw.setSymbolPen(None)
