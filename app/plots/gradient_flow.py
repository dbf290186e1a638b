"""Gradient flow now: how much of the gradient arrives at each layer, from the output to the input."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QMenu, QScrollArea, QVBoxLayout, QWidget

from app import numbers
from app.document import Document
from app.plots import colours
from app.plots.base import Plot
from app.plots.pointed import Walked
from app.style import theme
from app.style.gradient_scale import GradientScale
from app.training.session import Session

#: Heights of a row: what is wanted, and the least before the list scrolls.
_ROW, _LEAST_ROW = 36, 17
_BAR = 0.46
_MARGIN = 12
_GAP = 10
_LONGEST_LABEL = 110
#: A bar of a value that is not zero is at least this part of the whole.
_LEAST_BAR = 0.02


class Bars(Walked):
    """The rows: label, bar, value. A click names the row's node."""

    clicked = Signal(str)
    pointed = Signal(int)  # the row under the pointer or the keys, −1 for none

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Gradient flow, bars")
        self.is_log = True
        self.rows: list[tuple[str, str, float]] = []  # node, label, value
        self.selected: frozenset[str] = frozenset()
        self.scale = GradientScale()

    def show_rows(self, rows: list[tuple[str, str, float]]) -> None:
        """Shows these (node, label, value), from top to bottom."""
        resized = len(rows) != len(self.rows)
        self.rows = rows
        self.setAccessibleDescription(", ".join(f"{label} {numbers.number(value)}" for _, label, value in rows))
        if resized:
            self.updateGeometry()
        self.update()

    def length(self, value: float) -> float:
        """The length of a bar, 0 … 1."""
        if not value > 0:
            return 0.0
        if self.is_log:
            return max(self.scale.position(value), _LEAST_BAR)
        largest = max(value for _, _, value in self.rows)
        return max(value / largest, _LEAST_BAR) if math.isfinite(largest) else 1.0

    def minimumSizeHint(self) -> QSize:
        return QSize(160, len(self.rows) * _LEAST_ROW + _MARGIN)

    def sizeHint(self) -> QSize:
        return QSize(320, len(self.rows) * _ROW + _MARGIN)

    def _row_height(self) -> float:
        return min(max((self.height() - _MARGIN) / max(len(self.rows), 1), _LEAST_ROW), _ROW)

    def place_at(self, point: QPointF) -> int:
        index = int((point.y() - _MARGIN / 2) // self._row_height())
        return index if 0 <= index < len(self.rows) else -1

    def count(self) -> int:
        return len(self.rows)

    def tell(self) -> None:
        self.pointed.emit(self.place)

    def enter(self, place: int, modifiers: Qt.KeyboardModifier) -> None:
        self.clicked.emit(self.rows[place][0])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        face = theme.font(theme.current().font_small)
        painter.setFont(face)
        metrics = QFontMetrics(face)
        names = [label for _, label, _ in self.rows]
        label_width = min(max((metrics.horizontalAdvance(name) for name in names), default=0), _LONGEST_LABEL)
        left = _MARGIN + label_width + _GAP
        value_width = metrics.horizontalAdvance("0.0000") + _GAP
        room = max(self.width() - left - value_width - _MARGIN, 10)
        height = self._row_height()
        for index, (node, label, value) in enumerate(self.rows):
            row = QRectF(0, _MARGIN / 2 + index * height, self.width(), height)
            if index == self.place:
                painter.fillRect(row, colours.token("raised"))
            self._paint_row(painter, row, QRectF(left, 0, room, 0), node, label, value)

    def _paint_row(
        self, painter: QPainter, row: QRectF, bar: QRectF, node: str, label: str, value: float
    ) -> None:
        metrics = painter.fontMetrics()
        align = Qt.AlignmentFlag.AlignVCenter
        chosen = node in self.selected
        painter.setPen(colours.token("accent" if chosen else "text"))
        text = metrics.elidedText(label, Qt.TextElideMode.ElideMiddle, int(bar.left() - _GAP - _MARGIN) + 2)
        painter.drawText(QRectF(_MARGIN, row.top(), bar.left() - _MARGIN, row.height()), align, text)
        thickness = max(round(row.height() * _BAR), 6)
        top = row.center().y() - thickness / 2
        width = bar.width() * self.length(value)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.token("field"))
        painter.drawRoundedRect(QRectF(bar.left(), top, bar.width(), thickness), 3, 3)
        if width > 0:
            painter.setBrush(theme.current().gradient_colour(self.scale.position(value)))
            painter.drawRoundedRect(QRectF(bar.left(), top, width, thickness), 3, 3)
        painter.setPen(colours.token("quiet"))
        painter.drawText(QRectF(bar.right() + _GAP, row.top(), 80, row.height()), align, numbers.number(value, 2))


