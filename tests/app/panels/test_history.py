"""The History panel: names of the changes, and a click that goes back."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.panels.history import History


def words(history: History) -> list[str]:
    model = history.list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def click(history: History, row: int, qtbot) -> None:
    place = history.list.visualRect(history.list.model().index(row, 0)).center()
    qtbot.mouseClick(history.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_changes_stand_by_name_and_a_click_goes_there(small_document, qtbot) -> None:
    history = History(small_document)
    qtbot.addWidget(history)
    history.show()
    states = [small_document.graph]
    for units in (3, 5, 9):
        small_document.commit(small_document.graph.set_params("dense_1", units=units), f"Change Units to {units}")
        states.append(small_document.graph)
    assert words(history) == ["As it was opened", "Change Units to 3", "Change Units to 5", "Change Units to 9"]
    for row in (1, 3, 0, 2):
        click(history, row, qtbot)
        assert small_document.graph is states[row]
    assert small_document.undo_stack.undoText() == "Change Units to 5"


def test_the_keyboard_goes_through_it(small_document, qtbot) -> None:
    history = History(small_document)
    qtbot.addWidget(history)
    history.show()
    before = small_document.graph
    small_document.commit(before.set_params("dense_1", units=3), "Change Units")
    qtbot.keyClick(history.list, Qt.Key.Key_Up)
    assert small_document.graph is before


def test_the_window_shows_it_when_asked(window, qtbot) -> None:
    window.open_template("xor")
    assert not window.docks.history.isVisible()
    window.docks.toggle_history()
    assert window.docks.history.isVisible()
    window.actions_by_id["reset_layout"].trigger()
    assert not window.docks.history.isVisible()
