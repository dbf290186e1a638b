"""Editors: from each kind of parameter a field that shows, refuses and commits."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from app.panels.editors import EDITORS, editor_for
from app.panels.form import ParamForm
from app.panels.number_field import number_of, stepped, text_of
from engine.data import SOURCES
from engine.layers import LAYERS
from engine.params import Bool, Choice, Float, Int, IntOrChoice, IntTuple, Param, Text, Variant
from engine.train.config import TrainingConfig
from engine.train.optim import Optimizer

DECLARED = [*LAYERS.values(), *SOURCES, *Optimizer.kinds.values(), TrainingConfig]


def named(param: Param) -> Param:
    """A parameter as it stands in a class."""
    param.name = "value"
    return param


class Listener:
    def __init__(self, editor) -> None:
        self.edited: list = []
        self.refused: list[str] = []
        editor.edited.connect(self.edited.append)
        editor.refused.connect(self.refused.append)


@pytest.mark.parametrize("declared", DECLARED, ids=lambda d: d.kind)
def test_every_declared_parameter_has_a_form_that_shows_its_default(qtbot, declared) -> None:
    form = ParamForm()
    qtbot.addWidget(form)
    form.set_parameters(declared.parameters)
    edits = []
    form.edited.connect(lambda *edit: edits.append(edit))
    form.show_values(declared.defaults())
    assert set(form.rows) == set(declared.parameters)
    assert edits == []  # showing is not editing
    assert not any(row.problem for row in form.rows.values())
    for row in form.rows.values():
        assert row.editor.focusProxy().accessibleName()


def test_every_kind_of_parameter_has_an_editor() -> None:
    kinds = {kind for declared in DECLARED for kind in map(type, declared.parameters.values())}
    assert all(any(base in EDITORS for base in kind.__mro__) for kind in kinds)


def test_a_number_is_refused_with_its_range_and_then_accepted(qtbot) -> None:
    editor = editor_for(named(Int(4, "Count.", low=1, high=100)))
    qtbot.addWidget(editor)
    heard = Listener(editor)
    editor.show_value(4)
    line = editor.focusProxy().lineEdit()
    line.selectAll()
    qtbot.keyClicks(line, "0")
    assert heard.edited == []
    assert heard.refused == ["Value must be a whole number from 1 to 100."]
    line.selectAll()
    qtbot.keyClicks(line, "12")
    assert heard.edited[-1] == 12


@pytest.mark.parametrize(("text", "value"), [
    ("0,5", 0.5), ("1e-3", 1e-3), ("−2", -2.0), ("1 000", 1000.0), (".25", 0.25), ("abc", "abc"), ("", ""),
])
def test_what_typed_numbers_mean(text: str, value) -> None:
    assert number_of(text, Float(0.0, "", low=-1e9, high=1e9)) == value


@pytest.mark.parametrize("value", [0.001, 1e-8, 0.30000000000000004, 12345678.5, 1.0])
def test_decimal_numbers_survive_being_shown(value: float) -> None:
    assert number_of(text_of(value), Float(0.0, "", low=-1e12, high=1e12)) == pytest.approx(value, rel=1e-11)


def test_arrows_step_whole_numbers_by_one_and_logarithmic_ones_along_round_numbers(qtbot) -> None:
    rate = Float(0.001, "", low=0.0, high=10.0, log=True)
    assert [stepped(0.001, n, rate) for n in (1, 2, 3, -1, -2, -3)] == [0.002, 0.005, 0.01, 0.0005, 0.0002, 0.0001]
    count = Int(3, "", low=1, high=4)
    assert [stepped(3, n, count) for n in (1, 2, -5)] == [4, 4, 1]
    open_end = Float(0.5, "", low=0.0, high=1.0, open_high=True)
    assert stepped(0.98, 3, open_end) < 1.0


def test_up_and_down_keys_commit_steps(qtbot) -> None:
    editor = editor_for(named(Int(4, "Count.", low=1, high=5)))
    qtbot.addWidget(editor)
    heard = Listener(editor)
    editor.show_value(4)
    for _ in range(3):
        qtbot.keyClick(editor.focusProxy(), Qt.Key.Key_Up)
    assert heard.edited == [5]  # at the upper end nothing changes any more


def test_the_arrows_of_a_number_can_be_clicked(qtbot) -> None:
    editor = editor_for(named(Int(4, "Count.", low=1, high=9)))
    qtbot.addWidget(editor)
    editor.resize(140, 28)
    editor.show()
    heard = Listener(editor)
    editor.show_value(4)
    arrows = editor.field._arrows
    qtbot.mouseClick(arrows, Qt.MouseButton.LeftButton, pos=arrows.rect().topLeft() + arrows.rect().center() / 4)
    assert heard.edited == [5]


def test_a_live_logarithmic_number_has_a_slider_that_agrees(qtbot) -> None:
    editor = editor_for(named(Float(0.001, "Rate.", low=0.0, high=1000.0, log=True, live=True)))
    qtbot.addWidget(editor)
    heard = Listener(editor)
    editor.show_value(0.1)
    assert editor.slider.number_at(editor.slider.value()) == pytest.approx(0.1, rel=0.05)
    editor.slider.setValue(0)
    assert heard.edited == [1e-6]
    assert editor.field.text() == "1e-6"


@pytest.mark.parametrize(("typed", "value"), [("5", (5, 5)), ("3x4", (3, 4)), ("3 × 4", (3, 4)), ("3, 4", (3, 4))])
def test_several_numbers_are_typed_as_people_write_them(qtbot, typed: str, value) -> None:
    editor = editor_for(named(IntTuple((1, 1), "Size.", low=1, high=9, axes=("height", "width"))))
    qtbot.addWidget(editor)
    heard = Listener(editor)
    editor.show_value((1, 1))
    editor.field.selectAll()
    qtbot.keyClicks(editor.field, typed)
    assert heard.edited[-1] == value


def test_a_number_or_a_name(qtbot) -> None:
    param = named(IntOrChoice("same", "Padding.", options={"same": "Same", "valid": "Valid"}, low=0, high=9))
    editor = editor_for(param)
    qtbot.addWidget(editor)
    heard = Listener(editor)
    editor.show_value("same")
    assert editor.box.lineEdit().cursorPosition() == 0
    editor.box.lineEdit().selectAll()
    qtbot.keyClicks(editor.box.lineEdit(), "3")
    assert heard.edited == [3]
    editor.show_value("valid")
    assert editor.box.currentText() == "Valid"


def test_choices_and_switches(qtbot) -> None:
    choice = editor_for(named(Choice("a", "Which.", options={"a": "First", "b": "Second"})))
    switch = editor_for(named(Bool(False, "Whether.")))
    text = editor_for(named(Text("", "Words.", longest=3)))
    for editor in (choice, switch, text):
        qtbot.addWidget(editor)
    heard = [Listener(editor) for editor in (choice, switch, text)]
    choice.show_value("a")
    qtbot.keyClick(choice.box, Qt.Key.Key_Down)
    switch.box.click()
    qtbot.keyClicks(text.field, "abcd")
    assert [h.edited[-1] for h in heard] == ["b", True, "abc"]


def test_another_member_of_a_family_keeps_what_both_share(qtbot) -> None:
    param = TrainingConfig.parameters["optimizer"]
    assert isinstance(param, Variant)
    editor = editor_for(param)
    qtbot.addWidget(editor)
    heard = Listener(editor)
    editor.show_value({"kind": "Adam", "learning_rate": 0.5})
    box: QComboBox = editor.box
    box.setCurrentIndex(box.findData("SGD"))
    box.activated.emit(box.currentIndex())
    assert heard.edited[-1]["kind"] == "SGD"
    assert heard.edited[-1]["learning_rate"] == 0.5


def test_a_member_without_parameters_leaves_no_gap_below(qtbot) -> None:
    form = ParamForm()
    qtbot.addWidget(form)
    form.set_parameters({"initialiser": LAYERS["Dense"].parameters["initialiser"]})
    form.show_values({"initialiser": {"kind": "HeNormal"}})
    form.show()
    below = form.rows["initialiser"].editor.below
    assert not below.isVisible()
    form.show_values({"initialiser": {"kind": "Normal"}})
    assert below.isVisible()
    form.show_values({"initialiser": {"kind": "HeNormal"}})
    assert not below.isVisible()
