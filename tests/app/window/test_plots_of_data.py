"""The plots of data in the whole window: trained for real, looked at by the real looking process."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.plots.confusion import ConfusionPlot
from app.plots.feature_maps import FeatureMapsPlot
from app.plots.gallery import GalleryPlot
from app.plots.samples import dataset_of
from app.training.session import FINISHED
from app.window.window import Window
from engine.compute import compile as compile_graph
from engine.train.scores import score_classes


def plot_and_dock(window: Window, kind: type):
    place = next(i for i, plot in enumerate(window.plots) if isinstance(plot, kind))
    return window.plots[place], window.docks.plots[place]


@pytest.fixture
def trained(window: Window, qtbot) -> Window:
    """Iris, trained for some epochs."""
    window.open_template("iris")
    window.document.commit_training({**window.document.training, "epochs": 5})
    done = qtbot.waitSignal(window.session.state_changed, check_params_cb=lambda s: s == FINISHED)
    with done:
        window.session.run()
    return window


def test_the_matrix_is_that_of_the_engine_and_its_cells_open_the_gallery(trained, qtbot):
    matrix, dock = plot_and_dock(trained, ConfusionPlot)
    gallery, gallery_dock = plot_and_dock(trained, GalleryPlot)
    assert not gallery_dock.isVisible()
    trained.docks.show_plot(dock)
    data, document = dataset_of(trained.document), trained.document
    model = compile_graph(document.graph, batch_size=8, report=document.report)
    model.weights.copy_fitting(document.weights)
    scores = score_classes(model, data.x_val, data.y_val)
    qtbot.waitUntil(lambda: matrix.grid.confusion is not None)
    found = matrix.grid.confusion
    assert np.array_equal(found.counts, scores.confusion) and found.accuracy == scores.metrics["accuracy"]
    assert np.nan_to_num(found.recall) == pytest.approx(scores.recall)
    assert np.nan_to_num(found.precision) == pytest.approx(scores.precision)

    true, told = np.unravel_index(int(found.counts.argmax()), found.counts.shape)
    where = matrix.grid.layout_now.cell((int(true), int(told))).center().toPoint()
    QTest.mouseClick(matrix.grid, Qt.MouseButton.LeftButton, pos=where)
    qtbot.waitUntil(lambda: len(gallery.model.places) == found.counts[true, told])
    assert gallery_dock.isVisible() and gallery.is_seen
    assert {gallery.model.reader.true(place) for place in gallery.model.places} == {found.names[true]}
    assert {gallery.model.reader.told(place) for place in gallery.model.places} == {found.names[told]}


def test_a_sample_of_the_gallery_is_sent_to_the_feature_maps(trained, qtbot):
    gallery, dock = plot_and_dock(trained, GalleryPlot)
    maps, maps_dock = plot_and_dock(trained, FeatureMapsPlot)
    trained.docks.show_plot(dock)
    qtbot.waitUntil(lambda: gallery.model.rowCount() > 0)
    row = gallery.model.reader.row(int(gallery.model.places[2]))
    gallery.rows.setFocus()
    gallery.rows.setCurrentIndex(gallery.model.index(2, 0))
    QTest.keyClick(gallery.rows, Qt.Key.Key_Return)
    assert maps_dock.isVisible()
    qtbot.waitUntil(lambda: maps.looked is not None and maps.looked.row == row)


def test_another_project_empties_them(trained, qtbot):
    matrix, dock = plot_and_dock(trained, ConfusionPlot)
    trained.docks.show_plot(dock)
    qtbot.waitUntil(lambda: matrix.has_data())
    trained.document.set_content(trained.document.content)  # nothing unsaved that would be asked about
    trained.open_template("curve")
    qtbot.waitUntil(lambda: matrix._stack.currentWidget() is matrix._empty)
    assert "needs data with classes" in matrix._empty.text()
