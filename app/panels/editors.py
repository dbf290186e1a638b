"""Param type → widget: the only such table. An editor never commits anything that its Param does not allow."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from app.panels.editor import MIXED, Editor
from app.panels.number_field import NumberField, NumberSlider, has_slider
from app.style.combo import CalmCombo
from engine.params import Bool, Choice, Float, Int, IntOrChoice, IntTuple, Param, Text, Variant


class NumberEditor(Editor):
    """A whole or decimal number: typed, stepped by arrows or wheel and, where it helps, slid. Where what is typed is in
    the end not allowed, what was in force before stays: half of a number that was allowed is not what anyone meant."""

    def __init__(self, param: Int | Float, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self._in_force: Any = None
        self._before: Any = None  # what was in force before the number that is being typed
        self.field = NumberField(param)
        self._place(self.field)
        self.slider: NumberSlider | None = None
        self.field.typing.connect(self._typing)
        self.field.edited.connect(self._offer)
        self.field.editingFinished.connect(self._settle)
        if has_slider(param):
            self.slider = self.below = NumberSlider(param, self)
            self.slider.edited.connect(self._slid)
            self.slider.sliderReleased.connect(self.settled)

    def show_value(self, value: Any) -> None:
        self._in_force = value
        if self._before is None or self.param.problem(self.field.value) is None:
            self.field.show_value(value)  # else the person is about to mend what stands there
        if self.slider is not None:
            self.slider.show_value(value)

    def show_mixed(self) -> None:
        self._in_force = None
        self.field.show_text("")
        self.field.lineEdit().setPlaceholderText(MIXED)

    def give_up(self) -> None:
        self._typing(False)

    def _typing(self, on: bool) -> None:
        self._before = (self._in_force if self._before is None else self._before) if on else None
        self.typing.emit(on)

    def _settle(self) -> None:
        self._before = None
        self.settled.emit()

    def _offer(self, value: Any) -> None:
        problem = self.param.problem(self.param.clean(value))
        if problem is None:
            self._in_force = self.param.clean(value)
        elif self._before is not None and self._in_force != self._before:
            self.edited.emit(self._before)
        super()._offer(value)
        if self.slider is not None and problem is None:
            self.slider.show_value(value)

    def _slid(self, value: float) -> None:
        self.field.show_value(value)
        self._typing(False)
        super()._offer(value)


class BoolEditor(Editor):
    """On or off."""

    def __init__(self, param: Bool, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.box = QCheckBox()
        self._place(self.box)
        self.box.checkStateChanged.connect(self._changed)

    def show_value(self, value: Any) -> None:
        self._show(Qt.CheckState.Checked if value is True else Qt.CheckState.Unchecked)

    def show_mixed(self) -> None:
        self._show(Qt.CheckState.PartiallyChecked)

    def _show(self, state: Qt.CheckState) -> None:
        self.box.blockSignals(True)
        self.box.setCheckState(state)
        self.box.blockSignals(False)
        self._caption()

    def _caption(self) -> None:
        state = self.box.checkState()
        self.box.setText(MIXED if state is Qt.CheckState.PartiallyChecked else "on" if self.box.isChecked() else "off")

    def _changed(self) -> None:
        self.box.setTristate(False)
        self._caption()
        self._offer(self.box.isChecked())
        self.settled.emit()


class ChoiceEditor(Editor):
    """One of a few named options."""

    def __init__(self, param: Choice, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.box = CalmCombo()
        for name, title in param.options.items():
            self.box.addItem(title, name)
            self.box.setItemData(self.box.count() - 1, title, Qt.ItemDataRole.ToolTipRole)
        self._place(self.box)
        self._preview(self.box)
        self.box.activated.connect(lambda: self._offer(self.box.currentData()))
        self.box.activated.connect(self.settled)

    def show_value(self, value: Any) -> None:
        self.box.setCurrentIndex(self.box.findData(value))

    def show_mixed(self) -> None:
        self.box.setPlaceholderText(MIXED)
        self.box.setCurrentIndex(-1)


class _LineEditor(Editor):
    """Text that stands for a value: ``_text`` writes it, ``_value`` reads it."""

    def __init__(self, param: Param[Any], parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.field = QLineEdit()
        self._place(self.field)
        self.field.textEdited.connect(lambda text: self._offer(self._value(text)))
        self.field.editingFinished.connect(self._finished)

    def _text(self, value: Any) -> str:
        return str(value)

    def _value(self, text: str) -> Any:
        return text

    def show_value(self, value: Any) -> None:
        # What is being typed stays as it is while it means the value already: "28x28" is not rewritten.
        if not self.field.hasFocus() or self.param.clean(self._value(self.field.text())) != value:
            self.field.setText(self._text(value))

    def show_mixed(self) -> None:
        self.field.clear()
        self.field.setPlaceholderText(MIXED)

    def _finished(self) -> None:
        value = self.param.clean(self._value(self.field.text()))
        if self.param.problem(value) is None:
            self.field.setText(self._text(value))
        self.settled.emit()


class TextEditor(_LineEditor):
    """A line of text."""

    def __init__(self, param: Text, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.field.setMaxLength(param.longest)

    def hint(self, text: str) -> None:
        """What an empty field stands for."""
        self.field.setPlaceholderText(text)


class TupleEditor(_LineEditor):
    """Several whole numbers: ``28 × 28 × 1``, also typed as 28x28x1 or 28, 28, 1."""

    def __init__(self, param: IntTuple, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.field.setPlaceholderText(" × ".join(param.axes))

    def _text(self, value: Any) -> str:
        return " × ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)

    def _value(self, text: str) -> Any:
        parts = [part for part in re.split(r"[×x*,;\s]+", text.strip()) if part]
        if not parts or not all(part.isdecimal() for part in parts):
            return text
        numbers = tuple(int(part) for part in parts)
        return numbers[0] if len(numbers) == 1 else numbers


class IntOrChoiceEditor(Editor):
    """A named option or a whole number, in an editable list."""

    def __init__(self, param: IntOrChoice, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.box = CalmCombo()
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        for name, title in param.options.items():
            self.box.addItem(title, name)
        self._place(self.box)
        self.box.lineEdit().setAccessibleName(param.label)
        self._preview(self.box)
        self.box.activated.connect(lambda: self._offer(self.box.currentData()))
        self.box.lineEdit().textEdited.connect(lambda text: self._offer(self._value(text)))
        self.box.lineEdit().editingFinished.connect(self.settled)

    def _value(self, text: str) -> Any:
        index = self.box.findText(text.strip(), Qt.MatchFlag.MatchFixedString)
        return self.box.itemData(index) if index >= 0 else text.strip()

    def show_value(self, value: Any) -> None:
        if self.param.clean(self._value(self.box.currentText())) != value:
            index = self.box.findData(value)
            self.box.setCurrentIndex(index)
            if index < 0:
                self.box.setEditText(str(value))
        if not self.box.lineEdit().hasFocus():
            self.box.lineEdit().setCursorPosition(0)  # the beginning of a long title says more than its end

    def show_mixed(self) -> None:
        self.box.setCurrentIndex(-1)
        self.box.lineEdit().setPlaceholderText(MIXED)


class VariantEditor(Editor):
    """A member of a family, with a form of the member's own parameters below."""

    def __init__(self, param: Variant, parent: QWidget | None = None) -> None:
        from app.panels.form import ParamForm  # a form holds editors, this editor holds a form

        super().__init__(param, parent)
        self.box = CalmCombo()
        for kind, member in param.family.kinds.items():
            self.box.addItem(member.title, kind)
            self.box.setItemData(self.box.count() - 1, member.summary(), Qt.ItemDataRole.ToolTipRole)
        self._place(self.box)
        self.form = ParamForm(self)
        self.below = self.form
        self._shown: dict[str, Any] = {}
        self._preview(self.box)
        self.box.activated.connect(self._choose)
        self.form.edited.connect(self._member_edited)
        self.form.settled.connect(self.settled)
        self.form.typing.connect(self.typing)

    def show_value(self, value: Any) -> None:
        self.box.setCurrentIndex(self.box.findData(value.get("kind") if isinstance(value, dict) else None))
        member = self.param.family.kinds.get(self.box.currentData())
        self._shown = dict(value) if isinstance(value, dict) else {}
        self.form.set_parameters(member.parameters if member else {})
        self.form.show_values({**(member.defaults() if member else {}), **self._shown})

    def show_mixed(self) -> None:
        self.box.setPlaceholderText(MIXED)
        self.box.setCurrentIndex(-1)
        self.form.set_parameters({})

    def _choose(self) -> None:
        """Another member: what both have in common (a learning rate) keeps its value."""
        member = self.param.family.kinds[self.box.currentData()]
        if member.kind == self._shown.get("kind"):
            return
        before = self.param.family.kinds.get(self._shown.get("kind"))
        kept = {name: value for name, value in self._shown.items() if name in member.parameters and before is not None
                and value != before.defaults().get(name) and member.parameters[name].problem(value) is None}
        self._offer({"kind": member.kind, **kept})
        self.settled.emit()

    def _meaning(self, data: Any) -> Any:
        return self.param.clean({"kind": data})

    def _member_edited(self, name: str, value: Any) -> None:
        self._offer({**self._shown, name: value})


EDITORS: dict[type[Param[Any]], type[Editor]] = {
    Int: NumberEditor,
    Float: NumberEditor,
    Bool: BoolEditor,
    Choice: ChoiceEditor,
    Text: TextEditor,
    IntTuple: TupleEditor,
    IntOrChoice: IntOrChoiceEditor,
    Variant: VariantEditor,
}


def editor_for(param: Param[Any]) -> Editor:
    """The editor of a parameter, by its type or the nearest type it derives from."""
    for kind in type(param).__mro__:
        if kind in EDITORS:
            return EDITORS[kind](param)
    raise LookupError(f"{type(param).__name__} has no editor in app/panels/editors.py.")
