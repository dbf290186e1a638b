"""The first page: recent projects, and templates that are one click from a training network."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.settings import Settings
from app.style import theme
from app.style.icons import ThemedIcon
from engine.graph.model import Graph
from engine.layers import LAYERS
from engine.project import TEMPLATES, Template

_CARD_WIDTH = 250
#: How far a wire goes on before it turns to the row below, in a picture of a network.
_TURN = 5.0
_RECENT_WIDTH = 250


class Welcome(QWidget):
    """``template(id, train)`` asks for a template, trained at once or not; ``recent(path)`` for a project."""

    template = Signal(str, bool)
    recent = Signal(object)
    new = Signal()
    open = Signal()
    back = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Welcome")
        self._settings = settings
        self.cards = [TemplateCard(entry) for entry in TEMPLATES.values()]
        self._columns = 0
        self._grid = QGridLayout()
        self._grid.setSpacing(14)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self.recent_buttons: list[QPushButton] = []
        for card in self.cards:
            card.chosen.connect(partial(self.template.emit, card.template.id))
        self._lay_out()
        settings.recent_changed.connect(self._show_recent)
        theme.signals.changed.connect(self._show_brand)
        self._show_brand()
        self._show_recent()
        self._arrange(3)

    def _lay_out(self) -> None:
        self.brand = QLabel()
        self.brand.setTextFormat(Qt.TextFormat.RichText)
        motto = _label("Draw a neural network, watch backpropagation train it, export the weights.", "quiet")
        side = QVBoxLayout()
        side.setSpacing(8)
        self.back_button = QPushButton()
        ThemedIcon(self.back_button, "mdi6.arrow-left")
        self.back_button.clicked.connect(self.back)
        self.back_button.setStyleSheet("text-align: left;")
        self.back_button.hide()
        side.addWidget(self.back_button)
        for text, icon, signal in (("New network", "mdi6.file-outline", self.new),
                                   ("Open a project…", "mdi6.folder-open-outline", self.open)):
            button = QPushButton(text)
            ThemedIcon(button, icon)
            button.clicked.connect(signal)
            button.setStyleSheet("text-align: left;")
            side.addWidget(button)
        side.addSpacing(10)
        side.addWidget(_label("RECENT PROJECTS", "heading"))
        side.addLayout(self._recent)
        side.addStretch(1)
        rail = QWidget()
        rail.setLayout(side)
        rail.setFixedWidth(_RECENT_WIDTH)
        side.setContentsMargins(0, 0, 0, 0)
        templates = QVBoxLayout()
        templates.setSpacing(8)
        templates.addWidget(_label("BEGIN WITH A TEMPLATE", "heading"))
        templates.addLayout(self._grid)
        templates.addStretch(1)
        body = QHBoxLayout()
        body.setSpacing(32)
        body.addWidget(rail)
        body.addLayout(templates)
        body.addStretch(1)
        page = QVBoxLayout(self)
        page.setContentsMargins(36, 26, 36, 26)
        page.setSpacing(6)
        page.addWidget(self.brand)
        page.addWidget(motto)
        page.addSpacing(16)
        page.addLayout(body, 1)

    def offer_back(self, title: str) -> None:
        """Offers the way back to what is open; nothing is where ``title`` is empty."""
        self.back_button.setText(f"Back to {title}")
        self.back_button.setVisible(bool(title))
        if title:
            self.back_button.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.back_button.isVisible():
            self.back.emit()
        else:
            super().keyPressEvent(event)

    def _show_brand(self) -> None:
        tokens = theme.current()
        self.brand.setText(f"<span style='font-size:26px; font-weight:700; color:{tokens.strong}'>chain"
                           f"<span style='color:{tokens.accent}'>rule</span></span>")

    def _show_recent(self) -> None:
        while self._recent.count():
            gone = self._recent.takeAt(0).widget()
            gone.hide()
            gone.deleteLater()
        self.recent_buttons = []
        for path in self._settings.recent:
            button = _recent_button(path)
            button.clicked.connect(partial(self.recent.emit, path))
            self._recent.addWidget(button)
            self.recent_buttons.append(button)
        if not self.recent_buttons:
            self._recent.addWidget(_label("None yet. What you save appears here; a .chainrule file may also be "
                                          "dropped on the window.", "small"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() - 72 - 32 - _RECENT_WIDTH
        self._arrange(max(1, min(4, (room + 14) // (_CARD_WIDTH + 14))))

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for card in self.cards:
            self._grid.removeWidget(card)
        for place, card in enumerate(self.cards):
            self._grid.addWidget(card, place // columns, place % columns)


class TemplateCard(QFrame):
    """One template: a picture of its network, what it is, and two ways to begin. ``chosen(train)``."""

    chosen = Signal(bool)

    def __init__(self, entry: Template, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.template = entry
        self.setProperty("role", "card")
        self.setFixedWidth(_CARD_WIDTH)
        self.setMinimumHeight(178)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"Template {entry.title}")
        self.setAccessibleDescription(entry.description)
        self.open_button, self.train_button = QPushButton("Open"), QPushButton("Train now")
        self.open_button.setAccessibleName(f"Open {entry.title}")
        self.train_button.setAccessibleName(f"Train {entry.title} now")
        self.train_button.setProperty("role", "primary")
        self.open_button.clicked.connect(partial(self.chosen.emit, False))
        self.train_button.clicked.connect(partial(self.chosen.emit, True))
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(4)
        column.addWidget(Thumbnail(entry.make_graph()))
        column.addWidget(_label(entry.title, "strong"))
        about = _label(entry.description, "quiet")
        about.setAlignment(Qt.AlignmentFlag.AlignTop)
        column.addWidget(about, 1)
        row = QHBoxLayout()
        row.setContentsMargins(0, 6, 0, 0)
        row.addWidget(self.train_button)
        row.addWidget(self.open_button)
        row.addStretch(1)
        column.addLayout(row)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(False)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.current().accent), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.current().radius,
                                    theme.current().radius)


class Thumbnail(QWidget):
    """A network in small: one box a layer in its category's colour, in computing order."""

    def __init__(self, graph: Graph, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._graph = graph
        self.setFixedHeight(38)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.signals.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(_CARD_WIDTH - 28, 38)

    def paintEvent(self, event: QPaintEvent) -> None:
        nodes = self._graph.nodes
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        boxes = self._boxes()
        painter.setPen(QPen(QColor(tokens.wire), 1.4))
        for edge in self._graph.edges.values():
            painter.drawPolyline(_wire(boxes[edge.source], boxes[edge.target]))
        painter.setPen(Qt.PenStyle.NoPen)
        for node_id, box in boxes.items():
            layer = LAYERS.get(nodes[node_id].kind)
            painter.setBrush(QColor(tokens.category_colour(layer.category.colour) if layer else tokens.danger))
            painter.drawRoundedRect(box, 3, 3)

    def _boxes(self) -> dict[str, QRectF]:
        places = {i: node.position for i, node in self._graph.nodes.items()}
        xs, ys = sorted({x for x, _ in places.values()}), sorted({y for _, y in places.values()})
        left = 1.0 if len(ys) == 1 else _TURN + 1
        pitch = (self.width() - 3 - left) / max(len(xs), 1)
        width = min(pitch * 0.62, 24.0)
        height = 22.0 if len(ys) == 1 else 12.0
        step = (self.height() - height) / max(len(ys) - 1, 1)
        return {i: QRectF(xs.index(x) * min(pitch, 40.0) + left,
                          (self.height() - height) / 2 if len(ys) == 1 else ys.index(y) * step, width, height)
                for i, (x, y) in places.items()}


def _wire(source: QRectF, target: QRectF) -> QPolygonF:
    """Straight, or between the rows where the target stands further left."""
    start, end = QPointF(source.right(), source.center().y()), QPointF(target.left(), target.center().y())
    if start.x() <= end.x():
        return QPolygonF([start, end])
    right, left, middle = start.x() + _TURN, end.x() - _TURN, (start.y() + end.y()) / 2
    return QPolygonF([start, QPointF(right, start.y()), QPointF(right, middle), QPointF(left, middle),
                      QPointF(left, end.y()), end])


def _recent_button(path: Path) -> QPushButton:
    button = QPushButton(path.stem)
    button.setProperty("role", "flat")
    button.setStyleSheet("text-align: left;")
    button.setToolTip(str(path))
    button.setAccessibleDescription(str(path))
    ThemedIcon(button, "mdi6.graph-outline", "quiet")
    return button


def _label(text: str, role: str) -> QLabel:
    made = QLabel(text)
    made.setProperty("role", role)
    made.setWordWrap(True)
    return made
