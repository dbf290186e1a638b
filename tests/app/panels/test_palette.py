"""The palette: every layer, found by name, dragged or appended."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDrag

from app.panels.palette import LAYER_MIME, Palette, help_card
from engine.layers import LAYERS

KIND = Qt.ItemDataRole.UserRole


@pytest.fixture
def palette(qtbot) -> Palette:
    made = Palette()
    qtbot.addWidget(made)
    made.resize(200, 900)
    made.show()
    qtbot.waitExposed(made)
    return made


def kinds(palette: Palette) -> list[str]:
    items = [palette.list.item(row) for row in range(palette.list.count())]
    return [item.data(KIND) for item in items if item.data(KIND)]


def item_of(palette: Palette, kind: str):
    return next(palette.list.item(r) for r in range(palette.list.count()) if palette.list.item(r).data(KIND) == kind)


def test_every_layer_stands_in_it_once_with_help(palette: Palette) -> None:
    assert sorted(kinds(palette)) == sorted(LAYERS)
    for kind in kinds(palette):
        assert LAYERS[kind].title in item_of(palette, kind).toolTip()


def test_help_names_formula_and_use() -> None:
    card = help_card(LAYERS["Dense"])
    assert "W" in card and LAYERS["Dense"].summary() in card


def test_typing_narrows_and_enter_appends(palette: Palette, qtbot) -> None:
    qtbot.keyClicks(palette.search, "drop")
    assert kinds(palette)[0] == "Dropout"
    with qtbot.waitSignal(palette.chosen) as asked:
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert asked.args == ["Dropout"]
    qtbot.keyClick(palette.search, Qt.Key.Key_Escape)
    assert len(kinds(palette)) == len(LAYERS)


def test_nothing_found_says_so(palette: Palette, qtbot) -> None:
    qtbot.keyClicks(palette.search, "zzzz")
    assert kinds(palette) == []
    assert palette.list.item(0).text() == "No layer of that name"


def test_keys_reach_the_list_and_append(palette: Palette, qtbot) -> None:
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    qtbot.keyClick(palette.list, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.chosen) as asked:
        qtbot.keyClick(palette.list, Qt.Key.Key_Return)
    assert asked.args[0] in LAYERS


def test_a_double_click_appends(palette: Palette, qtbot) -> None:
    place = palette.list.visualItemRect(item_of(palette, "Dense")).center()
    with qtbot.waitSignal(palette.chosen) as asked:
        qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
        qtbot.mouseDClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == ["Dense"]


def test_a_drag_carries_the_kind_and_a_picture(palette: Palette, qtbot, monkeypatch) -> None:
    started: list[tuple[str, bool]] = []

    def record(drag: QDrag, *_: object) -> Qt.DropAction:
        started.append((bytes(drag.mimeData().data(LAYER_MIME).data()).decode(), drag.pixmap().isNull()))
        return Qt.DropAction.IgnoreAction

    monkeypatch.setattr(QDrag, "exec", record)
    place = palette.list.visualItemRect(item_of(palette, "ReLU")).center()
    view = palette.list.viewport()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=place)
    for step in range(1, 5):
        qtbot.mouseMove(view, place + QPoint(12 * step, 0))
    palette.list.startDrag(Qt.DropAction.CopyAction)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=place)
    assert started[-1] == ("ReLU", False)


def test_it_is_painted_in_both_themes(palette: Palette, qapp) -> None:
    from app import theme

    pictures = []
    for mode in ("dark", "light"):
        theme.apply(qapp, mode)
        pictures.append(palette.list.grab().toImage())
    assert pictures[0] != pictures[1]
