"""Two networks in one drawing, to look at: what came, what went and what changed is marked by word and colour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QStyleOptionGraphicsItem, QWidget

from app.canvas.picture import bounds
from app.canvas.scene import CanvasScene
from app.document import Content, Document
from app.numbers import exact
from app.style import theme
from engine.graph.diff import GraphDiff, diff
from engine.graph.model import Edge, Graph, Node
from engine.layers import LAYERS

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
#: Kind of change → sign and colour token: nothing is told by its colour alone.
MARKS = {ADDED: ("+", "good"), REMOVED: ("−", "danger"), CHANGED: ("≠", "warning")}
_ABOVE = 1000.0
_AROUND = 7.0
#: Pixels between two nodes, across and down, below which their frames and words would run into one another.
_TOO_NEAR = (190.0, 120.0)
_MOST_WORDS = 46
_CLOSEST, _FARTHEST = 2.0, 0.05


class DifferenceView(QGraphicsView):
    """Shows ``after`` with what it no longer has of ``before``. Drag to move, wheel to zoom; nothing can be edited."""

    def __init__(self, before: Graph, after: Graph, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.changes = diff(before, after)
        self._document = Document(self)
        self._document.set_content(Content(union(before, after, self.changes)))
        self.canvas = CanvasScene(self._document, self)
        # What is missing on purpose is no problem here.
        self.canvas.refresh(replace(self._document.report, issues=()))
        for node_id in self.changes.removed:
            item = self.canvas.nodes[node_id]
            item.set_face(replace(item.face, subtitle=""))
        self.canvas.clearFocus()
        for item in self.canvas.items():
            item.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable, False)
        self.marks: dict[str, Mark] = {}
        self.wires: list[WireMark] = []
        self._mark(before, after)
        self.setScene(self.canvas)
        self.setInteractive(False)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumSize(240, 180)
        self.setAccessibleName(f"Network: {summary(before, after)}")
        theme.signals.changed.connect(self._retheme)
        self._retheme()

    def _mark(self, before: Graph, after: Graph) -> None:
        for kind, ids in ((ADDED, self.changes.added), (REMOVED, self.changes.removed),
                          (CHANGED, self.changes.changed)):
            for node_id in ids:
                words = what_changed(before.nodes[node_id], after.nodes[node_id]) if kind == CHANGED else kind
                self.marks[node_id] = Mark(self.canvas.nodes[node_id].sceneBoundingRect(), kind, words)
        for kind, edges in ((ADDED, self.changes.edges_added), (REMOVED, self.changes.edges_removed)):
            for edge in edges:
                ends = self._ends(edge)
                if ends is not None:
                    self.wires.append(WireMark(*ends, kind))
        for item in (*self.marks.values(), *self.wires):
            self.canvas.addItem(item)

    def _ends(self, edge: Edge) -> tuple[QPointF, QPointF] | None:
        """Where a wire begins and ends; None where a node of it is not drawn."""
        source, target = self.canvas.nodes.get(edge.source), self.canvas.nodes.get(edge.target)
        if source is None or target is None:
            return None
        start = source.sceneBoundingRect()
        end = target.sceneBoundingRect()
        out = next((p.scenePos() for p in source.ports if p.is_output), QPointF(start.right(), start.center().y()))
        port = next((p.scenePos() for p in target.ports if p.name == edge.port), QPointF(end.left(), end.center().y()))
        return out, port

    def _retheme(self) -> None:
        self.setBackgroundBrush(QColor(theme.current().ground))

    # -- looking ---------------------------------------------------------------------------------------------

    def fit(self) -> None:
        """Brings everything into view."""
        area = bounds(self.canvas)
        for item in (*self.marks.values(), *self.wires):
            area = area.united(item.sceneBoundingRect())
        self.fitInView(area.adjusted(-20, -20, 20, 20), Qt.AspectRatioMode.KeepAspectRatio)
        if self.transform().m11() > 1.0:
            self.resetTransform()
            self.centerOn(area.center())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        factor = 1.0015 ** event.angleDelta().y()
        if _FARTHEST <= self.transform().m11() * factor <= _CLOSEST:
            self.scale(factor, factor)
        event.accept()


class Mark(QGraphicsItem):
    """A frame around a node, with a word above it."""

    def __init__(self, place: QRectF, kind: str, words: str) -> None:
        super().__init__()
        self.kind, self.words = kind, words
        self._frame = place.adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND)
        self.setZValue(_ABOVE)
        self.setToolTip(words)

    def boundingRect(self) -> QRectF:
        return self._frame.adjusted(-2, -24, 160, 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        sign, token = MARKS[self.kind]
        colour = QColor(getattr(theme.current(), token))
        style = Qt.PenStyle.DashLine if self.kind == REMOVED else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, 2, style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self._frame, 10, 10)
        painter.setFont(theme.font(theme.current().font_body, bold=True))
        painter.drawText(self._frame.topLeft() + QPointF(2, -6), f"{sign} {self.words}")


class WireMark(QGraphicsItem):
    """A wire that came or went, with its sign in the middle."""

    def __init__(self, start: QPointF, end: QPointF, kind: str) -> None:
        super().__init__()
        self.kind = kind
        reach = max(abs(end.x() - start.x()) / 2, 40.0)
        self._path = QPainterPath(start)
        self._path.cubicTo(start + QPointF(reach, 0), end - QPointF(reach, 0), end)
        self.setZValue(_ABOVE - 1)
        self.setToolTip(f"Wire {kind}")

    def boundingRect(self) -> QRectF:
        return self._path.boundingRect().adjusted(-12, -12, 12, 12)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        sign, token = MARKS[self.kind]
        colour = QColor(getattr(theme.current(), token))
        style = Qt.PenStyle.DashLine if self.kind == REMOVED else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, 3, style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._path)
        middle = self._path.pointAtPercent(0.5)
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(QBrush(QColor(theme.current().ground)))
        painter.drawEllipse(middle, 9, 9)
        painter.setFont(theme.font(theme.current().font_body, bold=True))
        painter.drawText(QRectF(middle.x() - 9, middle.y() - 10, 18, 18), Qt.AlignmentFlag.AlignCenter, sign)


def union(before: Graph, after: Graph, changes: GraphDiff) -> Graph:
    """``after`` with the nodes that only ``before`` has, moved below where they would lie on others."""
    nodes = dict(after.nodes)
    taken = [node.position for node in after.nodes.values()]
    for node_id in changes.removed:
        node = replace(before.nodes[node_id], group="")
        x, y = node.position
        while any(abs(x - other[0]) < _TOO_NEAR[0] and abs(y - other[1]) < _TOO_NEAR[1] for other in taken):
            y += _TOO_NEAR[1]
        taken.append((x, y))
        nodes[node_id] = replace(node, position=(x, y))
    return replace(after, nodes=nodes)


def what_changed(before: Node, after: Node) -> str:
    """"units 64 → 128": what is not the same in a node, in words."""
    if before.kind != after.kind:
        return f"{_kind(before)} → {_kind(after)}"
    parts = []
    layer = LAYERS.get(after.kind)
    for name in dict.fromkeys((*before.params, *after.params)):
        declared = layer.parameters.get(name) if layer else None
        default = declared.default if declared is not None else None
        old, new = before.params.get(name, default), after.params.get(name, default)
        if old != new:
            label = declared.label.lower() if declared is not None else name
            parts.append(f"{label} {_value(old)} → {_value(new)}")
    if before.enabled != after.enabled:
        parts.append("no longer bypassed" if after.enabled else "bypassed")
    if before.name != after.name:
        parts.append(f"was called {before.label}")
    if before.group != after.group:
        parts.append("in another block")
    words = ", ".join(parts) or CHANGED
    return words if len(words) <= _MOST_WORDS else words[: _MOST_WORDS - 1] + "…"


def summary(before: Graph, after: Graph) -> str:
    """"2 layers added, 1 changed, 3 wires removed"; says so where the networks are the same."""
    changes = diff(before, after)
    parts = [*_counted("layer", changes.added, changes.removed, changes.changed),
             *_counted("wire", changes.edges_added, changes.edges_removed, ())]
    if changes.repeats:
        parts.append("repeats of blocks changed")
    if parts:
        return f"Network: {', '.join(parts)}"
    return "The networks are the same" if not changes.moved else "The networks are the same, laid out differently"


def _counted(what: str, added: Iterable, removed: Iterable, changed: Iterable) -> list[str]:
    found = []
    for word, things in ((ADDED, added), (REMOVED, removed), (CHANGED, changed)):
        number = len(tuple(things))
        if number:
            found.append(f"{number} {what}{'' if number == 1 else 's'} {word}")
    return found


def _kind(node: Node) -> str:
    return LAYERS[node.kind].title if node.kind in LAYERS else node.kind


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict):
        return str(value.get("kind", "–"))
    if isinstance(value, (list, tuple)):
        return "×".join(map(str, value))
    return "–" if value is None else exact(value) if isinstance(value, float) else str(value)
