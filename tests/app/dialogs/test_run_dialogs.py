"""Dialogs about runs: two side by side, networks in one drawing, storage; and the files runs are written to."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.canvas.difference import DifferenceView, summary, union, what_changed
from app.dialogs.run_compare import CompareDialog
from app.dialogs.run_storage import StorageDialog
from app.document import Content
from app.recorded.history_file import from_arrays, to_arrays
from app.recorded.marks import Mark
from app.runs.export import write_runs
from app.runs.settings import RunSettings
from app.settings import Settings
from app.window.run_desk import RunDesk
from engine.graph.diff import diff
from engine.issues import ChainruleError
from engine.project import TEMPLATES
from engine.runs import RunStore
from engine.train.config import TrainingConfig
from tests.app.history_making import recorded
from tests.app.making import document_of


def stored(store: RunStore, number: int, graph=None, **settings):
    """A finished run with curves."""
    project = TEMPLATES["circles"].build()
    training = TrainingConfig(**settings).to_dict()
    run = store.create(graph or project.graph, project.source, training, name=f"Run {number}", outcome="finished",
                       id=f"20260101-0000{number:02d}-000000-abcd", steps=60)
    run.save_curves(recorded())
    return run


def changed_graph():
    """The circles' network with another width, without its activation, with a Dropout in between."""
    graph = TEMPLATES["circles"].build().graph.set_params("hidden_1", units=12)
    graph = graph.remove(["tanh_1"])
    graph, new = graph.add("Dropout", {"rate": 0.2}, (300.0, 120.0))
    return graph.connect("hidden_1", new).connect(new, "output")


@pytest.fixture
def desk(window) -> RunDesk:
    """The desk of a whole window with the circles open."""
    assert window.files.open_template("circles")
    return window.desk


def dialog_of(desk: RunDesk, qtbot, *ids: str) -> CompareDialog:
    found: list[CompareDialog] = []

    def there() -> bool:
        found[:] = desk.parent().findChildren(CompareDialog)
        return bool(found)

    desk.compare(ids)
    qtbot.waitUntil(there)
    return found[0]


# -- the networks in one drawing ------------------------------------------------------------------------------


def test_what_came_went_and_changed_is_marked_by_word(qtbot):
    before, after = TEMPLATES["circles"].build().graph, changed_graph()
    view = DifferenceView(before, after)
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    [new] = diff(before, after).added
    assert {node: mark.words for node, mark in view.marks.items()} == {
        "hidden_1": "units 8 → 12", "tanh_1": "removed", new: "added"}
    assert sorted(mark.kind for mark in view.wires) == ["added", "added", "removed", "removed"]
    assert summary(before, after) == (
        "Network: 1 layer added, 1 layer removed, 1 layer changed, 2 wires added, 2 wires removed")
    assert "tanh_1" in view.canvas.nodes
    assert not view.grab().isNull()


def test_equal_networks_say_so(qtbot):
    graph = TEMPLATES["circles"].build().graph
    view = DifferenceView(graph, graph)
    qtbot.addWidget(view)
    assert not view.marks and not view.wires
    assert summary(graph, graph) == "The networks are the same"
    assert "laid out" in summary(graph, graph.move({"output": (900.0, 9.0)}))


def test_nothing_of_the_drawing_can_be_edited(qtbot):
    view = DifferenceView(TEMPLATES["circles"].build().graph, changed_graph())
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    before = view._document.graph
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_A, Qt.Key.Key_Space):
        qtbot.keyClick(view, key)
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton)
    assert view._document.graph is before


def test_what_is_gone_is_not_drawn_over_what_is_there():
    before = TEMPLATES["circles"].build().graph
    after = before.remove(["tanh_1"]).move({"output": before.nodes["tanh_1"].position})
    both = union(before, after, diff(before, after))
    assert both.nodes["tanh_1"].position[1] > both.nodes["output"].position[1]


