"""What every plot is: a card with a title, a quiet remark, a menu, and a text that says what will appear."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu, QStackedLayout, QVBoxLayout, QWidget

from app import numbers
from app.document import Document
from app.plots import export
from app.plots.header import Header
from app.plots.turns import Turns
from app.recorded.history import RunHistory
from app.style import theme
from app.training.session import ERROR, INFO, Session
from engine.issues import ChainruleError

#: The parts of the list of plots: how training goes, what goes on in the layers, what the network makes of data.
GROUPS = ("Training", "Layers", "Data")


class Plot(QWidget):
    """Base of all plots. A subclass states what it is, fills :attr:`body`, and draws in :meth:`refresh` or,
    where that takes long, in :meth:`parts`.

    :attr:`header` may be taken over as the title bar of a dock.
    """

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""
    #: The title where there is little room, as on a tab; the title itself where it is short enough.
    short: ClassVar[str] = ""
    #: What it shows, in one line for the list of plots; and the part of that list it stands in, one of GROUPS.
    about: ClassVar[str] = ""
    group: ClassVar[str] = GROUPS[0]
    #: Stands in the header, on the right: what is drawn, in which unit.
    remark: str = ""
    #: What will appear, for as long as nothing has.
    promise: ClassVar[str] = ""
    #: Does it stand below the canvas at first? If not: is it a tab behind the plot with this id ("": it is away)?
    shown: ClassVar[bool] = True
    behind: ClassVar[str] = ""

    node_clicked = Signal(str)
    wanted = Signal()  # something asks for this plot to be seen: it is to come to the front

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.document = document
        self._stale = True
        self._begins_anew = False
        self._turns = Turns.of(session)
        #: What can be done with the dock it stands in, for the end of the menu.
        self.dock_actions: tuple[QAction, ...] = ()
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
        session.cursor_changed.connect(self._cursor_moved)
        document.graph_changed.connect(self._relabel)
        theme.signals.changed.connect(self._retheme)

    def _make_header(self) -> Header:
        header = Header(self.title, self.short or self.title, self.remark, self)
        self.detail = header.remark
        self.more = header.add_button(f"Menu of {self.title}", "Scale, smoothing, export")
        self.more.setText("⋯")
        self.more.clicked.connect(lambda: self.show_menu(self.more.mapToGlobal(QPoint(0, self.more.height()))))
        return header

    # -- what a plot fills in ---------------------------------------------------------------------------------

    @property
    def history(self) -> RunHistory:
        """What is drawn."""
        return self.session.history

    def has_data(self) -> bool:
        """Is there anything to draw?"""
        return not self.history.is_empty

    def empty_text(self) -> str:
        """What stands there as long as nothing is drawn: what will appear, or why it will not."""
        return self.promise

    def restart(self) -> None:
        """A run begins, or the names of layers have changed: curves and labels may be others."""

    def refresh(self) -> None:
        """Draws what the history holds now."""
        for _ in self.parts():
            pass

    def parts(self) -> Iterator[None]:
        """Draws the same a part at a time: what takes longer than a millisecond or two gives way in between."""
        self.refresh()
        yield

    def retheme(self) -> None:
        """Takes the colours of the theme in force."""

    def fill_menu(self, menu: QMenu) -> None:
        """Adds the plot's own entries, above those for export."""

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        """Names and columns of the numbers drawn, for CSV, in full."""
        raise NotImplementedError(type(self).__name__)

    # -- what plots may ask -----------------------------------------------------------------------------------

    @property
    def is_seen(self) -> bool:
        """Is any of it on the screen? Qt calls a tab behind another one visible too.

        The header is asked: it has no children that cover it, and what is covered does not count as visible.
        """
        return self.isVisible() and not self.header.visibleRegion().isEmpty()

    def drawn_node(self, node: str) -> str:
        """The layer on the canvas that a layer of the run belongs to: copies of a repeated block have one drawn."""
        return self.document.report.origin.get(node, node)

    def label_of(self, node: str) -> str:
        """The name of a layer of the run: the one the person gave it, with the number of the copy it is."""
        nodes = self.document.graph.nodes
        if node in nodes:
            return nodes[node].label
        origin = self.drawn_node(node)
        return f"{nodes[origin].label}{node.removeprefix(origin)}" if origin in nodes else node

    def label_of_weight(self, key: str) -> str:
        """"hidden_1.W" → "hidden_1 · W", under the name the person gave the layer."""
        node, _, name = key.rpartition(".")
        return f"{self.label_of(node)} · {name}"

    def when(self) -> str:
        """"now", or the step that is looked at."""
        step = self.session.cursor
        return "now" if step is None else f"step {numbers.count(step)}"

    # -- keeping up -------------------------------------------------------------------------------------------

    def _restart(self) -> None:
        """What is not seen begins anew when it will be: a legend of many names takes milliseconds to make."""
        self._begins_anew = True
        self._grow()

    def _relabel(self) -> None:
        if self.has_data():
            self._restart()

    def _grow(self) -> None:
        """Draws soon where it is seen, else when it will be."""
        self._stale = True
        if self.is_seen:
            self._turns.ask(self, self._draw_parts)

    def _cursor_moved(self) -> None:
        """Another step is looked at."""
        self._grow()

    def revealed(self, on: bool = True) -> None:
        """The dock it stands in has come to the front, or gone behind another."""
        if on and self._stale and self.isVisible():
            self._put_in_front(self.has_data())  # at once; numbers follow
            self._turns.ask(self, self._draw_parts)

    def draw_now(self) -> None:
        """Draws out of turn: the person has just asked for something else to be seen."""
        self._turns.leave(self)
        self._stale = True
        if self.is_seen:
            self._draw()

    def _draw(self) -> None:
        for _ in self._draw_parts():
            pass

    def _draw_parts(self) -> Iterator[None]:
        if not self._stale:
            return
        self._stale = False
        if self._begins_anew:
            self._begins_anew = False
            self.restart()
        seen = self.has_data()
        self._put_in_front(seen)
        if seen:
            yield from self.parts()

    def _put_in_front(self, drawing: bool) -> None:
        """What is drawn, or the text that stands for it."""
        if not drawing:
            self._empty.setText(self.empty_text())
        self._stack.setCurrentWidget(self.body if drawing else self._empty)

    def _retheme(self) -> None:
        self.retheme()
        self._grow()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._stale |= self._turns.leave(self)

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
        menu.addSeparator()
        menu.addActions(self.dock_actions)
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
        else:
            self.session.message.emit(INFO, f"{self.title} was written to {path.name}.")

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
