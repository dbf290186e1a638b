"""Messages over the canvas, and where errors of the program are written."""

from __future__ import annotations

import logging

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton, QWidget

from app import crash
from app.window.message_bar import MessageBar
from app.window.window import Window

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bar(qapp, qtbot) -> MessageBar:
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.resize(900, 500)
    ground.show()
    made = MessageBar(ground)
    made.keep = ground
    return made


def test_messages_say_their_severity_to_screen_readers_too(bar: MessageBar) -> None:
    bar.say("warning", "That does not fit.")
    assert bar.isVisible()
    assert bar.messages[0].accessibleName() == "Warning: That does not fit."


def test_one_message_is_not_repeated_and_errors_outlast_the_rest(bar: MessageBar) -> None:
    bar.say("error", "Broken.")
    for number in range(5):
        bar.say("info", f"Note {number}.")
        bar.say("info", f"Note {number}.")
    assert [message.sentence for message in bar.messages] == ["Broken.", "Note 3.", "Note 4."]
    bar.clear()
    assert not bar.isVisible()


def test_what_has_succeeded_since_takes_its_errors_away(bar: MessageBar) -> None:
    files, session = object(), object()
    bar.say("error", "The disk is full.", about=files)
    bar.say("error", "The network is empty.", about=session)
    bar.say("info", "Saved as a copy.", about=files)
    bar.settle(files)
    assert [message.sentence for message in bar.messages] == ["The network is empty.", "Saved as a copy."]


def test_notes_go_by_themselves_and_errors_stay(bar: MessageBar, qtbot) -> None:
    bar.say("error", "Broken.")
    bar.say("info", "Done.")
    note = bar.messages[1]
    assert note._timer.isActive() and not bar.messages[0]._timer.isActive()
    note._timer.timeout.emit()
    assert [message.sentence for message in bar.messages] == ["Broken."]


def test_details_unfold_and_can_be_copied(bar: MessageBar, qtbot) -> None:
    bar.say("error", "Broken.", "line 1\nline 2")
    message = bar.messages[0]
    fold, copy = message.findChildren(QPushButton)
    box = message.findChild(QPlainTextEdit)
    assert not box.isVisible()
    qtbot.mouseClick(fold, LEFT)
    assert box.isVisible() and box.toPlainText() == "line 1\nline 2"
    qtbot.mouseClick(copy, LEFT)
    assert QApplication.clipboard().text() == "line 1\nline 2"


def test_it_lies_inside_its_ground_whatever_the_width(bar: MessageBar) -> None:
    bar.say("info", "A sentence that is long enough to need several lines where there is little room for it. " * 2)
    for width in (900, 500, 260):
        bar.keep.resize(width, 500)
        QApplication.processEvents()
        assert bar.geometry().left() >= 0 and bar.geometry().right() < width


def test_errors_go_to_a_file_with_their_traceback(qapp, qtbot, expect_error_log) -> None:
    expect_error_log("unexpected error")
    path = crash.start_logging()
    handler = logging.getLogger().handlers[-1]
    try:
        with qtbot.waitSignal(crash.reporter.happened) as told:
            try:
                raise LookupError("made for this test")
            except LookupError as error:
                crash.report(type(error), error, error.__traceback__)
        assert "LookupError" in told.args[0]
        assert "made for this test" in told.args[1] and "Python" in told.args[1]
        assert path is not None and "made for this test" in path.read_text("utf-8")
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()


def test_a_folder_that_cannot_be_written_is_no_obstacle(qapp, monkeypatch, tmp_path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", "utf-8")
    monkeypatch.setattr(crash, "log_folder", lambda: blocked / "logs")
    assert crash.start_logging() is None


def test_an_edit_takes_away_why_a_run_was_refused(window: Window) -> None:
    window.files.new()
    window.session.run()
    assert [message.sentence[:20] for message in window.messages.messages] == ["The network is empty"]
    window.document.commit(window.document.graph.add("Input")[0], "Add Input")
    assert not window.messages.messages
