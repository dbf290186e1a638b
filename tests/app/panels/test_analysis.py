"""The Analysis panel: the numbers of a known network, sorting, copying, the way to a layer, following edits."""

from __future__ import annotations

import csv
import io
from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from app.document import Content, Document
from app.numbers import megabytes
from app.panels.analysis import Analysis
from engine.graph.build import chain
from engine.layers import MSE, Conv2D, Dense, Flatten, Input, ReLU


@pytest.fixture
def panel(qtbot) -> Analysis:
    document = Document()
    graph = chain(Input(shape=(8, 8, 1)), Conv2D(filters=4), ReLU(), Flatten(), ("last", Dense(units=3)), MSE())
    document.set_content(Content(graph, training={"batch_size": 10}))
    made = Analysis(document)
    made.document.setParent(made)
    qtbot.addWidget(made)
    made.resize(900, 400)
    with qtbot.waitExposed(made):
        made.show()
    return made


def column(panel: Analysis, title: str) -> list[str]:
    place = [c.title for c in panel.model.columns].index(title)
    return [panel.model.index(row, place).data() for row in range(panel.model.rowCount())]


def test_every_column_of_a_known_network(panel: Analysis) -> None:
    assert column(panel, "Layer") == ["input_1", "conv_1", "relu_1", "flatten_1", "last", "loss_1"]
    assert column(panel, "Output")[:2] == ["8 × 8 × 1", "8 × 8 × 4"]
    assert column(panel, "Parameters") == ["–", "40", "–", "–", "771", "–"]
    assert column(panel, "Sees") == ["1 × 1", "3 × 3", "3 × 3", "3 × 3", "all", "all"]
    assert column(panel, "Activations")[1] == "10.2\u00a0kB"
    assert "811 parameters" in panel.sums.text() and "batch of 10" in panel.sums.text()


def test_a_click_on_a_heading_sorts_and_another_turns_round(panel: Analysis, qtbot) -> None:
    header = panel.table.horizontalHeader()
    at = header.sectionViewportPosition(3) + 5
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at, 8))
    first = column(panel, "Parameters")
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at, 8))
    second = column(panel, "Parameters")
    assert {first[0], second[0]} == {"–", "771"} and first != second


def test_an_edit_shows_in_place_and_a_hidden_panel_catches_up(panel: Analysis) -> None:
    document = panel.document
    document.commit(document.graph.set_params("last", units=5), "Change units")
    assert column(panel, "Parameters")[4] == "1\u2009285"
    panel.hide()
    document.commit(document.graph.remove(["relu_1"], heal=True), "Delete")
    panel.show()
    assert len(column(panel, "Layer")) == 5


def test_a_click_goes_to_the_layer_and_the_selection_marks_its_row(panel: Analysis, qtbot) -> None:
    place = panel.table.visualRect(panel.model.index(1, 0)).center()
    with qtbot.waitSignal(panel.show_node) as asked:
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == ["conv_1"]
    panel.document.select(["last"])
    assert [index.row() for index in panel.table.selectionModel().selectedRows()] == [4]
    with qtbot.waitSignal(panel.show_node) as asked:
        qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert asked.args == ["last"]


def test_it_is_copied_for_spreadsheets_and_for_texts(panel: Analysis, qtbot) -> None:
    panel.document.commit(panel.document.graph.rename("last", 'the "last", really'), "Rename")
    qtbot.mouseClick(panel.csv, Qt.MouseButton.LeftButton)
    rows = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text())))
    assert rows[4]["Layer"] == 'the "last", really' and rows[4]["Parameters"] == "771"
    assert rows[1]["Activations (bytes)"] == "10240" and rows[1]["Output"] == "8 × 8 × 4"
    qtbot.mouseClick(panel.markdown, Qt.MouseButton.LeftButton)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len({line.count("|") for line in lines}) == 1 and len(lines) == 9
    assert lines[1].startswith("| :-- | :-- | --: |") and "**811**" in lines[-1]
    assert [action.text() for action in panel.table.context_menu().actions()] == ["Copy as CSV", "Copy as Markdown"]


def _says(panel: Analysis, words: str) -> bool:
    return words in panel.memory.text()


def test_what_training_takes_is_told_before_it_is_taken(panel: Analysis, qtbot) -> None:
    qtbot.waitUntil(lambda: panel.memory.text().startswith("Training takes"))
    weights = 4 * panel.document.report.total_parameters
    for settings, vectors, kept in (
        ({"optimizer": {"kind": "SGD"}}, 1, "optimizer"),
        ({"optimizer": {"kind": "Adam", "amsgrad": True}}, 3, "optimizer"),
        ({"optimizer": {"kind": "SGD"}, "early_stopping": 3}, 2, "optimizer and best weights"),
    ):
        panel.document.commit_training({"batch_size": 10, **settings})
        wanted = f" {megabytes(vectors * weights)} {kept}, "
        qtbot.waitUntil(partial(_says, panel, wanted))
    panel.document.commit(panel.document.graph.disconnect("last", "in"), "Unplug")
    qtbot.waitUntil(lambda: "no errors" in panel.memory.text())
