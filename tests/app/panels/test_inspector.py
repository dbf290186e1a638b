"""The Layer tab: editing, errors at the field, undo in one step, several layers at once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.document import Document
from app.panels.inspector import Inspector


@pytest.fixture
def inspector(small_document: Document, qtbot) -> Inspector:
    made = Inspector(small_document)
    qtbot.addWidget(made)
    made.resize(320, 800)
    with qtbot.waitExposed(made):
        made.show()
    return made


def field(inspector: Inspector, name: str):
    return inspector.layer_page.form.rows[name].editor.focusProxy()


def retype(qtbot, widget, text: str) -> None:
    line = widget.lineEdit() if hasattr(widget, "lineEdit") else widget
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_it_says_what_is_selected(inspector: Inspector) -> None:
    inspector.document.select(["dense_1"])
    page = inspector.layer_page
    assert page.title.text() == "Dense · dense_1"
    assert page.facts.text() == "2 → 1 · 3 parameters"


def test_typing_a_number_is_one_undo_step_whatever_its_digits(inspector: Inspector, qtbot) -> None:
    document = inspector.document
    document.select(["dense_1"])
    before = document.graph
    retype(qtbot, field(inspector, "units"), "128")
    assert document.graph.nodes["dense_1"].params["units"] == 128
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == "Change Units"
    document.undo_stack.undo()
    assert document.graph == before
    assert field(inspector, "units").text() == "1"


def test_what_is_not_allowed_is_told_at_the_field_and_not_committed(inspector: Inspector, qtbot) -> None:
    document = inspector.document
    document.select(["dense_1"])
    before = document.graph
    retype(qtbot, field(inspector, "units"), "0")
    row = inspector.layer_page.form.rows["units"]
    assert document.graph == before
    assert row.error.isVisible()
    assert row.error.text() == "Units must be a whole number from 1 to 65\u2009536."
    assert field(inspector, "units").property("role") == "error"
    qtbot.keyClick(inspector.layer_page.form, Qt.Key.Key_Escape)
    assert not row.error.isVisible()
    assert field(inspector, "units").text() == "1"


def test_two_edits_of_one_field_are_two_steps_once_it_was_left(inspector: Inspector, qtbot) -> None:
    document = inspector.document
    document.select(["dense_1"])
    for number in ("5", "7"):
        retype(qtbot, field(inspector, "units"), number)
        qtbot.keyClick(field(inspector, "units"), Qt.Key.Key_Return)
    assert document.undo_stack.count() == 2


def test_the_default_is_one_click_away(inspector: Inspector, qtbot) -> None:
    document = inspector.document
    document.select(["dense_1"])
    row = inspector.layer_page.form.rows["units"]
    assert row.reset.isVisible()
    qtbot.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    assert "units" not in document.graph.nodes["dense_1"].params
    assert not row.reset.isVisible()


def test_advanced_parameters_are_folded_away(inspector: Inspector, qtbot) -> None:
    inspector.document.select(["dense_1"])
    form = inspector.layer_page.form
    assert not form.rows["frozen"].label.isVisible()
    form._fold.click()
    assert form.rows["frozen"].label.isVisible()


def test_layers_of_one_kind_are_edited_together(inspector: Inspector, qtbot) -> None:
    document = inspector.document
    graph, _ = document.graph.add("Dense", {"units": 9}, (220, 200))
    document.commit(graph, "Add Dense")
    document.select(["dense_1", "dense_2"])
    assert inspector.layer_page.title.text() == "2 × Dense"
    assert field(inspector, "units").text() == ""  # they differ
    retype(qtbot, field(inspector, "units"), "4")
    assert [document.graph.nodes[i].params["units"] for i in ("dense_1", "dense_2")] == [4, 4]
    document.undo_stack.undo()
    assert document.graph.nodes["dense_2"].params["units"] == 9


def test_layers_of_several_kinds_share_what_they_declare_alike(inspector: Inspector, qtbot) -> None:
    document = inspector.document
    graph, conv = document.graph.add("Conv2D", {"initialiser": {"kind": "GlorotUniform"}}, (220, 200))
    document.commit(graph, "Add Conv")
    document.select(["dense_1", conv])
    form = inspector.layer_page.form
    assert {"initialiser", "frozen", "rate_factor"} <= form.rows.keys() and "units" not in form.rows
    assert "in common" in inspector.layer_page.facts.text()
    form.focus("frozen")
    qtbot.keyClick(field(inspector, "frozen"), Qt.Key.Key_Space)
    assert all(document.graph.nodes[i].params["frozen"] for i in ("dense_1", conv))
    document.undo_stack.undo()
    assert not any(document.graph.nodes[i].params.get("frozen") for i in ("dense_1", conv))


def test_layers_with_nothing_in_common_say_so(inspector: Inspector) -> None:
    inspector.document.select(["dense_1", "input_1"])
    assert inspector.layer_page.form.rows == {}
    assert "no parameter in common" in inspector.layer_page.facts.text()


def test_what_an_edit_does_is_said_while_it_is_typed(inspector: Inspector, qtbot) -> None:
    inspector.document.select(["dense_1"])
    effect = inspector.layer_page.effect
    assert not effect.isVisible()
    retype(qtbot, field(inspector, "units"), "16")
    assert effect.isVisible()
    assert effect.text().startswith("Units 1 → 16: parameters 3 → 48, output 1 → 16")
    assert "new problem" in effect.text(), "the loss no longer receives what the data has"
    inspector.document.undo_stack.undo()
    assert not effect.isVisible()


def test_the_default_is_tried_before_it_is_taken(inspector: Inspector, qtbot) -> None:
    document = inspector.document
    document.select(["dense_1"])
    before, row = document.graph, inspector.layer_page.form.rows["units"]
    row.reset.setFocus(Qt.FocusReason.TabFocusReason)
    assert inspector.layer_page.effect.text().startswith("Units 1 → 64: parameters 3 → 192")
    assert document.graph is before and document.undo_stack.count() == 0
    field(inspector, "units").setFocus(Qt.FocusReason.TabFocusReason)
    assert not inspector.layer_page.effect.isVisible()


def test_an_entry_of_an_open_list_is_tried_before_it_is_taken(inspector: Inspector, qtbot) -> None:
    document = inspector.document
    graph, conv = document.graph.add("Conv2D", {"stride": (2, 2)}, (220, 200))
    grown, image = graph.add("Input", {"shape": (9, 9, 1)}, (0, 200))
    document.commit(grown.connect(image, conv), "Add Conv")
    document.select([conv])
    before, box = document.graph, inspector.layer_page.form.rows["padding"].editor.box
    # What the open list tells of an entry under the pointer; offscreen no list can be opened.
    box.highlighted.emit(box.findData("valid"))
    assert "output 5 × 5 × 16 → 4 × 4 × 16" in inspector.layer_page.effect.text()
    box.hidePopup()
    assert not inspector.layer_page.effect.isVisible()
    assert document.graph is before


def test_a_layer_is_renamed_and_a_taken_name_refused(inspector: Inspector, qtbot) -> None:
    document = inspector.document
    document.select(["dense_1"])
    retype(qtbot, inspector.layer_page.name, "hidden")
    qtbot.keyClick(inspector.layer_page.name, Qt.Key.Key_Return)
    assert document.graph.nodes["dense_1"].label == "hidden"
    retype(qtbot, inspector.layer_page.name, "input_1")
    qtbot.keyClick(inspector.layer_page.name, Qt.Key.Key_Return)
    assert document.graph.nodes["dense_1"].label == "hidden"
    assert "input_1" in inspector.layer_page.name_error.text()
    assert inspector.layer_page.name_error.isVisible()


def test_a_value_from_a_hand_edited_file_is_shown_with_its_error(inspector: Inspector) -> None:
    document = inspector.document
    document.commit(document.graph.set_params("dense_1", units=-3), "Break it")
    document.select(["dense_1"])
    row = inspector.layer_page.form.rows["units"]
    assert field(inspector, "units").text() == "-3"
    assert "65\u2009536" in row.error.text()


def test_nothing_selected_shows_the_network(inspector: Inspector, qtbot) -> None:
    table = inspector.summary.table
    assert inspector.stack.currentWidget() is inspector.summary
    model = table.model()
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["input_1", "dense_1", "loss_1"]
    assert model.index(1, 2).data() == "3"
    assert "3 parameters" in inspector.summary.totals.text()
    place = table.visualRect(model.index(1, 0)).center()
    with qtbot.waitSignal(inspector.show_node) as asked:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == ["dense_1"]


def test_a_problem_is_mended_where_it_is_told(inspector: Inspector, qtbot) -> None:
    document, mends = inspector.document, inspector.layer_page.mends
    document.select(["input_1"])
    assert not mends.isVisible()
    document.commit(document.graph.set_params("input_1", shape=(5,)), "Change the shape")
    assert mends.isVisible()
    steps = document.undo_stack.count()
    qtbot.mouseClick(mends.buttons[0], Qt.MouseButton.LeftButton)
    assert document.graph.nodes["input_1"].params.get("shape", (2,)) == (2,)
    assert document.undo_stack.count() == steps + 1 and not mends.isVisible()


def test_an_unknown_shape_is_told_in_words(inspector: Inspector) -> None:
    document = inspector.document
    document.commit(document.graph.disconnect("dense_1", "in"), "Unplug")
    document.select(["dense_1"])
    assert inspector.layer_page.facts.text() == "shape not known yet"