class GradientFlowPlot(Plot):
    """Mean |∂L/∂output| of each layer in the newest step, or the one looked at. Bars that shrink towards the input are
    a gradient that vanishes on its way back."""

    id = "gradient_flow"
    title = "Gradient flow, output → input"
    short = "Flow"
    about = "How much of the gradient arrives at each layer"
    group = "Layers"
    promise = "Press Run: a bar for each layer will show how much of the gradient reaches it, from the output back."

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self._every_layer = False
        self.bars = Bars(self.body)
        self.bars.clicked.connect(lambda node: self.node_clicked.emit(self.drawn_node(node)))
        self.bars.pointed.connect(lambda _: self._show_remark())
        scroll = QScrollArea(self.body)
        scroll.setWidget(self.bars)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll)
        self.caption = QLabel("mean |∂L/∂output| of each layer", self.body)
        self.caption.setProperty("role", "small")
        self.caption.setContentsMargins(_MARGIN, 0, _MARGIN, 6)
        column.addWidget(self.caption)
        document.selection_changed.connect(self._select)
        session.started.connect(self.bars.scale.reset)
        self._show_remark()

    def has_data(self) -> bool:
        return bool(self.history.flow_by_node())

    def refresh(self) -> None:
        # All layers count, shown or not: the bars then have the colours of the wires.
        self.bars.scale.include(self._flow().values())
        self._select()
        self.bars.show_rows(self._rows())
        self._show_remark()

    def _flow(self) -> dict[str, float]:
        return self.history.flow_at(self.session.cursor)

    def _rows(self) -> list[tuple[str, str, float]]:
        """From output to input; layers without weights only where asked for, or where there are no others."""
        flow = self._flow()
        learning = {key.rpartition(".")[0] for key in self.history.weight_keys}
        nodes = [node for node in flow if self._every_layer or node in learning] or list(flow)
        return [(node, self.label_of(node), flow[node]) for node in reversed(nodes)]

    def _select(self) -> None:
        selection = self.document.selection
        self.bars.selected = frozenset(n for n in self.history.flow_nodes if self.drawn_node(n) in selection)
        self.bars.update()

    def set_log(self, on: bool) -> None:
        """Lengths on a logarithmic scale, or in proportion. Colours are logarithmic either way, as on the wires."""
        self.bars.is_log = on
        self.bars.update()
        self._show_remark()

    def _show_remark(self) -> None:
        if 0 <= self.bars.place < len(self.bars.rows):
            _, label, value = self.bars.rows[self.bars.place]
            self.detail.say(f"{label}: mean |∂L/∂output| = {numbers.number(value, 4)}")
            return
        step = self.session.cursor
        when = "now" if step is None else f"step {numbers.count(max(self.history.flow_step(step), 0))}"
        self.detail.say(f"{when} · log" if self.bars.is_log else when)

    def show_every_layer(self, on: bool) -> None:
        """Also those without weights."""
        self._every_layer = on
        self.draw_now()

    def fill_menu(self, menu: QMenu) -> None:
        scale = menu.addAction("Logarithmic bars")
        scale.setCheckable(True)
        scale.setChecked(self.bars.is_log)
        scale.toggled.connect(self.set_log)
        every = menu.addAction("Every layer")
        every.setCheckable(True)
        every.setChecked(self._every_layer)
        every.toggled.connect(self.show_every_layer)

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        flow = list(reversed(self._flow().items()))
        names = np.array([node for node, _ in flow], dtype=object)
        return ["layer", "mean |dL/d output|"], [names, np.array([value for _, value in flow])]
