"""Palette and canvas together: templates go into the network; layers used on the canvas are remembered."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest

from app.document import Content
from app.panels.palette_templates import TEMPLATE_MIME
from app.window.window import Window
from engine.graph.build import chain
from engine.layers import MSE, Dense, Input
from engine.project import TEMPLATES

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def drawn(window: Window, qtbot) -> Window:
    """A window with a network of the person's own."""
    window.document.set_content(Content(chain(("input", Input(shape=(2,))), ("mine", Dense(units=1)), ("loss", MSE()))))
    window.show_workspace()
    qtbot.waitUntil(window.canvas.isVisible)
    return window


def open_templates(window: Window):
    templates = window.palette_panel.templates
    QTest.mouseClick(templates.heading, LEFT)
    assert templates.list.isVisible()
    return templates


def double_click(window: Window, title: str) -> None:
    found = open_templates(window).list
    item = found.findItems(title, Qt.MatchFlag.MatchExactly)[0]
    found.scrollToItem(item)
    place = found.visualItemRect(item).center()
    QTest.mouseClick(found.viewport(), LEFT, NONE, place)
    QTest.mouseDClick(found.viewport(), LEFT, NONE, place)


def test_templates_are_folded_until_asked_for_and_stay_as_they_were_left(drawn):
    templates = drawn.palette_panel.templates
    assert not templates.list.isVisible()
    open_templates(drawn)
    assert templates.list.count() == len(TEMPLATES)
    assert all(entry.description in templates.list.item(row).toolTip()
               for row, entry in enumerate(TEMPLATES.values()))
    assert drawn.palette_panel.memory.templates_open
    QTest.keyClick(templates.heading, Qt.Key.Key_Space)
    assert not templates.list.isVisible()


def test_beside_a_network_a_template_adds_its_layers_alone_in_one_step(drawn):
    document, before = drawn.document, drawn.document.content
    double_click(drawn, TEMPLATES["spirals"].title)
    made = TEMPLATES["spirals"].make_graph()
    fresh = document.selection
    assert len(fresh) == len(made.nodes)
    assert fresh.isdisjoint(before.graph.nodes)
    assert {document.graph.nodes[i].label for i in fresh} >= {"hidden_1", "tanh_1", "output"}
    assert (document.source, document.training) == (before.source, before.training)
    boxes = [drawn.canvas.canvas.bounds([i]) for i in document.graph.nodes]
    assert not any(a.intersects(b) for n, a in enumerate(boxes) for b in boxes[:n]), "they lie below, on nothing"
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.content == before


def test_on_an_empty_canvas_data_and_settings_come_along(window, qtbot):
    window.files.new()
    qtbot.waitUntil(window.canvas.isVisible)
    double_click(window, TEMPLATES["iris"].title)
    project = TEMPLATES["iris"].build()
    assert set(window.document.graph.nodes) == set(project.graph.nodes)
    assert (window.document.source, window.document.training) == (project.source, project.training)
    assert window.document.report.ok
    window.document.undo_stack.undo()
    assert not window.document.graph.nodes
    assert not window.document.source


def test_a_template_is_dropped_where_it_is_let_go(drawn):
    view = drawn.canvas
    templates = open_templates(drawn).list
    templates.setCurrentRow(list(TEMPLATES).index("perceptron"))
    mime = templates.mimeData([templates.currentItem()])
    assert mime.formats() == [TEMPLATE_MIME]
    place = QPointF(view.viewport().width() / 2, view.viewport().height() - 60)
    enter = QDragEnterEvent(place.toPoint(), Qt.DropAction.CopyAction, mime, LEFT, NONE)
    enter.ignore()
    QGuiApplication.sendEvent(view.viewport(), enter)
    assert enter.isAccepted()
    drop = QDropEvent(place, Qt.DropAction.CopyAction, mime, LEFT, NONE)
    drop.ignore()
    QGuiApplication.sendEvent(view.viewport(), drop)
    assert drop.isAccepted()
    assert len(drawn.document.selection) == 3
    middle = view.canvas.bounds(drawn.document.selection).center()
    assert (QPointF(view.to_viewport(middle)) - place).manhattanLength() < 30


def test_what_is_chosen_on_the_canvas_is_remembered_in_the_palette(drawn):
    view, memory = drawn.canvas, drawn.palette_panel.memory
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClicks(view.search.field, "dropout")
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    assert memory.recent == ["Dropout"]
    port = QPointF(view.to_viewport(view.canvas.nodes["mine"].anchor("")))
    void = port + QPointF(10, -90)
    QTest.mousePress(view.viewport(), LEFT, NONE, port.toPoint())
    QTest.mouseMove(view.viewport(), (port + void).toPoint() / 2)
    QTest.mouseMove(view.viewport(), void.toPoint())
    QTest.mouseRelease(view.viewport(), LEFT, NONE, void.toPoint())
    QTest.keyClicks(view.search.field, "tanh")
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    assert memory.recent == ["Tanh", "Dropout"]
    assert dict(drawn.palette_panel.list.sections())["Recently used"] == ["Tanh", "Dropout"]


def test_what_is_remembered_pushes_no_other_entry_under_the_pointer(drawn):
    found = drawn.palette_panel.list
    item = found.findItems("Tanh", Qt.MatchFlag.MatchExactly)[0]
    found.scrollToItem(item, found.ScrollHint.PositionAtCenter)
    place = found.visualItemRect(item).center()
    QTest.mouseMove(found.viewport(), place)
    for _ in range(2):
        QTest.mouseClick(found.viewport(), LEFT, NONE, place)
        QTest.mouseDClick(found.viewport(), LEFT, NONE, place)
        assert found.itemAt(place).text() == "Tanh"
    assert drawn.palette_panel.memory.recent == ["Tanh"]
    assert [node.kind for node in drawn.document.graph.nodes.values()].count("Tanh") == 2