def test_a_change_is_told_in_words():
    graph = TEMPLATES["lenet"].build().graph
    node = graph.nodes["conv_1"]
    assert "filters 6 → 8" in what_changed(node, graph.set_params("conv_1", filters=8).nodes["conv_1"])
    assert what_changed(node, graph.rename("conv_1", "Eye").nodes["conv_1"]) == "was called conv_1"
    assert what_changed(node, graph.enable(["conv_1"], False).nodes["conv_1"]) == "bypassed"


# -- side by side ---------------------------------------------------------------------------------------------


def test_two_runs_side_by_side(desk, qtbot):
    stored(desk.runs.store, 1, batch_size=8)
    second = stored(desk.runs.store, 2, changed_graph(), batch_size=64)
    history = from_arrays(recorded())
    history.marks = (Mark(19, "learning_rate", 0.1, 0.2), Mark(39, "learning_rate", 0.2, 0.05))
    second.save_curves(to_arrays(history))
    desk.runs.refresh()
    qtbot.waitUntil(lambda: len(desk.runs.infos) == 2)
    ids = tuple(info.id for info in desk.runs.infos)
    dialog = dialog_of(desk, qtbot, *ids)
    assert dialog.windowTitle() == "Run 1 and Run 2"
    rows = [[dialog.table.item(row, column).text() for column in range(3)] for row in range(dialog.table.rowCount())]
    assert ["≠ Batch size", "8", "64"] in rows
    assert rows[0] == ["≠ Learning rate, while it ran", "–", "0.1 → 0.2, from step 20; 0.2 → 0.05, from step 40"]
    assert all(row[0].startswith("≠") for row in rows)
    dialog.every.click()
    assert dialog.table.rowCount() > len(rows)
    assert "1 layer added" in dialog.network_title.text()
    for plot in dialog.curves:
        plot.draw_now()
        labels = [curve.series.label for curve in plot.curves]
        assert any(label.startswith("Run 1 · ") for label in labels)
        assert any(not label.startswith("Run 1 · ") for label in labels)
    dialog.reject()


def test_one_run_is_compared_with_what_is_open(desk, qtbot):
    stored(desk.runs.store, 1, batch_size=8)
    desk.runs.refresh()
    qtbot.waitUntil(lambda: len(desk.runs.infos) == 1)
    dialog = dialog_of(desk, qtbot, desk.runs.infos[0].id)
    assert dialog.windowTitle() == "Run 1 and Open now"
    assert dialog.network_title.text() == "The networks are the same"
    assert [plot.id for plot in dialog.curves] == ["loss", "metrics"]
    dialog.reject()


# -- storage --------------------------------------------------------------------------------------------------


def test_storage_is_edited_and_takes_effect(desk, tmp_path, qtbot):
    qtbot.waitUntil(lambda: not desk.runs.pending)
    first = desk.runs.store.folder
    dialog = StorageDialog(desk.settings, desk.runs.size_then, None)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.used.text() != "…")
    dialog.folder.setText(str(tmp_path / "elsewhere"))
    dialog.limit.setValue(55)
    dialog.beside.setChecked(True)
    dialog.accepted.connect(desk.apply_settings)
    dialog.accept()
    assert desk.settings.limit == 55_000_000 == desk.runs.store.limit
    assert desk.runs.store.folder == tmp_path / "elsewhere" != first
    assert desk.settings.folder_of(tmp_path / "digits.chainrule") == tmp_path / "digits.runs"
    assert desk.settings.folder_of(None) == tmp_path / "elsewhere"


def test_settings_out_of_range_fall_back(qapp):
    settings = Settings()
    settings.set_text("runs/limit_mb", "many")
    assert RunSettings(settings).limit == 2_000_000_000
    settings.set_text("runs/limit_mb", "1")
    assert RunSettings(settings).limit == 10_000_000


# -- files ----------------------------------------------------------------------------------------------------


