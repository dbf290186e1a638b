"""Zoom, pan, fit, minimap, faces, badges, live gradients, menus, themes."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QImage, QPainter, QPixmap, QWheelEvent
from PySide6.QtTest import QTest

from app.canvas import metrics as m
from app.canvas.style import style
from app.canvas.titles import paint_title
from app.canvas.wire_item import label_forms
from app.document import Content
from app.fuzzy import ranked
from app.style import theme
from app.style.gradient_scale import GradientScale
from engine.graph.model import Graph
from engine.issues import Severity

CTRL = Qt.KeyboardModifier.ControlModifier


def wheel(view, place: QPointF, *, turn: int = 0, pixels: QPoint | None = None):
    phase = Qt.ScrollPhase.NoScrollPhase if pixels is None else Qt.ScrollPhase.ScrollUpdate
    event = QWheelEvent(place, view.viewport().mapToGlobal(place), pixels or QPoint(), QPoint(0, turn),
                        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, phase, False)
    QGuiApplication.sendEvent(view.viewport(), event)


def test_the_wheel_zooms_to_the_cursor(view):
    place = QPointF(300, 200)
    before = view.mapToScene(place.toPoint())
    for _ in range(4):
        wheel(view, place, turn=120)
    after = view.mapToScene(place.toPoint())
    assert view.zoom > 1.5
    assert abs(after.x() - before.x()) < 2 and abs(after.y() - before.y()) < 2


def test_zoom_keeps_to_its_limits(view):
    for _ in range(60):
        wheel(view, QPointF(10, 10), turn=120)
    assert view.zoom == pytest.approx(4.0)
    for _ in range(90):
        wheel(view, QPointF(10, 10), turn=-120)
    assert view.zoom == pytest.approx(0.1)


def test_two_fingers_pan(view):
    before = view.visible_rect().center()
    wheel(view, QPointF(300, 300), turn=30, pixels=QPoint(20, 30))
    after = view.visible_rect().center()
    assert (round(before.x() - after.x()), round(before.y() - after.y())) == (20, 30)
    assert view.zoom == 1.0


def test_keys_zoom_and_fit(view, hand):
    hand.key(Qt.Key.Key_Plus, CTRL)
    assert view.zoom > 1
    hand.key(Qt.Key.Key_Minus, CTRL)
    hand.key(Qt.Key.Key_Minus, CTRL)
    assert view.zoom < 1
    for key, modifiers in ((Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_0, CTRL)):
        view.zoom_to(3.0)
        view.centre_at(QPointF(5000, 5000))
        hand.key(key, modifiers)
        assert view.visible_rect().contains(view.canvas.bounds())


@pytest.mark.parametrize("button", [Qt.MouseButton.MiddleButton, Qt.MouseButton.LeftButton])
def test_pan_by_drag(view, hand, document, qtbot, button):
    before = view.visible_rect().center()
    if button == Qt.MouseButton.LeftButton:
        QTest.keyPress(view, Qt.Key.Key_Space)
    with qtbot.assertNotEmitted(view.space_tapped):
        hand.drag(hand.node("dense_1"), hand.node("dense_1") + QPointF(80, -40), button=button)
        if button == Qt.MouseButton.LeftButton:
            QTest.keyRelease(view, Qt.Key.Key_Space)
    after = view.visible_rect().center()
    assert (round(before.x() - after.x()), round(before.y() - after.y())) == (80, -40)
    assert not document.undo_stack.count()


def test_a_tap_on_space_is_passed_on(view, hand, qtbot):
    with qtbot.waitSignal(view.space_tapped):
        hand.key(Qt.Key.Key_Space)


def test_escape_brings_a_pan_back(view, hand):
    before = view.visible_rect().center()
    hand.hold(hand.at(0, -200), hand.at(100, -100), button=Qt.MouseButton.MiddleButton)
    hand.key(Qt.Key.Key_Escape)
    assert (view.visible_rect().center() - before).manhattanLength() <= 2


def test_an_opened_project_is_shown_whole(view, document):
    far = Graph().add("Input", position=(9000, 9000))[0].add("Dense", position=(9400, 9000))[0]
    document.set_content(Content(far))
    assert view.visible_rect().contains(view.canvas.bounds())


def test_an_edit_leaves_the_view_where_it_is(view, document):
    before = view.visible_rect()
    document.commit(document.graph.add("Tanh", position=(2000, 0))[0], "Add")
    assert view.visible_rect() == before


def test_centre_on_selects(view, document):
    view.zoom_to(0.2)
    view.centre_on("loss_1")
    assert document.selection == {"loss_1"}
    assert (view.visible_rect().center() - view.canvas.bounds(["loss_1"]).center()).manhattanLength() < 4
    assert view.zoom >= 0.7


def test_what_is_revealed_comes_out_from_under_the_minimap(view):
    item = view.canvas.nodes["dense_1"]
    corner = QPointF(view.minimap.geometry().center())
    view.centre_at(item.pos() - (view.mapToScene(corner.toPoint()) - view.visible_rect().center()))
    assert view.minimap.geometry().intersects(view.mapFromScene(view.canvas.bounds(["dense_1"])).boundingRect())
    view.reveal(view.canvas.bounds(["dense_1"]))
    assert not view.minimap.geometry().intersects(view.mapFromScene(view.canvas.bounds(["dense_1"])).boundingRect())


def test_from_afar_a_wire_keeps_a_width_that_shows_its_colour(view):
    wire = next(iter(view.canvas.wires.values()))
    assert wire.seen_pen(1.0).widthF() == wire.pen.widthF()
    assert wire.seen_pen(0.5).widthF() * 0.5 >= 1.4


def test_the_minimap_gives_way_where_all_is_seen_and_it_would_cover_a_layer(document, view):
    view.fit()
    assert view.minimap.isVisible()
    under = view.mapToScene(view.minimap.geometry().center())
    document.commit(document.graph.move({"add_1": (under.x() - 150, under.y() - 60)}), "Move")
    assert not view.minimap.isVisible()
    view.pan_by(QPointF(-700, 0))  # not all is seen any more
    assert view.minimap.isVisible()


def test_fitting_keeps_clear_of_the_legend(document, view):
    view.resize(900, 330)
    view.fit()
    view.legend.tell("forecast · at initialisation", "")
    assert view.is_fitted
    assert not view.legend.geometry().intersects(view.mapFromScene(view.canvas.bounds(["input_1"])).boundingRect())
    assert view.viewport().rect().contains(view.mapFromScene(view.canvas.bounds()).boundingRect())


def test_the_ring_of_the_focus_covers_nothing(view):
    """It was filled with the brush of whatever had been painted last: after a key the canvas was empty."""
    view.setFocus(Qt.FocusReason.MouseFocusReason)
    without = view.viewport().grab().toImage()
    view.clearFocus()
    view.setFocus(Qt.FocusReason.ShortcutFocusReason)
    ringed = view.viewport().grab().toImage()
    inside = without.rect().adjusted(4, 4, -4, -4)
    assert ringed != without
    assert ringed.copy(inside) == without.copy(inside)


def test_the_minimap_moves_the_view(view):
    view.zoom_to(2.0)
    QTest.mouseClick(view.minimap, Qt.MouseButton.LeftButton, pos=QPoint(20, 56))
    left = view.visible_rect().center().x()
    QTest.mouseClick(view.minimap, Qt.MouseButton.LeftButton, pos=QPoint(136, 56))
    assert view.visible_rect().center().x() > left + 200


def test_the_empty_canvas_says_what_to_do(view, document):
    assert not view.empty_hint.isVisible()
    document.commit(Graph(), "Clear")
    assert view.empty_hint.isVisible() and not view.minimap.isVisible()
    document.undo_stack.undo()
    assert not view.empty_hint.isVisible()


def test_shapes_stand_on_the_wires_and_follow(view, document):
    assert view.canvas.wires[("relu_1", "in")].label == "8"
    document.commit(document.graph.set_params("dense_1", units=32), "Units")
    assert view.canvas.wires[("relu_1", "in")].label == "32"
    assert view.canvas.nodes["dense_1"].face.subtitle.startswith("32")
    document.commit(document.graph.disconnect("dense_1", "in"), "Unplug")
    assert view.canvas.wires[("relu_1", "in")].label == ""


@pytest.mark.parametrize("label, forms", [("784", ("784", "784")), ("28 × 28 × 6", ("28 × 28 × 6", "28×28×6", "28²×6")),
                                          ("9 × 8 × 6", ("9 × 8 × 6", "9×8×6"))])
def test_shapes_are_shortened_where_the_gap_is_narrow(label, forms):
    assert label_forms(label) == forms


def test_a_given_id_stands_on_the_node_a_made_one_does_not(view, document):
    graph, _ = document.graph.add("Dense", id="skip")
    document.commit(graph, "Add")
    assert view.canvas.nodes["skip"].face.told
    assert not view.canvas.nodes["dense_1"].face.told
    document.commit(document.graph.rename("skip", "shortcut"), "Rename")
    assert view.canvas.nodes["skip"].face.title == "shortcut"
    assert not view.canvas.nodes["skip"].face.told


def test_problems_stand_on_their_node_and_in_its_tooltip(view, document, hand):
    document.commit(document.graph.disconnect("dense_1", "in"), "Unplug")
    assert view.canvas.nodes["dense_1"].face.severity is Severity.ERROR
    for words in ("Nothing is wired", "needs an input", "Drag a wire"):
        assert words in view.tooltip_at(hand.node("dense_1"))
    assert view.tooltip_at(hand.at(0, -250)) == ""


def test_another_kind_has_other_ports(view, document):
    from dataclasses import replace

    graph = document.graph
    document.commit(graph.put(replace(graph.nodes["add_1"], kind="MSE")), "Replace")
    assert view.canvas.nodes["add_1"].input_names == ("in",)
    assert view.canvas.nodes["add_1"].port("") is None


def test_live_gradients_colour_and_widen_the_wires(view):
    wires = view.canvas.wires
    thin = wires[("dense_1", "in")].pen
    norms = {"dense_1": np.array([0.01]), "dense_2": np.array([0.1, np.inf, 0.0])}
    view.set_live(norms, {"input_1": 1e-5, "dense_2": 1e-1, "gone": 1.0e-3})
    assert wires[("loss_1", "in")].flow == 1.0
    assert wires[("dense_1", "in")].flow == 0.0
    assert wires[("relu_1", "in")].flow is None
    assert wires[("loss_1", "in")].pen.widthF() > wires[("dense_1", "in")].pen.widthF() >= thin.widthF()
    assert wires[("loss_1", "in")].pen.color() == theme.current().gradient_colour(1.0)
    assert view.canvas.nodes["dense_2"].gradient_points == 3
    assert view.legend.isVisible()
    view.set_live({"dense_1": np.array([0.01, 0.02])}, {"dense_2": 10.0})
    assert view.canvas.scale.high == 1
    assert view.canvas.nodes["dense_1"].gradient_points == 2
    view.document.commit(view.document.graph.disconnect("loss_1", "in"), "Cut")
    view.document.undo_stack.undo()
    assert wires[("loss_1", "in")].flow == 1.0
    view.clear_live()
    assert wires[("loss_1", "in")].pen == thin
    assert not view.legend.isVisible()


@pytest.mark.parametrize("zoom", [0.57, 1.0])
def test_painting_only_what_a_run_changes_looks_like_painting_all(view, qtbot, zoom):
    """Sparklines and wires are painted by themselves, a few at a time, and nothing of what stands beside them."""
    view.zoom_to(zoom)
    flow = dict.fromkeys(view.canvas.nodes, 1e-5)
    view.set_live({"dense_1": np.array([0.01, 0.1])}, flow)
    qtbot.waitUntil(lambda: view.canvas.live_is_shown)
    view.set_live({"dense_1": np.array([0.1, 0.01, 0.3])}, dict.fromkeys(flow, 1e-1) | {"dense_2": 1e-3})
    qtbot.waitUntil(lambda: view.canvas.live_is_shown)
    QGuiApplication.processEvents()
    bit_by_bit = view.screen().grabWindow(view.winId()).toImage()
    view.viewport().update()
    QGuiApplication.processEvents()
    assert differing(bit_by_bit, view.screen().grabWindow(view.winId()).toImage()) == 0


def differing(one: QImage, other: QImage) -> int:
    """How many pixels are clearly others."""
    a, b = (np.frombuffer(i.convertToFormat(QImage.Format.Format_RGB32).constBits(), np.uint8).astype(int)
            for i in (one, other))
    return int((np.abs(a - b) > 5).sum())


@pytest.mark.parametrize("value, place", [(0.0, 0.0), (1e-5, 0.0), (1e-3, 0.5), (0.1, 1.0), (float("nan"), 1.0),
                                          (float("inf"), 1.0), (1e-9, 0.0)])
def test_the_gradient_scale_is_logarithmic_and_survives_anything(value, place):
    assert GradientScale().position(value) == pytest.approx(place)


def test_the_gradient_scale_grows_only():
    scale = GradientScale()
    assert not scale.include([1e-3])
    assert scale.include([1e-8, 0.0, float("inf"), float("nan")])
    assert (scale.low, scale.high) == (-8, -1)
    assert scale.ends() == ("1e-8", "1e-1")
    assert scale.include([1e-20, 1e9]) and scale.ends() == ("≤ 1e-12", "≥ 1e4")
    scale.reset()
    assert scale.ends() == ("1e-5", "1e-1")


def test_context_menus_fit_what_is_under_the_pointer(view, hand, document):
    def texts(place: QPointF) -> list[str]:
        return [action.text().split("\t")[0] for action in view.context_menu(place).actions()]

    assert "Add layer…" in texts(hand.at(0, -250))
    assert "Delete wire" in texts(hand.wire("relu_1"))
    assert "Rename" in texts(hand.node("relu_1"))
    assert document.selection == {"relu_1"}


def test_a_menu_does_what_keys_do(view, hand, document):
    entries = {action.text().split("\t")[0]: action for action in view.context_menu(hand.node("relu_1")).actions()}
    entries["Delete"].trigger()
    assert "relu_1" not in document.graph.nodes
    assert document.graph.inputs("dense_2")[0].source == "dense_1"


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("zoom", [0.2, 1.0, 3.0])
def test_paints_in_both_themes_at_every_zoom(view, qapp, document, mode, zoom):
    theme.apply(qapp, mode)
    document.commit(document.graph.disconnect("dense_1", "in"), "Unplug")
    view.set_live({"dense_1": np.array([1e-3, 1e-2, 0.0])}, {"dense_1": 1e-3})
    view.zoom_to(zoom)
    picture = view.grab().toImage()
    assert picture.pixelColor(600, 5).name() in (theme.current().ground, theme.current().dots)
    theme.apply(qapp, "dark")


def test_painting_does_not_leak_references(view):
    import sys

    picture = QPixmap(400, 300)
    with QPainter(picture) as painter:
        view.canvas.render(painter)
    before = sys.getrefcount(None)
    for _ in range(5):
        with QPainter(picture) as painter:
            view.canvas.render(painter)
    assert abs(sys.getrefcount(None) - before) < 100


def test_names_for_screen_readers(view, hand):
    assert view.accessibleName() and view.accessibleDescription()
    assert view.minimap.accessibleName()
    hand.key(Qt.Key.Key_Tab)
    assert view.search.field.accessibleName()
    QTest.keyClick(view.search.field, Qt.Key.Key_Escape)


def test_fuzzy_prefers_beginnings_and_runs():
    words = ["Softmax cross-entropy", "Max pool 2D", "Sigmoid", "Conv 2D", "Mean squared error"]
    assert ranked("mp", words, lambda w: [w])[0] == "Max pool 2D"
    assert ranked("conv", words, lambda w: [w]) == ["Conv 2D"]
    assert ranked("mse", words, lambda w: [w])[0] == "Mean squared error"
    assert ranked("", words, lambda w: [w]) == words
    assert ranked("xyz", words, lambda w: [w]) == []


def test_text_and_ports_fade_in_steps_too_small_to_jump():
    for band in (m.WIRE_TEXT, m.TITLE, m.SECOND_LINE):
        gone, whole = band
        shown = [m.fading(gone + (whole - gone) * part / 10, band) for part in range(-2, 13)]
        assert shown[:3] == [0, 0, 0] and shown[-3:] == [1, 1, 1]
        assert all(0 <= later - earlier < 0.11 for earlier, later in pairwise(shown))


def test_a_chain_too_long_to_be_told_apart_is_fitted_from_its_beginning(document, view):
    graph = Graph()
    for number in range(120):
        graph, node = graph.add("ReLU", position=(number * 216.0, 0.0))
        graph = graph.connect(f"relu_{number}", node) if number else graph
    document.set_content(Content(graph))
    view.fit()
    seen, first = view.visible_rect(), view.canvas.bounds(["relu_1"])
    assert view.zoom >= 0.15
    assert seen.contains(first)
    assert first.left() - seen.left() < 0.1 * seen.width()
    assert not seen.contains(view.canvas.bounds([node]))
    view.tidy_up()
    assert view.visible_rect().contains(view.canvas.bounds()), "in rows it fits"
    assert view.zoom >= 0.3


def test_a_title_grows_from_afar_without_a_jump_and_as_far_as_there_is_room(view):
    look = style()
    item = view.canvas.nodes["dense_1"]
    sizes = []
    for percent in range(25, 100):
        view.zoom_to(percent / 100)
        picture = QPixmap(8, 8)
        painter = QPainter(picture)
        used = paint_title(painter, look, item.face.title, QRectF(0, 0, 140, 60), percent / 100)
        sizes.append(painter.font().pixelSize())
        assert used <= 140
        painter.end()
    assert sizes[0] == 2 * sizes[-1]
    assert all(0 <= earlier - later <= 2 for earlier, later in pairwise(sizes))
    painter = QPainter(picture)
    paint_title(painter, look, "A title that is much too long for a node", QRectF(0, 0, 140, 60), 0.3)
    assert painter.font().pixelSize() == sizes[-1]
    painter.end()


@pytest.mark.parametrize(("title", "lines"), [
    ("First residual block", ["First residual", "block"]), ("Attention with twelve heads and gates", 3),
    ("Supercalifragilisticexpialidocious", 2),
])
def test_a_long_title_of_a_block_is_written_whole(view, title, lines):
    look = style()
    font, shown = look.wrapped(title, 126.0)
    assert "".join(shown).replace(" ", "") == title.replace(" ", "")
    assert list(shown) == lines if isinstance(lines, list) else len(shown) == lines
    assert all(QFontMetricsF(font).horizontalAdvance(line) <= 126.0 for line in shown)
