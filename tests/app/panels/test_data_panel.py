"""The Data tab: choosing, previewing, refusing, fitting."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtWidgets import QMenu

from app.document import Document
from app.panels.data import Data
from engine.data import SOURCES


@pytest.fixture
def panel(small_document: Document, qtbot) -> Data:
    made = Data(small_document)
    qtbot.addWidget(made)
    made.resize(320, 900)
    made.show()
    qtbot.waitUntil(lambda: made.dataset is not None)
    return made


def use(panel: Data, qtbot, source: dict) -> None:
    with qtbot.waitSignal(panel.document.setup_changed):
        panel.use(source)


def test_every_source_can_be_chosen(panel: Data) -> None:
    assert all(panel.choice.findData(kind.kind) >= 0 for kind in SOURCES)


def test_a_set_is_found_by_typing_its_first_letters(panel: Data, qtbot) -> None:
    panel.choice.setFocus()
    with qtbot.waitSignal(panel.document.setup_changed):
        qtbot.keyClicks(panel.choice, "moo")
    assert panel.document.source["kind"] == "Moons"


def test_choosing_commits_once_it_is_loaded_and_can_be_undone(panel: Data, qtbot) -> None:
    index = panel.choice.findData("Iris")
    panel.choice.setCurrentIndex(index)
    with qtbot.waitSignal(panel.document.setup_changed):
        panel.choice.activated.emit(index)
    assert panel.document.source["kind"] == "Iris"
    assert panel.document.undo_stack.undoText() == "Use Iris"
    assert "120 to train on" in panel.facts.text()
    panel.document.undo_stack.undo()
    qtbot.waitUntil(lambda: panel.dataset.name == "XOR")
    assert panel.choice.currentData() == "Xor"


@pytest.mark.parametrize(("source", "page"), [
    ({"kind": "Spirals"}, "points"), ({"kind": "Curve1D"}, "points"), ({"kind": "Digits8x8"}, "pictures"),
    ({"kind": "Digits8x8", "flat": True}, "pictures"), ({"kind": "Wine"}, "rows"), ({"kind": "Diabetes"}, "rows"),
])
def test_the_preview_suits_the_data(panel: Data, qtbot, source: dict, page: str) -> None:
    use(panel, qtbot, source)
    assert panel.preview.currentWidget() is getattr(panel.preview, page)
    assert not panel.preview.grab().isNull()
    assert not panel.balance.grab().isNull()
    assert panel.balance.accessibleDescription()


def test_a_parameter_is_typed_and_loaded_anew(panel: Data, qtbot) -> None:
    use(panel, qtbot, {"kind": "Circles"})
    line = panel.form.rows["examples"].editor.field.lineEdit()
    line.selectAll()
    with qtbot.waitSignal(panel.document.setup_changed):
        qtbot.keyClicks(line, "50")
    assert panel.document.source["examples"] == 50


def test_a_file_that_cannot_be_read_is_told_in_place_and_changes_nothing(panel: Data, qtbot, tmp_path: Path) -> None:
    before = panel.document.source
    path = tmp_path / "broken.csv"
    path.write_text("a,b\n1,\n2,3\n", "utf-8")
    panel.open_file(path)
    qtbot.waitUntil(panel.error.isVisible)
    assert "broken.csv" in panel.error.text() or "missing" in panel.error.text().lower()
    assert panel.document.source == before


def test_a_persons_table_is_used(panel: Data, qtbot, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("width,height,kind\n" + "".join(f"{i},{i * 2},{'ab'[i % 2]}\n" for i in range(20)), "utf-8")
    with qtbot.waitSignal(panel.document.setup_changed):
        assert panel.open_file(path)
    assert panel.document.signature.classes == ("a", "b")
    assert "mine.csv" in panel.file.text()
    assert not panel.open_file(tmp_path / "strange.xyz")


def test_the_network_is_fitted_in_one_undoable_step(panel: Data, qtbot) -> None:
    document = panel.document
    use(panel, qtbot, {"kind": "Iris"})
    assert panel.fit.isEnabled()
    steps = document.undo_stack.count()
    qtbot.mouseClick(panel.fit, Qt.MouseButton.LeftButton)
    assert document.graph.nodes["input_1"].params["shape"] == (4,)
    assert document.report.ok
    assert document.undo_stack.count() == steps + 1
    assert not panel.fit.isEnabled()


def test_pictures_of_a_persons_arrays_are_shown(panel: Data, qtbot, tmp_path: Path) -> None:
    path = tmp_path / "pictures.npz"
    np.savez(path, x=np.random.default_rng(0).integers(0, 255, (40, 6, 6, 3)).astype(np.uint8), y=np.arange(40) % 2)
    with qtbot.waitSignal(panel.document.setup_changed):
        panel.open_file(path)
    assert panel.preview.currentWidget() is panel.preview.pictures


def test_an_empty_target_names_the_column_in_use(panel: Data, qtbot, tmp_path: Path) -> None:
    table = tmp_path / "wines.csv"
    table.write_text("a,b,cultivar\n" + "".join(f"{i},{i * i},{'xyz'[i % 3]}\n" for i in range(30)), "utf-8")
    use(panel, qtbot, {"kind": "CsvFile", "path": str(table)})
    field = panel.form.rows["target"].editor.field
    assert field.placeholderText() == "last column: cultivar"
    use(panel, qtbot, {"kind": "CsvFile", "path": str(table), "target": "cultivar"})
    assert field.placeholderText() == "last column"


def test_a_file_taken_from_the_open_list_is_asked_for_at_once(panel: Data, qtbot, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(panel, "choose_file", lambda: asked.append(panel.choice.currentData()))
    index = panel.choice.findData("CsvFile")
    panel.choice.setCurrentIndex(index)
    panel.choice.closed.emit()  # Qt closes the list, then tells what was chosen
    panel.choice.activated.emit(index)
    qtbot.waitUntil(lambda: asked == ["CsvFile"])
    qtbot.keyClick(panel.choice, Qt.Key.Key_Down)  # passes the other kinds of file without a dialog
    QCoreApplication.processEvents()
    assert asked == ["CsvFile"] and panel.choice.currentData() != "CsvFile"


def test_data_that_come_too_late_are_not_given_to_another_project(panel: Data, qtbot) -> None:
    """One project is opened, then at once another, whose data are here already."""
    document = panel.document
    first = document.content
    document.set_content(replace(first, source={"kind": "Iris"}))
    document.set_content(first)
    qtbot.waitUntil(lambda: panel._task is None)
    qtbot.waitUntil(lambda: panel.choice.currentData() == first.source["kind"])
    assert document.content == first
    assert not document.is_modified


def test_a_column_is_ignored_or_predicted_from_the_header_and_notices_fold(
    panel: Data, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QMenu, "popup", lambda menu, at: menu.setProperty("opened", True))  # no windows offscreen
    file = tmp_path / "trees.csv"
    file.write_text("tag,size,soil,kind\n" + "".join(
        f"T{i},{'' if i == 3 else i % 5}.5,{'clay' if i % 3 else 'sand'},{'xy'[i % 2]}\n" for i in range(30)))
    file.write_text(file.read_text().replace(",.5,", ",,"))
    use(panel, qtbot, {"kind": "CsvFile", "path": str(file), "missing": "fill"})
    assert "30 different texts" in panel.notes.first.text() and panel.notes.more.text() == "1 more notice"
    assert not panel.notes.others.isVisible()
    panel.notes.more.click()
    assert "1 row had missing inputs" in panel.notes.others.text() and panel.notes.others.isVisible()

    choose(panel, qtbot, "tag", "Ignore “tag”")
    assert panel.document.source["ignore"] == "tag"
    assert "3 numbers each" in panel.facts.text() and not panel.notes.more.isVisible()
    choose(panel, qtbot, "soil", "Predict “soil”")
    assert panel.document.source["target"] == "soil"
    choose(panel, qtbot, "kind", "Ignore “kind”")
    assert panel.document.source["ignore"] == "tag,kind"
    assert "1 number each · 2 classes" in panel.facts.text()


def choose(panel: Data, qtbot, column: str, words: str) -> None:
    """Clicks a column's header and what its menu offers."""
    rows = panel.preview.rows
    header = rows.horizontalHeader()
    place = next(i for i in range(rows.columnCount()) if rows.horizontalHeaderItem(i).text() == column)
    rows.scrollToItem(rows.item(0, place))
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton,
                     pos=QPoint(header.sectionViewportPosition(place) + 8, header.height() // 2))
    (menu,) = (found for found in rows.findChildren(QMenu) if found.property("opened"))
    with qtbot.waitSignal(panel.document.setup_changed):
        next(action for action in menu.actions() if action.text() == words).trigger()
    menu.deleteLater()
    QCoreApplication.sendPostedEvents(menu, QEvent.Type.DeferredDelete)
