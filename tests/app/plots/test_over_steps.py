"""What all plots over steps share: one crosshair, the step looked at, zoom and back, holding, soloing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.plots.activations import ActivationsPlot
from app.plots.extent import Reach, round_ends
from app.plots.gradient_map import GradientMapPlot
from app.plots.gradient_norms import GradientNormsPlot
from app.plots.header import Title
from app.plots.loss import LossPlot
from tests.app.making import looked_at, steps
from tests.app.plots.bench import Bench, curve, drag, drawn, hover, place, wheel

LEFT, NONE, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def bench(qtbot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    made.session.shutdown()


def test_the_crosshair_is_at_the_same_step_in_every_plot(bench):
    kinds = (LossPlot, GradientNormsPlot, GradientMapPlot, ActivationsPlot)
    loss, norms, heat, outputs = (bench.plot(kind) for kind in kinds)
    bench.begin()
    report = steps(1, 100)
    bench.add(report, looked_at(40), looked_at(90))
    hover(loss, 42)
    bench.qtbot.waitUntil(lambda: "step" in loss.detail.text())
    row = int(loss.detail.text().rpartition(" ")[2]) - 1
    bench.settle()
    assert all(plot.frame.is_pointed for plot in (norms, heat, outputs))
    assert norms.frame.crosshair[0].value() == loss.frame.crosshair[0].value()
    assert norms.detail.text() == heat.detail.text() == f"step {row + 1}"
    assert outputs.detail.text() == "step 40", "it was looked at no nearer"
    assert norms.legend.entries[0].value() == norms.format(float(report.gradient_norms[row, 2]))
    QTest.mouseMove(loss.frame, QPoint(2, 2))
    QApplication.sendEvent(loss.frame, QEvent(QEvent.Type.Leave))
    bench.settle()
    assert not norms.frame.is_pointed and "step" not in norms.detail.text()
    assert norms.legend.entries[0].value() == norms.format(float(report.gradient_norms[-1, 2]))


def test_the_keys_move_the_crosshair_from_step_to_step_and_from_curve_to_curve(bench):
    plot = bench.plot(GradientNormsPlot)
    bench.begin()
    report = steps(1, 400)
    report.gradient_norms[:] = [1.0, 5.0, 100.0, 5.0]
    bench.add(report)
    frame, first = plot.frame, plot.legend.entries[0]
    frame.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(frame, Qt.Key.Key_Right)
    begun = round(plot.hovered)
    QTest.keyClick(frame, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert plot.hovered == begun - 1 and plot.detail.text().endswith(f"step {begun - 1}")
    assert first.value() == plot.format(float(report.gradient_norms[begun - 2, 2]))
    QTest.keyClick(frame, Qt.Key.Key_Up)
    assert plot.detail.text().startswith("output · W · step")
    QTest.keyClick(frame, Qt.Key.Key_Down)
    assert plot.detail.text() == f"hidden_1 · W · step {begun - 1}"
    assert frame.accessibleDescription() == f"{plot.detail.text()}: output · W 100, hidden_1 · W 1"
    with bench.qtbot.waitSignal(plot.node_clicked) as clicked:
        QTest.keyClick(frame, Qt.Key.Key_Return)
    assert clicked.args == ["hidden_1"]
    QTest.keyClick(frame, Qt.Key.Key_Return, SHIFT)
    assert bench.session.cursor == begun - 1
    QTest.keyClick(frame, Qt.Key.Key_Plus)
    assert frame.steps[0] > 1 and not frame.following
    QTest.keyClick(frame, Qt.Key.Key_Escape)
    assert frame.following and frame.is_pointed
    plot.more.setFocus()
    assert not frame.is_pointed and "step" not in plot.detail.text()


def test_the_step_looked_at_is_marked_and_told(bench):
    plot = bench.plot(LossPlot)
    bench.begin()
    report = steps(1, 100)
    bench.add(report)
    assert not plot.frame.marker.line.isVisible()
    bench.session.look_at(30)
    assert plot.frame.marker.line.isVisible() and plot.frame.marker.line.value() == 30
    assert plot.legend.entries[0].value() == plot.format(float(report.loss[29]))
    bench.session.look_at(None)
    assert not plot.frame.marker.line.isVisible()
    assert plot.legend.entries[0].value() == plot.format(float(report.loss[-1]))


def test_a_shift_click_looks_back_and_the_marker_is_dragged(bench):
    plot = bench.plot(LossPlot)
    bench.begin()
    bench.add(steps(1, 200))
    QTest.mouseClick(plot.frame.viewport(), LEFT, SHIFT, place(plot, 60))
    bench.qtbot.waitUntil(lambda: bench.session.cursor is not None)
    assert abs(bench.session.cursor - 60) <= 1
    drag(plot.frame, place(plot, bench.session.cursor), place(plot, 120))
    assert abs(bench.session.cursor - 120) <= 2
    drag(plot.frame, place(plot, 20), place(plot, 90), SHIFT)
    assert abs(bench.session.cursor - 90) <= 2
    assert plot.frame.following, "nothing was zoomed"
    plot._look_at(500)
    assert bench.session.cursor is None, "beyond the newest step is now"
    plot._look_at(-5)
    assert bench.session.cursor == 0


def test_a_frame_that_is_dragged_is_zoomed_into_and_there_is_a_way_back(bench):
    plot = bench.plot(LossPlot)
    bench.begin()
    bench.add(steps(1, 500))
    frame = plot.frame
    whole = frame.view.viewRange()
    left, right = place(plot, 100), place(plot, 300)
    drag(frame, QPoint(left.x(), 80), QPoint(right.x(), 84))
    first = frame.view.viewRange()
    assert first[0] == pytest.approx([100, 300], abs=5) and first[1] == whole[1], "a flat frame leaves the height alone"
    assert frame.back.isVisible() and not frame.previous.isVisible()
    drag(frame, QPoint(place(plot, 150).x(), 60), QPoint(place(plot, 200).x(), 160))
    second = frame.view.viewRange()
    assert second[0] == pytest.approx([150, 200], abs=3) and second[1][1] - second[1][0] < whole[1][1] - whole[1][0]
    QTest.mouseClick(frame.previous, LEFT)
    assert frame.view.viewRange() == first and not frame.previous.isVisible()
    wheel(frame, 1)
    wheel(frame, 1)
    assert frame.steps != tuple(first[0])
    frame.go_back()
    assert frame.view.viewRange() == first, "one turn of the wheel is one change"
    QTest.mouseClick(frame.viewport(), LEFT, NONE, place(plot, 200))
    QTest.mouseDClick(frame.viewport(), LEFT, NONE, place(plot, 200))
    QTest.mouseRelease(frame.viewport(), LEFT, NONE, place(plot, 200))
    bench.qtbot.waitUntil(lambda: frame.following)
    assert not frame.back.isVisible() and frame.view.viewRange() == whole


def test_a_slip_of_the_hand_is_no_zoom(bench):
    plot = bench.plot(LossPlot)
    bench.begin()
    bench.add(steps(1, 500))
    drag(plot.frame, QPoint(200, 100), QPoint(206, 105))
    assert plot.frame.following


def test_the_view_is_held_while_the_run_goes_on(bench):
    plot = bench.plot(LossPlot)
    bench.begin(total_steps=5000)
    bench.add(steps(1, 100))
    held = plot.frame.steps
    QTest.mouseClick(plot.holder, LEFT)
    assert plot.holder.isChecked() and plot.holder.toolTip().startswith("Held")
    bench.add(steps(101, 2000))
    assert plot.frame.steps == held
    QTest.mouseClick(plot.holder, LEFT)
    assert plot.frame.steps[1] >= 2100 and not plot.holder.isChecked()
    wheel(plot.frame, 3)
    assert plot.holder.isChecked(), "to zoom is to hold"


def test_a_double_click_in_the_legend_shows_one_curve_alone(bench):
    plot = bench.plot(GradientNormsPlot)
    bench.begin()
    bench.add(steps(1, 60))
    entry = plot.legend.entries[1]
    for expected in (["hidden_1.W"], ["output.W", "hidden_1.W"]):
        QTest.mouseClick(entry, LEFT)
        QTest.mouseDClick(entry, LEFT)
        assert [c.series.key for c in plot.curves if c.shown] == expected
        assert (len(drawn(curve(plot, "output.W").raw)[0]) > 0) == (len(expected) == 2)


def test_clicks_on_a_copy_of_a_repeated_layer_lead_to_the_one_that_is_drawn(bench, monkeypatch):
    plot = bench.plot(GradientMapPlot)
    bench.begin(("hidden_1.W", "hidden_1·2.W"))
    bench.add(steps(1, 60, weights=2))
    report = bench.document.report
    monkeypatch.setattr(type(bench.document), "report", property(lambda _: with_origin(report)))
    plot.draw_now()
    assert plot.axis.names == ["hidden_1 · W", "hidden_1·2 · W"]
    with bench.qtbot.waitSignal(plot.node_clicked) as clicked:
        QTest.mouseClick(plot.frame.viewport(), LEFT, NONE, place(plot, 30, 1.5))
    assert clicked.args == ["hidden_1"]
    bench.document.select(["hidden_1"])
    assert plot.axis.chosen == {0, 1}


def with_origin(report):
    """The same report, with a copy of the hidden layer."""
    return replace(report, origin={"hidden_1·2": "hidden_1"})


def test_a_history_that_changes_while_a_plot_draws_ends_that_drawing(bench):
    plot = bench.plot(GradientNormsPlot)
    bench.begin()
    bench.add(steps(1, 100))
    plot._stale = True
    parts = plot._draw_parts()
    next(parts)
    bench.session.history.clear()
    assert list(parts) == [] and plot._stale, "it will draw what is there then"
    bench.session.updated.emit()
    bench.settle()
    assert not plot.has_data()


def test_a_narrow_header_says_the_short_title_and_the_remark_whole(bench):
    plot = bench.plot(GradientNormsPlot)
    title, remark = plot.header.findChild(Title), plot.detail
    full, needed = (label.fontMetrics().horizontalAdvance(label.text()) for label in (title, remark))
    aside = plot.header.width() - title.width()
    for room, shown in ((full + needed + 20, plot.title), (full + needed - 20, plot.short)):
        plot.resize(room + aside, plot.height())
        QApplication.processEvents()
        assert title.seen() == shown and remark.seen() == remark.text()
    plot.resize(full + needed + 20 + aside, plot.height())
    QApplication.processEvents()
    remark.say(f"hidden_1 · W · {remark.text()}")
    assert title.seen() == plot.short and remark.seen() == remark.text()
    remark.say("")
    assert title.seen() == plot.short, "it does not jump to and fro"


def test_a_run_that_blows_up_is_seen_beside_what_it_was_before():
    """Below 1 it is another matter: a loss of 1e-30 is nothing, and would press the rest together."""
    for (low, high), (bottom, top) in {(0.3, 1e37): (-0.75, 37.25), (1e-30, 1.0): (-12.0, 0.25),
                                       (1e-30, 1e-9): (-20.75, -8.75)}.items():
        assert round_ends(Reach(low, high), log=True) == (bottom, top)
