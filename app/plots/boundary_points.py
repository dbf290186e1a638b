"""The examples of data with two inputs, as points over the picture of what the network makes of the plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QBrush, QColor

from app import numbers
from app.plots import colours
from app.plots.plane import Plane, surrounding
from app.plots.signed_map import signed_pixels
from app.plots.value_map import value_colour, value_pixels
from app.style import theme
from app.style.class_colours import class_colour
from engine.data import Dataset

#: So many points of a part are drawn, evenly spread over its rows.
_MOST_POINTS = 1000
_MARGIN = 0.08
#: Pixels of a training and of a held-back example; larger where there are few.
_FEW, _FEW_SIZES, _SIZES = 50, (10, 12), (5, 7)
_MOST_NAMES = 7
_SHADES = 9


@dataclass(frozen=True, eq=False)
class Points:
    """Examples in the person's own units: ``xy`` (n, 2), and ``target`` (n,) class numbers or (n, outputs) numbers."""

    xy: np.ndarray
    target: np.ndarray

    @classmethod
    def of(cls, data: Dataset, x: np.ndarray, y: np.ndarray) -> Points:
        """Some of these rows."""
        step = max(1, -(-len(x) // _MOST_POINTS))
        x, y = x[::step], y[::step]
        target = y if data.class_names else data.target_scaler.undo(y).reshape(len(y), -1)
        return cls(data.scaler.undo(x), target)


class DataPoints:
    """Both parts of a data set over a plane: training examples as discs, held-back ones as diamonds."""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane
        self.data: Dataset | None = None
        self.parts: tuple[Points, Points] | None = None
        #: The smallest and the largest target of a regression, of each output.
        self.low, self.high = np.zeros(1), np.ones(1)
        self.items = (pg.ScatterPlotItem(symbol="o"), pg.ScatterPlotItem(symbol="d"))
        for item in self.items:
            item.setZValue(10)
            plane.addItem(item)

    def show_data(self, data: Dataset, output: int = 0) -> None:
        """Shows these examples; ``output`` colours those of a regression."""
        if data is not self.data:
            self.data = data
            self.parts = Points.of(data, data.x_train, data.y_train), Points.of(data, data.x_val, data.y_val)
            both = np.concatenate([part.xy for part in self.parts])
            self.plane.extend(surrounding(both[:, 0].tolist(), both[:, 1].tolist(), _MARGIN))
            if not data.class_names:
                targets = np.concatenate([part.target for part in self.parts])
                self.low, self.high = targets.min(axis=0), targets.max(axis=0)
        self.colour(output)

    def colour(self, output: int = 0) -> None:
        """Draws the points in the colours of the theme in force."""
        sizes = _FEW_SIZES if self.parts and sum(len(part.xy) for part in self.parts) <= _FEW else _SIZES
        for item, part, size in zip(self.items, self.parts or (), sizes, strict=False):
            item.setPen(pg.mkPen(colours.token("ground" if theme.current().is_dark else "strong"), width=0.7))
            item.setSize(size)
            item.setData(part.xy[:, 0], part.xy[:, 1], brush=self._brushes(part.target, output))

    def _brushes(self, target: np.ndarray, output: int) -> list[QBrush]:
        if self.data is not None and self.data.class_names:
            made = [QBrush(class_colour(place)) for place in range(len(self.data.class_names))]
            return [made[label] for label in target.tolist()]
        span = (self.high[output] - self.low[output]) or 1.0
        return [QBrush(value_colour(float(share))) for share in (target[:, output] - self.low[output]) / span]

    def names(self) -> tuple[str, str]:
        """What the two inputs are called."""
        names = self.data.feature_names if self.data else ()
        return (names[0], names[1]) if len(names) == 2 else ("x₁", "x₂")

    def extent(self) -> QRectF:
        """All of the points, with some room around."""
        both = np.concatenate([part.xy for part in self.parts]) if self.parts else np.zeros((1, 2))
        return surrounding(both[:, 0].tolist(), both[:, 1].tolist(), _MARGIN)

    def marks(self) -> str:
        """What the marks mean, where there are two."""
        held_back = self.parts is not None and len(self.parts[1].xy) > 0
        return "● training ◆ validation" if held_back else "● training"

    def key(self) -> str:
        """What marks and colours of classes mean, as rich text."""
        names = self.data.class_names if self.data else ()
        swatches = [_coloured("■", class_colour(place)) + f" {_plain(name)}" for place, name in enumerate(names)]
        more = ["…"] if len(names) > _MOST_NAMES else []
        return " &nbsp; ".join([*swatches[:_MOST_NAMES], *more, self.marks()])


def value_key(low: float, high: float) -> str:
    """The scale of values between two ends, as rich text."""
    return _scale_key(low, high, value_pixels(np.linspace(0.0, 1.0, _SHADES)))


def signed_key(end: float) -> str:
    """The scale of numbers with a sign, as rich text."""
    return _scale_key(-end, end, signed_pixels(np.linspace(-1.0, 1.0, _SHADES), 1.0))


def _scale_key(low: float, high: float, pixels: np.ndarray) -> str:
    shades = "".join(_coloured("■", QColor(*pixel)) for pixel in pixels.tolist())
    return f"{numbers.number(low)} {shades} {numbers.number(high)}"


def _coloured(text: str, colour: QColor) -> str:
    return f'<span style="color:{colour.name()}">{text}</span>'


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
