"""The picture of the network: choose how it looks, then a file for it or the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.style import theme
from app.style.combo import CalmCombo
from engine.issues import ChainruleError

#: What the file dialog offers, the best for papers first.
_FILTERS = "SVG drawing (*.svg);;PDF document (*.pdf);;PNG picture (*.png)"
_SIZES = {"As on screen": 1.0, "Double": 2.0, "Four times": 4.0}

Save = Callable[[Path, dict[str, Any]], None]
Copy = Callable[[dict[str, Any]], None]


class PictureDialog(QDialog):
    """Calls ``save(path, look)`` or ``copy(look)``; ``look`` has the fields theme, transparent and scale."""

    def __init__(self, title: str, folder: Path, save: Save, copy: Copy, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Picture of the network")
        self._name = folder / f"{title}.svg"
        self._save, self._copy = save, copy
        self.colours, self.size = CalmCombo(), CalmCombo()
        self.colours.addItem("As on screen", "")
        for name in theme.THEMES:
            self.colours.addItem(name.capitalize(), name)
        for text, scale in _SIZES.items():
            self.size.addItem(text, scale)
        self.size.setCurrentIndex(1)
        self.size.setToolTip("How large a PNG is; SVG and PDF are sharp at any size")
        self.transparent = QCheckBox("Leave the ground transparent")
        self.outcome = QLabel()
        self.outcome.setWordWrap(True)
        self.file, self.clipboard, self.done_button = (
            QPushButton("Save…"), QPushButton("Copy to the clipboard"), QPushButton("Close"))
        self.file.setProperty("role", "primary")
        self.file.setDefault(True)
        self._lay_out()
        self.file.clicked.connect(self._ask_for_file)
        self.clipboard.clicked.connect(self._to_clipboard)
        self.done_button.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        form = QFormLayout()
        for text, field in (("Colours", self.colours), ("Size of a PNG", self.size)):
            field.setAccessibleName(text)
            form.addRow(text, field)
        form.addRow("", self.transparent)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.clipboard, self.done_button, self.file):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.outcome)
        layout.addLayout(buttons)
        self.setMinimumWidth(420)

    def look(self) -> dict[str, Any]:
        """What is chosen."""
        return {"theme": self.colours.currentData(), "transparent": self.transparent.isChecked(),
                "scale": self.size.currentData()}

    def _ask_for_file(self) -> None:
        chosen, kind = QFileDialog.getSaveFileName(self, "Save the picture", str(self._name), _FILTERS)
        if chosen:
            path = Path(chosen)
            self.save_to(path if path.suffix else path.with_suffix(kind[kind.index("*.") + 1 : -1]))

    def save_to(self, path: Path) -> None:
        """Writes the picture and closes; says in the dialog what went wrong."""
        try:
            self._save(path, self.look())
        except ChainruleError as error:
            self._say(str(error), "error")
        else:
            self.accept()

    def _to_clipboard(self) -> None:
        try:
            self._copy(self.look())
        except ChainruleError as error:
            self._say(str(error), "error")
        else:
            self._say("The picture is on the clipboard, as pixels and as SVG.", "good")

    def _say(self, sentence: str, role: str) -> None:
        self.outcome.setText(sentence)
        self.outcome.setProperty("role", role)
        self.outcome.style().polish(self.outcome)
