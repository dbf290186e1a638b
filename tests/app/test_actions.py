"""The table of actions: complete, unambiguous, and every entry leads somewhere."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from app.actions import ACTIONS, MENUS, leaves, resolve
from app.dialogs.commands import CommandPalette


def test_every_action_has_a_text_a_tip_a_shortcut_and_a_menu() -> None:
    for spec in ACTIONS:
        assert spec.text and spec.tip and spec.shortcut, spec.id
        assert spec.menu.split("/")[0] in MENUS, spec.id
        assert not QKeySequence(spec.shortcut).isEmpty(), spec.id


def test_ids_and_shortcuts_are_unique() -> None:
    shortcuts = [QKeySequence(keys).toString() for spec in ACTIONS for keys in (spec.shortcut, spec.also) if keys]
    for values in ([spec.id for spec in ACTIONS], shortcuts):
        assert [value for value, times in Counter(values).items() if times > 1] == []


def test_both_shortcuts_of_redo_do_again(window, qtbot) -> None:
    window.open_template("xor")
    before = window.document.graph
    window.canvas.append("Dropout")
    after = window.document.graph
    control = Qt.KeyboardModifier.ControlModifier
    for key, modifiers in ((Qt.Key.Key_Y, control), (Qt.Key.Key_Z, control | Qt.KeyboardModifier.ShiftModifier)):
        qtbot.keyClick(window, Qt.Key.Key_Z, control)
        assert window.document.graph == before
        qtbot.keyClick(window, key, modifiers)
        assert window.document.graph == after


def test_every_action_calls_something_the_window_has(window) -> None:
    for spec in ACTIONS:
        assert callable(resolve(window, spec.run)), spec.id


def test_all_actions_stand_in_the_menus_and_in_the_command_palette(window) -> None:
    offered = {action for _, action in leaves(window.menus)}
    assert set(window.actions_by_id.by_id.values()) <= offered


def test_the_command_palette_finds_and_runs(window, qtbot) -> None:
    window.open_template("xor")
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.findChild(CommandPalette)
    assert palette is not None and palette.isVisible()
    qtbot.keyClicks(palette.field, "selall")
    with qtbot.waitSignal(window.document.selection_changed):
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.document.selection == frozenset(window.document.graph.nodes)


def test_the_command_palette_says_when_nothing_fits(window, qtbot) -> None:
    window.dialogs.commands()
    palette = window.findChild(CommandPalette)
    qtbot.keyClicks(palette.field, "zzzzz")
    assert palette.list.item(0).text() == "No action of that name"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    QApplication.processEvents()


def test_focus_returns_to_the_canvas_from_the_command_palette(window, qtbot) -> None:
    window.open_template("xor")
    window.messages.say("warning", "Something to read.")
    window.activateWindow()
    window.dialogs.commands()
    qtbot.keyClick(window.findChild(CommandPalette).field, Qt.Key.Key_Escape)
    assert window.focusWidget() is window.canvas
    assert window.messages.messages


def test_what_is_not_possible_is_switched_off(window, qtbot) -> None:
    actions = window.actions_by_id
    assert not actions["run"].isEnabled()  # the welcome page
    window.files.new()
    assert actions["run"].isEnabled()
    assert not actions["export"].isEnabled()  # an empty network
    assert not actions["copy"].isEnabled()
    window.open_template("xor")
    assert actions["export"].isEnabled()
    window.document.select(["hidden_1"])
    assert actions["copy"].isEnabled()


def test_undo_says_what_it_undoes(window) -> None:
    window.open_template("xor")
    window.document.commit(window.document.graph.set_params("hidden_1", units=9), "Change Units")
    assert window.actions_by_id["undo"].text() == "Undo Change Units"
    window.actions_by_id["undo"].trigger()
    assert window.actions_by_id["redo"].text() == "Redo Change Units"
    assert not window.actions_by_id["undo"].isEnabled()
