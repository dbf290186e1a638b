"""Which example is looked at: a part of the data and a row of it, the next one told wrong, or the drawing."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QSpinBox, QToolButton, QWidget

from app.plots.choice import Choice
from app.plots.samples import PARTS

_HIGHEST = 10_000_000
_MARGIN, _SPACING = 6, 4


class SampleChooser(QWidget):
    """A line of controls; ``changed`` is emitted when the person chooses another example."""

    changed = Signal()
    wrong_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._offered, self._room = (False, False), 0
        self.part = Choice("Part of the data", tuple(PARTS.items()), self)
        self.part.setFixedWidth(96)
        self.row = QSpinBox(self)
        self.row.setRange(0, _HIGHEST)
        self.row.setWrapping(True)
        self.row.setPrefix("row ")
        self.row.setAccessibleName("Row of the example")
        self.row.setToolTip("The example that is looked at: type a number, or use ↑ and ↓")
        self.row.setKeyboardTracking(False)
        self.row.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.row.setFixedWidth(78)
        self.before = self._stepper("◀", "The example before", -1)
        self.after = self._stepper("▶", "The example after", 1)
        self.wrong = QPushButton("Next wrong", self)
        self.wrong.setToolTip("The next example that the network predicts wrong")
        self.drawing = QCheckBox("My drawing", self)
        self.drawing.setToolTip("Look at what is on the drawing pad instead")
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        row.setSpacing(_SPACING)
        for widget in (self.part, self.before, self.row, self.after, self.wrong, self.drawing):
            row.addWidget(widget)
        self.part.chosen.connect(self._other_part)
        self.row.valueChanged.connect(lambda _: self.changed.emit())
        self.wrong.clicked.connect(self.wrong_asked)
        self.drawing.toggled.connect(self._toggled)

    def _stepper(self, text: str, tip: str, step: int) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setProperty("role", "flat")
        button.setFixedWidth(26)
        button.setAutoRepeat(True)
        button.setAccessibleName(tip)
        button.setToolTip(tip)
        button.clicked.connect(lambda: self.row.stepBy(step))
        return button

    def show_extent(self, count: int) -> None:
        """How many rows the part has."""
        self.row.blockSignals(True)
        self.row.setMaximum(max(count - 1, 0))
        self.row.blockSignals(False)

    def choose(self, part: str, row: int) -> None:
        """Chooses an example, as the person would."""
        self.row.blockSignals(True)
        self.part.choose(part)
        self.drawing.setChecked(False)
        self.row.setMaximum(max(self.row.maximum(), row))
        self.row.setValue(row)
        self.row.blockSignals(False)
        self.changed.emit()

    def offer(self, drawing: bool, wrong: bool) -> None:
        """What applies to the data: drawings to pictures, wrong answers to classes."""
        self._offered = (drawing, wrong)
        self._show()

    def fit_in(self, width: int) -> None:
        """Leaves out what a line of so many pixels has no room for."""
        self._room = width
        self._show()

    def _show(self) -> None:
        left = self._room - 2 * _MARGIN + _SPACING
        left -= sum(widget.minimumWidth() + _SPACING for widget in (self.part, self.before, self.row, self.after))
        for widget, offered in ((self.wrong, self._offered[1]), (self.drawing, self._offered[0])):
            needed = widget.sizeHint().width() + _SPACING
            widget.setVisible(offered and needed <= left)
            left -= needed if offered else 0

    def _other_part(self, _: str) -> None:
        self.row.blockSignals(True)
        self.row.setMaximum(_HIGHEST)
        self.row.setValue(0)
        self.row.blockSignals(False)
        self.changed.emit()

    def _toggled(self, on: bool) -> None:
        for widget in (self.part, self.before, self.row, self.after, self.wrong):
            widget.setEnabled(not on)
        self.changed.emit()
