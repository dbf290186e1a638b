"""A wire: a curve from an output to an input, with the shape that flows along it and, live, its gradient."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF, QRegion
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.canvas import metrics as m
from app.canvas.style import style
from app.style.theme import current
from engine.graph.model import Edge

#: Free on both sides of a label between two ports, together.
_AIR = 6.0
DOT_RADIUS = 4.5
#: Straight pieces of a curve that are held by one rectangle.
_PIECE = 6


@lru_cache(maxsize=256)
def label_forms(label: str) -> tuple[str, ...]:
    """A shape from wide to narrow: ``28 × 28 × 6``, ``28×28×6``, ``28²×6``."""
    tight = label.replace(" ", "")
    sides = tight.split("×")
    square = len(sides) == 3 and sides[0] == sides[1]
    return (label, tight, f"{sides[0]}²×{sides[2]}") if square else (label, tight)


class WireItem(QGraphicsItem):
    """Paints one edge of the graph."""

    def __init__(self, edge: Edge) -> None:
        super().__init__()
        self.edge = edge
        self.selected = False
        self.hovered = False
        self.wrong = False
        self._begin, self._end = QPointF(), QPointF()
        self._path = QPainterPath()
        self._level: QPointF | None = None
        self._points: list[QPointF] = []
        self._stroke: list[QRectF] = []
        self._label = self._note = self._placed = ""
        self._label_rect = QRectF()
        self._bounds = QRectF()
        self._flow: float | None = None
        self._dots: tuple[QPointF, ...] = ()
        self.selected_dot = -1
        self._pen = QPen()
        self._seen = 0.0, self._pen  # at which zoom, and as wide as there
        self.restyle()

    # -- what the scene tells it ---------------------------------------------------------------------------

    def route(self, begin: QPointF, end: QPointF, path: QPainterPath, level: QPointF | None = None) -> None:
        """Lays the wire between two points; ``level`` is the middle of its level part where it has one."""
        self.prepareGeometryChange()
        self._begin, self._end = begin, end
        self._path, self._level = path, level
        self._points, self._stroke = [], []
        self._bounds = self._path_bounds()
        self._place_label()

    def set_dots(self, dots: tuple[QPointF, ...], selected: int = -1) -> None:
        """Where the wire is led through, in scene coordinates."""
        if (dots, selected) != (self._dots, self.selected_dot):
            self._dots, self.selected_dot = dots, selected
            self.update()

    def dot_near(self, point: QPointF, reach: float) -> int | None:
        """The dot at a point of the scene."""
        gaps = [((dot - point).manhattanLength(), i) for i, dot in enumerate(self._dots)]
        nearest = min(gaps, default=None)
        return nearest[1] if nearest and nearest[0] <= reach else None

    @property
    def ends(self) -> tuple[QPointF, QPointF]:
        return self._begin, self._end

    def set_label(self, label: str) -> None:
        """The shape that flows along, ``28 × 28 × 1``; "" where it is not known."""
        if label != self._label:
            self._label = label
            if label and label != self._placed:
                self._place_label()
            if self.is_read():
                self.update()

    def set_note(self, note: str) -> None:
        """What else is known of what flows along, for the tooltip."""
        self._note = note

    def words(self) -> str:
        """What the tooltip says."""
        carries = f"Carries {self._label}" if self._label else "The shape is not known yet"
        return "\n".join(filter(None, (carries, self._note)))

    def set_wrong(self, wrong: bool) -> None:
        """A wire into a layer that cannot use it is dashed and red."""
        if wrong != self.wrong:
            self.wrong = wrong
            self.restyle()

    def set_selected(self, selected: bool) -> None:
        if selected != self.selected:
            self.selected = selected
            self.restyle()

    def set_hovered(self, hovered: bool) -> None:
        if hovered != self.hovered:
            self.hovered = hovered
            self.restyle()

    def set_flow(self, log_position: float | None) -> bool:
        """Takes the place of the gradient on the log scale, 0 … 1; None where nothing is known. Is it another? Then
        :attr:`stroke` is to be painted anew."""
        step = None if log_position is None else round(min(max(log_position, 0.0), 1.0) * 128) / 128
        if step == self._flow:
            return False
        self._flow = step
        self._take_pen()
        return True

    @property
    def label(self) -> str:
        return self._label

    @property
    def flow(self) -> float | None:
        return self._flow

    @property
    def pen(self) -> QPen:
        return QPen(self._pen)

    def restyle(self) -> None:
        """Chooses colour and width anew, after a change of state or theme."""
        self._take_pen()
        self.update()

    def _take_pen(self) -> None:
        self._pen = self._chosen_pen()
        self._seen = 0.0, self._pen

    def _chosen_pen(self) -> QPen:
        look = style()
        if self._flow is not None:
            width = m.WIRE_WIDTH + self._flow * (m.WIRE_WIDEST - m.WIRE_WIDTH)
            colour = current().gradient_colour(self._flow)
        else:
            width, colour = m.WIRE_WIDTH, look.wire
        if self.wrong:
            return QPen(look.wire_error)
        if self.selected or self.hovered:
            width = max(width, m.WIRE_WIDTH + 0.8)
            colour = look.accent if self.selected else QColor(look.tokens.text)
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        return pen

    # -- geometry ------------------------------------------------------------------------------------------

    def distance(self, point: QPointF) -> float:
        """How far a point, in scene coordinates, lies from the wire."""
        return min((to_segment(point, a, b) for a, b in pairwise(self.points())), default=math.inf)

    def crosses(self, begin: QPointF, end: QPointF) -> bool:
        """Does a straight stroke between two points cross the wire?"""
        stroke = QLineF(begin, end)
        bounded = QLineF.IntersectionType.BoundedIntersection
        return any(stroke.intersects(QLineF(a, b))[0] == bounded for a, b in pairwise(self.points()))

    def points(self) -> list[QPointF]:
        """The wire as a run of short straight pieces; worked out when first asked for."""
        if not self._points:
            pieces = self._path.toSubpathPolygons()
            self._points = pieces[0].toList() if pieces else []
        return self._points

    @property
    def stroke(self) -> list[QRectF]:
        """Rectangles that hold the wire, one after the other: together far less than what lies around all of it."""
        if not self._stroke:
            points, wide = self.points(), m.WIRE_WIDEST / 2 + 1
            last = len(points) - 1
            for start in range(0, last, _PIECE):
                piece = QPolygonF(points[start : start + _PIECE + 1]).boundingRect()
                # Ends lie under ports: what stands there need not be painted with the wire.
                left = m.PORT_RADIUS / 2 if start == 0 else -wide
                right = -m.PORT_RADIUS / 2 if start + _PIECE >= last else wide
                self._stroke.append(piece.adjusted(left, -wide, right, wide))
        return self._stroke

    def boundingRect(self) -> QRectF:
        return self._bounds

    def middle(self) -> QPointF:
        if self._level is not None:
            return self._level
        return self._path.pointAtPercent(0.5) if not self._path.isEmpty() else self._begin

    def is_read(self) -> bool:
        """Is the label large enough on the screen to be painted?"""
        scene = self.scene()
        return scene is None or scene.zoom > m.WIRE_TEXT[0]

    def _path_bounds(self) -> QRectF:
        margin = m.WIRE_WIDEST / 2 + 2
        return self._path.boundingRect().adjusted(-margin, -margin, margin, margin)

    def _place_label(self) -> None:
        """Above the middle of the curve, or beside it where it is steep; compact where the gap is narrow. Its place
        is kept where a label goes: most often the same one comes back."""
        self._placed = self._label
        if not self._label:
            return
        look, text = style(), self._shown_label()
        width, height = look.small_width(text) + 2, look.small_height
        middle = self.middle()
        slope = self._end - self._begin if self._level is None else QPointF(1, 0)
        length = math.hypot(slope.x(), slope.y()) or 1.0
        # The normal that points up; its share of each side says how far the text's box must move away.
        nx, ny = slope.y() / length, -slope.x() / length
        if ny > 0:
            nx, ny = -nx, -ny
        away = abs(nx) * width / 2 + abs(ny) * height / 2 + 4
        centre = middle + QPointF(nx, ny) * away
        self._label_rect = QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)
        if not self._bounds.contains(self._label_rect):
            self.prepareGeometryChange()
            self._bounds = self._path_bounds().united(self._label_rect)

    def _shown_label(self) -> str:
        """The widest form of the label that the gap between the nodes has room for."""
        gap = abs(self._end.x() - self._begin.x()) - 2 * m.PORT_RADIUS - _AIR
        measure = style().small_width
        forms = label_forms(self._label)
        return next((form for form in forms if measure(form) <= gap), forms[-1])

    # -- painting ------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self._level is not None and not self._is_exposed(painter):
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        painter.setPen(self.seen_pen(zoom))
        painter.drawPath(self._path)
        if self._dots:
            self._paint_dots(painter)
        full = m.fading(zoom, m.WIRE_TEXT)
        if not self._label or full == 0.0:
            return
        painter.setOpacity(painter.opacity() * full)
        look = style()
        painter.setFont(look.small_font)
        painter.setPen(look.text if self.selected or self.hovered else look.quiet)
        painter.drawText(self._label_rect, Qt.AlignmentFlag.AlignCenter, self._shown_label())

    def _is_exposed(self, painter: QPainter) -> bool:
        """Is any of it painted? Within its border there is room for many others."""
        exposed: QRegion | None = self.scene().exposed
        if exposed is None:
            return True
        to_view = painter.worldTransform()
        return any(exposed.intersects(to_view.mapRect(rect).toAlignedRect())
                   for rect in (*self.stroke, self._label_rect))

    def seen_pen(self, zoom: float) -> QPen:
        """From afar a wire keeps the width on the screen that lets its colour be told."""
        if self._seen[0] != zoom:
            pen = QPen(self._pen)
            pen.setWidthF(max(pen.widthF(), m.WIRE_LEAST / max(zoom, m.DETAIL)))
            self._seen = zoom, pen
        return self._seen[1]

    def _paint_dots(self, painter: QPainter) -> None:
        look = style()
        painter.setPen(look.port)
        for i, dot in enumerate(self._dots):
            painter.setBrush(look.accent_fill if i == self.selected_dot else look.port_fill)
            painter.drawEllipse(dot, DOT_RADIUS, DOT_RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def to_segment(point: QPointF, a: QPointF, b: QPointF) -> float:
    along, to = b - a, point - a
    square = QPointF.dotProduct(along, along)
    share = min(max(QPointF.dotProduct(to, along) / square, 0.0), 1.0) if square else 0.0
    gap = to - along * share
    return math.hypot(gap.x(), gap.y())
