"""A canvas with a small network, and a hand that presses, drags and types on it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest

from app.canvas.dropping import LAYER_MIME
from app.canvas.port_item import OUTPUT
from app.canvas.view import CanvasView
from app.document import Content, Document
from app.style import theme
from engine.graph.model import Graph

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


def small_network() -> Graph:
    """Input → Dense → ReLU → Dense → cross-entropy, and an Add that nothing is wired to."""
    graph = Graph()
    kinds = [("Input", {"shape": (4,)}), ("Dense", {"units": 8}), ("ReLU", {}), ("Dense", {"units": 3}),
             ("SoftmaxCrossEntropy", {})]
    for column, (kind, params) in enumerate(kinds):
        graph, _ = graph.add(kind, params, (column * 216 - 504, 0))
    for source, target in [("input_1", "dense_1"), ("dense_1", "relu_1"), ("relu_1", "dense_2"), ("dense_2", "loss_1")]:
        graph = graph.connect(source, target)
    return graph.add("Add", position=(-72, 144))[0]


class Hand:
    """Real events on the view's viewport. Places are points of the viewport."""

    def __init__(self, view: CanvasView) -> None:
        self.view = view
        self.viewport = view.viewport()

    def node(self, node_id: str) -> QPointF:
        """The middle of a node."""
        return QPointF(self.view.to_viewport(self.view.canvas.bounds([node_id]).center()))

    def port(self, node_id: str, name: str = OUTPUT) -> QPointF:
        return QPointF(self.view.to_viewport(self.view.canvas.nodes[node_id].anchor(name)))

    def wire(self, target: str, port: str = "in") -> QPointF:
        return QPointF(self.view.to_viewport(self.view.canvas.wires[(target, port)].middle()))

    def at(self, x: float, y: float) -> QPointF:
        """A point of the scene."""
        return QPointF(self.view.to_viewport(QPointF(x, y)))

    def _send(self, kind, place, button, buttons, modifiers) -> None:
        event = QMouseEvent(kind, place, self.viewport.mapToGlobal(place), button, buttons, modifiers)
        QGuiApplication.sendEvent(self.viewport, event)

    def press(self, place: QPointF, button=LEFT, modifiers=NONE) -> None:
        self._send(QEvent.Type.MouseButtonPress, place, button, button, modifiers)

    def move(self, place: QPointF, button=LEFT, modifiers=NONE) -> None:
        self._send(QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton, button, modifiers)

    def release(self, place: QPointF, button=LEFT, modifiers=NONE) -> None:
        self._send(QEvent.Type.MouseButtonRelease, place, button, Qt.MouseButton.NoButton, modifiers)

    def click(self, place: QPointF, modifiers=NONE) -> None:
        QTest.mouseClick(self.viewport, LEFT, modifiers, place.toPoint())

    def hold(self, start: QPointF, end: QPointF, button=LEFT, modifiers=NONE) -> None:
        """Presses and moves in four steps, and does not let go."""
        self.press(start, button, modifiers)
        for step in range(1, 5):
            self.move(start + (end - start) * step / 4, button, modifiers)

    def drag(self, start: QPointF, end: QPointF, button=LEFT, modifiers=NONE) -> None:
        self.hold(start, end, button, modifiers)
        self.release(end, button, modifiers)

    def key(self, key: Qt.Key, modifiers=NONE) -> None:
        QTest.keyClick(self.view, key, modifiers)

    def type(self, text: str) -> None:
        QTest.keyClicks(QGuiApplication.focusObject(), text)

    # -- drags from the palette: an event counts only where the view accepts it ------------------------------

    def carry(self, kind: str, place: QPointF) -> bool:
        """A palette entry dragged to a place; was it welcome?"""
        self.mime = QMimeData()
        self.mime.setData(LAYER_MIME, kind.encode())
        return self.carry_mime(self.mime, place)

    def carry_mime(self, mime: QMimeData, place: QPointF) -> bool:
        enter = QDragEnterEvent(place.toPoint(), Qt.DropAction.CopyAction, mime, LEFT, NONE)
        enter.ignore()
        QGuiApplication.sendEvent(self.viewport, enter)
        move = QDragMoveEvent(place.toPoint(), Qt.DropAction.CopyAction, mime, LEFT, NONE)
        move.ignore()
        QGuiApplication.sendEvent(self.viewport, move)
        return move.isAccepted()

    def let_go(self, place: QPointF) -> bool:
        drop = QDropEvent(place, Qt.DropAction.CopyAction, self.mime, LEFT, NONE)
        drop.ignore()
        QGuiApplication.sendEvent(self.viewport, drop)
        return drop.isAccepted()

    def carry_away(self) -> None:
        QGuiApplication.sendEvent(self.viewport, QDragLeaveEvent())


@pytest.fixture
def document(qapp) -> Document:
    theme.apply(qapp, "dark")
    document = Document()
    document.set_content(Content(small_network()))
    return document


@pytest.fixture
def view(document, qtbot, monkeypatch) -> CanvasView:
    monkeypatch.setattr(theme, "reduced_motion", True)
    view = CanvasView(document)
    qtbot.addWidget(view)
    view.resize(1200, 700)
    with qtbot.waitExposed(view):
        view.show()
    view.zoom_to(1.0)
    view.centre_at(QPointF(0, 60))
    view.activateWindow()
    view.setFocus()
    return view


@pytest.fixture
def hand(view) -> Hand:
    return Hand(view)


@pytest.fixture
def messages(view) -> list[str]:
    """What the canvas told the person, in order."""
    said: list[str] = []
    view.message.connect(lambda severity, sentence: said.append(sentence))
    return said

