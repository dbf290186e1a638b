"""Units that do not take part: dead ones, which put out zero, and saturated ones, whose slope is all but zero."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app import numbers
from app.document import Document
from app.plots import colours
from app.plots.base import Plot
from app.plots.pointed import Walked
from app.style import theme
from app.training.session import Session
from engine.layers import LAYERS
from engine.layers.elementwise import Elementwise
from engine.train.events import LayerStatistics
from engine.train.telemetry import DEAD_AFTER

_ROW, _MARGIN, _LABEL, _WORDS = 38, 12, 96, 150


class Rows(Walked):
    """A row for each activation layer: its name, the shares as one bar, and both in words."""

    clicked = Signal(str)
    pointed = Signal(int)  # the row under the pointer or the keys, −1 for none

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Dead and saturated units, bars")
        self.rows: list[tuple[str, LayerStatistics]] = []  # label, what was seen
        self.selected: frozenset[str] = frozenset()

    def show_rows(self, rows: list[tuple[str, LayerStatistics]]) -> None:
        self.rows = rows
        self.setAccessibleDescription("; ".join(f"{name}: {in_words(seen)}" for name, seen in rows))
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 60)

    def _height(self) -> float:
        return min((self.height() - _MARGIN) / max(len(self.rows), 1), _ROW)

    def place_at(self, point: QPointF) -> int:
        row = int((point.y() - _MARGIN / 2) // max(self._height(), 1.0))
        return row if 0 <= row < len(self.rows) else -1

    def count(self) -> int:
        return len(self.rows)

    def tell(self) -> None:
        self.pointed.emit(self.place)

    def enter(self, place: int, modifiers: Qt.KeyboardModifier) -> None:
        self.clicked.emit(self.rows[place][1].node)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.current().font_small))
        for place, (name, seen) in enumerate(self.rows):
            top = _MARGIN / 2 + place * self._height()
            if place == self.place:
                painter.fillRect(QRectF(0, top, self.width(), self._height()), colours.token("raised"))
            self._paint_row(painter, top, name, seen)

    def _paint_row(self, painter: QPainter, top: float, name: str, seen: LayerStatistics) -> None:
        height, metrics = self._height(), painter.fontMetrics()
        room = max(self.width() - _LABEL - _WORDS - 4 * _MARGIN, 20)
        painter.setPen(colours.token("accent" if seen.node in self.selected else "text"))
        text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, _LABEL)
        painter.drawText(QRectF(_MARGIN, top, _LABEL, height), Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(colours.token("quiet"))
        words = QRectF(self.width() - _WORDS - _MARGIN, top, _WORDS, height)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, in_words(seen))
        thick = max(round(height * 0.4), 5)
        bar = QRectF(_LABEL + 2 * _MARGIN, top + (height - thick) / 2, room, thick)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.token("field"))
        painter.drawRoundedRect(bar, 3, 3)
        for share, token in ((seen.saturated, "accent"), (seen.dead, "danger")):
            if share > 0:
                painter.setBrush(colours.token(token))
                painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(share * room, 3.0), thick), 3, 3)


class SilentUnitsPlot(Plot):
    """Which activation layers lose units, now."""

    id = "silent_units"
    title = "Dead and saturated units"
    short = "Dead units"
    about = "Units that are always zero, and outputs at the flat ends"
    group = "Layers"
    remark = "now"
    promise = (
        "Press Run: for each activation, a bar will show how many of its units are always zero, "
        "and how many outputs lie where it is flat."
    )
    shown = False
    behind = "gradient_flow"

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.bars = Rows(self.body)
        self.bars.clicked.connect(lambda node: self.node_clicked.emit(self.drawn_node(node)))
        self.bars.pointed.connect(lambda _: self._say())
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.bars, 1)
        words = f"dead: zero for each of the last {DEAD_AFTER} examples looked at · saturated: at the flat ends"
        caption = QLabel(words, self.body)
        caption.setToolTip(definitions())
        caption.setProperty("role", "small")
        caption.setWordWrap(True)
        caption.setContentsMargins(_MARGIN, 0, _MARGIN, 6)
        column.addWidget(caption)
        document.selection_changed.connect(self._select)

    def has_data(self) -> bool:
        return bool(self._seen())

    def empty_text(self) -> str:
        if self.history.statistics is None:
            return self.promise
        return "This network has no activation layers: ReLU, tanh and their like, whose units could fall silent."

    def _seen(self) -> list[LayerStatistics]:
        statistics = self.history.statistics_at(self.session.cursor)
        return [seen for seen in reversed(statistics.layers) if not math.isnan(seen.dead)] if statistics else []

    def refresh(self) -> None:
        self.bars.show_rows([(self.label_of(seen.node), seen) for seen in self._seen()])
        self._say()
        self._select()

    def _say(self) -> None:
        """The row that is pointed at exactly; else the step that was looked at."""
        looked_at = self.history.statistics_at(self.session.cursor)
        if 0 <= self.bars.place < len(self.bars.rows):
            name, seen = self.bars.rows[self.bars.place]
            self.detail.say(f"{name}: {in_words(seen)}")
        elif looked_at is not None:
            self.detail.say("now" if self.session.cursor is None else f"step {numbers.count(looked_at.step)}")

    def _select(self) -> None:
        nodes = (seen.node for _, seen in self.bars.rows)
        self.bars.selected = frozenset(n for n in nodes if self.drawn_node(n) in self.document.selection)
        self.bars.update()

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        seen = self._seen()
        return ["layer", "units", "dead", "saturated"], [
            np.array([s.node for s in seen], dtype=object), np.array([s.units for s in seen]),
            np.array([s.dead for s in seen]), np.array([s.saturated for s in seen]),
        ]


def definitions() -> str:
    """What counts as dead and as saturated."""
    curves = [layer() for layer in LAYERS.values() if issubclass(layer, Elementwise)]
    flat = {curve.title: zip(("below", "above"), curve.flat_ends(), strict=True) for curve in curves}
    ends = {title: [f"{side} {numbers.exact(end)}" for side, end in sides if math.isfinite(end)]
            for title, sides in flat.items()}
    named = [f"{title} {' or '.join(words)}" for title, words in ends.items() if words]
    return (f"A unit is dead where it was 0 for each of the last {DEAD_AFTER} examples looked at (for all, where the "
            f"training part has fewer).\nAn output is saturated where its activation is flat: {'; '.join(named)}.")


def in_words(seen: LayerStatistics) -> str:
    """"12 of 128 dead", "3.1 % saturated", both, or "all take part"."""
    parts = []
    if seen.dead > 0:
        parts.append(f"{numbers.count(round(seen.dead * seen.units))} of {numbers.count(seen.units)} dead")
    if seen.saturated > 0:
        parts.append(f"{numbers.percent(seen.saturated)} saturated")
    return " · ".join(parts) or "all take part"
