"""One parameter of a sweep with the values it is to take: a list, a span, or ticked options."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.style.icons import ThemedIcon
from app.sweep.axes import Draft, first_draft
from app.sweep.words import option_text
from engine.issues import ChainruleError
from engine.sweep import Axis, Range, Target

_ACROSS = 3
_NUMBER_WIDTH = 92


class AxisRow(QFrame):
    """Edits a :class:`Draft`."""

    changed = Signal()
    removed = Signal()

    def __init__(self, target: Target, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._target = target
        self.problem = QLabel()
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.boxes: list[QCheckBox] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 10)
        layout.setSpacing(6)
        layout.addLayout(self._make_head())
        draft = first_draft(target)
        if target.options:
            layout.addWidget(self._make_options(draft))
        else:
            self._make_numbers(layout, draft)
        layout.addWidget(self.problem)
        self.setToolTip(target.param.help)

    def _make_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        title = QLabel(self._target.title)
        title.setProperty("role", "strong")
        self.remove = QToolButton()
        self.remove.setProperty("role", "tiny")
        self.remove.setToolTip("Leave this parameter as it is")
        self.remove.setAccessibleName(f"Remove {self._target.title}")
        ThemedIcon(self.remove, "mdi6.close", "quiet")
        self.remove.clicked.connect(self.removed)
        head.addWidget(title, 1)
        self._kinds = head
        head.addWidget(self.remove)
        return head

    def _make_options(self, draft: Draft) -> QWidget:
        host = QWidget()
        grid = QGridLayout(host)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        for place, option in enumerate(self._target.options):
            box = QCheckBox(option_text(self._target, option))
            box.setChecked(option in draft.options)
            box.toggled.connect(self._changed)
            self.boxes.append(box)
            grid.addWidget(box, place // _ACROSS, place % _ACROSS)
        return host

    def _make_numbers(self, layout: QVBoxLayout, draft: Draft) -> None:
        title = self._target.title
        self.listed, self.spanned = QRadioButton("Values"), QRadioButton("From – to")
        self.listed.setChecked(True)
        for place, button in enumerate((self.listed, self.spanned)):
            self._kinds.insertWidget(1 + place, button)
        self.text = self._field(draft.text, f"{title}, values")
        self.text.setPlaceholderText("0.1, 0.01, 0.001")
        self.low = self._field(draft.low, f"{title}, lowest", _NUMBER_WIDTH)
        self.high = self._field(draft.high, f"{title}, highest", _NUMBER_WIDTH)
        self.count = QSpinBox()
        self.count.setRange(2, 100)
        self.count.setValue(draft.count)
        self.count.setSuffix(" values")
        self.count.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.count.setAccessibleName(f"{title}, number of values")
        self.log = QCheckBox("equal ratios")
        self.log.setToolTip("1, 10, 100 rather than 1, 50, 100: for numbers whose size is not known")
        self.log.setChecked(draft.log)
        span = QWidget()
        row = QHBoxLayout(span)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.low, QLabel("to"), self.high, self.count, self.log):
            row.addWidget(widget)
        row.addStretch(1)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.text)
        self.pages.addWidget(span)
        layout.addWidget(self.pages)
        self.spanned.toggled.connect(lambda on: self.pages.setCurrentIndex(int(on)))
        for signal in (self.spanned.toggled, self.count.valueChanged, self.log.toggled):
            signal.connect(self._changed)

    def _field(self, text: str, name: str, width: int = 0) -> QLineEdit:
        field = QLineEdit(text)
        field.setAccessibleName(name)
        field.textEdited.connect(self._changed)
        if width:
            field.setFixedWidth(width)
        return field

    def _changed(self, _: object = None) -> None:
        self.changed.emit()

    # -- reading ---------------------------------------------------------------------------------------------

    @property
    def target(self) -> Target:
        return self._target

    @target.setter
    def target(self, target: Target) -> None:
        """The same parameter of the network as it is now."""
        self._target = target

    def set_random(self, on: bool) -> None:
        """A span is drawn from, so that it has no number of values."""
        if not self._target.options:
            self.count.setVisible(not on)

    @property
    def draft(self) -> Draft:
        """What stands in the fields."""
        draft = Draft(self._target)
        if self._target.options:
            ticked = zip(self._target.options, self.boxes, strict=True)
            return replace(draft, options=tuple(option for option, box in ticked if box.isChecked()))
        return replace(draft, text=self.text.text(), span=self.spanned.isChecked(), low=self.low.text(),
                       high=self.high.text(), count=self.count.value(), log=self.log.isChecked())

    def axis(self, random: bool) -> Axis | Range | None:
        """What it means; None with a sentence below the fields where it means nothing."""
        try:
            axis, problem = self.draft.axis(random), ""
        except ChainruleError as error:
            axis, problem = None, str(error)
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        return axis
