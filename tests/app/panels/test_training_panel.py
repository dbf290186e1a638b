"""The Training tab: settings are committed whole, merged while they slide, and say what they amount to."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.document import Document
from app.panels.training import Training


@pytest.fixture
def panel(small_document: Document, qtbot) -> Training:
    made = Training(small_document)
    qtbot.addWidget(made)
    made.resize(320, 800)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_it_says_how_many_steps_that_makes(panel: Training) -> None:
    panel.document.commit_training({"epochs": 50, "batch_size": 2})
    assert panel.facts.text() == "4 examples · 2 steps per epoch\n100 steps in all"


def test_a_slid_learning_rate_is_one_undo_step(panel: Training, qtbot) -> None:
    optimizer = panel.form.rows["optimizer"].editor
    slider = optimizer.form.rows["learning_rate"].editor.slider
    slider.setFocus()
    for _ in range(5):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    document = panel.document
    assert document.training["optimizer"]["learning_rate"] > 0.001
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.training == {}
    assert optimizer.form.rows["learning_rate"].editor.field.text() == "0.001"


def test_a_number_is_being_typed_until_enter_or_until_it_is_stepped(panel: Training, qtbot) -> None:
    field, document = panel.form.rows["optimizer"].editor.form.rows["learning_rate"].editor.field, panel.document
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field.lineEdit(), "0.5")
    assert document.is_typing and document.training["optimizer"]["learning_rate"] == 0.5
    with qtbot.waitSignal(document.typing_ended):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClicks(field.lineEdit(), "5")
    assert document.is_typing
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert not document.is_typing


def test_what_is_typed_and_not_allowed_leaves_in_force_what_was(panel: Training, qtbot) -> None:
    """"1e6" is 1 on the way, and too much at its end: training is not to go on with 1, which nobody meant."""
    row, document = panel.form.rows["optimizer"].editor.form.rows["learning_rate"], panel.document
    field = row.editor.field
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field.lineEdit(), "0.5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    field.selectAll()
    rates = []
    for key in "1e6":
        qtbot.keyClicks(field.lineEdit(), key)
        rates.append(document.training["optimizer"]["learning_rate"])
    assert rates == [1.0, 0.5, 0.5]
    assert field.text() == "1e6" and "from 0 to" in row.problem and row.error.isVisible()
    qtbot.keyClicks(field.lineEdit(), "\b\b\b0.25")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert document.training["optimizer"]["learning_rate"] == 0.25 and not row.problem


def test_another_optimizer_brings_its_own_fields(panel: Training, qtbot) -> None:
    editor = panel.form.rows["optimizer"].editor
    editor.box.setCurrentIndex(editor.box.findData("SGD"))
    editor.box.activated.emit(editor.box.currentIndex())
    assert panel.document.training["optimizer"]["kind"] == "SGD"
    assert "momentum" in editor.form.rows
    assert "beta1" not in editor.form.rows
    panel.document.undo_stack.undo()
    assert "beta1" in editor.form.rows


def test_what_is_out_of_range_is_not_committed(panel: Training, qtbot) -> None:
    line = panel.form.rows["epochs"].editor.field.lineEdit()
    line.selectAll()
    qtbot.keyClicks(line, "0")
    assert panel.document.training == {}
    assert panel.form.rows["epochs"].error.isVisible()


def test_settings_of_a_hand_edited_file_are_shown(panel: Training) -> None:
    panel.document.commit_training({"epochs": -1, "optimizer": {"kind": "Unheard"}})
    assert "whole number" in panel.form.rows["epochs"].error.text()
    assert panel.facts.text() == "A setting is out of its range."
