"""How the palette's entries and headings look."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.panels.palette_roles import FAVOURITE, FOLDED, KIND
from app.style import theme
from app.style.icons import icon
from engine.layer import Layer
from engine.layers import LAYERS

HEADING, ENTRY, GAP = 24, 27, 4
_STAR = 16


def star_place(area: QRect) -> QRect:
    """Where an entry's star is, within the row of the entry."""
    return QRect(area.right() - _STAR - 7, area.top() + (ENTRY - _STAR) // 2, _STAR, _STAR)


class PalettePainter(QStyledItemDelegate):
    """Headings in small capitals with a fold mark, entries as cards with their category's colour at the left edge."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, (ENTRY if index.data(KIND) else HEADING) + GAP)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = theme.current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = option.rect.adjusted(0, 0, 0, -GAP)
        kind = index.data(KIND)
        if kind:
            paint_entry(painter, area, LAYERS[kind], option.state, tokens, starred=bool(index.data(FAVOURITE)))
        else:
            paint_heading(painter, area, index.data(), index.data(FOLDED), option.state, tokens)
        painter.restore()


def paint_heading(
    painter: QPainter, area: QRect, text: str, folded: bool | None, state: QStyle.StateFlag, tokens: theme.Theme
) -> None:
    """A category's title; the mark says whether it is folded, None where it cannot be."""
    face = theme.font(tokens.font_small)
    face.setLetterSpacing(face.SpacingType.AbsoluteSpacing, 0.8)
    painter.setFont(face)
    focused = bool(state & QStyle.StateFlag.State_HasFocus) and bool(state & QStyle.StateFlag.State_Selected)
    hovered = bool(state & QStyle.StateFlag.State_MouseOver) and folded is not None
    painter.setPen(QColor(tokens.accent if focused else tokens.text if hovered else tokens.quiet))
    painter.drawText(area.adjusted(2, 4, 0, 0), Qt.AlignmentFlag.AlignVCenter, text.upper())
    if folded is None or not (folded or hovered or focused):
        return
    middle = QPointF(area.right() - 14, area.center().y() + 3)
    mark = ((-2, -4), (2, 0), (-2, 4)) if folded else ((-4, -2), (0, 2), (4, -2))
    painter.setPen(QPen(painter.pen().color(), 1.4))
    painter.drawPolyline(QPolygonF([middle + QPointF(*point) for point in mark]))


def paint_entry(
    painter: QPainter, area: QRect, layer: type[Layer], state: QStyle.StateFlag, tokens: theme.Theme,
    *, starred: bool = False,
) -> None:
    """An entry as a card; the star shows where it is set, or under the pointer, to be set."""
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    hovered = bool(state & QStyle.StateFlag.State_MouseOver)
    focused = bool(state & QStyle.StateFlag.State_HasFocus)
    painter.setPen(QColor(tokens.accent) if focused and chosen else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.hover if hovered or chosen else tokens.raised))
    painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), tokens.radius_small, tokens.radius_small)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.category_colour(layer.category.colour)))
    painter.drawRoundedRect(QRect(area.left() + 7, area.top() + 6, 4, area.height() - 12), 2, 2)
    painter.setPen(QColor(tokens.strong if chosen else tokens.text))
    painter.setFont(theme.font(tokens.font_body))
    shown = starred or hovered
    room = area.adjusted(19, 0, -28 if shown else -6, 0)
    text = painter.fontMetrics().elidedText(layer.title, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
    if shown:
        name, colour = ("mdi6.star", "accent") if starred else ("mdi6.star-outline", "quiet")
        icon(name, colour).paint(painter, star_place(area))
