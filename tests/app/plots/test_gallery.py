"""The sample gallery: order, filters, pictures and rows, one sample closely, what it asks of other plots."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from app.plots.gallery import GalleryPlot
from app.plots.gallery_model import LOSS, ROW, SURE, TOLD, TRUE
from app.plots.samples import Samples, dataset_of
from app.style import theme
from engine.data import NpzFile
from tests.app.making import document_of
from tests.app.plots.judging import judged_classes, judged_numbers, standing

DIGITS = tuple(map(str, range(10)))


def judged_digits(plot: GalleryPlot, rows: int = 200, seed: int = 0):
    """Answers about the first validation rows; every fifth is wrong."""
    labels = dataset_of(plot.document).y_val[:rows]
    answers = np.where(np.arange(len(labels)) % 5 == 0, (labels + 1) % 10, labels)
    loss = np.random.default_rng(seed).random(len(labels))
    return judged_classes(labels.tolist(), answers.tolist(), DIGITS, loss.tolist())


def show(plot: GalleryPlot, judged) -> None:
    plot._answered(judged)
    plot.draw_now()


@pytest.fixture
def pictures(qtbot) -> Iterator[GalleryPlot]:
    for made in standing(qtbot, GalleryPlot, document_of("mnist"), 560, 320):
        show(made, judged_digits(made))
        yield made


@pytest.fixture
def table(qtbot) -> Iterator[GalleryPlot]:
    for made in standing(qtbot, GalleryPlot, document_of("iris"), 560, 320):
        labels = dataset_of(made.document).y_val
        answers = np.where(np.arange(len(labels)) == 3, (labels + 1) % 3, labels)
        show(made, judged_classes(labels.tolist(), answers.tolist(), dataset_of(made.document).class_names))
        yield made


def rows_shown(plot: GalleryPlot) -> list[int]:
    return [plot.model.reader.row(place) for place in plot.model.places.tolist()]


def take(choice, key: str) -> None:
    """Chooses with the keys, as a person does."""
    QTest.keyClick(choice, Qt.Key.Key_Home)
    while choice.current != key:
        QTest.keyClick(choice, Qt.Key.Key_Down)


def test_the_worst_come_first_and_the_order_can_be_chosen(pictures):
    judged = pictures.judged
    assert rows_shown(pictures) == np.argsort(-judged.loss, kind="stable").tolist()
    take(pictures.order, "best")
    assert rows_shown(pictures) == np.argsort(judged.loss, kind="stable").tolist()
    take(pictures.order, "row")
    assert rows_shown(pictures) == list(range(200))


def test_only_the_wrong_ones(pictures):
    take(pictures.kept, "wrong")
    assert sorted(rows_shown(pictures)) == list(range(0, 200, 5))
    assert pictures.count.text() == "40 of 200"
    take(pictures.kept, "right")
    assert pictures.count.text() == "160 of 200"


def test_a_cell_of_the_confusion_matrix_filters_and_brings_the_gallery_to_the_front(pictures, qtbot):
    judged = pictures.judged
    true, told = int(judged.labels[0]), int(judged.answers[0])
    expected = np.flatnonzero((judged.labels == true) & (judged.answers == told)).tolist()
    with qtbot.waitSignal(pictures.wanted):
        Samples.of(pictures.session).cell_asked.emit("validation", true, told)
    assert sorted(rows_shown(pictures)) == expected and len(expected) >= 1
    assert pictures.chip.text() == f"true {true}, predicted {told}  ✕" and not pictures.kept.isVisible()
    QTest.mouseClick(pictures.chip, Qt.MouseButton.LeftButton)
    assert len(rows_shown(pictures)) == 200 and not pictures.chip.isVisible()


def test_a_cell_of_the_other_part_changes_the_part(pictures):
    pictures.show_cell("training", 1, 2)
    assert pictures.part.current == "training"
    assert "predicted 2" in pictures.chip.text()


def test_pictures_are_the_data(pictures):
    data = dataset_of(pictures.document)
    place = int(pictures.model.places[0])
    image = pictures.model.reader.picture(place)
    raw = data.scaler.undo(data.x_val[place]).reshape(28, 28)
    found = np.array([[image.pixelColor(x, y).value() for x in range(28)] for y in range(28)])
    assert np.abs(found - raw * 255 / data.scaler.undo(data.x_val[:256]).max()).max() <= 1
    assert pictures.views.currentWidget() is pictures.tiles


def test_pointing_shows_all_probabilities(pictures):
    index = pictures.model.index(3, 0)
    QTest.mouseMove(pictures.tiles.viewport(), pictures.tiles.visualRect(index).center())
    place = pictures.model.place(index)
    assert [name for _, name, _ in pictures.card.bars] == list(DIGITS)
    assert [value for _, _, value in pictures.card.bars] == pytest.approx(pictures.judged.outputs[place].tolist())
    assert f"row {pictures.model.reader.row(place)}: true" in pictures.card.accessibleDescription()


def test_the_tooltip_says_the_same_where_there_is_no_room_for_the_card(pictures, qtbot):
    pictures.resize(380, 300)
    qtbot.waitUntil(lambda: not pictures.card.isVisible())
    tip = pictures.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole).splitlines()
    place = int(pictures.model.places[0])
    told = DIGITS[int(pictures.judged.answers[place])]
    assert tip[0] == pictures.model.reader.in_words(place) and len(tip) == 11
    assert tip[1] == f"{told}: 0.6"


def test_a_sample_stays_selected_when_newer_answers_order_them_anew(pictures):
    QTest.mouseClick(pictures.tiles.viewport(), Qt.MouseButton.LeftButton,
                     pos=pictures.tiles.visualRect(pictures.model.index(2, 0)).center())
    row = rows_shown(pictures)[2]
    QTest.mouseMove(pictures.window(), QPoint(1, 1))
    show(pictures, judged_digits(pictures, seed=7))
    assert rows_shown(pictures)[pictures.tiles.currentIndex().row()] == row
    assert f"row {row}:" in pictures.card.accessibleDescription()


def test_a_double_click_asks_for_the_feature_maps(pictures, qtbot):
    index = pictures.model.index(1, 0)
    where = pictures.tiles.visualRect(index).center()
    with qtbot.waitSignal(Samples.of(pictures.session).sample_asked) as asked:
        QTest.mouseClick(pictures.tiles.viewport(), Qt.MouseButton.LeftButton, pos=where)
        QTest.mouseDClick(pictures.tiles.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert asked.args == ["validation", rows_shown(pictures)[1]]


def test_enter_does_the_same(table, qtbot):
    table.rows.setFocus()
    table.rows.setCurrentIndex(table.model.index(0, 0))
    with qtbot.waitSignal(Samples.of(table.session).sample_asked) as asked:
        QTest.keyClick(table.rows, Qt.Key.Key_Return)
    assert asked.args == ["validation", rows_shown(table)[0]]


def test_tables_are_rows_of_values(table):
    assert table.views.currentWidget() is table.rows
    headers = [table.model.headerData(c, Qt.Orientation.Horizontal) for c in range(table.model.columnCount())]
    data = dataset_of(table.document)
    assert headers == ["row", "true", "predicted", "margin", "loss", *data.feature_names]
    take(table.order, "row")
    shown = [table.model.index(3, column).data() for column in range(len(headers))]
    row = data.row(3, validation=True)
    assert shown[ROW] == "3" and shown[TRUE] == row.target and shown[TOLD].startswith("✕ ")
    assert shown[LOSS] == "3" and shown[SURE] == "40.0\u00a0%"
    assert shown[5:] == [text for _, text in row.cells]


def test_texts_are_read_not_counted_in_tokens(qtbot):
    document = document_of("names")
    names = dataset_of(document)
    for plot in standing(qtbot, GalleryPlot, document, 560, 320):
        show(plot, judged_classes(names.y_val.tolist(), names.y_val.tolist(), names.class_names))
        shown = [plot.model.index(0, column).data() for column in range(plot.model.columnCount())]
        text = names.row(int(plot.model.reader.row(plot.model.places[0])), validation=True).cells[0][1]
        assert shown[5:] == [text] and text.isalpha()
        assert plot.rows.horizontalHeader().visualIndex(5) == 1, "beside its row"
        assert f"“{text}”" in plot.model.reader.in_words(int(plot.model.places[0]))


def test_a_regression_has_errors_instead(qtbot):
    for plot in standing(qtbot, GalleryPlot, document_of("curve"), 560, 320):
        targets = np.array([[1.0], [2.0], [3.0]])
        show(plot, judged_numbers(targets, targets + np.array([[0.25], [-1.0], [0.0]])))
        assert rows_shown(plot) == [1, 0, 2] and not plot.kept.isVisible()
        assert [plot.model.index(i, SURE).data() for i in range(3)] == ["1", "0.25", "0"]
        assert [key for key, _ in plot.order.options] == ["worst", "best", "row"]
        assert plot.card.bars == []


def test_two_thousand_pictures_are_not_read_at_once(pictures):
    labels = np.tile(dataset_of(pictures.document).y_val, 2)
    show(pictures, judged_classes(labels.tolist(), labels.tolist(), DIGITS, rows=np.arange(2000) % 1000))
    assert pictures.model.rowCount() == 2000
    pictures.tiles.grab()
    assert len(pictures.model.reader._pictures) < 60  # only what is in sight


def test_numbers_for_other_programs(table, tmp_path):
    for suffix in (".png", ".svg"):
        table.export(tmp_path / f"samples{suffix}")
        assert (tmp_path / f"samples{suffix}").stat().st_size > 2_000
    table.export(tmp_path / "samples.csv")
    names, *rows = csv.reader((tmp_path / "samples.csv").read_text("utf-8").splitlines())
    classes = dataset_of(table.document).class_names
    assert names == ["row", "true", "predicted", "loss", *(f"output {name}" for name in classes)]
    assert len(rows) == len(table.judged.rows) and float(rows[0][3]) == float(table.judged.loss.max())


def test_another_project_takes_the_samples_away(table):
    table.document.opened.emit()
    assert table.model.reader is not None  # still drawn until the next turn, then gone
    table.draw_now()
    assert not table.has_data() and table.reader is None


def test_sequences_are_lines(qtbot, tmp_path):
    steps = np.linspace(0, 1, 40)
    x = np.stack([np.stack([np.sin(8 * steps + shift), steps], axis=1) for shift in range(12)]).astype(np.float32)
    np.savez(tmp_path / "waves.npz", x=x, y=np.arange(12) % 2)
    document = document_of("iris")
    document.commit_source(NpzFile(path=str(tmp_path / "waves.npz"), scaling="none", axes="sequences").to_dict())
    data = dataset_of(document)
    assert data.signature.input_shape == (40, 2)
    for plot in standing(qtbot, GalleryPlot, document, 560, 320):
        rows = len(data.x_train)
        show(plot, judged_classes([0] * rows, [1] * rows, ("a", "b"), part="training"))
        assert plot.views.currentWidget() is plot.tiles
        reader = plot.model.reader
        image = reader.picture(0)
        ground = QColor(theme.current().field)
        assert image.pixelColor(1, 1) == ground
        column = [y for y in range(image.height()) if image.pixelColor(image.width() // 2, y) != ground]
        raw = data.scaler.undo(data.x_train[0])
        share = (raw[20] - raw.min()) / (raw.max() - raw.min())
        for value in share:
            assert min(abs(y - (106 - 100 * value)) for y in column) < 4
        reader.forget_pictures()
        assert reader.picture(0) is not image
