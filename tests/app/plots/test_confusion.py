"""The confusion matrix as a person meets it: numbers, pointing, walking, choosing, export."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from app.plots.confusion import ConfusionPlot
from app.plots.samples import Samples
from app.style import theme
from app.training.session import Session
from tests.app.making import document_of
from tests.app.plots.judging import judged_classes, standing

NAMES = ("setosa", "versicolor", "virginica")
LABELS, ANSWERS = [0, 0, 0, 1, 1, 2, 2, 2, 2], [0, 0, 2, 1, 2, 2, 2, 2, 1]


@pytest.fixture
def plot(qtbot) -> Iterator[ConfusionPlot]:
    for made in standing(qtbot, ConfusionPlot, document_of("iris"), 460, 300):
        made._answered(judged_classes(LABELS, ANSWERS, NAMES))
        made.draw_now()
        yield made


def centre(plot: ConfusionPlot, cell: tuple[int, int]) -> QPoint:
    return plot.grid.layout_now.cell(cell).center().toPoint()


def test_counts_are_drawn_and_told_by_pointing(plot):
    assert plot.grid.confusion.counts.tolist() == [[2, 0, 1], [0, 1, 1], [0, 1, 3]]
    QTest.mouseMove(plot.grid, centre(plot, (0, 2)))
    assert plot.detail.text() == "setosa predicted to be virginica: 1 of 3 (33.3\u00a0%)"
    QTest.mouseMove(plot.grid, centre(plot, (2, 2)))
    assert plot.detail.text() == "virginica predicted right: 3 of 4 (75.0\u00a0%)"


def test_a_click_asks_for_the_samples_of_the_cell(plot, qtbot):
    with qtbot.waitSignal(Samples.of(plot.session).cell_asked) as asked:
        QTest.mouseClick(plot.grid, Qt.MouseButton.LeftButton, pos=centre(plot, (1, 2)))
    assert asked.args == ["validation", 1, 2]


def test_the_keys_walk_the_cells_and_enter_chooses(plot, qtbot):
    plot.grid.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down):
        QTest.keyClick(plot.grid, key)
    assert plot.grid.cell == (2, 1)
    with qtbot.waitSignal(Samples.of(plot.session).cell_asked) as asked:
        QTest.keyClick(plot.grid, Qt.Key.Key_Return)
    assert asked.args == ["validation", 2, 1]


def pixel(plot: ConfusionPlot, cell: tuple[int, int], dx: int = 4, dy: int = 4) -> QColor:
    corner = plot.grid.layout_now.cell(cell).topLeft().toPoint()
    return plot.grid.grab().toImage().pixelColor(corner + QPoint(dx, dy))


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_the_larger_the_share_the_bluer_and_the_diagonal_is_framed(plot, qapp, mode):
    theme.apply(qapp, mode)
    blue = QColor(theme.current().value)

    def away(cell: tuple[int, int]) -> int:
        found = pixel(plot, cell)
        return sum(abs(a - b) for a, b in zip(found.getRgb()[:3], blue.getRgb()[:3], strict=True))

    assert away((2, 2)) < away((1, 1)) < away((0, 2)) < away((0, 1))
    frame, inside = pixel(plot, (1, 1), 1, 20), pixel(plot, (1, 2), 1, 20)
    assert frame.name() == QColor(theme.current().text).name()
    assert inside.name() != frame.name()


@pytest.mark.parametrize("classes", [2, 20, 120])
def test_any_number_of_classes_stays_in_its_field(plot, qtbot, classes):
    labels = np.arange(classes).tolist()
    plot._answered(judged_classes(labels, labels, tuple(f"class {i}" for i in range(classes))))
    plot.draw_now()
    qtbot.waitUntil(lambda: plot.grid.height() >= plot.grid.minimumSizeHint().height())
    last = plot.grid.layout_now.cell((classes - 1, classes - 1))
    assert last.width() >= 8 and last.height() >= 8
    assert plot.grid.rect().contains(last.toRect())
    assert plot.grid.layout_now.cell_at(last.center()) == (classes - 1, classes - 1)


def test_names_too_wide_for_their_columns_stand_upright(plot, qtbot):
    assert not plot.grid.layout_now.upright
    labels = list(range(20))
    plot._answered(judged_classes(labels, labels, tuple(f"a long name {i}" for i in labels)))
    plot.draw_now()
    qtbot.waitUntil(lambda: plot.grid.width() >= plot.grid.minimumSizeHint().width())
    place = plot.grid.layout_now
    assert place.upright and place.every_column() == 1 and place.field.top() > place.name_height


def test_cells_are_wide_enough_for_the_largest_count(plot):
    before = plot.grid.layout_now.least_cell[0]
    plot._answered(judged_classes([0] * 2345, [0] * 2345, tuple(map(str, range(12)))))
    plot.draw_now()
    assert plot.grid.layout_now.least_cell[0] > before


def test_ten_classes_of_hundreds_need_no_scrolling_in_a_dock(plot, qtbot):
    labels = [label for label in range(10) for _ in range(300)]
    plot._answered(judged_classes(labels, labels, tuple(map(str, range(10)))))
    for width, totals in ((388, False), (620, True)):
        plot.resize(width, 300)
        plot.draw_now()
        qtbot.waitUntil(lambda: plot.grid.width() == plot.body.width())
        place = plot.grid.layout_now
        assert place.wide >= place.least_cell[0] and bool(place.total_width) == totals
        assert place.recall_box(0).right() <= plot.grid.width()


def test_a_part_that_is_not_held_back_is_said(plot):
    plot._answered(judged_classes(LABELS, ANSWERS, NAMES, part="training"))
    plot.draw_now()
    assert plot.detail.text() == "9 training rows, as nothing is held back"


def test_numbers_for_other_programs(plot, tmp_path):
    plot.export(tmp_path / "matrix.csv")
    rows = list(csv.reader((tmp_path / "matrix.csv").read_text("utf-8").splitlines()))
    predicted = ["predicted setosa", "predicted versicolor", "predicted virginica"]
    assert rows[0] == ["true class", *predicted, "total", "recall"]
    assert rows[1][:5] == ["setosa", "2.0", "0.0", "1.0", "3.0"] and float(rows[1][5]) == pytest.approx(2 / 3)
    assert rows[4][:4] == ["precision", "1.0", "0.5", "0.6"]
    for suffix in (".png", ".svg"):
        plot.export(tmp_path / f"matrix{suffix}")
        assert (tmp_path / f"matrix{suffix}").stat().st_size > 1000


def test_data_without_classes_are_told_apart(qtbot):
    document = document_of("curve")
    session = Session(document)
    plot = ConfusionPlot(session, document)
    qtbot.addWidget(plot)
    plot.show()
    assert "needs data with classes" in plot._stack.currentWidget().text()
    session.shutdown()


def test_looking_back_is_said(plot):
    plot.session.look_at(7)
    plot.draw_now()
    assert plot.detail.text() == "step 7 · 9 validation rows"
