"""The palette: every layer, found by name, dragged or appended."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication

from app.panels.palette import LAYER_MIME, Palette, help_card
from app.panels.palette_card import card_html, shapes_example
from app.panels.palette_paint import star_place
from app.settings import Settings
from engine.layers import LAYERS

KIND = Qt.ItemDataRole.UserRole


@pytest.fixture
def palette(qtbot) -> Palette:
    made = Palette()
    qtbot.addWidget(made)
    made.resize(200, 900)
    with qtbot.waitExposed(made):
        made.show()
    return made


def kinds(palette: Palette) -> list[str]:
    items = [palette.list.item(row) for row in range(palette.list.count())]
    return [item.data(KIND) for item in items if item.data(KIND)]


def item_of(palette: Palette, kind: str):
    return next(palette.list.item(r) for r in range(palette.list.count()) if palette.list.item(r).data(KIND) == kind)


def test_every_layer_stands_in_it_once_with_help(palette: Palette) -> None:
    assert sorted(kinds(palette)) == sorted(LAYERS)
    for kind in kinds(palette):
        assert LAYERS[kind].summary() in item_of(palette, kind).data(Qt.ItemDataRole.AccessibleDescriptionRole)


def test_help_names_formula_and_use() -> None:
    card = help_card(LAYERS["Dense"])
    assert "W" in card and LAYERS["Dense"].summary() in card
    assert "negative log-likelihood of a categorical distribution" in help_card(LAYERS["SoftmaxCrossEntropy"])
    assert "Not a likelihood." in card_html(LAYERS["Hinge"])


def test_typing_narrows_and_enter_appends(palette: Palette, qtbot) -> None:
    qtbot.keyClicks(palette.search, "drop")
    assert kinds(palette)[0] == "Dropout"
    with qtbot.waitSignal(palette.chosen) as asked:
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert asked.args == ["Dropout"]
    qtbot.keyClick(palette.search, Qt.Key.Key_Escape)
    assert set(kinds(palette)) == set(LAYERS)


def test_nothing_found_says_so(palette: Palette, qtbot) -> None:
    qtbot.keyClicks(palette.search, "zzzz")
    assert kinds(palette) == []
    assert palette.list.item(0).text() == "No layer of that name"


def test_keys_reach_the_list_and_append(palette: Palette, qtbot) -> None:
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    for _ in range(2):  # over the next heading
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
    assert palette.list.currentItem() is None and not palette.list.selectedItems(), "the drag is over"


def test_it_is_painted_in_both_themes(palette: Palette, qapp) -> None:
    from app.style import theme

    pictures = []
    for mode in ("dark", "light"):
        theme.apply(qapp, mode)
        pictures.append(palette.list.grab().toImage())
    assert pictures[0] != pictures[1]


def hover(palette: Palette, kind: str) -> None:
    view = palette.list.viewport()
    place = QPointF(palette.list.visualItemRect(item_of(palette, kind)).center())
    QApplication.sendEvent(view, QMouseEvent(QEvent.Type.MouseMove, place, view.mapToGlobal(place),
                                             Qt.MouseButton.NoButton, Qt.MouseButton.NoButton,
                                             Qt.KeyboardModifier.NoModifier))


def headings(palette: Palette) -> list[str]:
    items = [palette.list.item(row) for row in range(palette.list.count())]
    return [item.text() for item in items if not item.data(KIND)]


def test_a_card_opens_beside_a_resting_pointer_and_goes_with_it(palette: Palette, qtbot) -> None:
    hover(palette, "Conv2D")
    qtbot.waitUntil(palette.list.card.isVisible)
    words = palette.list.card.words.text()
    assert LAYERS["Conv2D"].title in words and LAYERS["Conv2D"].when in words
    assert palette.list.card.parentWidget() is palette.window()
    hover(palette, "Dense")
    assert not palette.list.card.isVisible()
    QApplication.sendEvent(palette.list, QEvent(QEvent.Type.Leave))
    assert not palette.list._rest.isActive()


@pytest.mark.parametrize("kind", sorted(LAYERS))
def test_every_card_tells_formula_shapes_and_use(kind: str, qapp) -> None:
    words = card_html(LAYERS[kind])
    assert "When:" in words
    assert "→" in shapes_example(LAYERS[kind]) or not LAYERS[kind].inputs


def test_shapes_on_the_card_are_what_becomes_of_a_typical_input() -> None:
    assert shapes_example(LAYERS["Flatten"]) == "28 × 28 × 3 → 2352"
    assert shapes_example(LAYERS["Concatenate"]) == "10 and 10 → 20"
    assert shapes_example(LAYERS["MSE"]) == "10 → the loss, one number"


def test_stars_are_kept_between_starts(qtbot) -> None:
    first = Palette(Settings())
    qtbot.addWidget(first)
    first.resize(200, 900)
    first.show()
    place = star_place(first.list.visualItemRect(item_of(first, "Dense"))).center()
    qtbot.mouseClick(first.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert headings(first)[0] == "Favourites" and kinds(first)[0] == "Dense"
    first.memory._settings.sync()
    second = Palette(Settings())
    qtbot.addWidget(second)
    assert kinds(second)[0] == "Dense" and second.memory.favourites == ["Dense"]
    second.list.setCurrentRow(1)
    qtbot.keyClicks(second.list, "*")
    assert headings(second)[0] != "Favourites"


def test_what_was_used_of_late_stands_above_the_categories(palette: Palette, qtbot) -> None:
    for kind in ("Dense", "ReLU", "Dense", "Dropout", "LSTM", "GRU", "Conv2D"):
        palette.list.chosen.emit(kind)
    assert headings(palette)[0] == "Recently used"
    assert kinds(palette)[:5] == ["Conv2D", "GRU", "LSTM", "Dropout", "Dense"]


def test_settings_of_another_version_do_no_harm(qtbot) -> None:
    settings = Settings()
    settings.set_text("palette/favourites", "NoSuchLayer|Dense||")
    settings.set_text("palette/recent", "|||")
    palette = Palette(settings)
    qtbot.addWidget(palette)
    assert palette.memory.favourites == ["Dense"] and palette.memory.recent == []


def test_categories_fold_by_click_and_by_key(palette: Palette, qtbot) -> None:
    heading = next(palette.list.item(r) for r in range(palette.list.count()) if palette.list.item(r).text() == "Data")
    qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton,
                     pos=palette.list.visualItemRect(heading).center())
    assert "Input" not in kinds(palette) and "Data" in headings(palette)
    palette.list.setCurrentRow(headings(palette).index("Data"))
    qtbot.keyClick(palette.list, Qt.Key.Key_Right)
    assert "Input" in kinds(palette)
    qtbot.keyClicks(palette.search, "inp")
    assert "Input" in kinds(palette)  # a search looks into folded categories too


def test_the_menu_of_an_entry(palette: Palette, qtbot) -> None:
    menu = palette.list.menu_of(item_of(palette, "Dense"))
    add, star = menu.actions()
    with qtbot.waitSignal(palette.chosen) as asked:
        add.trigger()
    assert asked.args == ["Dense"]
    star.trigger()
    assert palette.memory.favourites == ["Dense"]
