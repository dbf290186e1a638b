"""The first cell of a run: how deep it stands, the check box that draws it in the colour of its curves, its name; of a
sweep the arrow that opens it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.panels.runs_model import COLOUR, DEPTH, OPEN, swatch
from app.style import theme

_INDENT, _BOX, _GAP, _ARROW = 14, 13, 6, 14
_DEEPEST = 5


class NameDelegate(QStyledItemDelegate):
    """Indentation by depth, a check box in the colour of the run's curves, and the name."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        self.initStyleOption(option, index)
        text, option.text = option.text, ""
        option.features &= ~QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        option.widget.style().drawControl(option.widget.style().ControlElement.CE_ItemViewItem, option, painter,
                                          option.widget)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box, names = _places(option.rect, index)
        if index.data(DEPTH):
            painter.setPen(QPen(QColor(theme.current().quiet), 1))
            left = box.left() - _INDENT // 2 - 1
            painter.drawLine(left, option.rect.top(), left, box.center().y())
            painter.drawLine(left, box.center().y(), box.left() - 3, box.center().y())
        if index.data(Qt.ItemDataRole.CheckStateRole) is not None:
            _paint_box(painter, box, index)
        if index.data(OPEN) is not None:
            _paint_arrow(painter, _arrow(option.rect, index), index.data(OPEN))
        painter.setFont(option.font)
        painter.setPen(QColor(theme.current().text))
        shown = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, names.width())
        painter.drawText(names, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.restore()

    def editorEvent(
        self, event: QEvent, model: object, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> bool:
        """A click on the box draws the run, or no longer; one on the arrow opens or folds the sweep."""
        if event.type() == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.LeftButton:
            box, _ = _places(option.rect, index)
            place = event.position().toPoint()
            if index.data(OPEN) is not None and _arrow(option.rect, index).adjusted(-4, -6, 2, 6).contains(place):
                index.model().unfold(index.row(), not index.data(OPEN))
                return True
            if box.adjusted(-4, -6, 4, 6).contains(place):
                return toggle(index)
        return False

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        _, names = _places(option.rect, index)
        editor.setGeometry(names.adjusted(-_GAP, 1, 4, -1))


def _places(area: QRect, index: QModelIndex | QPersistentModelIndex) -> tuple[QRect, QRect]:
    """Where a row's check box and its name are."""
    left = area.left() + 4 + _INDENT * min(index.data(DEPTH) or 0, _DEEPEST)
    left += _ARROW if index.data(OPEN) is not None else 0
    box = QRect(left, area.center().y() - _BOX // 2, _BOX, _BOX)
    return box, QRect(box.right() + _GAP, area.top(), max(area.right() - box.right() - _GAP - 2, 0), area.height())


def _arrow(area: QRect, index: QModelIndex | QPersistentModelIndex) -> QRect:
    """Where the arrow of a sweep is: left of its box."""
    box, _ = _places(area, index)
    return QRect(box.left() - _ARROW, box.top(), _ARROW - 3, box.height())


def _paint_arrow(painter: QPainter, place: QRect, is_open: bool) -> None:
    painter.setPen(QPen(QColor(theme.current().text), 1.4))
    x, y = place.center().x(), place.center().y()
    ends = [(-4, -2), (0, 2), (4, -2)] if is_open else [(-2, -4), (2, 0), (-2, 4)]
    painter.drawPolyline([QPoint(x + right, y + down) for right, down in ends])


def _paint_box(painter: QPainter, box: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
    tokens = theme.current()
    state = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole))
    drawn = state == Qt.CheckState.Checked
    colour = swatch(index.data(COLOUR)) if drawn and index.data(OPEN) is None else QColor(tokens.quiet)
    painter.setPen(QPen(colour, 1.2))
    painter.setBrush(colour if drawn else QColor(tokens.field))
    painter.drawRoundedRect(box, 3, 3)
    if drawn:
        painter.setPen(QPen(QColor(tokens.panel), 1.8))
        painter.drawPolyline([QPoint(box.left() + 3, box.center().y()), QPoint(box.left() + 5, box.bottom() - 3),
                              QPoint(box.right() - 2, box.top() + 4)])
    elif state == Qt.CheckState.PartiallyChecked:
        painter.drawLine(box.left() + 3, box.center().y(), box.right() - 3, box.center().y())


def toggle(index: QModelIndex | QPersistentModelIndex) -> bool:
    """Draws what a row stands for in the plots, or no longer."""
    checked = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole) or 0) == Qt.CheckState.Checked
    new = Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked
    return index.model().setData(index, new, Qt.ItemDataRole.CheckStateRole)
