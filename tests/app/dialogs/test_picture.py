"""The picture dialog: what is chosen reaches the file, and what goes wrong is told in the dialog."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from app.dialogs.picture import PictureDialog
from engine.issues import ChainruleError


def dialog(qtbot, tmp_path: Path, save=lambda path, look: None, copy=lambda look: None) -> PictureDialog:
    made = PictureDialog("net", tmp_path, save, copy)
    qtbot.addWidget(made)
    made.show()
    return made


def test_what_is_chosen_is_what_is_drawn(qtbot, tmp_path: Path) -> None:
    asked: list[tuple[Path, dict[str, Any]]] = []
    made = dialog(qtbot, tmp_path, lambda path, look: asked.append((path, look)))
    made.colours.setCurrentText("Light")
    made.size.setCurrentText("Four times")
    qtbot.keyClick(made.transparent, Qt.Key.Key_Space)
    made.save_to(tmp_path / "net.svg")
    assert asked == [(tmp_path / "net.svg", {"theme": "light", "transparent": True, "scale": 4.0})]
    assert made.result() == QDialog.DialogCode.Accepted


def test_a_failure_is_told_and_the_dialog_stays(qtbot, tmp_path: Path) -> None:
    def fail(*_: object) -> None:
        raise ChainruleError("The disk is full.", "", "Choose another folder.")

    made = dialog(qtbot, tmp_path, fail, fail)
    made.save_to(tmp_path / "net.png")
    assert made.isVisible() and "disk is full" in made.outcome.text()
    made.outcome.clear()
    qtbot.mouseClick(made.clipboard, Qt.MouseButton.LeftButton)
    assert "disk is full" in made.outcome.text()


def test_copying_says_so(qtbot, tmp_path: Path) -> None:
    made = dialog(qtbot, tmp_path)
    qtbot.mouseClick(made.clipboard, Qt.MouseButton.LeftButton)
    assert "clipboard" in made.outcome.text() and made.isVisible()
