"""Help that derives from declarations."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from app import crash
from app.actions import ACTIONS, leaves
from app.dialogs.help import About, LayerReference, Shortcuts, layer_page
from engine.layers import LAYERS


@pytest.mark.parametrize("kind", list(LAYERS))
def test_every_layer_has_a_page_with_its_parameters(kind: str) -> None:
    page = layer_page(LAYERS[kind])
    assert LAYERS[kind].title in page
    assert page.count("<tr>") == len(LAYERS[kind].parameters)


def test_the_reference_turns_to_a_layer(qapp, qtbot) -> None:
    dialog = LayerReference()
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    assert dialog.list.count() == len(LAYERS)
    dialog.show_layer("Dense")
    assert "Dense" in dialog.page.toPlainText()


def test_every_key_is_listed(window, qtbot) -> None:
    dialog = Shortcuts(leaves(window.menus))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    listed = {dialog.table.item(row, 1).text() for row in range(dialog.table.rowCount())}
    assert {"Ctrl+K", "Space", "Tab or /"} <= listed
    assert dialog.table.rowCount() >= len(ACTIONS)


def test_versions_can_be_copied(qapp, qtbot) -> None:
    dialog = About(crash.versions())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    button = next(button for button in dialog.findChildren(QPushButton) if button.text() == "Copy versions")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "Qt" in QApplication.clipboard().text()
