"""The whole window: from the welcome page to training, saving, opening, and leaving."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QTabBar, QWidget

from app import crash
from app.settings import Settings
from app.style import theme
from app.training.session import FINISHED, PAUSED, RUNNING
from app.window.docks import Docks
from app.window.window import Window
from engine.project import open_project
from tests.app.waiting import reaching

LEFT = Qt.MouseButton.LeftButton
Button = QMessageBox.StandardButton


def answer(button: Button) -> list[str]:
    """Clicks a button of the question that is about to be asked; returns what was asked, once it was."""
    asked: list[str] = []

    def click() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox):
            asked.append(box.text())
            box.button(button).click()

    QTimer.singleShot(50, click)
    return asked


def card_of(window: Window, template: str):
    return next(card for card in window.welcome.cards if card.template.id == template)


def save_to(window: Window, path: Path, monkeypatch) -> None:
    monkeypatch.setattr("app.files.QFileDialog.getSaveFileName", lambda *_: (str(path), ""))
    window.actions_by_id["save"].trigger()


def test_two_clicks_from_the_first_start_to_a_training_network(window: Window, qtbot) -> None:
    assert window.stack.currentWidget() is window.welcome_page
    window.session.slow_down(100)  # or it might be over before it is looked at
    with qtbot.waitSignal(window.session.started):
        qtbot.mouseClick(card_of(window, "xor").train_button, LEFT)
    assert window.stack.currentWidget() is window.workspace
    qtbot.waitUntil(lambda: window.session.history.training.count > 10)
    qtbot.waitUntil(lambda: window.top.steps.value.text() != "0")
    qtbot.waitUntil(lambda: window.canvas.canvas.is_live)
    qtbot.mouseClick(window.top.run, LEFT)
    qtbot.waitUntil(lambda: window.session.state == PAUSED)
    assert window.actions_by_id["run"].text() == "Resume"
    assert window.top.rate.text() == "paused"
    qtbot.keyClick(window, Qt.Key.Key_Period)
    assert window.session.history.progress.step > 0
    qtbot.mouseClick(window.top.buttons[3], LEFT)  # Reset
    assert window.session.history.is_empty
    assert not window.canvas.canvas.is_live


def test_space_runs_and_pauses(window: Window, qtbot) -> None:
    window.open_template("xor")
    window.canvas.setFocus()
    window.document.commit_training({**window.document.training, "epochs": 1_000_000})
    qtbot.keyClick(window.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.session.state == RUNNING)
    assert window.actions_by_id["run"].text() == "Pause"
    window.tabs.setFocus()
    qtbot.keyClick(window.tabs, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.session.state == PAUSED)


def test_space_on_a_button_presses_it_and_runs_nothing(window: Window, qtbot) -> None:
    window.open_template("xor")
    window.tabs.show_tab("data")
    qtbot.waitUntil(lambda: window.tabs.data.dataset is not None)
    window.tabs.data.use({"kind": "Iris"})
    qtbot.waitUntil(window.tabs.data.fit.isEnabled)
    window.tabs.data.fit.setFocus()
    qtbot.keyClick(window.tabs.data.fit, Qt.Key.Key_Space)
    assert window.document.undo_stack.undoText() == "Fit the network to the data"
    assert window.session.state == "idle"


def test_a_run_to_its_end_is_told(window: Window, qtbot) -> None:
    window.open_template("iris")
    window.document.commit_training({**window.document.training, "epochs": 2})
    window.actions_by_id["run"].trigger()
    qtbot.waitUntil(lambda: window.session.state == FINISHED)
    assert any("Finished" in message.sentence for message in window.messages.messages)
    assert "val accuracy" in window.status.result.text()
    assert window.top.bar.value() == window.top.bar.maximum()


def test_what_cannot_run_is_told_not_asked(window: Window, qtbot) -> None:
    window.files.new()
    window.actions_by_id["run"].trigger()
    message = window.messages.messages[-1]
    assert message.severity == "error" and "empty" in message.sentence
    qtbot.mouseClick(message.close_button, LEFT)
    assert window.messages.messages == []
    assert not window.messages.isVisible()


def test_saving_and_opening_give_the_same_project(window: Window, qtbot, tmp_path: Path, monkeypatch) -> None:
    window.open_template("iris")
    window.document.commit(window.document.graph.set_params("hidden_1", units=5), "Change Units")
    assert window.isWindowModified()
    saved = window.document.content
    path = tmp_path / "flowers.chainrule"
    save_to(window, path, monkeypatch)
    assert not window.isWindowModified()
    assert window.windowTitle() == "flowers[*] — Chainrule"
    assert window.status.saved.text().startswith("saved ")
    window.open_template("xor")
    assert window.files.open(path)
    assert window.document.content == saved
    assert window.settings.recent == [path.resolve()]
    assert open_project(path).preparation is not None  # new examples can be prepared without the data


def test_trained_weights_are_saved_with_the_project(window: Window, qtbot, tmp_path: Path, monkeypatch) -> None:
    window.open_template("iris")
    window.document.commit_training({**window.document.training, "epochs": 1})
    window.session.run()
    qtbot.waitUntil(lambda: window.session.state == FINISHED)
    save_to(window, tmp_path / "trained.chainrule", monkeypatch)
    weights = window.document.weights
    window.files.new()
    window.files.open(tmp_path / "trained.chainrule")
    assert {k: v.tolist() for k, v in window.document.weights.items()} == {k: v.tolist() for k, v in weights.items()}
    assert window.session.resume_state is not None


@pytest.mark.parametrize(("button", "stays"), [(Button.Cancel, True), (Button.Discard, False)])
def test_unsaved_changes_are_asked_about(window: Window, qtbot, button, stays: bool) -> None:
    window.open_template("xor")
    window.document.commit(window.document.graph.set_params("hidden_1", units=9), "Change Units")
    before = window.document.graph
    asked = answer(button)
    window.files.new()
    assert asked == ["Save the changes to “XOR”?"]
    assert (window.document.graph == before) is stays


def test_closing_asks_too_and_saves(window: Window, qtbot, tmp_path: Path, monkeypatch) -> None:
    window.open_template("xor")
    window.document.commit(window.document.graph.set_params("hidden_1", units=9), "Change Units")
    answer(Button.Cancel)
    window.close()
    assert window.isVisible()
    path = tmp_path / "kept.chainrule"
    monkeypatch.setattr("app.files.QFileDialog.getSaveFileName", lambda *_: (str(path), ""))
    answer(Button.Save)
    window.close()
    assert not window.isVisible()
    assert open_project(path).graph.nodes["hidden_1"].params["units"] == 9


def test_a_save_that_fails_says_so_and_keeps_the_work(window: Window, qtbot, tmp_path: Path, monkeypatch) -> None:
    window.open_template("xor")
    window.document.commit(window.document.graph.set_params("hidden_1", units=9), "Change Units")
    save_to(window, tmp_path / "no such folder" / "x.chainrule", monkeypatch)
    message = window.messages.messages[-1]
    assert message.severity == "error" and "folder does not exist" in message.sentence
    assert window.document.graph.nodes["hidden_1"].params["units"] == 9
    assert window.isWindowModified()


@pytest.mark.parametrize("content", [b"", b"not a project", b"PK\x03\x04 damaged"])
def test_a_damaged_file_says_so_and_nothing_is_lost(window: Window, tmp_path: Path, content: bytes) -> None:
    window.open_template("xor")
    before = window.document.content
    path = tmp_path / "broken.chainrule"
    path.write_bytes(content)
    assert not window.files.open(path)
    assert "broken.chainrule" in window.messages.messages[-1].sentence
    assert window.document.content == before


def test_a_file_of_a_newer_version_says_so(window: Window, tmp_path: Path, monkeypatch) -> None:
    window.open_template("xor")
    path = tmp_path / "new.chainrule"
    save_to(window, path, monkeypatch)
    with zipfile.ZipFile(path) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    entries["project.json"] = entries["project.json"].replace(b'"version": 1', b'"version": 99')
    with zipfile.ZipFile(path, "w") as new:
        for name, data in entries.items():
            new.writestr(name, data, zipfile.ZIP_STORED)
    assert not window.files.open(path)
    assert "newer version" in window.messages.messages[-1].sentence


def drop(window: Window, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    place, copy, none = QPoint(300, 200), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    target = window.canvas.viewport()  # what lies under the pointer; it passes on what is no layer
    for event in (QDragEnterEvent(place, copy, mime, LEFT, none), QDropEvent(place, copy, mime, LEFT, none)):
        QApplication.sendEvent(target, event)


def test_files_are_dropped_on_the_window(window: Window, qtbot, tmp_path: Path, monkeypatch) -> None:
    window.open_template("iris")
    project = tmp_path / "dropped.chainrule"
    save_to(window, project, monkeypatch)
    window.files.new()
    drop(window, project)
    assert window.document.path == project
    table = tmp_path / "table.csv"
    table.write_text("a,b,kind\n" + "".join(f"{i},{i + 1},{'xy'[i % 2]}\n" for i in range(30)), "utf-8")
    with qtbot.waitSignal(window.document.setup_changed):
        drop(window, table)
    assert window.tabs.currentWidget() is window.tabs.data
    drop(window, tmp_path / "picture.bmp")
    assert "picture.bmp cannot be used" in window.messages.messages[-1].sentence


def test_recent_projects_are_a_click_away(window: Window, qtbot, tmp_path: Path, monkeypatch) -> None:
    window.open_template("xor")
    path = tmp_path / "again.chainrule"
    save_to(window, path, monkeypatch)
    window.files.new()
    window.actions_by_id["welcome"].trigger()
    assert window.stack.currentWidget() is window.welcome_page
    assert not any(dock.isVisible() for dock in window.docks.all)
    qtbot.mouseClick(window.welcome.recent_buttons[0], LEFT)
    assert window.document.path == path.resolve()
    assert window.docks.palette.isVisible()
    assert "again" in [action.text() for action in window.menus["File/Open recent"].actions()]


def test_the_welcome_page_leads_back_to_what_is_open(window: Window, qtbot) -> None:
    assert not window.welcome.back_button.isVisible()
    window.open_template("xor")
    window.canvas.append("Dropout")
    graph = window.document.graph
    window.actions_by_id["welcome"].trigger()
    assert window.welcome.back_button.text() == "Back to XOR"
    qtbot.mouseClick(window.welcome.back_button, LEFT)
    assert window.stack.currentWidget() is window.workspace and window.document.graph is graph
    window.actions_by_id["welcome"].trigger()
    qtbot.keyClick(window.welcome.back_button, Qt.Key.Key_Escape)
    assert window.stack.currentWidget() is window.workspace


def test_the_theme_switches_live_and_is_remembered(window: Window, qapp) -> None:
    window.open_template("xor")
    before = window.grab().toImage()
    window.actions_by_id["theme_light"].trigger()
    assert theme.current() is theme.LIGHT
    assert window.actions_by_id["theme_light"].isChecked()
    after = window.grab().toImage()
    assert before.pixelColor(5, 5).lightnessF() < 0.3 < 0.7 < after.pixelColor(5, 5).lightnessF()
    assert Settings().text("theme") == "light"
    window.actions_by_id["theme_dark"].trigger()
    assert theme.current() is theme.DARK


def test_the_layout_is_remembered_and_can_be_reset(window: Window, qapp, qtbot) -> None:
    window.open_template("xor")
    window.docks.palette.hide()
    window.docks.save(window.settings)
    window.docks.palette.show()
    window.docks.restore(window.settings)
    assert not window.docks.palette.isVisible()
    window.actions_by_id["reset_layout"].trigger()
    assert window.docks.palette.isVisible()
    assert isinstance(window.docks, Docks)


def test_a_double_click_in_the_palette_appends_to_the_network(window: Window, qtbot) -> None:
    window.files.new()
    window.palette_panel.chosen.emit("Input")
    window.palette_panel.chosen.emit("Dense")
    graph = window.document.graph
    assert [edge.source for edge in graph.edges.values()] == ["input_1"]
    assert window.tabs.currentWidget() is window.tabs.inspector
    assert window.tabs.inspector.layer_page.title.text() == "Dense · dense_1"


def test_a_problem_leads_to_its_layer(window: Window, qtbot) -> None:
    window.open_template("xor")
    window.document.commit(window.document.graph.set_params("input", shape=(7,)), "Change the shape")
    assert window.status.issues.isVisible()
    qtbot.mouseClick(window.status.issues, LEFT)
    assert window.tabs.currentWidget() is window.tabs.problems
    qtbot.waitUntil(lambda: "Problems 1" in window.tabs.tabText(window.tabs.indexOf(window.tabs.problems)))
    qtbot.mouseClick(window.tabs.problems.cards[0], LEFT)
    assert window.document.selection == {"input"}
    qtbot.mouseClick(window.tabs.problems.cards[0].buttons[0], LEFT)
    assert window.document.report.ok


def test_an_error_of_the_program_is_logged_and_told_calmly(window: Window, qtbot, expect_error_log) -> None:
    expect_error_log("unexpected error")
    window.open_template("xor")
    before = window.document.content
    try:
        raise ZeroDivisionError("made for this test")
    except ZeroDivisionError as error:
        crash.report(type(error), error, error.__traceback__)
    message = window.messages.messages[-1]
    assert "ZeroDivisionError" in message.sentence and "Traceback" not in message.sentence
    assert "made for this test" in message.details
    assert window.document.content == before


def test_every_focusable_widget_has_a_name(window: Window, qtbot) -> None:
    QAccessible.setActive(True)
    window.open_template("mnist")
    window.document.select(["hidden_1"])
    qtbot.waitUntil(lambda: all(bar.count() for bar in window.findChildren(QTabBar) if bar.isVisible()))
    nameless = []
    for page in (None, "training", "data", "problems"):
        if page:
            window.tabs.show_tab(page)
        for widget in [window, *window.findChildren(QWidget)]:
            if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisible() or widget.focusProxy():
                continue
            interface = QAccessible.queryAccessibleInterface(widget)
            named = interface is not None and interface.text(QAccessible.Text.Name)
            if not named and widget.parentWidget().focusProxy() is not widget:
                nameless.append(f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}")
    assert nameless == []
    QAccessible.setActive(False)


def test_it_fits_a_small_screen(window: Window) -> None:
    window.open_template("lenet")
    assert window.minimumSizeHint().width() <= 1366
    assert window.minimumSizeHint().height() <= 740


def test_closing_leaves_no_process(window: Window, qtbot) -> None:
    with reaching(qtbot, window.session, RUNNING):
        window.open_template("xor", train=True)
    pid = window.session._process.worker.pid
    window.document.undo_stack.setClean()
    answer(Button.Discard)
    window.close()
    assert not os.path.exists(f"/proc/{pid}")


def test_a_plot_that_is_away_comes_as_a_tab_of_the_last_one(window: Window) -> None:
    window.open_template("xor")
    dock = next(dock for dock in window.docks.plots if not dock.plot.shown and not dock.plot.behind)
    assert not dock.isVisible()
    dock.toggleViewAction().trigger()
    assert dock.isVisible()
    last = [d for d in window.docks.plots if d.plot.shown][-1]
    assert last in window.tabifiedDockWidgets(dock) and dock.plot.is_seen and not last.plot.is_seen
    dock.toggleViewAction().trigger()
    assert not dock.isVisible()


def test_the_plots_in_sight_show_the_last_step_when_a_run_is_over(window: Window, qtbot) -> None:
    window.open_template("xor")
    window.session.run()
    qtbot.waitUntil(lambda: window.session.state == FINISHED)
    curves = next(plot for plot in window.plots if plot.id == "loss")
    last = window.session.history.training.steps[-1]
    assert curves.is_seen
    qtbot.waitUntil(lambda: max(line.steps[-1] for line in drawn(curves)) == last)
    behind = next(plot for plot in window.plots if plot.id == "metrics")
    assert behind.isVisible() and not behind.is_seen, "a tab behind another one is not in sight"


def drawn(plot) -> list:
    """The curves on a plot that have points."""
    return [line for curve in plot.curves for line in curve.lines if len(line.steps)]
