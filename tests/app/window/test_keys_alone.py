"""Nothing but key presses on whatever has the focus: a network is built, wired, edited, mended, trained and saved."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox

from app.canvas.view import CanvasView
from app.training.session import FINISHED
from app.window.window import Window

Key = Qt.Key
CTRL, SHIFT, ALT = (Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier,
                    Qt.KeyboardModifier.AltModifier)


def press(key: Key, *modifiers: Qt.KeyboardModifier) -> None:
    held = Qt.KeyboardModifier.NoModifier
    for modifier in modifiers:
        held |= modifier
    QTest.keyClick(QApplication.focusWidget(), key, held)


def write(text: str) -> None:
    QTest.keyClicks(QApplication.focusWidget(), text)


def name() -> str:
    return QApplication.focusWidget().accessibleName()


def tab_to(wanted: str, most: int = 12) -> None:
    """Tab until a field of this name has the focus; it must come soon."""
    for _ in range(most):
        if name() == wanted:
            return
        press(Key.Key_Tab)
    raise AssertionError(f"Tab does not reach {wanted}, but {name()}")


def add(layer: str) -> None:
    press(Key.Key_Tab)
    write(layer)
    press(Key.Key_Return)


@pytest.fixture
def begun(window: Window, qtbot) -> Window:
    """A new network with Input, Dense, Tanh, Dense and a loss, each wired to the one before."""
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    press(Key.Key_N, CTRL)
    assert isinstance(QApplication.focusWidget(), CanvasView)
    for layer in ("input", "dense", "tanh", "dense", "sigmoid cross"):
        add(layer)
        assert isinstance(QApplication.focusWidget(), CanvasView)
    return window


def test_a_network_is_built_wired_edited_mended_and_trained(begun: Window, qtbot) -> None:
    document, session = begun.document, begun.session
    assert [node.kind for node in document.graph.nodes.values()] == [
        "Input", "Dense", "Tanh", "Dense", "SigmoidBinaryCrossEntropy"]
    assert len(document.graph.edges) == 4
    # The data set, by its first letters.
    press(Key.Key_3, ALT)
    assert isinstance(QApplication.focusWidget(), QComboBox)
    write("XOR")
    qtbot.waitUntil(lambda: document.source.get("kind") == "Xor")
    # Every problem is mended by the button it offers.
    for _ in range(6):
        if document.report.ok:
            break
        press(Key.Key_4, ALT)
        for _ in range(3):  # over the problem's card to its mend
            if not isinstance(QApplication.focusWidget(), QAbstractButton):
                press(Key.Key_Tab)
        press(Key.Key_Space)
    assert document.report.ok, [issue.happened for issue in document.report.issues]
    # The first Dense, walked to; its units, two steps of Tab away.
    press(Key.Key_0, ALT)
    press(Key.Key_Escape)
    press(Key.Key_Right)
    press(Key.Key_Right, CTRL)
    assert document.selection == {"dense_1"}
    press(Key.Key_1, ALT)
    assert name() == "Name of the layer"
    write("hidden")
    tab_to("Units", 2)
    press(Key.Key_A, CTRL)
    write("5")
    press(Key.Key_Return)
    node = document.graph.nodes["dense_1"]
    assert (node.name, node.params["units"]) == ("hidden", 5)
    # A wire cut and drawn again.
    press(Key.Key_0, ALT)
    press(Key.Key_Right, CTRL, SHIFT)
    assert document.selection == {"dense_1", "tanh_1"}
    document_before = document.graph
    press(Key.Key_F)
    assert document.graph is document_before, "wired already"
    press(Key.Key_Delete)
    assert document.graph.edges[("dense_2", "in")].source == "input_1", "a simple chain heals"
    press(Key.Key_Z, CTRL)
    assert document.graph == document_before
    # Fewer epochs, then training.
    press(Key.Key_2, ALT)
    tab_to("Epochs", 16)
    press(Key.Key_A, CTRL)
    write("3")
    press(Key.Key_Return)
    assert document.training["epochs"] == 3
    press(Key.Key_0, ALT)
    with qtbot.waitSignal(session.started):
        press(Key.Key_Space)
    qtbot.waitUntil(lambda: session.state == FINISHED)
    assert session.history.training.count


def test_tab_goes_over_a_page_as_it_is_read_and_shift_tab_back(begun: Window, qtbot) -> None:
    begun.document.select(["dense_1"])
    press(Key.Key_1, ALT)
    forth = [name()]
    while len(forth) < 6:
        press(Key.Key_Tab)
        forth.append(name())
    assert forth[:3] == ["Name of the layer", "Units", "Initialiser"]
    assert len(set(forth)) == len(forth)
    back = [name()]
    while len(back) < 6:
        press(Key.Key_Backtab, SHIFT)
        back.append(name())
    assert back == forth[::-1]
    press(Key.Key_Backtab, SHIFT)
    assert QApplication.focusWidget() is begun.tabs.tabBar()
    press(Key.Key_Right)
    assert begun.tabs.currentWidget() is begun.tabs.training, "arrows walk over the tabs"


def test_the_list_of_runs_is_walked_at_once_and_the_search_where_there_are_none(window: Window, qtbot) -> None:
    window.open_template("xor")
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    press(Key.Key_5, ALT)
    assert name() == "Find a run", "there is nothing to walk over yet"
    press(Key.Key_0, ALT)
    window.session.step(5)
    qtbot.waitUntil(lambda: bool(window.tabs.pages["runs"].model.rows))
    press(Key.Key_5, ALT)
    assert QApplication.focusWidget() is window.tabs.pages["runs"].table


def test_palette_templates_and_blocks_are_reached_by_keys(begun: Window, qtbot) -> None:
    document = begun.document
    press(Key.Key_A, CTRL)
    press(Key.Key_G, CTRL)
    press(Key.Key_1, ALT)
    assert name() == "Name of the block"
    write("All")
    press(Key.Key_Return)
    (group,) = document.graph.groups.values()
    assert group.name == "All"
    press(Key.Key_F, CTRL, SHIFT)
    write("drop")
    press(Key.Key_Down)
    press(Key.Key_Return)
    assert "Dropout" in [node.kind for node in document.graph.nodes.values()]
    tab_to("Templates, folded", 4)
    press(Key.Key_Space)
    press(Key.Key_Tab)
    assert name() == "Templates"
    count = len(document.graph.nodes)
    press(Key.Key_Home)
    press(Key.Key_Return)
    assert len(document.graph.nodes) > count
