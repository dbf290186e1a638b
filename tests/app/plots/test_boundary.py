"""The decision boundary: the true outputs of the network over the plane, its units, exact values, what it asks."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from app.document import Document
from app.plots.boundary import BoundaryPlot
from app.plots.boundary_words import answer_in_words, boundary_of, grid_size, layers_with_units, usual_layer
from app.plots.samples import dataset_of
from app.training.session import FINISHED, Session
from engine.compute import compile as compile_graph
from engine.graph.report import Report
from engine.look.questions import Grid, Gridded
from tests.app.making import document_of
from tests.app.plots.judging import standing


def answer(plot: BoundaryPlot, outputs: int = 1, node: str = "", size: int = 64) -> Gridded:
    """A made-up field in what is in view: the first input, or the number of the unit times it."""
    (left, low), (right, high) = plot._corners()
    x = np.linspace(left, right, size)
    values = np.stack([np.tile((unit + 1) * x, (size, 1)) for unit in range(outputs)], axis=-1)
    return Gridded(values.astype(np.float32), (left, low), (right, high), node)


@pytest.fixture
def plot(qtbot) -> Iterator[BoundaryPlot]:
    for made in standing(qtbot, BoundaryPlot, document_of("xor"), 480, 340):
        made.points.show_data(dataset_of(made.document))
        made._offer_layers()
        made._answered(answer(made))
        made._take_units(answer(made, 3, made.layer.current, 32))
        made.draw_now()
        made.strip.repaint()
        yield made


def test_points_stand_in_the_units_of_the_data(plot):
    data = dataset_of(plot.document)
    x, y = plot.points.items[0].getData()
    assert np.column_stack([x, y]) == pytest.approx(data.scaler.undo(data.x_train))
    seen = plot.plane.in_view()
    assert seen.left() < x.min() and x.max() < seen.right() and seen.top() < y.min() and y.max() < seen.bottom()


def test_what_is_asked_for_is_what_is_in_view(plot):
    asked = BoundaryPlot.question(plot)
    seen = plot.plane.in_view()
    assert asked == Grid((seen.left(), seen.top()), (seen.right(), seen.bottom()), 64)
    plot.plane.setFocus()
    QTest.keyClick(plot.plane, Qt.Key.Key_Plus)
    closer = BoundaryPlot.question(plot)
    assert closer.low > asked.low and closer.high < asked.high


@pytest.mark.parametrize(("cost", "size"), [(50, 64), (24_000, 64), (30_000, 40), (1_000_000, 24)])
def test_costly_networks_are_asked_for_coarser(cost, size):
    assert grid_size(Report(costs={"dense_1": cost})) == size


def test_the_picture_lies_where_its_numbers_were_computed(plot):
    field, pixels = plot.answer, plot.image.image
    rect = plot.image.mapRectToParent(plot.image.boundingRect())
    half = (field.high[0] - field.low[0]) / (pixels.shape[1] - 1) / 2
    assert rect.left() == pytest.approx(field.low[0] - half) and rect.right() == pytest.approx(field.high[0] + half)
    place = (0.5 - field.low[0]) / (field.high[0] - field.low[0]) * (pixels.shape[1] - 1)
    changes = np.flatnonzero(np.abs(np.diff(pixels[90].astype(int), axis=0)).sum(axis=1) > 60)
    assert abs(changes.mean() - place) < 2, "the boundary lies where the output is ½"


def test_pointing_tells_what_is_drawn_until_the_exact_answer_is_there(plot):
    plot.plane.point_at(QPointF(0.25, 0.5))
    assert plot.detail.text() == "→ ≈ 0, 75.0\u00a0%"
    plot._take_probe(Gridded(np.array([[[0.875]]], np.float32), (0.25, 0.5), (0.25, 0.5)))
    assert plot.detail.text() == "→ 1, 87.5\u00a0%"


def test_pointing_at_a_unit_shows_it_large_and_leaving_brings_the_answer_back(plot):
    before = plot.image.image.copy()
    assert plot.strip.isVisible() and plot.strip.count == 3
    QTest.mouseMove(plot.strip, plot.strip._rect(1).center())
    assert plot.strip.unit == 1 and plot.detail.text() == "now · unit 2"
    assert (plot.image.image != before).any()
    QTest.mouseMove(plot.strip, plot.strip._rect(2).center())
    plot.strip.let_go()
    assert (plot.image.image == before).all() and plot.detail.text() == "now"


def test_looking_back_is_said_also_in_a_narrow_plot(plot):
    plot.session.look_at(3)
    plot.draw_now()
    assert plot.detail.text() == "step 3" and plot.plane.key.text().startswith("step 3")


def test_the_keys_walk_the_units_and_a_click_keeps_one(plot):
    plot.strip.setFocus()
    QTest.keyClick(plot.strip, Qt.Key.Key_Right)
    QTest.keyClick(plot.strip, Qt.Key.Key_Right)
    assert plot.strip.unit == 1
    QTest.keyClick(plot.strip, Qt.Key.Key_Escape)
    assert plot.strip.unit == -1
    QTest.mouseClick(plot.strip, Qt.MouseButton.LeftButton, pos=plot.strip._rect(2).center())
    QTest.mouseMove(plot.strip, plot.strip._rect(0).center())
    assert plot.strip.unit == 2


def test_selecting_a_layer_shows_its_units(plot):
    assert plot.layer.current == "tanh_1"
    plot.document.select(["hidden_1"])
    assert plot.layer.current == "hidden_1"
    plot.document.select(["input"])
    assert plot.layer.current == "hidden_1"


def test_numbers_for_other_programs(plot, tmp_path):
    for suffix in (".png", ".svg"):
        plot.export(tmp_path / f"plane{suffix}")
        assert (tmp_path / f"plane{suffix}").stat().st_size > 10_000
    plot.export(tmp_path / "plane.csv")
    names, *rows = csv.reader((tmp_path / "plane.csv").read_text("utf-8").splitlines())
    assert names == [*plot.points.names(), "output 1"] and len(rows) == 64 * 64
    x, y, value = map(float, rows[130])
    assert value == pytest.approx(x, abs=1e-6)
    assert (x, y) == pytest.approx((plot.answer.low[0] + 2 / 63 * (plot.answer.high[0] - plot.answer.low[0]),
                                    plot.answer.low[1] + 2 / 63 * (plot.answer.high[1] - plot.answer.low[1])))


@pytest.mark.parametrize(("template", "words"), [("mnist", "784 numbers"), ("curve", "is one number")])
def test_other_data_are_told_why_not(qtbot, template, words):
    for plot in standing(qtbot, BoundaryPlot, document_of(template), 400, 300):
        assert words in plot._stack.currentWidget().text()


def test_answers_in_words():
    assert answer_in_words(np.array([0.25]), ("no", "yes"), 0.5) == "no, 75.0\u00a0%"
    assert answer_in_words(np.array([0.75]), ("no", "yes"), 0.5) == "yes, 75.0\u00a0%"
    assert answer_in_words(np.array([-1.5]), ("no", "yes"), 0.0) == "no, −1.5"
    assert answer_in_words(np.array([0.2, 0.7, 0.1]), ("a", "b", "c"), 0.5) == "b, 70.0\u00a0%"
    assert answer_in_words(np.array([1.25, -3.0]), (), 0.5) == "1.25, −3"


def test_layers_that_have_units():
    report = document_of("spirals").report
    assert layers_with_units(report)[:2] == ("hidden_1", "tanh_1") and usual_layer(report) == "tanh_2"
    assert boundary_of(report) == 0.5
    assert usual_layer(document_of("perceptron").report) in layers_with_units(document_of("perceptron").report)
    assert layers_with_units(Document().report) == () and usual_layer(Document().report) == ""


def test_while_training_the_real_outputs_are_drawn(qtbot):
    """Spirals in the real processes: the last picture holds the network's own outputs, and so does the probe."""
    document = document_of("spirals", epochs=40)
    session = Session(document)
    plot = BoundaryPlot(session, document)
    qtbot.addWidget(plot)
    plot.resize(480, 340)
    plot.show()
    pictures: list[Gridded] = []
    taken, plot.take = plot.take, lambda found: (pictures.append(found), taken(found))
    with qtbot.waitSignal(session.state_changed, check_params_cb=lambda s: s == FINISHED):
        session.run()
    model = compile_graph(document.graph, batch_size=4, seed=1, report=document.report)
    qtbot.waitUntil(lambda: len(pictures) >= 2 and same_as(model, document, pictures[-1]))
    qtbot.waitUntil(lambda: plot.units is not None and plot.strip.isVisible())
    assert plot.units.values.shape[-1] == document.report.shapes[plot.layer.current][0]
    point = QPointF(*plot.plane.in_view().center().toTuple())
    plot.plane.point_at(point)
    qtbot.waitUntil(lambda: "→" in plot.detail.text() and "≈" not in plot.detail.text())
    session.shutdown()


def same_as(model, document: Document, field: Gridded) -> bool:
    """Are these the outputs of the trained network at the crossings?"""
    model.weights.copy_fitting(document.weights)
    size = field.values.shape[0]
    x, y = np.meshgrid(np.linspace(field.low[0], field.high[0], size), np.linspace(field.low[1], field.high[1], size))
    points = dataset_of(document).scaler.apply(np.column_stack([x.reshape(-1), y.reshape(-1)]))
    return np.allclose(model.predict(points).reshape(field.values.shape), field.values, atol=1e-5)
