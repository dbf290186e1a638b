"""What goes on in the selected layer while it trains: how its weights, gradients and outputs are spread."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.numbers import count, number, percent
from app.panels.widgets import Card, column, label
from app.style import theme
from app.style.combo import CalmCombo
from engine.train.events import Histogram, LayerStatistics, Statistics
from engine.train.spectra import condition

_HEIGHT = 54
#: More singular values than this are drawn in groups, each as high as its largest.
_MOST_BARS = 64
_TITLES = {"weights": "Weights", "gradients": "Gradients", "outputs": "Outputs", "singular": "Singular values"}
_COLOURS = {"weights": "value", "gradients": "gradient", "outputs": "value", "singular": "spectrum"}


class Bars(QWidget):
    """Bars from the left to the right, as high as the numbers, the largest as high as the place."""

    def __init__(self, token: str, name: str) -> None:
        super().__init__()
        self.setFixedHeight(_HEIGHT)
        self.setAccessibleName(name)
        self._token = token
        self.heights = np.zeros(0)
        theme.signals.changed.connect(self.update)

    def show_heights(self, heights: np.ndarray) -> None:
        self.heights = heights
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        largest = float(self.heights.max(initial=0.0))
        if not 0.0 < largest < math.inf:
            return
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(theme.current(), self._token)))
        step = self.width() / len(self.heights)
        gap = 1.0 if step >= 3.0 else 0.0
        for place, height in enumerate((self.heights / largest).tolist()):
            if height > 0.0:
                tall = max(height * self.height(), 1.0)
                painter.drawRect(QRectF(place * step, self.height() - tall, step - gap, tall))


class Spread(Card):
    """A title, what stands for the whole in one number, and the bars."""

    def __init__(self, key: str) -> None:
        super().__init__()
        title = _TITLES[key]
        self.figure = label(role="small", wrap=False)
        self.ends = label(role="small", wrap=False)
        self.bars = Bars(_COLOURS[key], f"{title}, bars")
        row = QHBoxLayout()
        row.addWidget(label(title, "strong", wrap=False))
        row.addStretch(1)
        row.addWidget(self.figure)
        self.column.addLayout(row)
        self.column.addWidget(self.bars)
        self.column.addWidget(self.ends)
        self.hide()

    def show_histogram(self, histogram: Histogram, figure: str) -> None:
        """The counts of a histogram, between its ends."""
        self._show(histogram.counts, figure, f"{number(histogram.low, 2)} … {number(histogram.high, 2)}")

    def show_values(self, values: np.ndarray, figure: str) -> None:
        """One bar a value, or a group of values."""
        groups = np.linspace(0, len(values), min(len(values), _MOST_BARS) + 1).astype(int)[:-1]
        self._show(np.maximum.reduceat(values, groups), figure, f"{count(len(values))} values, largest first")

    def _show(self, heights: np.ndarray, figure: str, ends: str) -> None:
        self.figure.setText(figure)
        self.ends.setText(ends)
        self.bars.show_heights(heights)
        self.bars.setAccessibleDescription(f"{figure}; {ends}")
        self.show()


class LiveLayer(QWidget):
    """The cards of one layer; those that say nothing of it are away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards = {key: Spread(key) for key in _TITLES}
        #: Which copy is shown of a layer in a repeated block: each has weights and outputs of its own.
        self.copy = CalmCombo()
        self.copy.setProperty("role", "small")
        self.copy.setAccessibleName("Copy of the repeated layer")
        self.copy.activated.connect(self._show)
        self.copy.hide()
        layout = column(self, margins=(0, 0, 0, 0))
        layout.addWidget(self.copy)
        for card in self.cards.values():
            layout.addWidget(card)
        self._node = ""
        self._seen: Statistics | None = None

    def show_node(self, node: str, copies: tuple[str, ...] = ()) -> None:
        """The layer that is selected, "" for none or several, and the ids it is computed as where it is repeated."""
        known = tuple(self.copy.itemData(i) for i in range(self.copy.count()))
        if node != self._node or (copies or (node,)) != known:
            self._node = node
            self.copy.clear()
            for place, computed in enumerate(copies or (node,)):
                self.copy.addItem(f"Copy {place + 1} of {len(copies)}", computed)
            self._show()

    def show_statistics(self, statistics: Statistics | None) -> None:
        """The newest look at a step; None where there is none."""
        if statistics is not self._seen:
            self._seen = statistics
            self._show()

    def _show(self) -> None:
        layers = self._seen.layers if self._seen else ()
        layer = next((found for found in layers if found.node == self.copy.currentData()), None)
        self.copy.setVisible(layer is not None and self.copy.count() > 1)
        for card in self.cards.values() if layer is None or not layer.weights else ():
            card.hide()
        if layer is not None:
            self._show_layer(layer)

    def _show_layer(self, layer: LayerStatistics) -> None:
        self.cards["outputs"].show_histogram(layer.outputs, outputs_figure(layer))
        if not layer.weights:
            return
        # The one with the most to say: a layer's matrix rather than its offsets.
        weight = max(layer.weights, key=lambda w: (len(w.singular_values), w.values.counts.sum()))
        name = weight.key.rpartition(".")[2]
        self.cards["weights"].show_histogram(weight.values, f"{name} · σ {number(weight.sigma, 2)}")
        self.cards["gradients"].show_histogram(weight.gradients, f"‖∂L/∂{name}‖₂ {number(weight.gradient_norm, 2)}")
        values = weight.singular_values
        self.cards["singular"].setVisible(len(values) > 0)
        if len(values):
            figure = f"κ {number(condition(values), 2)} · σ₁ {number(float(values[0]), 2)}"
            self.cards["singular"].show_values(values, figure)


def outputs_figure(layer: LayerStatistics) -> str:
    """What of a layer's outputs matters most: dead units, flat ends, else their σ."""
    if layer.dead > 0:
        return f"{count(round(layer.dead * layer.units))} of {count(layer.units)} dead"
    if layer.saturated > 0:
        return f"{percent(layer.saturated)} saturated"
    return f"mean {number(layer.mean, 2)} · σ {number(layer.sigma, 2)}"
