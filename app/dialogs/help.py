"""Help that derives from declarations: the layer reference, the list of keys, and the about box."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QTableWidget,
    QTableWidgetItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from engine.layer import Layer
from engine.layers import LAYERS

#: Keys of the canvas that are no actions of the menus.
CANVAS_KEYS = (
    ("Add a layer after the selected one", "Tab or /"),
    ("Move the selected layers", "Arrow keys; Shift for a larger step"),
    ("Select the next layer in a direction", "Ctrl+Arrow keys"),
    ("Pan", "Space and drag, or the middle button"),
    ("Zoom at the pointer", "Wheel"),
    ("Give up what is going on", "Escape"),
    ("Fit in view", "Home"),
    ("Take a layer out of its chain", "Alt and drag, or shake it"),
    ("Add a copy with its wiring", "Ctrl and drag a layer"),
    ("Cut wires", "Ctrl and drag with the right button across them"),
    ("Delete a wire", "Drag its end off into the void"),
    ("Choose what to add after a layer", "Drag from its port into the void"),
    ("Star a layer of the palette", "* in its list, or a click on the star"),
    ("Help card of a layer of the palette", "F2 in its list, or rest on it"),
)


class LayerReference(QDialog):
    """Every layer with its formula and parameters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _prepare(self, "Layer reference", (760, 520))
        self.list = QListWidget()
        self.list.setFixedWidth(190)
        self.list.setAccessibleName("Layers")
        self.page = QTextBrowser()
        self.page.setAccessibleName("About the layer")
        for kind, layer in LAYERS.items():
            item = QListWidgetItem(layer.title, self.list)
            item.setData(Qt.ItemDataRole.UserRole, kind)
        row = QHBoxLayout()
        row.addWidget(self.list)
        row.addWidget(self.page, 1)
        column = QVBoxLayout(self)
        column.addLayout(row)
        column.addWidget(_close_button(self))
        self.list.currentItemChanged.connect(self._show)
        self.list.setCurrentRow(0)

    def show_layer(self, kind: str) -> None:
        """Turns to a layer."""
        self.list.setCurrentRow(list(LAYERS).index(kind))

    def _show(self, item: QListWidgetItem | None, _: object = None) -> None:
        if item is not None:
            self.page.setHtml(layer_page(LAYERS[item.data(Qt.ItemDataRole.UserRole)]))


def layer_page(layer: type[Layer]) -> str:
    """The help page of a layer, from its declaration."""
    text = " ".join((layer.__doc__ or "").split("\n\n", 1)[-1].split()) if "\n\n" in (layer.__doc__ or "") else ""
    rows = "".join(
        f"<tr><td><b>{escape(param.label)}</b></td><td>{escape(param.help)}</td><td>{escape(param.range_text())}</td></tr>"
        for param in layer.parameters.values())
    parts = [f"<h2>{escape(layer.title)}</h2><p>{escape(layer.summary())}</p>",
             f"<p><code>{escape(layer.formula)}</code></p>" if layer.formula else "",
             f"<p><i>{escape(layer.when)}</i></p>" if layer.when else "",
             f"<p>{escape(text)}</p>" if text else "",
             f"<table cellpadding='5'>{rows}</table>" if rows else ""]
    return "".join(parts)


class Shortcuts(QDialog):
    """Every key: those of the actions, then those of the canvas."""

    def __init__(self, actions: Sequence[tuple[str, QAction]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _prepare(self, "Keyboard shortcuts", (520, 560))
        native = QKeySequence.SequenceFormat.NativeText
        keys = [(action.text(), action.shortcut().toString(native)) for _, action in actions
                if not action.shortcut().isEmpty()]
        rows = [*keys, *CANVAS_KEYS]
        table = self.table = QTableWidget(len(rows), 2)
        table.setAccessibleName("Keyboard shortcuts")
        table.setHorizontalHeaderLabels(["Action", "Key"])
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        for place, (text, key) in enumerate(rows):
            table.setItem(place, 0, QTableWidgetItem(text))
            table.setItem(place, 1, QTableWidgetItem(key))
        table.setColumnWidth(0, 270)
        table.horizontalHeader().setStretchLastSection(True)
        column = QVBoxLayout(self)
        column.addWidget(table)
        column.addWidget(_close_button(self))


class About(QDialog):
    """What this is, and the versions that a report of an error needs."""

    def __init__(self, versions: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _prepare(self, "About Chainrule", (460, 220))
        text = QLabel(f"<h3>Chainrule</h3><p>Draw a neural network, watch backpropagation train it, export the weights."
                      f"</p><p>{escape(versions)}</p><p>MIT licence.</p>")
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = _close_button(self)
        copy = buttons.addButton("Copy versions", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QApplication.clipboard().setText(versions))
        column = QVBoxLayout(self)
        column.addWidget(text, 1)
        column.addWidget(buttons)


def _prepare(dialog: QDialog, title: str, size: tuple[int, int]) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.resize(*size)


def _close_button(dialog: QDialog) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    return buttons
