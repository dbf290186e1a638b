"""What every plot is: a card with a title, a quiet remark, a menu, and a text that says what will appear."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.document import Document
from app.history import RunHistory
from app.plots import export
from app.plots.turns import Turns
from app.session import ERROR, Session
from engine.issues import ChainruleError


class Remark(QLabel):
    """Quiet text on the right, cut at its end where there is no room; the header's tooltip has all of it."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.setProperty("role", "small")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def say(self, text: str) -> None:
        """Shows this text."""
        if text != self.text():
            self.setText(text)
            # On the header, since the text itself may have no room at all.
            self.parentWidget().setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        room = self.contentsRect().adjusted(8, 0, 0, 0)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


class Plot(QWidget):
    """Base of all plots. A subclass states what it is, fills :attr:`body`, and draws in :meth:`refresh`.

    :attr:`header` may be taken over as the title bar of a dock.
    """

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""
    #: Stands in the header, on the right: what is drawn, in which unit.
    remark: str = ""
    #: What will appear, for as long as nothing has.
    promise: ClassVar[str] = ""
    #: Is it among the plots that stand below the canvas at first?
    shown: ClassVar[bool] = True

    node_clicked = Signal(str)

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.document = document
        self._stale = True
        self._turns = Turns.of(session)
        self.setObjectName(f"plot_{self.id}")
        self.setAccessibleName(self.title)
        self.setMinimumSize(220, 150)
        self.header = self._make_header()
        self.body = QWidget(self)
        self.body.setAutoFillBackground(True)
        self._empty = QLabel(self.promise, self)
        self._empty.setProperty("role", "quiet")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setMargin(24)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(self._stack, 1)
        session.started.connect(self._restart)
        session.updated.connect(self._grow)
        document.graph_changed.connect(self._relabel)
        theme.signals.changed.connect(self._retheme)

    def _make_header(self) -> QWidget:
        header = QWidget(self)
        row = QHBoxLayout(header)
        row.setContentsMargins(12, 4, 6, 2)
        row.setSpacing(2)
        name = QLabel(self.title, header)
        name.setProperty("role", "strong")
        self.detail = Remark(self.remark, header)
        self.more = QToolButton(header)
        self.more.setText("⋯")
        self.more.setProperty("role", "flat")
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.setAccessibleName(f"Menu of {self.title}")
        self.more.setToolTip("Scale, smoothing, export")
        self.more.clicked.connect(lambda: self.show_menu(self.more.mapToGlobal(QPoint(0, self.more.height()))))
        row.addWidget(name)
        row.addWidget(self.detail, 1)
        row.addWidget(self.more)
        return header

    # -- what a plot fills in ---------------------------------------------------------------------------------

    @property
    def history(self) -> RunHistory:
        """What is drawn."""
        return self.session.history

    def has_data(self) -> bool:
        """Is there anything to draw?"""
        return not self.history.is_empty

    def restart(self) -> None:
        """A run begins, or the names of layers have changed: curves and labels may be others."""

    def refresh(self) -> None:
        """Draws what the history holds now."""
        raise NotImplementedError(type(self).__name__)

    def retheme(self) -> None:
        """Takes the colours of the theme in force."""

    def fill_menu(self, menu: QMenu) -> None:
        """Adds the plot's own entries, above those for export."""

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        """Names and columns of the numbers drawn, for CSV, in full."""
        raise NotImplementedError(type(self).__name__)

    # -- keeping up -------------------------------------------------------------------------------------------

    def _restart(self) -> None:
        self.restart()
        self._grow()

    def _relabel(self) -> None:
        if self.has_data():
            self._restart()

    def _grow(self) -> None:
        """Draws soon where it is seen, else when it will be."""
        self._stale = True
        if self.isVisible():
            self._turns.ask(self, self._draw)

    def draw_now(self) -> None:
        """Draws out of turn: the person has just asked for something else to be seen."""
        self._turns.leave(self)
        self._stale = True
        if self.isVisible():
            self._draw()

    def _draw(self) -> None:
        if not self._stale:
            return
        self._stale = False
        seen = self.has_data()
        self._stack.setCurrentWidget(self.body if seen else self._empty)
        if seen:
            self.refresh()

    def _retheme(self) -> None:
        self.retheme()
        self._grow()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._turns.leave(self)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._grow()

    # -- menu and export --------------------------------------------------------------------------------------

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.show_menu(event.globalPos())

    def show_menu(self, where: QPoint) -> None:
        """Opens the plot's menu."""
        menu = self.make_menu()
        menu.popup(where)

    def make_menu(self) -> QMenu:
        """The plot's menu; it deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu)
        if not menu.isEmpty():
            menu.addSeparator()
        for suffix, what in ((".png", "picture (PNG)"), (".svg", "picture (SVG)"), (".csv", "numbers (CSV)")):
            action = menu.addAction(f"Export {what}…")
            action.setEnabled(self.has_data())
            action.triggered.connect(lambda _=False, suffix=suffix: self._ask_and_export(suffix))
        return menu

    def _ask_and_export(self, suffix: str) -> None:
        suggested = f"{self.document.title} {self.title.lower()}{suffix}"
        name, _ = QFileDialog.getSaveFileName(self, f"Export {self.title.lower()}", suggested, export.FILTERS[suffix])
        if not name:
            return
        path = Path(name) if Path(name).suffix else Path(name + suffix)
        try:
            self.export(path)
        except ChainruleError as problem:
            self.session.message.emit(ERROR, str(problem))

    def export(self, path: Path) -> None:
        """Writes the plot in the format its suffix names. Raises :class:`ChainruleError`."""
        self._stale = True
        self._draw()
        widgets = [self.header, self.body]
        match path.suffix.lower():
            case ".png":
                export.write_png(path, widgets)
            case ".svg":
                export.write_svg(path, widgets, self.title)
            case ".csv":
                export.write_csv(path, *self.table())
            case other:
                raise ChainruleError(f"{other or 'No suffix'} is not a format of plots.",
                                     "Expected .png, .svg or .csv.", "Choose another name.")
