"""A note on the canvas: a frame with a title behind what lies in it, or a comment."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.canvas import metrics as m
from app.canvas.style import Style, style
from app.canvas.titles import between, paint_title
from app.style import theme
from engine.graph.elements import FRAME, Note, Rect

HEADER = 28.0
#: The corner by which a note is made larger.
CORNER = 16.0
_FRAME_ALPHA, _EDGE_ALPHA = 26, 130
_FRAME_DEPTH, _COMMENT_DEPTH = -40.0, 0.4
_EMPTY = {True: "Frame", False: "Comment"}


class NoteItem(QGraphicsItem):
    """Paints one note; knows the note, never the document."""

    def __init__(self, note: Note) -> None:
        super().__init__()
        self.note = note
        self.selected = False
        self._size = QRectF()
        self.show_note(note)

    @property
    def is_frame(self) -> bool:
        return self.note.kind == FRAME

    def show_note(self, note: Note) -> None:
        """The note as it is now."""
        self.note = note
        self.place(note.rect)
        # A small frame inside a large one lies above it.
        self.setZValue(_FRAME_DEPTH - note.rect[2] * note.rect[3] * 1e-9 if self.is_frame else _COMMENT_DEPTH)
        self.setToolTip("" if self.is_frame else note.text)

    def place(self, rect: Rect) -> None:
        """Lies elsewhere, in another size, for as long as a gesture lasts."""
        x, y, width, height = rect
        self.prepareGeometryChange()
        self._size = QRectF(0, 0, width, height)
        self.setPos(x, y)
        self.update()

    def set_selected(self, selected: bool) -> None:
        if selected != self.selected:
            self.selected = selected
            self.update()

    @property
    def scene_rect(self) -> QRectF:
        return self._size.translated(self.pos())

    @property
    def grip(self) -> QRectF:
        """Where a press takes hold of the note, in scene coordinates: a comment anywhere, a frame at its header."""
        rect = self.scene_rect
        return QRectF(rect.x(), rect.y(), rect.width(), HEADER) if self.is_frame else rect

    @property
    def corner(self) -> QRectF:
        rect = self.scene_rect
        return QRectF(rect.right() - CORNER, rect.bottom() - CORNER, CORNER + 2, CORNER + 2)

    def boundingRect(self) -> QRectF:
        return self._size.adjusted(-2, -2, 2, 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        look = style()
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        colour, edge = look.category(self.note.colour), look.category(self.note.colour)
        edge.setAlpha(_EDGE_ALPHA)
        radius = look.tokens.radius
        painter.setPen(look.outline_selected if self.selected else QPen(edge, 1))
        if self.is_frame:
            ground = QColor(colour)
            ground.setAlpha(_FRAME_ALPHA)
            painter.setBrush(ground)
        else:
            painter.setBrush(QColor(look.tokens.panel))
        painter.drawRoundedRect(self._size, radius, radius)
        if not self.is_frame:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(0, 0, m.STRIP, self._size.height()), 2, 2)
        painter.setOpacity(painter.opacity() * m.fading(zoom, m.TITLE))
        if zoom > m.TITLE[0]:
            self._paint_text(painter, look, zoom)
            if widget is not None:  # pictures have no corner to drag
                self._paint_corner(painter, QPen(edge, 1.2))

    def _paint_text(self, painter: QPainter, look: Style, zoom: float) -> None:
        text = self.note.text or _EMPTY[self.is_frame]
        painter.setPen(look.text if self.note.text else look.quiet)
        if self.is_frame:
            near = QRectF(12, 2, self._size.width() - 24, HEADER)
            paint_title(painter, look, text, between(zoom, near.adjusted(0, 0, 0, 8), near), zoom)
        else:
            painter.setFont(theme.font(look.tokens.font_body))
            room = self._size.adjusted(14, 8, -10, -8)
            painter.drawText(room, int(Qt.TextFlag.TextWordWrap), text)

    def _paint_corner(self, painter: QPainter, pen: QPen) -> None:
        painter.setPen(pen)
        right, bottom = self._size.right() - 5, self._size.bottom() - 5
        for step in (4.0, 8.0):
            painter.drawLine(QPointF(right - step, bottom), QPointF(right, bottom - step))
