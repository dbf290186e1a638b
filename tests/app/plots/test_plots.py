"""Plots show what the history holds, exactly; names, scales, legend, zoom, export."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QSlider, QWidgetAction

from app import numbers
from app.plots import PLOTS
from app.plots.gradient_flow import GradientFlowPlot
from app.plots.gradient_norms import GradientNormsPlot
from app.plots.looking import WeightsPlot
from app.plots.loss import LossPlot
from app.plots.metrics import MetricsPlot
from app.plots.parallel import ParallelPlot
from app.plots.silent_units import SilentUnitsPlot, in_words
from app.plots.smoothing import AUTOMATIC, suited
from app.plots.update_ratio import UpdateRatioPlot
from app.style import theme
from app.training.session import FINISHED
from engine.issues import ChainruleError
from tests.app.making import evaluated, looked_at, steps
from tests.app.plots.bench import Bench, curve, drawn, hover, place, wheel

#: Those that draw what a run has told; the others look into the network or at many runs, and are tested by themselves.
RUN_PLOTS = [kind for kind in PLOTS if not issubclass(kind, (WeightsPlot, ParallelPlot))]


@pytest.fixture
def bench(qtbot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    made.session.shutdown()


def test_every_plot_says_what_it_is(bench):
    assert len({kind.id for kind in PLOTS}) == len(PLOTS)
    for kind in PLOTS:
        assert kind.id and kind.title and kind.promise.startswith(("Press Run", "Train, Sweep…"))
        plot = bench.plot(kind)
        assert plot.accessibleName() == kind.title
        expected = plot.empty_text() if isinstance(plot, WeightsPlot) else kind.promise
        assert expected and plot._stack.currentWidget().text() == expected


def test_loss_shows_the_history(bench):
    plot = bench.plot(LossPlot)
    bench.begin()
    report = steps(1, 200)
    bench.add(evaluated(0, 2.0, 2.5), report, evaluated(200, 1.0, 1.5))
    x, y = drawn(curve(plot, "train").raw)
    assert np.array_equal(x, report.step) and np.array_equal(y, report.loss)
    x, y = drawn(curve(plot, "validation").raw)
    assert x.tolist() == [0, 200] and y.tolist() == [2.5, 1.5]
    x, y = drawn(curve(plot, "train").mean)
    window = plot.window_steps
    assert window > 1
    for at, mean in zip(x.astype(int), y, strict=True):
        assert mean == pytest.approx(report.loss[max(at - window, 0) : at].mean(), rel=1e-5)


def test_without_validation_there_is_no_such_curve(bench):
    plot = bench.plot(LossPlot)
    bench.begin()
    bench.add(evaluated(0, 2.0, math.nan), steps(1, 10))
    assert [curve.series.label for curve in plot.curves] == ["train"]


def test_gradient_norms_show_one_curve_per_matrix_nearest_the_output_first(bench):
    plot = bench.plot(GradientNormsPlot)
    bench.begin()
    report = steps(1, 150)
    bench.add(report)
    plot.set_smoothing(1)
    keys = [c.series.key for c in plot.curves if c.shown]
    assert keys == ["output.W", "hidden_1.W"]
    for key in keys:
        x, y = drawn(curve(plot, key).raw)
        column = bench.session.history.weight_keys.index(key)
        assert np.array_equal(x, report.step) and np.array_equal(y, report.gradient_norms[:, column])
    assert len(drawn(curve(plot, "output.b").raw)[0]) == 0
    assert [c.series.label for c in plot.curves][:2] == ["output · W", "hidden_1 · W"]


def test_a_curve_bears_the_name_the_person_gave_its_layer(bench):
    plot = bench.plot(GradientNormsPlot)
    bench.begin()
    bench.add(steps(1, 5))
    bench.document.commit(bench.document.graph.rename("hidden_1", "First"), "Rename")
    bench.settle()
    assert "First · W" in [entry.text() for entry in plot.legend.entries]


def test_gradient_flow_runs_from_output_to_input(bench):
    plot = bench.plot(GradientFlowPlot)
    bench.begin()
    report = steps(1, 5)
    bench.add(report)
    assert [(node, value) for node, _, value in plot.bars.rows] == [
        ("output", float(report.flow[2])), ("hidden_1", float(report.flow[1]))]  # fmt: skip
    plot.show_every_layer(True)
    assert [node for node, _, _ in plot.bars.rows] == ["output", "hidden_1", "input"]


def test_bars_are_as_long_as_their_logarithm(bench):
    plot = bench.plot(GradientFlowPlot)
    bars = plot.bars
    bars.show_rows([("a", "a", 1e-1), ("b", "b", 1e-3), ("c", "c", 0.0), ("d", "d", math.inf)])
    assert [bars.length(value) for _, _, value in bars.rows] == pytest.approx([1.0, 0.5, 0.0, 1.0])
    bars.is_log = False
    bars.show_rows([("a", "a", 4.0), ("b", "b", 1.0)])
    assert [bars.length(value) for _, _, value in bars.rows] == [1.0, 0.25]


def test_metrics_of_a_classifier_are_in_percent(bench):
    plot = bench.plot(MetricsPlot)
    bench.begin()
    report = steps(1, 40)
    bench.add(evaluated(0, 2.0, 2.5, accuracy=(0.25, 0.5)), report, evaluated(40, 1.0, 1.5, accuracy=(0.75, 0.5)))
    x, y = drawn(curve(plot, "train.accuracy").raw)
    assert x.tolist() == [0, 40] and y.tolist() == [0.25, 0.75]
    entries = {entry.text(): entry.value() for entry in plot.legend.entries}
    assert entries["train"] == "75.0\u00a0%"
    assert plot.frame.left.tickStrings([0.5], 1, 0.1) == ["50\u00a0%"]
    assert not curve(plot, "batches").shown


def test_metrics_of_a_regression(bench):
    plot = bench.plot(MetricsPlot)
    bench.begin()
    bench.add(evaluated(0, 2, 2.5, mae=(1.5, 1.25), rmse=(2, 3), r2=(0.5, -9)), steps(1, 40))
    assert drawn(curve(plot, "validation.mae").raw)[1].tolist() == [1.25]
    assert [c.series.label for c in plot.curves if c.shown] == ["train MAE", "validation MAE"]
    assert plot.frame.left.tickStrings([0.5], 1, 0.1) == ["0.5"]


@pytest.mark.parametrize("kind", RUN_PLOTS)
def test_a_hundred_thousand_steps_draw_few_points(bench, kind):
    plot = bench.plot(kind)
    bench.begin(total_steps=200_000)
    bench.add(evaluated(0, 1.0, 1.0, accuracy=(0.5, 0.5)), *(steps(1 + i * 10_000, 10_000) for i in range(10)))
    for c in getattr(plot, "curves", []):
        for item in c.lines:
            x, y = drawn(item)
            assert len(x) <= 2 * (plot.width() + 2)
            if len(y) and item is c.raw and c.series.source == "training":
                column = bench.session.history.training.table[:, c.series.column]
                assert np.nanmax(y) == column.max() and np.nanmin(y) == column.min()


def test_zeros_have_no_place_on_a_logarithmic_axis(bench):
    plot = bench.plot(LossPlot)
    bench.begin()
    report = steps(1, 50)
    report.loss[10:20] = 0.0
    bench.add(report)
    _, y = drawn(curve(plot, "train").raw)
    assert np.isnan(y[10:20]).all()
    assert all(math.isfinite(end) for end in plot.frame.view.viewRange()[1])
    plot.set_log(False)
    _, y = drawn(curve(plot, "train").raw)
    assert np.array_equal(y, report.loss)


def test_the_view_holds_all_values_and_grows(bench):
    plot = bench.plot(LossPlot)
    bench.begin()
    for first in range(1, 500, 50):
        report = steps(first, 50)
        bench.add(report)
        (left, right), (bottom, top) = plot.frame.view.viewRange()
        assert left == 1 and right >= first + 49
        loss = np.log10(bench.session.history.loss)
        assert bottom <= loss.min() and loss.max() <= top


@pytest.mark.parametrize("values", [np.linspace(1, 2, 300), np.linspace(2, 1, 300), np.full(300, 1.0)])
def test_the_legend_stands_where_no_curve_is(bench, values):
    plot = bench.plot(GradientNormsPlot)
    bench.begin(total_steps=300)
    report = steps(1, 300)
    report.gradient_norms[:] = values[:, None]
    bench.add(report)
    plot.set_smoothing(1)
    legend, frame = plot.legend.geometry(), plot.frame
    points = [place(plot, step, value) for step, value in zip(range(1, 301), values, strict=True)]
    assert not any(legend.contains(point) for point in points)
    bottom, top = frame.view.viewRange()[1]
    assert top - bottom <= 0.75, "no room is added where a corner is free"
    wheel(frame, 2)
    frame.view.setYRange(math.log10(1.2), math.log10(1.6), padding=0)
    plot.draw_now()
    assert not plot.legend.geometry().intersects(frame.back.geometry())


def test_automatic_smoothing_takes_some_rows_of_a_table_that_looks_seldom():
    assert [suited(steps) for steps in (20, 1000, 100_000)] == [1, 20, 2000]
    assert suited(1000, apart=10) == 20 and suited(1000, apart=30) == 100


def test_the_legend_folds_into_one_line(bench):
    plot = bench.plot(GradientNormsPlot)
    bench.begin()
    bench.add(steps(1, 60))
    tall = plot.legend.height()
    QTest.mouseClick(plot.legend.fold, Qt.MouseButton.LeftButton)
    assert plot.legend.height() < tall and plot.legend.fold.text() == "2 curves"
    assert not any(entry.isVisible() for entry in plot.legend.entries)
    bench.add(steps(61, 60))
    plot.legend.fold.setFocus()
    QTest.keyClick(plot.legend.fold, Qt.Key.Key_Space)
    assert plot.legend.height() == tall and plot.legend.entries[0].isVisible()


def test_zooming_stops_following_until_back_to_all(bench):
    plot = bench.plot(LossPlot)
    bench.begin()
    report = steps(1, 500)
    bench.add(report)
    frame = plot.frame
    assert not frame.back.isVisible()
    wheel(frame, 6)
    assert not frame.following and frame.back.isVisible()
    held = frame.steps
    assert held[1] - held[0] < 499
    bench.add(steps(501, 500))
    assert frame.steps == held
    QTest.mouseClick(frame.back, Qt.MouseButton.LeftButton)
    assert frame.following and not frame.back.isVisible()
    assert frame.steps[1] >= 1000


def test_the_crosshair_tells_exact_values(bench):
    plot = bench.plot(LossPlot)
    bench.begin()
    report = steps(1, 100)
    bench.add(report)
    hover(plot, 60)
    bench.qtbot.waitUntil(lambda: plot.detail.text().startswith("step "))
    text = plot.detail.text()
    row = int(text.removeprefix("step ")) - 1
    assert abs(row - 59) <= 1
    assert plot.legend.entries[0].value() == plot.format(float(report.loss[row]))
    assert plot.frame.is_pointed
    QTest.mouseMove(plot.frame, QPoint(2, 2))
    QApplication.sendEvent(plot.frame, leave_event())
    assert plot.detail.text() == "train · validation · log"
    assert plot.legend.entries[0].value() == plot.format(float(report.loss[-1]))


def leave_event():
    return QEvent(QEvent.Type.Leave)


def test_a_click_on_a_curve_names_its_node_and_a_selected_node_stands_out(bench):
    plot = bench.plot(GradientNormsPlot)
    bench.begin()
    report = steps(1, 100)
    report.gradient_norms[:] = [1.0, 5.0, 100.0, 5.0]
    bench.add(report)
    scene = plot.frame.view.mapViewToScene(QPointF(50, math.log10(100.0)))
    hover(plot, 50, 100.0)
    bench.qtbot.waitUntil(lambda: plot.detail.text().startswith("output · W · step "))
    with bench.qtbot.waitSignal(plot.node_clicked) as clicked:
        QTest.mouseClick(plot.frame.viewport(), Qt.MouseButton.LeftButton, pos=plot.frame.mapFromScene(scene))
    assert clicked.args == ["output"]
    colour = curve(plot, "hidden_1.W").mean.pen.color()
    bench.document.select(["output"])
    assert curve(plot, "hidden_1.W").mean.pen.color() != colour
    assert curve(plot, "output.W").mean.pen.color() == curve(plot, "output.W").series.paint()


def test_a_click_on_a_bar_names_its_node(bench):
    plot = bench.plot(GradientFlowPlot)
    bench.begin()
    bench.add(steps(1, 5))
    with bench.qtbot.waitSignal(plot.node_clicked) as clicked:
        QTest.mouseClick(plot.bars, Qt.MouseButton.LeftButton, pos=QPoint(40, 20))
    assert clicked.args == ["output"]
    for _ in range(2):
        QTest.keyClick(plot.bars, Qt.Key.Key_Down)
    node, label, value = plot.bars.rows[1]
    assert plot.detail.text() == f"{label}: mean |∂L/∂output| = {numbers.number(value, 4)}"
    with bench.qtbot.waitSignal(plot.node_clicked) as clicked:
        QTest.keyClick(plot.bars, Qt.Key.Key_Return)
    assert clicked.args == [node]
    plot.more.setFocus()
    assert plot.detail.text() == "now · log"


def test_the_legend_switches_curves_and_remembers(bench):
    plot = bench.plot(LossPlot)
    bench.begin()
    bench.add(evaluated(0, 1, 1), steps(1, 50))
    QTest.mouseClick(plot.legend.entries[0], Qt.MouseButton.LeftButton)
    assert len(drawn(curve(plot, "train").raw)[0]) == len(drawn(curve(plot, "train").mean)[0]) == 0
    bench.begin()
    bench.add(evaluated(0, 1, 1), steps(1, 50))
    assert not curve(plot, "train").shown
    plot.legend.entries[0].setFocus()
    QTest.keyClick(plot.legend.entries[0], Qt.Key.Key_Space)
    assert len(drawn(curve(plot, "train").raw)[0]) == 50


def test_what_the_legend_has_no_line_for_is_in_the_menu(bench):
    plot = bench.plot(GradientNormsPlot)
    bench.begin()
    bench.add(steps(1, 50))
    assert [entry.text() for entry in plot.legend.entries if entry.isVisible()] == ["output · W", "hidden_1 · W"]
    assert plot.legend._more.text() == "2 more…"
    menu = plot.make_menu()
    action(menu, "output · b").trigger()
    menu.close()
    assert len(drawn(curve(plot, "output.b").raw)[0]) == 50
    assert "output · b" in [entry.text() for entry in plot.legend.entries if entry.isVisible()]


# The offscreen platform says so of every popup.
@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_menu_opens_at_the_button(bench):
    plot = bench.plot(LossPlot)
    QTest.mouseClick(plot.more, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert not action(menu, "Export picture (PNG)…").isEnabled()
    menu.close()


def test_many_curves_never_outgrow_the_plot(bench):
    plot = bench.plot(GradientNormsPlot)
    keys = tuple(f"dense_{i}.W" for i in range(40))
    bench.begin(keys)
    bench.add(steps(1, 20, weights=40, nodes=41))
    assert plot.legend.height() <= plot.frame.height()
    assert plot.legend._more.isVisible()


def test_a_picture_shows_what_is_scrolled_and_no_buttons(bench, tmp_path):
    plot = bench.plot(GradientFlowPlot)
    bench.begin(tuple(f"dense_{i}.W" for i in range(40)))
    bench.add(steps(1, 20, weights=40, nodes=41))
    before = plot.body.size()
    for path in (tmp_path / "flow.png", tmp_path / "flow.svg"):
        plot.export(path)
        assert plot.body.size() == before and plot.more.isVisible()
    assert QImage(str(tmp_path / "flow.png")).height() > 2 * plot.height() * 1.5
    assert "dense_0" in (tmp_path / "flow.svg").read_text("utf-8")
    assert plot.more.text() not in (tmp_path / "flow.svg").read_text("utf-8")


def action(menu: QMenu, name: str):
    """The entry of a menu, or of a menu in it, with this text."""
    return next(a for part in (menu, *menu.findChildren(QMenu)) for a in part.actions() if a.text() == name)


def test_menu_scale_and_smoothing(bench):
    plot = bench.plot(LossPlot)
    bench.begin()
    bench.add(steps(1, 200))
    menu = plot.make_menu()
    action(menu, "Logarithmic axis").trigger()
    assert not plot.frame.is_log
    assert plot.detail.text() == "train · validation"
    box = next(a for a in menu.actions() if isinstance(a, QWidgetAction)).defaultWidget()
    slider = box.findChild(QSlider)
    assert plot.chosen_window == AUTOMATIC
    slider.setValue(1)
    assert plot.window_steps == 1
    assert len(drawn(curve(plot, "train").mean)[0]) == 0
    slider.setValue(3)
    assert plot.window_steps == 10
    box.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert plot.window_steps == 20
    menu.close()


@pytest.mark.parametrize("kind", RUN_PLOTS)
def test_export(bench, kind, tmp_path):
    plot = bench.plot(kind)
    bench.begin()
    bench.add(evaluated(0, 2.0, 2.5, accuracy=(0.25, 0.5)), steps(1, 50), looked_at(10), looked_at(50),
              evaluated(50, 1.0, 1.5, accuracy=(0.5, 0.5)))  # fmt: skip
    plot.export(tmp_path / "plot.png")
    picture = QImage(str(tmp_path / "plot.png"))
    assert picture.width() == 2 * plot.width() and not picture.isNull()
    plot.export(tmp_path / "plot.svg")
    assert b"<svg" in (tmp_path / "plot.svg").read_bytes()
    plot.export(tmp_path / "plot.csv")
    names, *rows = csv.reader((tmp_path / "plot.csv").read_text("utf-8").splitlines())
    assert len(rows) > 1 and all(len(row) == len(names) for row in rows)
    with pytest.raises(ChainruleError, match="not a format"):
        plot.export(tmp_path / "plot.pdf")


def test_csv_holds_every_step(bench, tmp_path):
    plot = bench.plot(LossPlot)
    bench.begin()
    report = steps(1, 3000)
    bench.add(evaluated(0, 2.0, 2.5), report, evaluated(3000, 1.0, 1.5))
    plot.export(tmp_path / "loss.csv")
    names, *rows = csv.reader((tmp_path / "loss.csv").read_text("utf-8").splitlines())
    assert names == ["step", "train", "validation"]
    assert rows[0] == ["0", "", "2.5"]
    assert [float(row[1]) for row in rows[1:]] == report.loss.tolist()
    assert rows[-1][2] == "1.5"


def test_a_file_where_a_folder_should_be(bench, tmp_path):
    plot = bench.plot(LossPlot)
    bench.begin()
    bench.add(steps(1, 5))
    (tmp_path / "file").touch()
    with pytest.raises(ChainruleError, match="could not be written"):
        plot.export(tmp_path / "file" / "loss.csv")


@pytest.mark.parametrize("kind", RUN_PLOTS)
def test_themes_switch_live(bench, kind, qapp):
    plot = bench.plot(kind)
    bench.begin()
    bench.add(evaluated(0, 1, 1, accuracy=(0.5, 0.5)), steps(1, 50))
    grounds = []
    for mode in ("light", "dark"):
        theme.apply(qapp, mode)
        QApplication.processEvents()
        picture = plot.grab().toImage()
        grounds.append(picture.pixelColor(picture.width() // 2, picture.height() - 3).name())
    assert grounds == [theme.LIGHT.panel, theme.DARK.panel]


def test_a_hidden_plot_draws_when_it_is_shown(bench):
    plot = bench.plot(LossPlot)
    plot.hide()
    bench.begin()
    bench.add(steps(1, 50))
    assert plot.curves == [], "nor is anything made for it"
    plot.show()
    assert len(drawn(curve(plot, "train").raw)[0]) == 50


def test_reset_brings_back_the_promise(bench):
    plot = bench.plot(LossPlot)
    bench.begin()
    bench.add(steps(1, 50))
    assert plot._stack.currentWidget() is plot.body
    bench.session.reset()
    bench.settle()
    assert plot._stack.currentWidget() is plot._empty


def test_real_training_in_every_plot(bench):
    """XOR in the real process, with every plot live."""
    plots = [bench.plot(kind) for kind in RUN_PLOTS]
    bench.document.commit_training({**bench.document.training, "epochs": 400})
    with bench.qtbot.waitSignal(bench.session.state_changed,
                                check_params_cb=lambda s: s == FINISHED):  # fmt: skip
        bench.session.run()
    bench.settle()
    history = bench.session.history
    loss, metrics, norms, flow, ratios, *_ = plots
    assert np.array_equal(drawn(curve(loss, "train").raw)[1], history.loss)
    assert drawn(curve(metrics, "train.accuracy").raw)[1][-1] == history.latest("train.accuracy")
    for plot in (norms, ratios):
        plot.set_smoothing(1)
    column = history.weight_keys.index("output.W")
    assert np.array_equal(drawn(curve(ratios, "output.W").raw)[1], history.updates.column("output.W"))
    assert np.array_equal(drawn(curve(norms, "output.W").raw)[1], history.gradient_norms[:, column])
    assert {node: value for node, _, value in flow.bars.rows}.items() <= history.flow_by_node().items()


def test_dead_and_saturated_units_in_words(bench):
    plot = bench.plot(SilentUnitsPlot)
    bench.begin()
    bench.add(steps(1, 50))
    assert not plot.has_data(), "nobody has looked closely yet"
    bench.add(looked_at(50))
    assert [name for name, _ in plot.bars.rows] == ["activation_2", "activation_1"]
    assert [in_words(seen) for _, seen in plot.bars.rows] == ["all take part", "2 of 8 dead · 12.5\u00a0% saturated"]
    with bench.qtbot.waitSignal(plot.node_clicked) as clicked:
        QTest.mouseClick(plot.bars, Qt.MouseButton.LeftButton, pos=QPoint(20, 6 + 38 + 10))
    assert clicked.args == ["activation_1"]


def test_update_ratios_are_drawn_as_they_were_measured(bench):
    plot = bench.plot(UpdateRatioPlot)
    bench.begin()
    looks = [looked_at(step) for step in (5, 20, 40)]
    bench.add(steps(1, 50), *looks)
    at, values = drawn(curve(plot, "hidden_1.W").raw)
    assert at.tolist() == [5, 20, 40]
    assert values == pytest.approx([look.layers[0].weights[0].update_ratio for look in looks], rel=1e-6)
    assert [c.series.key for c in plot.curves if c.shown] == ["output.W", "hidden_1.W"]


def test_in_a_narrow_plot_the_legend_leaves_its_values_out(bench):
    plot = bench.plot(GradientNormsPlot)
    bench.begin()
    bench.add(steps(1, 50))
    wide = plot.legend.width()
    plot.resize(180, 220)
    bench.settle()
    assert plot.legend.width() < wide
    assert not any(entry.roomy for entry in plot.legend.entries)
    plot.resize(500, 220)
    bench.settle()
    assert plot.legend.width() == wide
