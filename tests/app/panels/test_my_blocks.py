"""Blocks kept in the palette: as files, in the list, and from there into the network."""

import json
import logging
import stat

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest

from app.block_store import BlockStore
from app.canvas.view import CanvasView
from app.document import Content, Document
from app.panels.my_blocks import MyBlocks
from app.style import theme
from engine.graph import edits, groups
from engine.graph.build import chain
from engine.graph.model import Graph
from engine.issues import ChainruleError
from engine.layers import Dense, Input, ReLU, SoftmaxCrossEntropy


def network() -> Graph:
    return chain(("in", Input(shape=(4,))), ("a", Dense(units=4)), ("relu", ReLU()), ("b", Dense(units=3)),
                 ("loss", SoftmaxCrossEntropy()))


def block_text(name: str = "Stem") -> str:
    graph, block = groups.group(network(), ["a", "relu"], name, collapsed=True)
    return edits.copy_text(graph, groups.members(graph, block))


@pytest.fixture
def store(tmp_path, qapp) -> BlockStore:
    return BlockStore(tmp_path / "blocks")


@pytest.fixture
def panel(store, qtbot) -> MyBlocks:
    made = MyBlocks(store)
    qtbot.addWidget(made)
    return made


def test_a_block_is_kept_and_comes_back_as_it_was(store, tmp_path):
    assert store.save("Stem", block_text()) == "Stem"
    assert store.save("stem", block_text()) == "stem 2"
    again = BlockStore(tmp_path / "blocks")
    assert list(again.blocks()) == ["Stem", "stem 2"]
    assert edits.read_text(again.blocks()["Stem"]) == edits.read_text(block_text())


def test_names_that_no_file_can_have_are_kept_inside_it(store):
    name = "../../ä/b: 50 %?"
    store.save(name, block_text())
    assert list(store.blocks()) == [name]
    store.rename(name, "Plain")
    assert list(store.blocks()) == ["Plain"]
    store.remove("Plain")
    assert not store.blocks()


def test_files_that_are_no_blocks_are_passed_over(store, tmp_path, caplog):
    store.save("Stem", block_text())
    for name, text in (("a", "{"), ("b", "[]"), ("c", json.dumps({"chainrule": "layers", "version": 99}))):
        (tmp_path / "blocks" / f"{name}.block.json").write_text(text, "utf-8")
    (tmp_path / "blocks" / "d.block.json").write_bytes(b"\xff\xfe\x00")
    with caplog.at_level(logging.WARNING):
        assert list(store.blocks()) == ["Stem"]
    assert caplog.text.count("is no block") == 4
    caplog.clear()


def test_a_folder_that_cannot_be_made_is_told_with_a_sentence(tmp_path, qapp):
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(ChainruleError):
        BlockStore(tmp_path / "file" / "blocks").save("Stem", block_text())
    assert stat.S_ISREG((tmp_path / "file").stat().st_mode)


def test_the_list_is_seen_once_there_is_a_block_and_renames_and_forgets(panel, store, qtbot):
    assert not panel.isVisibleTo(None)
    store.save("Stem", block_text())
    assert panel.isVisibleTo(None)
    panel.list.item(0).setText("Encoder")
    assert list(store.blocks()) == ["Encoder"]
    panel.list.item(0).setText(" ")
    assert panel.list.item(0).text() == "Encoder"
    with qtbot.waitSignal(panel.chosen) as chosen:
        panel.list.itemActivated.emit(panel.list.item(0))
    assert edits.read_text(chosen.args[0]).groups
    panel.show()
    panel.list.setCurrentRow(0)
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert not store.blocks()
    assert not panel.isVisible()


@pytest.fixture
def view(qapp, qtbot) -> CanvasView:
    theme.apply(qapp, "dark")
    document = Document()
    document.set_content(Content(network()))
    made = CanvasView(document)
    made.document.setParent(made)
    qtbot.addWidget(made)
    made.resize(1200, 600)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_a_chosen_block_goes_into_the_wire_after_what_is_selected(view):
    view.document.select(["relu"])
    view.adding.append_block(block_text())
    graph = view.document.graph
    (block,) = graph.groups
    first, last = groups.members(graph, block)
    assert graph.edges[(first, "in")].source == "relu"
    assert graph.edges[("b", "in")].source == last
    assert view.document.report.ok
    assert view.document.selection == {first, last}
    assert view.document.undo_stack.undoText() == "Add Stem"
    view.document.undo_stack.undo()
    assert view.document.graph == network()


def test_a_block_is_dropped_on_the_canvas_and_on_a_wire(view, panel, store):
    store.save("Stem", block_text())
    mime = panel.list.mimeData([panel.list.item(0)])
    wire = QPointF(view.to_viewport(view.canvas.wires[("b", "in")].middle()))
    for place in (QPointF(600, 550), wire):
        buttons = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        QGuiApplication.sendEvent(view.viewport(), QDragEnterEvent(place.toPoint(), *buttons))
        QGuiApplication.sendEvent(view.viewport(), QDropEvent(place, *buttons))
    graph = view.document.graph
    loose, wired = graph.groups
    assert not any(graph.inputs(i) for i in groups.members(graph, loose)[:1])
    assert graph.edges[("b", "in")].source == groups.members(graph, wired)[-1]


def test_what_is_selected_is_saved_as_a_block(view, qtbot):
    view.document.select(["a", "relu"])
    with qtbot.waitSignal(view.block_saved) as saved:
        view.grouping.save()
    name, text = saved.args
    part = edits.read_text(text)
    assert name == "My block"
    assert set(part.nodes) == {"a", "relu"}
    assert [g.name for g in part.groups.values()] == ["My block"]
    assert view.document.graph == network()
    graph, block = groups.group(view.document.graph, ["a", "relu"], "Stem")
    view.document.commit(graph, "Group")
    view.document.select(groups.members(graph, block))
    with qtbot.waitSignal(view.block_saved) as saved:
        view.grouping.save()
    assert saved.args[0] == "Stem"


def test_the_menu_of_a_block(panel, store):
    store.save("Stem", block_text())
    panel.show()
    place = panel.list.visualItemRect(panel.list.item(0)).center()
    assert [a.text() for a in panel.list.menu_at(place).actions()] == ["Add to the network", "Rename", "Forget"]
    assert panel.list.menu_at(QPoint(5, 500)) is None
