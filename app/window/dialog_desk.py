"""The dialogs that a window's menus open."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog

from app import crash
from app.actions import leaves
from app.canvas import picture
from app.canvas.picture import Look
from app.dialogs.commands import CommandPalette
from app.dialogs.export import ExportDialog
from app.dialogs.help import About, LayerReference, Shortcuts
from app.dialogs.picture import PictureDialog

if TYPE_CHECKING:
    from app.window.window import Window


class DialogDesk(QObject):
    """Opens each with what it needs of the window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window

    def export(self) -> None:
        """The weights, for other programs."""
        _open_once(ExportDialog(self._window.document, self._window))

    def picture(self) -> None:
        """A picture of the network."""
        document, scene = self._window.document, self._window.canvas.canvas
        folder = document.path.parent if document.path else Path.home()
        _open_once(PictureDialog(
            document.title, folder, lambda path, look: picture.save(scene, path, Look(**look)),
            lambda look: picture.copy(scene, Look(**look)), self._window,
        ))  # fmt: skip

    def commands(self) -> None:
        """Every action, found by typing."""
        palette = CommandPalette(leaves(self._window.menus), self._window)
        # Were it left to Qt, the focus might go to a message's ✕, where Space would dismiss it.
        palette.left.connect(partial(self._window.canvas.setFocus, Qt.FocusReason.OtherFocusReason))
        palette.open()

    def reference(self) -> None:
        """What each layer does; the selected one first."""
        document = self._window.document
        dialog = LayerReference(self._window)
        chosen = [document.graph.nodes[node_id].kind for node_id in document.selection]
        if len(chosen) == 1:
            dialog.show_layer(chosen[0])
        dialog.show()

    def shortcuts(self) -> None:
        """Every key the program knows."""
        _show_beside(Shortcuts(leaves(self._window.menus), self._window))

    def about(self) -> None:
        """Versions and licence."""
        _show_beside(About(crash.versions(), self._window))


def _open_once(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def _show_beside(dialog: QDialog) -> None:
    dialog.setModal(False)
    dialog.show()
