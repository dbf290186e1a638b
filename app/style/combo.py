"""A combo box that is drawn to suit the theme, with the chevron that all lists and number fields have."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from app.style import theme

#: Room at the right edge for the arrow, in pixels.
ARROW_ROOM = 20


def draw_arrow(painter: QPainter, x: float, y: float, way: int) -> None:
    """A small chevron around (x, y), pointing down (1) or up (-1)."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.current().quiet), 1.4))
    painter.drawPolyline(QPolygonF([QPointF(x - 3.5, y - 1.8 * way), QPointF(x, y + 1.8 * way),
                                    QPointF(x + 3.5, y - 1.8 * way)]))


class CalmCombo(QComboBox):
    """A combo box that the wheel changes only where it has the focus: a panel must scroll past it unharmed.

    ``closed`` tells that the list is gone, whether something was chosen or not.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setMaxVisibleItems(30)

    def hidePopup(self) -> None:
        super().hidePopup()
        self.closed.emit()

    def showPopup(self) -> None:
        # The list is as wide as its longest entry, however narrow the field.
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 28)
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        text, option.currentText = option.currentText, ""
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        if not self.isEditable():
            area = self.rect().adjusted(9, 0, -ARROW_ROOM, 0)
            tokens = theme.current()
            shown = self._in_short(text.strip(), area.width()) or self.placeholderText()
            painter.setPen(QColor(tokens.text if text and self.isEnabled() else tokens.quiet))
            elided = self.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, elided)
        draw_arrow(painter, self.width() - 11.0, self.height() / 2, 1)

    def _in_short(self, text: str, room: int) -> str:
        """The name alone ("Standardise: mean 0, deviation 1") where there is no room for what it means."""
        return text if self.fontMetrics().horizontalAdvance(text) <= room else text.partition(":")[0]
