"""Samples as tiles: the picture, below it truth and answer, and the loss."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app import numbers
from app.plots import colours
from app.plots.gallery_model import SampleModel
from app.style import theme

_PICTURE, _MARGIN, _LINE = 56, 4, 14
_TILE = QSize(_PICTURE + 2 * _MARGIN + 8, _PICTURE + 2 * _LINE + 2 * _MARGIN)


class TileDelegate(QStyledItemDelegate):
    """Paints one tile. A wrong answer has a cross and a frame in red, a right one a tick."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return _TILE

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        model = index.model()
        place = model.place(index) if isinstance(model, SampleModel) else -1
        if place < 0 or not isinstance(model, SampleModel) or model.reader is None:
            return
        reader, rect, tokens = model.reader, QRect(option.rect), theme.current()
        wrong = reader.is_wrong(place)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect.adjusted(1, 1, -1, -1), colours.token("hover"))
        frame = QRect(rect.center().x() - _PICTURE // 2, rect.top() + _MARGIN, _PICTURE, _PICTURE)
        picture = reader.picture(place)
        if picture is not None:
            fitted = picture.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, picture.width() > fitted.width())
            painter.drawImage(QRect(frame.center().x() - fitted.width() // 2, frame.center().y() - fitted.height() // 2,
                                    fitted.width(), fitted.height()), picture)
        if wrong or chosen:
            painter.setPen(QPen(colours.token("accent" if chosen else "danger"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(frame)
        painter.setFont(theme.font(tokens.font_small, bold=wrong))
        painter.setPen(colours.token("danger" if wrong else "text"))
        words = f"✕ {reader.true(place)} → {reader.told(place)}" if wrong else f"✓ {reader.told(place)}"
        text = QFontMetrics(painter.font()).elidedText(
            words if reader.tells_classes else reader.told(place), Qt.TextElideMode.ElideRight, rect.width() - 2)
        line = QRect(rect.left(), frame.bottom() + 2, rect.width(), _LINE)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(theme.font(tokens.font_small))
        painter.setPen(colours.token("quiet"))
        painter.drawText(line.translated(0, _LINE), Qt.AlignmentFlag.AlignCenter, numbers.number(reader.loss(place)))


class Tiles(QListView):
    """As many tiles in a row as fit; only those in sight are painted."""

    def __init__(self, model: QAbstractItemModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Samples as pictures")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setGridSize(_TILE)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setModel(model)
        self.setItemDelegate(TileDelegate(self))
