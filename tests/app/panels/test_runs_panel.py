"""The Runs tab: sorted, searched, renamed, starred, deleted, brought back, ticked into plots, by mouse and keys."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit

from app.document import Document
from app.panels.runs import EVERYWHERE, HERE, RunsPanel
from app.panels.runs_columns import AT_FIRST, NAME, STAR, metric_of, metric_text, time_spent, when
from app.panels.runs_model import DEPTH, RUN
from app.runs.going_back import RunReturn
from app.runs.keeper import RunKeeper
from app.runs.runs import Runs
from app.training.session import Session
from engine.runs import Origin, RunInfo, RunStore
from engine.train.config import TrainingConfig
from tests.app.history_making import recorded
from tests.app.making import document_of


class Desk:
    """A panel over runs that lie on the disk."""

    def __init__(self, folder, document: Document, qtbot) -> None:
        self.folder, self.document, self.qtbot = folder, document, qtbot
        self.session = Session(document)
        self.runs = Runs.of(self.session)
        keeper = RunKeeper(self.session, self.runs)
        self.panel = RunsPanel(document, self.runs, RunReturn(self.session, self.runs, keeper))
        qtbot.addWidget(self.panel)
        self.panel.resize(900, 600)
        self.store = RunStore(folder)

    def add(self, number: int, **fields) -> str:
        """A run that was begun in this minute."""
        training = TrainingConfig(**fields.pop("settings", {})).to_dict()
        values = {"project": self.document.project_id, "name": f"Run {number}", "outcome": "finished", "steps": 10,
                  **fields}
        run = self.store.create(self.document.graph, self.document.source, training,
                                id=f"20260101-0000{number:02d}-000000-abcd", **values)
        return run.id

    def open(self) -> RunsPanel:
        self.runs.keep_in(self.folder, 10**9)
        with self.qtbot.waitExposed(self.panel):
            self.panel.show()
        self.settle()
        return self.panel

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: self.runs.writer.finish(0.05) and not self.runs.pending)

    def names(self) -> list[str]:
        model = self.panel.model
        return [model.index(row, NAME).data() for row in range(model.rowCount())]

    def cell(self, name: str, column: int = NAME) -> QPoint:
        row = self.names().index(name)
        return self.panel.table.visualRect(self.panel.model.index(row, column)).center()

    def click(self, name: str, column: int = NAME, keys=Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.mouseClick(self.panel.table.viewport(), Qt.MouseButton.LeftButton, keys, self.cell(name, column))

    def press(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(self.panel.table, key)


@pytest.fixture
def desk(tmp_path, qtbot) -> Desk:
    return Desk(tmp_path / "runs", document_of("xor"), qtbot)


def test_an_empty_list_says_what_will_appear(desk):
    panel = desk.open()
    assert panel.empty.isVisible() and not panel.table.isVisible()
    assert "Press Run" in panel.empty.text()
    desk.add(1, project="another")
    desk.runs.refresh()
    desk.settle()
    assert "1 of other projects" in panel.empty.text()
    panel.scope.setCurrentText(EVERYWHERE)
    assert desk.names() == ["Run 1"]
    panel.scope.setCurrentText(HERE)
    assert desk.names() == []


def test_columns_sort_and_what_has_no_number_goes_last(desk):
    for number, loss in ((1, 0.5), (2, 0.1), (3, None), (4, 0.3)):
        desk.add(number, best={"validation.loss": loss} if loss else {})
    panel = desk.open()
    assert desk.names() == ["Run 4", "Run 3", "Run 2", "Run 1"]
    loss = next(place for place, column in enumerate(panel.model.columns) if column.title == "Loss")
    header = panel.table.horizontalHeader()
    header.setSortIndicator(loss, Qt.SortOrder.AscendingOrder)
    assert desk.names() == ["Run 2", "Run 4", "Run 1", "Run 3"]
    header.setSortIndicator(loss, Qt.SortOrder.DescendingOrder)
    assert desk.names() == ["Run 1", "Run 4", "Run 2", "Run 3"]


def test_branches_stand_below_their_parent(desk):
    first = desk.add(1)
    second = desk.add(2, parent=Origin(first, 5))
    desk.add(3)
    desk.add(4, parent=Origin(second, 5))
    desk.add(5, parent=Origin("20250101-000000-000000-0000", 5))  # whose parent is gone
    panel = desk.open()
    assert desk.names() == ["Run 5", "Run 3", "Run 1", "Run 2", "Run 4"]
    depths = [panel.model.index(row, NAME).data(DEPTH) for row in range(5)]
    assert depths == [0, 0, 0, 1, 2]


def test_a_sweep_is_one_row_that_opens(desk):
    """By click and by key; it stands for its runs in whatever is done, and a branch of one of them is seen at once."""
    desk.add(1)
    trials = [desk.add(n, name=f"#{n - 1} momentum 0.{n}", group="Sweep 1", values={"Optimizer · momentum": n / 10},
                       best={"validation.loss": 1 / n}) for n in (2, 3, 4)]
    desk.add(5, parent=Origin(trials[1], 5))
    panel, model = desk.open(), desk.panel.model
    assert desk.names() == ["Sweep 1 (3)", "Run 5", "Run 1"]
    loss = next(place for place, column in enumerate(model.columns) if column.title == "Loss")
    assert model.index(0, loss).data() == "0.25"
    rect = panel.table.visualRect(model.index(0, NAME))
    desk.qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(rect.left() + 8,
                                                                                        rect.center().y()))
    opened = ["Sweep 1 (3)", "#3 0.4", "#2 0.3", "Run 5", "#1 0.2", "Run 1"]
    assert desk.names() == opened and [model.index(row, NAME).data(DEPTH) for row in range(6)] == [0, 1, 1, 2, 1, 0]
    desk.click(opened[0], loss)
    desk.press(Qt.Key.Key_Left)
    assert len(desk.names()) == 3 and panel.table.selected() == (trials[2], trials[1], trials[0])
    assert panel.details.title.text() == "Sweep 1 · 3 runs"
    desk.press(Qt.Key.Key_Asterisk)
    assert all(desk.runs.info(id).starred for id in trials)
    panel.table.select((trials[0],))  # which opens the sweep
    assert desk.names() == opened and panel.table.selected() == (trials[0],)
    panel.search.setText("#2")
    assert desk.names() == ["#2 0.3"]
    panel.search.setText("")
    desk.click(opened[0], loss)
    desk.press(Qt.Key.Key_Delete)
    assert desk.names() == ["Run 5", "Run 1"] and panel.undo_text.text() == "3 runs deleted."


def test_at_the_width_of_the_tab_no_column_is_cut(desk):
    desk.add(1, name="The one with a name that is much too long")
    panel = desk.open()
    for width in (300, 360, 500):
        panel.resize(width, 600)
        table = panel.table
        seen = [table.columnViewportPosition(place) + table.columnWidth(place) for place in range(AT_FIRST)]
        assert 0 <= table.viewport().width() - max(seen) < 8
        header, names = table.horizontalHeader(), table.model()
        for place in range(1, AT_FIRST):
            text = names.headerData(place, Qt.Orientation.Horizontal)
            assert header.fontMetrics().horizontalAdvance(text) + 8 <= table.columnWidth(place)


def test_runs_that_are_one_anothers_parents_are_seen(desk):
    first, second = (f"20260101-0000{n:02d}-000000-abcd" for n in (1, 2))
    desk.add(1, parent=Origin(second, 1))
    desk.add(2, parent=Origin(first, 1))
    desk.open()
    assert sorted(desk.names()) == ["Run 1", "Run 2"]


def test_search_goes_over_names_notes_and_settings(desk):
    desk.add(1, note="with tanh", settings={"batch_size": 8})
    desk.add(2, settings={"batch_size": 64}, starred=True)
    panel = desk.open()
    for text, found in (("tanh", ["Run 1"]), ("batch size 64", ["Run 2"]), ("starred", ["Run 2"]),
                        ("finished run", ["Run 2", "Run 1"]), ("nothing", [])):
        panel.search.setText(text)
        assert desk.names() == found
    assert "“nothing”" in panel.empty.text()


def test_settings_that_differ_have_a_column(desk):
    desk.add(1, settings={"batch_size": 8})
    desk.add(2, settings={"batch_size": 64})
    panel = desk.open()
    last = len(panel.model.columns) - 1
    assert [panel.model.index(row, last).data() for row in range(2)] == ["batch size 64", "batch size 8"]


def test_a_click_stars_and_a_key_renames(desk):
    id = desk.add(1)
    panel = desk.open()
    desk.click("Run 1", STAR)
    assert desk.runs.info(id).starred
    desk.click("Run 1")
    desk.press(Qt.Key.Key_Asterisk)
    assert not desk.runs.info(id).starred
    desk.press(Qt.Key.Key_F2)
    editor = panel.table.findChild(QLineEdit)
    editor.selectAll()
    desk.qtbot.keyClicks(editor, "The good one")
    desk.qtbot.keyClick(editor, Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: desk.names() == ["The good one"])
    desk.settle()
    assert desk.store.open(id).info.name == "The good one"


def test_a_note_is_kept(desk):
    id = desk.add(1)
    panel = desk.open()
    desk.click("Run 1")
    panel.details.note.setFocus()
    desk.qtbot.keyClicks(panel.details.note, "wide and slow")
    desk.qtbot.keyClick(panel.details.note, Qt.Key.Key_Return)
    desk.settle()
    assert desk.store.open(id).info.note == "wide and slow"


def test_a_tick_draws_it_by_mouse_and_by_space(desk):
    id = desk.add(1)
    desk.store.open(id).save_curves(recorded())
    panel = desk.open()
    rect = panel.table.visualRect(panel.model.index(0, NAME))
    box = QPoint(rect.left() + 10, rect.center().y())
    desk.qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=box)
    desk.settle()
    assert [overlay.id for overlay in desk.runs.overlays] == [id]
    desk.press(Qt.Key.Key_Space)
    assert desk.runs.overlays == ()


def test_a_run_without_curves_says_so_and_is_not_ticked(desk):
    id = desk.add(1)
    (desk.store.open(id).folder / "curves.npz").write_bytes(b"garbled")
    desk.open()
    said = []
    desk.runs.message.connect(lambda severity, text: said.append(text))
    desk.runs.overlay(id, True)
    desk.settle()
    assert not desk.runs.is_overlaid(id)
    assert "damaged" in said[0]


def test_several_are_deleted_and_brought_back(desk):
    ids = [desk.add(number) for number in (1, 2, 3)]
    desk.store.open(ids[2]).save_curves(recorded())
    panel = desk.open()
    desk.runs.overlay(ids[2], True)
    desk.settle()
    desk.click("Run 1")
    desk.click("Run 3", keys=Qt.KeyboardModifier.ControlModifier)
    assert panel.table.selected() == (ids[2], ids[0])
    desk.press(Qt.Key.Key_Delete)
    desk.settle()
    assert desk.names() == ["Run 2"] and desk.runs.overlays == ()
    assert panel.undo_row.isVisible() and panel.undo_text.text() == "2 runs deleted."
    desk.qtbot.mouseClick(panel.undo_button, Qt.MouseButton.LeftButton)
    desk.settle()
    assert desk.names() == ["Run 3", "Run 2", "Run 1"]
    assert not panel.undo_row.isVisible() and [overlay.id for overlay in desk.runs.overlays] == [ids[2]]


def test_the_selection_stays_while_the_list_grows(desk):
    first = desk.add(1)
    panel = desk.open()
    desk.click("Run 1")
    desk.add(2)
    desk.runs.refresh()
    desk.settle()
    assert desk.names() == ["Run 2", "Run 1"]
    assert panel.table.selected() == (first,)


def test_a_damaged_run_is_listed_with_its_reason(desk):
    id = desk.add(1)
    (desk.folder / id / "run.json").write_text("{")
    panel = desk.open()
    panel.scope.setCurrentText(EVERYWHERE)
    panel.table.selectRow(0)
    assert "not valid JSON" in panel.details.how.text()
    assert not panel.details.resume_button.isVisible()
    menu = panel.make_menu()
    possible = {action.text() for action in menu.actions() if action.isEnabled() and action.text()}
    assert possible == {"Delete", "Storage…"}
    menu.close()


def test_details_say_how_it_went_and_what_is_not_as_now(desk):
    desk.add(1, outcome="failed", ending="The loss is not finite.", settings={"batch_size": 8, "epochs": 3},
             best={"validation.loss": 0.25, "validation.accuracy": 0.974}, best_step=7)
    panel = desk.open()
    desk.click("Run 1")
    details = panel.details
    assert "Failed at step 10" in details.how.text() and "not finite" in details.how.text()
    assert "Best: validation loss 0.25, accuracy 97.4" in details.numbers.text()
    assert "batch size 8" in details.differs.text()
    assert not details.best_button.isEnabled() and not details.resume_button.isEnabled()


def test_the_menu_offers_what_is_possible(desk):
    desk.add(1)
    desk.add(2)
    panel = desk.open()
    panel.table.selectAll()
    asked = []
    panel.compare_wanted.connect(asked.append)
    menu = panel.make_menu()
    actions = {action.text(): action for action in menu.actions()}
    assert not actions["Rename"].isEnabled() and actions["Compare…"].isEnabled()
    actions["Compare…"].trigger()
    menu.close()
    assert asked == [panel.table.selected()]


def test_what_stands_in_cells():
    assert metric_of({"train.accuracy": 0.9, "validation.accuracy": 0.8}) == ("validation.accuracy", 0.8)
    assert metric_of({"train.loss": 1.0, "train.rmse": 0.5, "train.mae": 0.4}) == ("train.rmse", 0.5)
    assert metric_of({})[0] == ""
    assert metric_text("validation.accuracy", 0.974) == "97.4\u00a0%"
    assert (time_spent(0.44), time_spent(12.04), time_spent(200)) == ("0.44\u00a0s", "12\u00a0s", "03:20")
    now = datetime(2026, 3, 14, 15, 9)
    assert when(now - timedelta(hours=1), now) == "14:09"
    assert when(now - timedelta(days=1), now) == "yesterday 15:09"
    assert when(now - timedelta(days=20), now) == "22 Feb"
    assert when(now - timedelta(days=400), now) == "7 Feb 2025"


def test_a_list_of_a_thousand_is_compared_once(desk):
    """The second that passes while a run goes on costs no comparison of settings."""
    panel = desk.open()
    for number in range(30):
        desk.runs.put(RunInfo(f"20260101-0001{number:02d}-000000-abcd", project=desk.document.project_id,
                              name=f"Run {number}", training=TrainingConfig(seed=number).to_dict()), on_disk=False)
    before = panel.model._differ
    panel.model.refresh()
    assert panel.model._differ is before
    assert panel.model.index(0, NAME).data(RUN)
