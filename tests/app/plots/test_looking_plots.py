"""Weights as pictures, feature maps and the drawing pad show what the network itself computes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app import numbers
from app.plots.drawing import Drawing
from app.plots.drawing_pad import DrawingPadPlot
from app.plots.feature_maps import FeatureMapsPlot
from app.plots.filter_arrays import as_tiles, filter_keys
from app.plots.filters import FiltersPlot
from app.plots.layer_strips import moved_only
from app.plots.looking import WeightsPlot
from app.plots.samples import Samples
from app.plots.signed_map import round_end, signed_pixels
from app.plots.strip import Block, Strip
from app.style import theme
from app.training.session import Session
from engine.compute import compile as compile_graph
from engine.data import Mnist, load
from tests.app.making import document_of


class Bench:
    """A document with weights from nowhere, and plots over it."""

    def __init__(self, qtbot, template: str) -> None:
        theme.apply(QApplication.instance(), "dark")
        self.qtbot = qtbot
        self.document = document_of(template)
        self.session = Session(self.document)
        self.model = compile_graph(self.document.graph, batch_size=8, seed=5)
        self.document.weights = self.model.weights.copies()

    def plot(self, kind: type[WeightsPlot], width: int = 900, height: int = 320) -> WeightsPlot:
        plot = kind(self.session, self.document)
        self.qtbot.addWidget(plot)
        plot.resize(width, height)
        with self.qtbot.waitExposed(plot):
            plot.show()
        return plot

    def answered(self, plot) -> None:
        self.qtbot.waitUntil(lambda: plot.answer is not None and not plot._stale)


@pytest.fixture
def lay(qtbot) -> Iterator:
    made: list[Bench] = []

    def begin(template: str) -> Bench:
        made.append(Bench(qtbot, template))
        return made[-1]

    yield begin
    for bench in made:
        bench.session.shutdown()


def move(widget: QWidget, point: QPointF, button: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    """The pointer moves here."""
    event = QMouseEvent(QEvent.Type.MouseMove, point, QPointF(widget.mapToGlobal(point.toPoint())), button, button,
                        Qt.KeyboardModifier.NoModifier)  # fmt: skip
    QApplication.sendEvent(widget, event)


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# -- weights as pictures -------------------------------------------------------------------------------------


def test_units_of_a_dense_layer_on_flat_pictures_are_pictures(lay):
    bench = lay("mnist")
    plot = bench.plot(FiltersPlot)
    weights = bench.document.weights["hidden_1.W"]
    assert plot.key == "hidden_1.W"
    assert np.array_equal(plot.mosaic.tiles, weights.reshape(-1, 1, 28, 28))
    assert "128 units, each 28 × 28" in plot.detail.text()


def test_kernels_of_a_convolution_stand_by_unit_and_channel(lay):
    bench = lay("lenet")
    plot = bench.plot(FiltersPlot)
    assert [key for key, _ in plot.layer.options] == filter_keys(bench.document.report)
    plot.layer.choose("conv_2.K")
    plot.draw_now()
    weights = bench.document.weights["conv_2.K"]
    assert np.array_equal(plot.mosaic.tiles, weights) and plot.mosaic.tiles.shape == (16, 6, 5, 5)
    dense = next(key for key in bench.document.weights if key.endswith(".W") and "conv" not in key)
    tiles = as_tiles(dense, bench.document.weights[dense], bench.document.graph, bench.document.report)
    assert tiles.shape == (120, 16, 5, 5)
    # Flatten lays height, then width, then channels.
    assert tiles[3, 2, 4, 1] == bench.document.weights[dense][3].reshape(5, 5, 16)[4, 1, 2]


def test_a_matrix_that_reads_no_picture_is_one_picture(lay):
    bench = lay("xor")
    plot = bench.plot(FiltersPlot)
    assert np.array_equal(plot.mosaic.tiles[0, 0], bench.document.weights["hidden_1.W"])
    assert "one matrix, 3 × 2" in plot.detail.text()


def test_the_weight_under_the_pointer_is_told_exactly(lay):
    bench = lay("mnist")
    plot = bench.plot(FiltersPlot)
    mosaic = plot.mosaic
    rect = mosaic.rect_of(7, 0)
    point = QPointF(rect.left() + mosaic._scale * 5 + 0.5, rect.top() + mosaic._scale * 9 + 0.5)
    assert mosaic.place_at(point) == (7, 0, 9, 5)
    move(mosaic, point)
    unit = bench.document.weights["hidden_1.W"][7].reshape(28, 28)
    said = plot.detail.text()
    assert said.startswith(f"unit 8, row 10, column 6: {numbers.number(float(unit[9, 5]), 4)}")
    assert f"‖W‖₂ {numbers.number(float(np.linalg.norm(unit)))}" in said
    with bench.qtbot.waitSignal(plot.node_clicked) as clicked:
        QTest.mouseClick(mosaic, Qt.MouseButton.LeftButton, pos=point.toPoint())
    assert clicked.args == ["hidden_1"]
    QApplication.sendEvent(mosaic, QEvent(QEvent.Type.Leave))
    assert "128 units" in plot.detail.text()


def test_keys_walk_the_units(lay):
    plot = lay("mnist").plot(FiltersPlot)
    for key, unit in ((Qt.Key.Key_Right, 0), (Qt.Key.Key_Right, 1), (Qt.Key.Key_Down, 1 + plot.mosaic._groups)):
        QTest.keyClick(plot.mosaic, key)
        assert plot.mosaic.place[0] == unit


def test_pictures_have_the_colours_of_their_weights(lay):
    bench = lay("mnist")
    plot = bench.plot(FiltersPlot)
    mosaic, end = plot.mosaic, plot.scale.end
    tile = bench.document.weights["hidden_1.W"][11].reshape(28, 28)
    image = mosaic.grab().toImage()
    rect = mosaic.rect_of(11, 0)
    for row, column in ((0, 0), (14, 3), (27, 27)):
        seen = image.pixelColor(rect.left() + column * mosaic._scale, rect.top() + row * mosaic._scale)
        assert seen.getRgb()[:3] == tuple(signed_pixels(tile[row, column], end).tolist())


def test_new_weights_are_seen_and_other_sizes_laid_out(lay):
    bench = lay("mnist")
    plot = bench.plot(FiltersPlot, 500, 200)
    small = plot.mosaic._scale
    bench.document.weights = {key: -value for key, value in bench.document.weights.items()}
    bench.session.weights_changed.emit()
    bench.qtbot.waitUntil(lambda: not plot._stale)
    assert np.array_equal(plot.mosaic.tiles[0, 0], bench.document.weights["hidden_1.W"][0].reshape(28, 28))
    plot.resize(1600, 900)
    bench.qtbot.waitUntil(lambda: plot.mosaic._scale > small)


def test_weights_are_exported_in_full(lay, tmp_path):
    bench = lay("xor")
    plot = bench.plot(FiltersPlot)
    plot.export(tmp_path / "w.csv")
    rows = read(tmp_path / "w.csv")
    weights = bench.document.weights["hidden_1.W"]
    assert [float(row["weight"]) for row in rows] == [float(w) for w in weights.reshape(-1)]
    assert (rows[3]["row"], rows[3]["column"]) == ("2", "2")
    for suffix in (".png", ".svg"):
        plot.export(tmp_path / f"w{suffix}")
        assert (tmp_path / f"w{suffix}").stat().st_size > 500


def test_a_scale_ends_at_a_round_number_and_few_large_ones_do_not_decide():
    assert round_end(np.array([0.11, -0.36])) == pytest.approx(0.4)
    assert round_end(np.zeros(3)) == 1.0
    many = np.full(10_000, 0.1)
    many[0] = 50.0
    assert round_end(many) == pytest.approx(0.1)


def test_both_themes_give_zero_their_ground(qapp):
    for name in ("dark", "light"):
        theme.apply(qapp, name)
        ground = theme.current().field
        pixel = signed_pixels(np.array([0.0, np.nan]), 1.0)
        assert [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in pixel.tolist()] == [ground, ground]


# -- feature maps --------------------------------------------------------------------------------------------


def test_feature_maps_are_what_the_layers_put_out(lay):
    bench = lay("lenet")
    plot = bench.plot(FeatureMapsPlot)
    bench.answered(plot)
    plot.chooser.row.setValue(12)
    bench.qtbot.waitUntil(lambda: plot.looked.row == 12 and not plot._stale)
    data = load(Mnist())
    bench.model.forward(data.x_val[12:13])
    titles = [strip.node for strip in plot.strips.strips]
    assert "flatten_1" not in titles and titles[0] == "input"
    for strip in plot.strips.strips[1:-1]:
        expected = bench.model.output(strip.node)[0]
        maps = np.moveaxis(expected, 2, 0) if expected.ndim == 3 else expected[:, None, None]
        assert strip.maps == pytest.approx(maps, abs=1e-5), strip.node
    answer = plot.strips.strips[-1]
    assert answer.names == tuple("0123456789") and answer.maps.sum() == pytest.approx(1.0, abs=1e-5)
    assert f"true {data.y_val[12]}" in plot.detail.text()
    plot.show_every_layer(True)
    assert len(plot.strips.strips) == len(bench.document.graph.nodes)


def test_the_number_under_the_pointer_is_told_and_a_click_selects_the_layer(lay):
    bench = lay("lenet")
    plot = bench.plot(FeatureMapsPlot)
    bench.answered(plot)
    strips = plot.strips
    block, left = strips._blocks[1], strips._lefts[1]
    rect = block.rect(4).translated(left, 34)
    strips.point(strips.place_at(QPointF(rect.center())))
    node, channel, row, column = strips.place
    assert (node, channel) == ("conv_1", 4)
    value = plot.looked.outputs["conv_1"][row, column, 4]
    assert f"channel 5, row {row + 1}, column {column + 1}: " in plot.detail.text()
    assert plot.detail.text().endswith(numbers.number(float(value), 4))
    with bench.qtbot.waitSignal(plot.node_clicked) as clicked:
        QTest.mouseClick(strips, Qt.MouseButton.LeftButton, pos=QPoint(left + 5, 8))
    assert clicked.args == ["conv_1"]


def test_the_next_wrong_example_is_found(lay):
    bench = lay("mnist")
    plot = bench.plot(FeatureMapsPlot)
    bench.answered(plot)
    data = load(Mnist(flat=True))
    wrong = np.flatnonzero(bench.model.predict(data.x_val).argmax(axis=1) != data.y_val).tolist()
    for expected in [row for row in wrong if row > 0][:2]:
        QTest.mouseClick(plot.chooser.wrong, Qt.MouseButton.LeftButton)
        bench.qtbot.waitUntil(lambda expected=expected: plot.looked.row == expected)
        assert plot.looked.told != plot.looked.label


def test_an_example_asked_for_elsewhere_is_shown(lay):
    bench = lay("mnist")
    plot = bench.plot(FeatureMapsPlot)
    bench.answered(plot)
    Samples.of(bench.session).sample_asked.emit("training", 3999)
    bench.qtbot.waitUntil(lambda: plot.looked.row == 3999 and plot.looked.part == "training")
    assert plot.chooser.part.current == "training" and plot.chooser.row.value() == 3999


def test_the_drawing_goes_through_the_layers_too(lay):
    bench = lay("mnist")
    plot = bench.plot(FeatureMapsPlot)
    bench.answered(plot)
    ink = np.zeros((280, 280), np.float32)
    ink[40:200, 120:150] = 1.0
    plot.chooser.drawing.setChecked(True)
    Drawing.of(bench.session).show(ink)
    bench.qtbot.waitUntil(lambda: plot.looked.row == -1 and plot.looked.input.any() and not plot._stale)
    assert plot.detail.text().startswith("my drawing")
    assert plot.strips.strips[0].maps.shape == (1, 28, 28)


def test_before_any_run_the_first_weights_are_seen(lay):
    bench = lay("xor")
    bench.document.weights = None
    plot = bench.plot(FeatureMapsPlot)
    bench.answered(plot)
    bench.qtbot.waitUntil(lambda: "first weights" in plot.detail.text())
    assert plot.chooser.drawing.isHidden()
    assert plot.strips.strips[-1].names == ("0", "1")


def test_bars_for_few_numbers_cells_for_many():
    few = Strip.of("a", "a", "5", np.array([1.0, -2.0, 0.0, 0.5, np.nan]))
    many = Strip.of("b", "b", "100", np.linspace(-1, 1, 100))
    sequence = Strip.of("c", "c", "7 × 3", np.zeros((7, 3)))
    assert few.is_bars and few.end == 2.0 and not many.is_bars
    assert sequence.maps.shape == (1, 3, 7)
    block = Block(many, 120)
    assert block.place_at(QPointF(block.rect(57).center())) == (57, 0, 0)
    assert block.place_at(QPointF(1e4, 5)) is None


def test_a_layer_that_only_reshapes_is_known():
    x = np.arange(12.0).reshape(2, 3, 2)
    assert moved_only(x, x.reshape(-1)) and not moved_only(x, x.reshape(-1) + 1) and not moved_only(x, x[0])


# -- the drawing pad -----------------------------------------------------------------------------------------


def draw(pad, *points: tuple[float, float], button=Qt.MouseButton.LeftButton) -> None:
    """A stroke through points given as shares of the pad."""
    frame = pad.frame()
    places = [QPoint(round(frame.left() + x * frame.width()), round(frame.top() + y * frame.height()))
              for x, y in points]  # fmt: skip
    QTest.mousePress(pad, button, pos=places[0])
    for place in places[1:]:
        move(pad, QPointF(place), button)
    QTest.mouseRelease(pad, button, pos=places[-1])


def test_a_stroke_is_answered_by_the_network(lay):
    bench = lay("lenet")
    plot = bench.plot(DrawingPadPlot)
    assert plot.verdict.looked is None
    draw(plot.pad, (0.5, 0.15), (0.5, 0.85))
    bench.qtbot.waitUntil(lambda: plot.verdict.looked is not None)
    bench.qtbot.waitUntil(lambda: not bench.session.findChild(type(plot._looker))._waiting
                          and plot._looker._asked is None)  # fmt: skip
    bench.qtbot.waitUntil(lambda: not plot._stale)
    looked = plot.verdict.looked
    picture = looked.input[..., 0]
    assert picture.shape == (28, 28) and picture.max() > 250
    assert bench.model.predict(picture[None, ..., None] / 255)[0] == pytest.approx(looked.answer, abs=1e-4)
    assert plot.verdict.shares.sum() == pytest.approx(1.0, abs=1e-5)
    assert plot.detail.text().startswith(f"a {looked.told}")


def test_pen_eraser_undo_and_clear(lay):
    bench = lay("mnist")
    plot = bench.plot(DrawingPadPlot)
    pad = plot.pad
    assert not plot.back.isEnabled() and not plot.fresh.isEnabled()
    draw(pad, (0.2, 0.5), (0.8, 0.5))
    full = pad.ink
    assert full[140, 140] == 1.0 and full[20, 20] == 0.0
    ramp = full[118:141, 140]
    assert (np.diff(ramp) >= 0).all() and len(np.unique(ramp)) > 4  # a soft rim
    draw(pad, (0.5, 0.5), (0.5, 0.52), button=Qt.MouseButton.RightButton)
    assert pad.ink[140, 140] == 0.0 and pad.ink[140, 80] == 1.0
    plot.eraser.click()
    draw(pad, (0.25, 0.5), (0.3, 0.5))
    assert pad.ink[140, 80] == 0.0
    plot.back.click()
    plot.back.click()
    assert np.array_equal(pad.ink, full)
    draw(pad, (0.1, 0.1), (0.2, 0.1))
    QTest.keyClick(pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert np.array_equal(pad.ink, full)
    QTest.keyClick(pad, Qt.Key.Key_Delete)
    assert not pad.ink.any() and Drawing.of(bench.session).is_blank
    assert plot.back.isEnabled() and not plot.fresh.isEnabled()
    plot.back.click()
    assert np.array_equal(pad.ink, full)


def test_a_narrow_dock_has_the_controls_in_the_menu(lay):
    bench = lay("mnist")
    plot = bench.plot(FeatureMapsPlot, 900)
    bench.answered(plot)
    assert plot.chooser.wrong.isVisible() and plot.scale.isVisible()
    plot.resize(320, 240)
    bench.qtbot.waitUntil(lambda: plot.chooser.wrong.isHidden() and plot.scale.isHidden())
    menu = plot.make_menu()
    named = {action.text(): action for action in menu.actions()}
    named["Next example predicted wrong"].trigger()
    bench.qtbot.waitUntil(lambda: plot.looked.told != plot.looked.label)
    named["My drawing"].trigger()
    assert plot.chooser.drawing.isChecked()
    menu.close()


def test_a_cleared_pad_has_no_answer(lay):
    bench = lay("mnist")
    plot = bench.plot(DrawingPadPlot)
    draw(plot.pad, (0.5, 0.2), (0.5, 0.8))
    bench.qtbot.waitUntil(lambda: plot.verdict.looked is not None)
    plot.fresh.click()
    bench.qtbot.waitUntil(lambda: plot.verdict.looked is None)
    assert plot.detail.text() == ""


def test_without_pictures_the_pad_says_what_it_needs(lay):
    bench = lay("xor")
    plot = bench.plot(DrawingPadPlot)
    assert "grey pictures" in plot._stack.currentWidget().text()
    bench.document.commit_source(Mnist(flat=True).to_dict())
    bench.qtbot.waitUntil(lambda: plot._stack.currentWidget() is plot.body)


def test_the_answer_is_exported(lay, tmp_path):
    bench = lay("mnist")
    plot = bench.plot(DrawingPadPlot)
    draw(plot.pad, (0.5, 0.2), (0.5, 0.8))
    bench.qtbot.waitUntil(lambda: plot.verdict.looked is not None)
    plot.export(tmp_path / "answer.csv")
    rows = read(tmp_path / "answer.csv")
    assert [row["class"] for row in rows] == list("0123456789")
    assert sum(float(row["output"]) for row in rows) == pytest.approx(1.0, abs=1e-5)
    plot.export(tmp_path / "pad.png")
    assert QImage(str(tmp_path / "pad.png")).width() == 2 * plot.width()


def test_left_and_right_keys_walk_the_layers(lay):
    bench = lay("mnist")
    plot = bench.plot(FeatureMapsPlot)
    bench.answered(plot)
    for _ in range(2):
        QApplication.sendEvent(plot.strips, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Right,
                                                      Qt.KeyboardModifier.NoModifier))  # fmt: skip
    with bench.qtbot.waitSignal(plot.node_clicked) as clicked:
        QTest.keyClick(plot.strips, Qt.Key.Key_Return)
    assert clicked.args == [plot.strips.strips[1].node]
