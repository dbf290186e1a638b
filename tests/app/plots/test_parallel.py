"""The sweep's plot: axes from runs, brushing, pointing, reordering, export; and runs that were chosen one by one."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.plots.parallel import ParallelPlot
from app.plots.parallel_data import in_ratios, passing, table_of
from app.runs.runs import Runs
from app.style import theme
from app.sweep.shown import ShownRuns
from app.training.session import Session
from engine.runs import RunInfo
from engine.train.config import TrainingConfig
from tests.app.making import document_of
from tests.app.plots.bench import drag_on, point_at

LEFT = Qt.MouseButton.LeftButton
RATE, OPTIMIZER, UNITS = "Optimizer · learning rate", "Optimizer", "hidden_1 · Units"


def swept(project: str, group: int = 1) -> list[RunInfo]:
    """Six runs of a sweep, the last without numbers: rates by optimizers, accuracy growing with the number."""
    found = []
    for number in range(6):
        values = {RATE: (0.001, 0.01, 0.1)[number // 2], OPTIMIZER: ("SGD", "Adam")[number % 2], UNITS: 8 + number}
        best = {"validation.loss": 1.0 - number / 10, "validation.accuracy": number / 10, "train.loss": 0.1}
        found.append(RunInfo(f"2026010{group}-0000{number:02d}-000000-abcd", project, f"#{number + 1} run",
                             group=f"Sweep {group}", values=values, outcome="finished",
                             best=best if number < 5 else {}, seconds=number + 1.0))
    return found


@pytest.fixture
def plot(qtbot) -> Iterator[ParallelPlot]:
    """The plot on the screen, over a made-up sweep."""
    theme.apply(QApplication.instance(), "dark")
    document = document_of("xor")
    session = Session(document)
    made = ParallelPlot(session, document)
    made.resize(640, 360)
    with qtbot.waitExposed(made):
        made.show()
    runs = Runs.of(session)
    for info in swept(document.project_id):
        runs.put(info, on_disk=False)
    qtbot.waitUntil(lambda: len(made.view.table.ids) == 6)
    yield made
    session.shutdown()
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    vars(made).clear()


def spot(plot: ParallelPlot, axis: int, place: float) -> QPoint:
    return QPoint(round(plot.view.x_of(axis)), round(plot.view.y_of(place)))


def drag(plot: ParallelPlot, start: QPoint, end: QPoint) -> None:
    drag_on(plot.view, start, end)


def test_an_axis_for_each_swept_parameter_and_each_result() -> None:
    table = table_of(swept("p"))
    assert [axis.title for axis in table.axes] == ["Learning rate", "Optimizer", "Units", "Time", "Validation loss",
                                                   "Validation accuracy"]
    rate, optimizer, units, _, loss, accuracy = table.axes
    assert rate.log and rate.texts[0] == "0.001" and not units.log
    np.testing.assert_allclose(rate.places, [0, 0, 0.5, 0.5, 1, 1], atol=1e-12)
    assert optimizer.words == ("SGD", "Adam") and optimizer.places.tolist() == [0.25, 0.75] * 3
    np.testing.assert_allclose(units.places, np.arange(6) / 5)
    assert math.isnan(loss.places[5]) and loss.texts[5] == "–" and accuracy.texts[4] == "40.0\u00a0%"
    assert [text for _, text in rate.marks] == ["0.001", "0.01", "0.1"]
    assert table.judge == "validation.accuracy" and np.nanargmax(table.goodness("validation.loss")) == 4
    assert table_of([]).axes == ()


def test_runs_that_were_not_swept_have_an_axis_for_each_setting_that_differs() -> None:
    infos = [RunInfo(str(n), name=f"Run {n}", training=TrainingConfig(batch_size=size, optimizer=kind).to_dict(),
                     source={"kind": "Xor"}, parameters=size, best={"train.loss": 0.5}, seconds=1.0)
             for n, (size, kind) in enumerate(((8, "SGD"), (16, "Adam"), (32, "Adam")))]
    table = table_of(infos)
    titles = [axis.title for axis in table.axes]
    assert {"Optimizer", "Batch size", "Parameters", "Training loss", "β₁"} <= set(titles)
    assert "Epochs" not in titles and "Seed" not in titles
    beta = next(axis for axis in table.axes if axis.title == "β₁")
    assert beta.texts == ("–", "0.9", "0.9") and math.isnan(beta.places[0])


@pytest.mark.parametrize(("values", "ratios"), [
    ([0.1, 0.01, 0.001], True), ([8, 16, 32], True), ([1, 2, 3, 4, 5], False), ([0.1, 0.01], True), ([8, 16], False),
    ([0, 1, 10], False), (list(np.random.default_rng(0).uniform(0.001, 1, 50)), False),
    (list(10 ** np.random.default_rng(0).uniform(-4, 0, 50)), True), ([3], False), ([math.nan, 1], False),
])  # fmt: skip
def test_an_axis_has_equal_ratios_where_its_values_do(values: list[float], ratios: bool) -> None:
    assert in_ratios(np.array(values, float)) is ratios


def test_marks_lie_on_the_axis_and_say_where() -> None:
    for axis in table_of(swept("p")).axes:
        for place, text in axis.marks:
            assert -1e-9 <= place <= 1 + 1e-9 and text


def test_ranges_on_one_axis_add_and_on_several_restrict() -> None:
    table = table_of(swept("p"))
    assert passing(table, {RATE: [(0.0, 0.1), (0.9, 1.0)]}).tolist() == [True, True, False, False, True, True]
    both = passing(table, {RATE: [(0.0, 0.1), (0.9, 1.0)], OPTIMIZER: [(0.7, 0.8)]})
    assert both.tolist() == [False, True, False, False, False, True]
    assert not passing(table, {"validation.loss": [(0.0, 1.0)]})[5]


def test_dragging_along_an_axis_brushes_it_and_a_double_click_clears_it(plot) -> None:
    view = plot.view
    drag(plot, spot(plot, 0, 0.9), spot(plot, 0, 1.0) - QPoint(0, 8))
    assert view.kept.tolist() == [False] * 4 + [True] * 2
    assert plot.detail.text() == "2 of 6 runs in the ranges"
    drag(plot, spot(plot, 0, 0.1), spot(plot, 0, 0.0) + QPoint(0, 8))
    assert view.kept.tolist() == [True, True, False, False, True, True] and len(view.brushes[RATE]) == 2
    drag(plot, spot(plot, 0, 0.05), spot(plot, 0, 0.5))  # takes hold of the lower range
    assert view.kept.tolist() == [False, False, True, True, True, True]
    drag(plot, spot(plot, 1, 0.6), spot(plot, 1, 0.9))
    assert view.kept.tolist() == [False, False, False, True, False, True]
    QTest.mouseDClick(view, LEFT, pos=spot(plot, 0, 0.4))
    assert view.kept.tolist() == [False, True] * 3
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.kept.all() and plot.detail.text() == "6 runs"


def test_pointing_names_the_run_and_a_click_selects_it(plot, qtbot) -> None:
    view, places = plot.view, [axis.places for axis in plot.view.axes]
    middle = QPoint(round((view.x_of(1) + view.x_of(2)) / 2), round(view.y_of((places[1][4] + places[2][4]) / 2)))
    point_at(view, middle)
    assert view.row == 4 and plot.detail.text() == "#5 run — validation accuracy 40.0\u00a0%"
    with qtbot.waitSignal(ShownRuns.of(plot.session).picked) as told:
        QTest.mouseClick(view, LEFT, pos=middle)
    assert told.args == [view.table.ids[4]]
    drag(plot, spot(plot, 0, 0.1), spot(plot, 0, 0.0) + QPoint(0, 8))
    point_at(view, middle)
    assert view.row != 4, "a run outside the ranges cannot be pointed at"
    QTest.keyClick(view, Qt.Key.Key_Escape)
    point_at(view, QPoint(view.width() - 1, 1))
    assert view.row == -1
    for expected in (4, 3, 2):
        QTest.keyClick(view, Qt.Key.Key_Down)
        assert view.row == expected
    with qtbot.waitSignal(ShownRuns.of(plot.session).picked):
        QTest.keyClick(view, Qt.Key.Key_Return)


def test_titles_are_dragged_into_another_order_which_stays(plot) -> None:
    view = plot.view
    before = list(view.order)
    drag(plot, QPoint(round(view.x_of(0)), 12), QPoint(round(view.x_of(2)), 12))
    assert view.order == [*before[1:3], before[0], *before[3:]]
    Runs.of(plot.session).change(view.table.ids[0], name="another")
    plot.draw_now()
    assert view.order == [*before[1:3], before[0], *before[3:]] and view.table.names[0] == "another"
    plot._show_axis(UNITS, False)
    assert UNITS not in view.order
    plot._show_axis(UNITS, True)
    plot._show_axis("seconds", True)
    assert set(view.order) == {axis.key for axis in view.table.axes}


def test_colours_follow_the_chosen_axis(plot) -> None:
    assert plot.by.current == "validation.accuracy" == plot.view.colour_by
    plot.by.choose("validation.loss")
    plot.by.chosen.emit("validation.loss")
    assert plot.view.colour_by == "validation.loss"
    assert OPTIMIZER not in [key for key, _ in plot.by.options]


def test_export_writes_what_is_drawn(plot, tmp_path) -> None:
    drag(plot, spot(plot, 0, 0.9), spot(plot, 0, 1.0) - QPoint(0, 8))
    for suffix in ("png", "svg", "csv"):
        plot.export(tmp_path / f"sweep.{suffix}")
    assert not QImage(str(tmp_path / "sweep.png")).isNull()
    drawing = (tmp_path / "sweep.svg").read_text()
    assert drawing.count("<polyline") >= 6 and "Validation accuracy" in drawing
    rows = list(csv.DictReader((tmp_path / "sweep.csv").read_text("utf-8").splitlines()))
    assert [row["Learning rate"] for row in rows] == ["0.001", "0.001", "0.01", "0.01", "0.1", "0.1"]
    assert rows[1]["Optimizer"] == "Adam" and rows[5]["Validation loss"] == "" and rows[4]["in ranges"] == "1"


def test_chosen_runs_and_other_sweeps_are_shown_instead(plot, qtbot) -> None:
    runs, shown = Runs.of(plot.session), ShownRuns.of(plot.session)
    for info in swept(plot.document.project_id, 2)[:2]:
        runs.put(info, on_disk=False)
    plot.draw_now()
    assert plot.which.options == [("Sweep 2", "Sweep 2"), ("Sweep 1", "Sweep 1")] and len(plot.view.table.ids) == 2
    plot.which.chosen.emit("Sweep 1")
    assert len(plot.view.table.ids) == 6
    with qtbot.waitSignal(plot.wanted):
        shown.show_runs(tuple(info.id for info in runs.infos[:3]))
    plot.draw_now()
    assert len(plot.view.table.ids) == 3 and plot.which.currentText() == "3 chosen runs"
    plot.document.set_content(document_of("circles").content)
    plot.draw_now()
    assert not plot.has_data() and plot._stack.currentWidget().text() == plot.promise


def test_selected_runs_reach_the_plot_and_a_picked_one_the_list(window, qtbot) -> None:
    window.files.open_template("xor")
    for info in swept(window.document.project_id):
        window.desk.runs.put(info, on_disk=False)
    window.tabs.show_runs()
    panel = window.desk.panel
    panel.refresh()
    ids = [info.id for info in window.desk.runs.infos[:4]]
    panel.table.select(ids)
    plot = next(plot for plot in window.plots if plot.id == "sweep")
    menu = panel.make_menu()
    next(action for action in menu.actions() if action.text() == "Draw over settings and results").trigger()
    menu.deleteLater()
    qtbot.waitUntil(lambda: plot.is_seen and set(plot.view.table.ids) == set(ids))
    window.tabs.show_layer()
    plot.view.pick(0)
    assert window.tabs.currentWidget() is panel and panel.table.selected() == (plot.view.table.ids[0],)
