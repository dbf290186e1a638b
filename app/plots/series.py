"""One curve of a plot: what it shows, and the items that draw it."""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from app.plots import colours
from app.plots.frame import Frame
from app.runs import colours as run_colours

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
    """A series on the frame: the numbers as they are and, where smoothed, their running mean.

    Each of the two is made when it is first drawn: most curves need one, and making all holds the window up.
    """

    def __init__(self, series: Series, frame: Frame) -> None:
        self.series = series
        self.shown = series.shown
        #: Are its points so many that only a thin line is drawn in time?
        self.dense = series.source == TRAINING
        self._frame = frame
        self._raw: pg.PlotDataItem | None = None
        self._mean: pg.PlotDataItem | None = None
        self._look = (False, False, 1.0)

    @property
    def raw(self) -> pg.PlotDataItem:
        """The numbers as they are."""
        if self._raw is None:
            self._raw = self._made(0)
            self._dress_raw()
        return self._raw

    @property
    def mean(self) -> pg.PlotDataItem:
        """Their running mean, on top."""
        if self._mean is None:
            self._mean = self._made(1)
            self._dress_mean()
        return self._mean

    @property
    def items(self) -> tuple[pg.PlotDataItem, ...]:
        """Those of the two that were drawn."""
        return tuple(item for item in (self._raw, self._mean) if item is not None)

    def clear_raw(self) -> None:
        """Draws the numbers no more."""
        if self._raw is not None:
            self._raw.setData([], [])

    def clear_mean(self) -> None:
        """Draws the mean no more."""
        if self._mean is not None:
            self._mean.setData([], [])

    def _made(self, depth: int) -> pg.PlotDataItem:
        item = pg.PlotDataItem(antialias=True, connect="finite")
        item.setLogMode(False, self._frame.is_log)
        self._frame.addItem(item, ignoreBounds=True)
        item.setZValue(depth if self.series.run is not None else depth + 1)
        return item

    def dress(self, dimmed: bool, under: bool, width: float) -> None:
        """Takes its colour: ``dimmed`` where another layer is selected, ``under`` where the mean lies on top."""
        self._look = dimmed, under, 1.0 if self.series.run is not None else width
        if self._raw is not None:
            self._dress_raw()
        if self._mean is not None:
            self._dress_mean()

    def _strong(self) -> QColor:
        colour = self.series.paint()
        return colours.faint(colour) if self._look[0] else colour

    def _dress_raw(self) -> None:
        _, under, width = self._look
        strong = self._strong()
        colour = colours.faint(self.series.paint()) if under else strong
        self.raw.setPen(pg.mkPen(colour, width=1 if self.dense else width, style=self.series.style))
        self.raw.setSymbolBrush(strong)
        self.raw.setSymbolPen(None)

    def _dress_mean(self) -> None:
        self.mean.setPen(pg.mkPen(self._strong(), width=self._look[2], style=self.series.style))
