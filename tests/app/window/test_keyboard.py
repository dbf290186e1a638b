"""Without mouse or screen: a network is built, wired, edited, mended and trained by keys; everything has a name."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QDialog, QWidget

from app.canvas.view import CanvasView
from app.document import Content
from app.training.session import FINISHED
from app.window.window import Window
from engine.graph.build import chain
from engine.layers import MSE, Dense, Input, ReLU

Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def add(window: Window, qtbot, name: str) -> None:
    """Tab, a few letters, Enter: the layer is appended and wired."""
    view = window.canvas
    view.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(view, Key.Key_Tab)
    qtbot.keyClicks(view.search.field, name)
    qtbot.keyClick(view.search.field, Key.Key_Return)


def test_a_network_is_built_edited_and_trained_by_keys_alone(window: Window, qtbot) -> None:
    document, view = window.document, window.canvas
    window.activateWindow()
    qtbot.keyClick(window, Key.Key_N, CTRL)
    qtbot.waitUntil(view.isVisible)
    for name in ("input", "dense", "tanh", "dense", "sigmoid cross"):
        add(window, qtbot, name)
    assert [node.kind for node in document.graph.nodes.values()] == [
        "Input", "Dense", "Tanh", "Dense", "SigmoidBinaryCrossEntropy"]
    assert len(document.graph.edges) == 4, "each is wired to the one before"
    # Data, by typing its name into the list.
    qtbot.keyClick(window, Key.Key_3, Qt.KeyboardModifier.AltModifier)
    window.tabs.data.choice.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClicks(window.tabs.data.choice, "XOR")
    qtbot.waitUntil(lambda: document.source.get("kind") == "Xor")
    # The problems that are left, mended by the keys of their buttons.
    qtbot.keyClick(window, Key.Key_4, Qt.KeyboardModifier.AltModifier)
    for _ in range(4):
        buttons = [button for card in window.tabs.problems.cards for button in card.buttons]
        if not buttons:
            break
        buttons[0].setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(buttons[0], Key.Key_Space)
    assert document.report.ok, [issue.happened for issue in document.report.issues]
    # The first Dense: found by walking, its units typed.
    view.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(view, Key.Key_Escape)
    qtbot.keyClick(view, Key.Key_Right)
    qtbot.keyClick(view, Key.Key_Right, CTRL)
    assert document.selection == {"dense_1"}
    qtbot.keyClick(window, Key.Key_1, Qt.KeyboardModifier.AltModifier)
    units = window.tabs.inspector.layer_page.form.rows["units"].editor.focusProxy()
    units.setFocus(Qt.FocusReason.TabFocusReason)
    units.lineEdit().selectAll()
    qtbot.keyClicks(units, "5")
    assert document.graph.nodes["dense_1"].params["units"] == 5
    view.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(window.session.started):
        qtbot.keyClick(view, Key.Key_Space)
    qtbot.waitUntil(lambda: window.session.state == FINISHED)
    assert window.session.history.training.count


def test_wires_are_drawn_and_cut_by_keys(window: Window, qtbot) -> None:
    document, view = window.document, window.canvas
    graph = chain(Input(shape=(2,)), Dense(units=2), ReLU(), Dense(units=1), MSE()).disconnect("relu_1", "in")
    document.set_content(Content(graph))
    window.show_workspace()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    document.select(["dense_1"])
    qtbot.keyClick(view, Key.Key_Right, CTRL | SHIFT)
    assert document.selection == {"dense_1", "relu_1"}
    qtbot.keyClick(view, Key.Key_F)
    assert document.graph.edges[("relu_1", "in")].source == "dense_1"
    document.select(["relu_1"])
    qtbot.keyClick(view, Key.Key_Delete)
    assert document.graph.edges[("dense_2", "in")].source == "dense_1", "a simple chain heals"
    qtbot.keyClick(window, Key.Key_Z, CTRL)
    assert "relu_1" in document.graph.nodes


def nameless(root: QWidget) -> list[str]:
    """Widgets that take the focus and have no name for a screen reader."""
    found = []
    for widget in [root, *root.findChildren(QWidget)]:
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisible() or widget.focusProxy():
            continue
        interface = QAccessible.queryAccessibleInterface(widget)
        if interface is None or interface.role() == QAccessible.Role.NoRole or (
                not interface.text(QAccessible.Text.Name) and widget.parentWidget().focusProxy() is not widget):
            found.append(f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}")
    return found


@pytest.mark.parametrize("action", ["", "show_analysis", "show_history", "picture", "export", "commands", "layers",
                                    "shortcuts", "about"])
def test_everything_that_takes_the_focus_has_a_name_and_a_role(window: Window, qtbot, action: str) -> None:
    QAccessible.setActive(True)
    window.open_template("mnist")
    if action:
        window.actions_by_id[action].trigger()
    qtbot.waitUntil(lambda: nameless(window) == [])  # tab bars that Qt leaves behind go when the docks have arrived
    for dialog in window.findChildren(QDialog):
        dialog.close()
    QAccessible.setActive(False)


@pytest.fixture
def view(chain_view: CanvasView) -> CanvasView:
    return chain_view


def test_what_is_reached_is_said_with_its_wires(view: CanvasView, qtbot) -> None:
    QAccessible.setActive(True)
    with qtbot.waitSignal(view.speaker.said) as said:
        view.document.select(["hidden"])
    assert said.args[0].startswith("Dense hidden")
    assert said.args[0].endswith("puts out 8, fed by input_1, leads to relu_1")
    QAccessible.setActive(False)


def test_edits_and_new_problems_are_said_and_that_they_are_gone(view: CanvasView) -> None:
    words: list[str] = []
    view.speaker.said.connect(words.append)
    document = view.document
    document.commit(document.graph.disconnect("relu_1", "in"), "Delete wire")
    assert "error, relu_1: Nothing is wired to its input." in words and "Delete wire" in words
    words.clear()
    document.undo_stack.undo()
    assert "No problems" in words
