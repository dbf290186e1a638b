"""The palette's templates: whole networks, to be dragged or double-clicked into the one on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from app.panels.palette_memory import PaletteMemory
from app.panels.palette_paint import HEADING, paint_heading
from app.style import theme
from engine.project import TEMPLATES

#: What a drag carries: the template's id as UTF-8 text.
TEMPLATE_MIME = "application/x-chainrule-template"
_ID = Qt.ItemDataRole.UserRole
_MOST_ROWS, _ROW = 5, 26


class Templates(QWidget):
    """Folded until it is asked for. ``chosen(id)`` asks for a template's network to be added."""

    chosen = Signal(str)

    def __init__(self, memory: PaletteMemory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._memory = memory
        self.heading = FoldHeading("Templates")
        self.list = TemplateList()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 6, 2)
        layout.setSpacing(4)
        layout.addWidget(self.heading)
        layout.addWidget(self.list)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.heading.setChecked(memory.templates_open)
        self.heading.toggled.connect(self._fold)
        self.list.itemActivated.connect(lambda item: self.chosen.emit(item.data(_ID)))
        self.list.setVisible(memory.templates_open)

    def _fold(self, is_open: bool) -> None:
        self.list.setVisible(is_open)
        self._memory.set_templates_open(is_open)


class TemplateList(QListWidget):
    """The list itself; a drag out of it carries a template's id."""

    def __init__(self) -> None:
        super().__init__()
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setUniformItemSizes(True)
        self.setAccessibleName("Templates")
        for entry in TEMPLATES.values():
            item = QListWidgetItem(entry.title, self)
            item.setData(_ID, entry.id)
            item.setToolTip(
                f"<p><b>{entry.title}</b><br>{entry.description}</p><p>Drag or double-click adds its layers beside "
                "your network; on an empty canvas its data and settings come along.</p>")
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, entry.description)
        self.setFixedHeight(min(self.count(), _MOST_ROWS) * _ROW + 4)

    def mimeTypes(self) -> list[str]:
        return [TEMPLATE_MIME]

    def mimeData(self, items: list[QListWidgetItem]) -> QMimeData:
        data = QMimeData()
        data.setData(TEMPLATE_MIME, QByteArray(items[0].data(_ID).encode("utf-8")))
        return data


class FoldHeading(QAbstractButton):
    """A heading like those of the palette's list; checked while what is below it shows."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setText(title)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.toggled.connect(self._tell)
        self._tell(False)

    def _tell(self, is_open: bool) -> None:
        self.setAccessibleName(f"{self.text()}, {'open' if is_open else 'folded'}")
        self.setToolTip(f"{'Fold' if is_open else 'Show'} the {self.text().lower()}")

    def sizeHint(self) -> QSize:
        return QSize(100, HEADING)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        state = QStyle.StateFlag.State_None
        if self.underMouse():
            state |= QStyle.StateFlag.State_MouseOver
        if self.hasFocus():
            state |= QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_Selected
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_heading(painter, self.rect(), self.text(), not self.isChecked(), state, theme.current())
