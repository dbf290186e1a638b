"""Where runs are kept, how much room they may take, and how much they take now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.numbers import engineering
from app.runs.settings import MEGABYTE, SMALLEST, RunSettings

_MOST = 10_000_000


class StorageDialog(QDialog):
    """Edits the settings of runs. ``size_then(tell)`` finds out how much room they take and tells it."""

    def __init__(
        self, settings: RunSettings, size_then: Callable[[Callable[[int], object]], object], project: Path | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Storage of runs")
        self._settings = settings
        self.folder = QLineEdit(str(settings.folder))
        self.folder.setAccessibleName("Folder")
        self.choose = QPushButton("Choose…")
        self.beside = QCheckBox("Keep runs of a saved project in a folder beside its file")
        self.beside.setChecked(settings.beside_project)
        self.beside.setToolTip("digits.chainrule has its runs in digits.runs, to be taken along with it")
        self.limit = QSpinBox()
        self.limit.setRange(SMALLEST, _MOST)
        self.limit.setSuffix(" MB")
        self.limit.setToolTip("Megabytes that all runs in a folder may take together")
        self.limit.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.limit.setValue(settings.limit // MEGABYTE)
        self.limit.setAccessibleName("Most room")
        self.used = QLabel("…")
        self.used.setProperty("role", "quiet")
        self.here = QLabel(f"Runs of what is open are kept in {settings.folder_of(project)}")
        self.rule = QLabel("Where there is no more room, old snapshots go first (never the best and the last of a "
                           "run), then the oldest runs without a star. What was kept elsewhere before stays there.")
        for text in (self.rule, self.here):
            text.setWordWrap(True)
            text.setProperty("role", "quiet")
        self.keep, self.cancel = QPushButton("Keep"), QPushButton("Cancel")
        self.keep.setProperty("role", "primary")
        self.keep.setDefault(True)
        self._lay_out()
        self.choose.clicked.connect(self._ask)
        self.keep.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        size_then(self._show_size)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.folder, 1)
        row.addWidget(self.choose)
        form = QFormLayout()
        form.addRow("Folder", row)
        form.addRow("", self.beside)
        form.addRow("Most room", self.limit)
        form.addRow("In use", self.used)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.rule)
        layout.addWidget(self.here)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.keep)
        layout.addLayout(buttons)
        self.setMinimumWidth(520)

    def _ask(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder for runs", self.folder.text())
        if chosen:
            self.folder.setText(chosen)

    def _show_size(self, size: int) -> None:
        self.used.setText(engineering(size, "B"))

    def accept(self) -> None:
        text = self.folder.text().strip()
        self._settings.folder = Path(text).expanduser() if text else self._settings.default_folder()
        self._settings.limit = self.limit.value() * MEGABYTE
        self._settings.beside_project = self.beside.isChecked()
        super().accept()
