"""Predicted against true: points, scores, residuals, outputs, exact values."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from app.plots.predictions import PredictionsPlot
from app.training.session import Session
from tests.app.making import document_of
from tests.app.plots.judging import judged_numbers, standing

TRUE = np.random.default_rng(0).normal(3, 2, (80, 2))
PREDICTED = (TRUE + np.random.default_rng(1).normal(0, 0.5, (80, 2))).astype(np.float32)


@pytest.fixture
def plot(qtbot) -> Iterator[PredictionsPlot]:
    for made in standing(qtbot, PredictionsPlot, document_of("curve"), 460, 320):
        show(made, TRUE, PREDICTED, target_names=("height", "weight"))
        yield made


def show(plot: PredictionsPlot, true: np.ndarray, predicted: np.ndarray, **more: object) -> None:
    plot._answered(judged_numbers(true, predicted, **more))
    plot.draw_now()


def hover(plane, x: float, y: float) -> None:
    QTest.mouseMove(plane.viewport(), plane.mapFromScene(plane.view.mapViewToScene(QPointF(x, y))))


def test_each_example_is_a_point(plot):
    x, y = plot.scatter.getData()
    assert np.array_equal(x, TRUE[:, 0]) and np.array_equal(y, PREDICTED[:, 0].astype(float))
    seen = plot.points.in_view()
    assert seen.width() == pytest.approx(seen.height()) and seen.left() == pytest.approx(seen.top())
    x, y = plot.identity.getData()
    assert np.array_equal(x, y) and x[0] < seen.left() and x[-1] > seen.right()


def test_scores_are_those_of_the_output_chosen(plot):
    error = PREDICTED[:, 0].astype(float) - TRUE[:, 0]
    r2 = 1 - np.sum(error**2) / np.sum((TRUE[:, 0] - TRUE[:, 0].mean()) ** 2)
    assert plot.caption.text() == (f"R² {r2:.4f} · RMSE {np.sqrt(np.mean(error**2)):.4f} · "
                                   f"MAE {np.mean(np.abs(error)):.4f} · 80 examples")
    before = plot.caption.text()
    QTest.keyClick(plot.output, Qt.Key.Key_Down)
    assert plot.output.currentText() == "weight"
    assert plot.caption.text() != before
    assert np.array_equal(plot.scatter.getData()[0], TRUE[:, 1])
    QTest.keyClick(plot.output, Qt.Key.Key_Down)
    assert plot.output.currentText() == "all 2 outputs" and len(plot.scatter.getData()[0]) == 160


def test_one_output_needs_no_choice(plot):
    show(plot, TRUE[:, :1], PREDICTED[:, :1])
    assert not plot.output.isVisible() and len(plot.scatter.getData()[0]) == 80


def test_pointing_at_a_point_tells_it_exactly(plot):
    hover(plot.points, TRUE[7, 0], float(PREDICTED[7, 0]))
    place = plot.nearest(QPointF(TRUE[7, 0], float(PREDICTED[7, 0])))
    assert place == 7
    assert plot.detail.text().startswith("row 7: true ")
    x, y = plot.meant.getData()
    assert (x[0], y[0]) == (TRUE[7, 0], float(PREDICTED[7, 0]))


def test_the_keys_move_the_crosshair(plot):
    plot.points.setFocus()
    QTest.keyClick(plot.points, Qt.Key.Key_Right)
    assert all(line.isVisible() for line in plot.points.crosshair)
    assert "true" in plot.detail.text()
    QTest.keyClick(plot.points, Qt.Key.Key_Plus)
    assert not plot.points.following and plot.points.back.isVisible()
    QTest.keyClick(plot.points, Qt.Key.Key_Escape)
    assert plot.points.following


def test_residuals_are_a_switch(plot):
    QTest.mouseClick(plot.switch, Qt.MouseButton.LeftButton)
    assert plot.planes.currentWidget() is plot.bars
    residuals = PREDICTED[:, 0].astype(float) - TRUE[:, 0]
    assert np.array_equal(plot.counts, np.histogram(residuals, plot.edges)[0])
    place = int(plot.counts.argmax())
    middle = (plot.edges[place] + plot.edges[place + 1]) / 2
    hover(plot.bars, middle, 1)
    assert plot.detail.text().endswith(f": {plot.counts[place]} examples")


def test_predictions_that_are_not_finite_are_counted_apart(plot):
    bad = PREDICTED.copy()
    bad[:3, 0] = [np.nan, np.inf, -np.inf]
    show(plot, TRUE, bad)
    assert plot.caption.text().endswith("80 examples · 3 without a finite prediction")
    assert len(plot.scatter.getData()[0]) == 77
    hover(plot.points, TRUE[7, 0], float(PREDICTED[7, 0]))
    assert plot.detail.text().startswith("row 7: ")


def test_numbers_for_other_programs(plot, tmp_path):
    plot.export(tmp_path / "predictions.csv")
    names, *rows = csv.reader((tmp_path / "predictions.csv").read_text("utf-8").splitlines())
    assert names == ["row", "true", "predicted", "predicted − true"] and len(rows) == 80
    assert [float(v) for v in rows[5]][1:] == pytest.approx(
        [TRUE[5, 0], PREDICTED[5, 0], PREDICTED[5, 0] - TRUE[5, 0]], abs=1e-6)


def test_classes_are_told_apart_elsewhere(qtbot):
    document = document_of("xor")
    session = Session(document)
    plot = PredictionsPlot(session, document)
    qtbot.addWidget(plot)
    plot.show()
    assert "confusion matrix" in plot._stack.currentWidget().text()
    session.shutdown()