def test_runs_as_a_table(tmp_path: Path):
    store = RunStore(tmp_path / "runs")
    runs = [stored(store, 1, batch_size=8), stored(store, 2, batch_size=64)]
    write_runs(tmp_path / "out.csv", runs)
    rows = list(csv.reader((tmp_path / "out.csv").read_text().splitlines()))
    assert rows[0] == ["setting", "Run 1", "Run 2"]
    assert ["Training: Batch size", "8", "64"] in rows
    start = next(place for place, row in enumerate(rows) if row[:2] == ["run", "step"])
    header, numbers = rows[start], rows[start + 1 :]
    assert [row[0] for row in numbers] == ["Run 1"] * 60 + ["Run 2"] * 60
    history = from_arrays(runs[1].load_curves())
    mine = numbers[60:]
    assert np.array_equal(np.array([row[header.index("loss")] for row in mine], np.float32), history.loss)
    held_back = [row[header.index("validation.loss")] for row in mine]
    assert [place for place, text in enumerate(held_back) if text] == [19, 39, 59]


def test_runs_as_plain_values(tmp_path: Path):
    run = stored(RunStore(tmp_path / "runs"), 1, batch_size=8)
    write_runs(tmp_path / "out.json", [run])
    [plain] = json.loads((tmp_path / "out.json").read_text())
    assert plain["training"]["batch_size"] == 8
    assert plain["network"]["nodes"]
    history = from_arrays(run.load_curves())
    assert np.array_equal(np.array(plain["curves"]["training"]["loss"], np.float32), history.loss)
    assert plain["curves"]["evaluations"]["step"] == [20, 40, 60]


def test_a_name_of_no_format_is_refused(tmp_path):
    with pytest.raises(ChainruleError, match="not a format of runs"):
        write_runs(tmp_path / "out.xlsx", [])


def test_the_window_writes_what_is_asked_for(desk, tmp_path, qtbot):
    stored(desk.runs.store, 1)
    desk.runs.refresh()
    qtbot.waitUntil(lambda: len(desk.runs.infos) == 1)
    said: list[str] = []
    desk.message.connect(lambda severity, text: said.append(text))
    desk.write((desk.runs.infos[0].id,), tmp_path / "out.json")
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["Settings and curves are in out.json."]
    assert json.loads((tmp_path / "out.json").read_text())
    desk.write((desk.runs.infos[0].id,), tmp_path / "out.xlsx")
    assert "not a format" in said[-1]


def test_documents_of_the_drawing_leave_the_open_one_alone(desk, qtbot):
    document = document_of("xor")
    before = desk._document.content
    view = DifferenceView(document.graph, changed_graph())
    qtbot.addWidget(view)
    assert desk._document.content == before
    assert isinstance(before, Content)


def test_the_present_run_comes_along_to_a_folder_beside_the_project(desk, window, tmp_path, qtbot):
    desk.settings.beside_project = True
    desk.apply_settings()
    session, document = window.session, window.document
    session.run()
    qtbot.waitUntil(lambda: session.state == "finished")
    qtbot.waitUntil(lambda: not desk.runs.pending)
    elsewhere, id = desk.runs.store.folder, desk.runs.current
    assert window.files._write(tmp_path / "rings.chainrule")
    qtbot.waitUntil(lambda: not desk.runs.pending)
    assert desk.runs.store.folder == tmp_path / "rings.runs" != elsewhere
    [run] = RunStore(tmp_path / "rings.runs").runs()
    assert run.id == id == desk.runs.current
    assert run.load_curves() and run.snapshot_steps()
    document.commit_training({**document.training, "epochs": 5})
    session.run()
    qtbot.waitUntil(lambda: len(desk.runs.infos) == 2 and session.state == "finished")
    qtbot.waitUntil(lambda: not desk.runs.pending)
    assert len(RunStore(tmp_path / "rings.runs").runs()) == 2
