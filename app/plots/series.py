"""One curve of a plot: what it shows, and the items that draw it."""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from app.plots import colours
from app.plots.ink import Ink, Line
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
    """A series on the frame: the numbers as they are and, where smoothed, their running mean."""

    def __init__(self, series: Series, ink: Ink) -> None:
        self.series = series
        self.shown = series.shown
        #: Are its points so many that only a thin line is drawn in time?
        self.dense = series.source == TRAINING
        depth = 0 if series.run is not None else 1
        #: The numbers as they are; and their running mean, on top.
        self.raw, self.mean = ink.line(depth), ink.line(depth + 1)

    @property
    def lines(self) -> tuple[Line, Line]:
        """Both."""
        return self.raw, self.mean

    def clear(self) -> None:
        """Draws neither."""
        self.raw.clear()
        self.mean.clear()

    def dress(self, dimmed: bool, under: bool, width: float) -> None:
        """Takes its colour: ``dimmed`` where another layer is selected, ``under`` where the mean lies on top."""
        plain = self.series.paint()
        strong = colours.faint(plain) if dimmed else plain
        wide = 1.0 if self.series.run is not None else width
        style = self.series.style
        raw = colours.faint(plain) if under else strong
        self.raw.dress(pg.mkPen(raw, width=1 if self.dense else wide, style=style), strong)
        self.mean.dress(pg.mkPen(strong, width=wide, style=style), strong)
