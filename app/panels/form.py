"""A form made from parameter declarations: label, field, unit, reset, and the error under its field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.panels.editor import Editor
from app.panels.editors import TextEditor, editor_for
from app.style.icons import ThemedIcon
from engine.params import Param, Text, Variant

_FIELD_WIDTH = 138


class _Row:
    """What belongs to one parameter; advanced rows are shown only when unfolded."""

    def __init__(self, param: Param[Any]) -> None:
        self.param = param
        self.editor: Editor = editor_for(param)
        self.label = QLabel(param.label if not param.unit else f"{param.label} ({param.unit})")
        self.label.setWordWrap(True)
        self.label.setBuddy(self.editor.focusProxy())
        self.reset = QToolButton()
        self.reset.setProperty("role", "flat")
        self.reset.setAccessibleName(f"Reset {param.label}")
        self.reset.setToolTip("Back to the default")
        self.reset.setFixedSize(20, 24)
        self.reset.setStyleSheet("padding: 0;")
        self.reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        ThemedIcon(self.reset, "mdi6.backup-restore", "quiet")
        self.error = QLabel()
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self.error.hide()
        tip = f"<p>{param.help}</p><p>{_sentence(param.range_text())} Default: {_shown(param)}.</p>"
        for widget in (self.label, self.editor.focusProxy()):
            widget.setToolTip(tip)
        self.problem = ""

    def widgets(self) -> list[QWidget]:
        below = [self.editor.below] if self.editor.below is not None else []
        return [self.label, self.editor, self.reset, self.error, *below]

    def show_reset(self, row_shown: bool, differs: bool) -> None:
        """The way back to the default, where there is one; its room is kept while the row is shown."""
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(row_shown)
        self.reset.setSizePolicy(policy)
        self.reset.setVisible(row_shown and differs)

    def show_problem(self, sentence: str) -> None:
        self.problem = sentence
        self.editor.mark(bool(sentence))
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence) and self.label.isVisibleTo(self.label.parentWidget()))


class ParamForm(QWidget):
    """Edits values by name. ``edited(name, value)`` carries allowed values only; ``settled`` ends a row of small
    changes, so that they become one undo step. ``considered(name, value)`` tells of a value that is only looked at (an
    entry of an open list, the default under the pointer), ``dismissed`` that it no longer is."""

    edited = Signal(str, object)
    settled = Signal()
    considered = Signal(str, object)
    dismissed = Signal()
    #: What follows may be half of a number, or is none any more.
    typing = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[str, _Row] = {}
        self._parameters: dict[str, Param[Any]] = {}
        self._unfolded = False
        self._wanted_visible: bool | None = None
        self._values: dict[str, Any] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(0, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._fold = QToolButton(self)
        self._fold.setProperty("role", "flat")
        self._fold.setCheckable(True)
        self._fold.setStyleSheet("padding: 2px 4px 2px 0;")
        self._fold.toggled.connect(self._unfold)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold_icon = ThemedIcon(self._fold, "mdi6.chevron-right", "quiet")
        self._fold.hide()

    def set_parameters(self, parameters: Mapping[str, Param[Any]], skip: Collection[str] = ()) -> None:
        """Shows fields for these parameters; nothing happens where they are shown already."""
        wanted = {name: param for name, param in parameters.items() if name not in skip}
        if list(wanted.items()) == list(self._parameters.items()):
            return
        self._parameters = wanted
        self._clear()
        plain = [name for name, param in wanted.items() if not param.advanced]
        advanced = [name for name, param in wanted.items() if param.advanced]
        for name in plain:
            self._add_row(name)
        if advanced:
            place = self._grid.rowCount()
            self._grid.addWidget(self._fold, place, 0, 1, 3, Qt.AlignmentFlag.AlignLeft)
            self._fold.setText(f"{len(advanced)} advanced")
            self._fold.setAccessibleName("Show advanced parameters")
            self._fold.show()
            for name in advanced:
                self._add_row(name)
        self._unfold(self._unfolded)
        if self._wanted_visible is not None:
            self.setVisible(self._wanted_visible)

    def setVisible(self, visible: bool) -> None:
        """Without fields it takes no room, not even the gap between two rows."""
        self._wanted_visible = visible
        super().setVisible(visible and bool(self.rows))

    def show_values(self, values: Mapping[str, Any], mixed: Collection[str] = ()) -> None:
        """Shows values; those in ``mixed`` differ between the things that are edited together."""
        self._values = dict(values)
        for name, row in self.rows.items():
            if name in mixed:
                row.editor.show_mixed()
            else:
                row.editor.show_value(values[name])
                row.show_problem(row.param.problem(values[name]) or "")
            row.show_reset(self._shows(name), name in mixed or values[name] != row.param.default)

    def show_problem(self, name: str, sentence: str) -> None:
        """Puts a sentence under a field whose value is allowed, but does not fit."""
        if name in self.rows:
            self.rows[name].show_problem(sentence)

    def hint(self, name: str, text: str) -> None:
        """Says in an empty text field what its being empty means."""
        editor = self.rows[name].editor if name in self.rows else None
        if isinstance(editor, TextEditor):
            editor.hint(text)

    def focus(self, name: str) -> None:
        """Puts the cursor into a field."""
        if name in self.rows:
            if self._parameters[name].advanced:
                self._fold.setChecked(True)
            self.rows[name].editor.focusProxy().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape gives up what is typed and shows what is in force."""
        if event.key() == Qt.Key.Key_Escape and any(row.problem for row in self.rows.values()):
            for row in self.rows.values():
                row.editor.give_up()
            self.show_values(self._values)
            return
        super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The pointer or the focus rests on the way back to a default, or leaves it."""
        if event.type() in (QEvent.Type.Enter, QEvent.Type.FocusIn):
            for name, row in self.rows.items():
                if row.reset is watched:
                    self.considered.emit(name, row.param.default)
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.FocusOut):
            self.dismissed.emit()
        return super().eventFilter(watched, event)

    # -- inside -------------------------------------------------------------------------------------------

    def _clear(self) -> None:
        self._grid.removeWidget(self._fold)
        self._fold.hide()
        for row in self.rows.values():
            for widget in row.widgets():
                self._grid.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        self.rows = {}

    def _add_row(self, name: str) -> None:
        row = self.rows[name] = _Row(self._parameters[name])
        place = self._grid.rowCount()
        wide = isinstance(row.param, Text) and row.param.longest > 200
        if wide:
            self._grid.addWidget(row.label, place, 0, 1, 2)
            self._grid.addWidget(row.editor, place + 1, 0, 1, 2)
            self._grid.addWidget(row.reset, place + 1, 2)
        else:
            row.editor.setFixedWidth(_FIELD_WIDTH)
            self._grid.addWidget(row.label, place, 0)
            self._grid.addWidget(row.editor, place, 1, Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(row.reset, place, 2)
        if row.editor.below is not None:
            self._grid.addWidget(row.editor.below, place + 2, 0, 1, 2 if not isinstance(row.param, Variant) else 3)
        self._grid.addWidget(row.error, place + 3, 0, 1, 3)
        row.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row.editor.edited.connect(partial(self._edited, name))
        row.editor.refused.connect(row.show_problem)
        row.editor.settled.connect(self.settled)
        row.editor.typing.connect(self.typing)
        row.editor.considered.connect(partial(self.considered.emit, name))
        row.editor.dismissed.connect(self.dismissed)
        row.reset.installEventFilter(self)
        row.reset.clicked.connect(partial(self._reset, name))

    def _edited(self, name: str, value: Any) -> None:
        row = self.rows[name]
        row.show_problem("")
        self._values[name] = value
        row.show_reset(True, value != row.param.default)
        self.edited.emit(name, value)

    def _reset(self, name: str) -> None:
        default = self._parameters[name].default
        self.rows[name].editor.show_value(default)
        self._edited(name, default)
        self.settled.emit()

    def _shows(self, name: str) -> bool:
        return self._unfolded or not self._parameters[name].advanced

    def _unfold(self, unfolded: bool) -> None:
        self._unfolded = unfolded
        self._fold.setChecked(unfolded)
        self._fold_icon.change("mdi6.chevron-down" if unfolded else "mdi6.chevron-right", "quiet")
        for name, row in self.rows.items():
            shown = self._shows(name)
            for widget in row.widgets():
                widget.setVisible(shown)
            row.show_reset(shown, self._values.get(name, row.param.default) != row.param.default)
            row.error.setVisible(shown and bool(row.problem))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _shown(param: Param[Any]) -> str:
    default = param.default
    if isinstance(param, Variant):
        return param.family.kinds[default["kind"]].title
    if isinstance(default, bool):
        return "on" if default else "off"
    if isinstance(default, tuple):
        return " × ".join(map(str, default))
    options = getattr(param, "options", {})
    return str(options.get(default, default)) or "empty"
