"""Titles that stay legible from afar: they grow as the view moves away, as far as the room allows, and never jump."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from app.canvas import metrics as m
from app.canvas.style import TITLE_STEPS, Style

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def between(zoom: float, far: QRectF, near: QRectF) -> QRectF:
    """A rectangle on the way from where a title stands alone to where a second line stands below it."""
    t = m.fading(zoom, m.SECOND_LINE)
    sides = zip(far.getCoords(), near.getCoords(), strict=True)
    left, top, right, bottom = (a + (b - a) * t for a, b in sides)
    return QRectF(left, top, right - left, bottom - top)


def paint_wrapped(painter: QPainter, look: Style, text: str, room: QRectF) -> None:
    """Writes a title that is too wide for its room in several lines, in the middle of its height."""
    font, lines = look.wrapped(text, room.width())
    painter.setFont(font)
    painter.drawText(room, int(_LEFT), "\n".join(lines))


def paint_title(painter: QPainter, look: Style, text: str, room: QRectF, zoom: float) -> float:
    """Writes a title at the left of ``room``, as large as this zoom wants and the room allows, shortened where even
    the usual size is too wide. Its width."""
    wanted = 2.0 - m.fading(zoom, m.TITLE_GROWS)
    width = look.width(text)
    fitting = room.width() / width if width else wanted
    step = int((min(wanted, max(fitting, 1.0)) - 1.0) * TITLE_STEPS)
    painter.setFont(look.title_fonts[step])
    shown = text if fitting >= 1.0 else look.elided(text, look.title_font, room.width())
    painter.drawText(room, int(_LEFT | Qt.TextFlag.TextSingleLine), shown)
    return min(width * (1 + step / TITLE_STEPS), room.width())
