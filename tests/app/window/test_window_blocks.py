"""Blocks in the whole window: trained in the real process while repeated and collapsed, kept in the palette, saved."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.training.live import graph_needs_restart
from app.training.session import FINISHED
from engine.graph import groups
from engine.graph.elements import Note
from engine.graph.model import Graph
from engine.layers import LAYERS
from engine.project import open_project, save
from engine.project.templates import TEMPLATES


@pytest.fixture
def trained(window, qtbot):
    """The circles template with a hidden layer three times in a row and a bypassed one, trained two epochs."""
    window.open_template("circles")
    document = window.document
    graph, block = in_a_row(document.graph)
    document.commit(graph, "Build")
    document.commit_training({**document.training, "epochs": 2})
    assert document.report.ok, document.report.errors
    window.session.run()
    if window.session.state != FINISHED:
        with qtbot.waitSignal(window.session.state_changed,
                              check_params_cb=lambda state: state == FINISHED):
            pass
    return window, block


def in_a_row(graph: Graph) -> tuple[Graph, str]:
    """A Dense layer of the width it takes before the last, in a collapsed block three times; a Dropout bypassed."""
    (loss,) = [i for i, n in graph.nodes.items() if n.kind in LAYERS and not graph.has_output(i)]
    last = graph.inputs(loss)[0].source
    before = graph.inputs(last)[0].source
    width = next(n.params["units"] for n in graph.nodes.values() if n.kind == "Dense")
    graph, deep = graph.add("Dense", {"units": width}, (400.0, 200.0), id="deep")
    graph, drop = graph.add("Dropout", {}, (600.0, 200.0), id="drop")
    graph = graph.connect(before, deep).connect(deep, drop).connect(drop, last, "in").enable([drop], False)
    graph, block = groups.group(graph, [deep], "Deep", collapsed=True)
    return groups.put(graph, replace(graph.groups[block], repeat=3)), block


def test_a_repeated_block_trains_and_its_copies_are_in_plots_and_file(trained, tmp_path: Path):
    window, block = trained
    keys = set(window.session.history.weight_keys)
    assert {"deep.W", "deep·2.W", "deep·3.W"} <= keys
    assert not any(key.startswith("drop") for key in keys)
    assert {"deep.W", "deep·2.W", "deep·3.b"} <= set(window.document.weights)
    assert window.canvas.canvas.blocks.items[block].collapsed
    save(tmp_path / "a.chainrule", window.files.project())
    opened = open_project(tmp_path / "a.chainrule")
    assert opened.graph == window.document.graph
    assert not opened.notices
    assert set(opened.weights) == set(window.document.weights)


def test_collapsing_grouping_and_writing_keep_a_run_but_repeating_and_bypassing_do_not():
    graph, block = in_a_row(TEMPLATES["circles"].build().graph)
    once = groups.put(graph, replace(graph.groups[block], repeat=2))
    for same in (groups.fold(graph, block, False), groups.rename(graph, block, "Other"),
                 groups.group(graph, ["deep", "drop"])[0], graph.put_note(Note("note_1"))):
        assert not graph_needs_restart(graph, same)
    assert graph_needs_restart(graph, once)
    assert graph_needs_restart(graph, graph.enable(["drop"], True))
    assert not graph_needs_restart(once, once.remove(["drop"], heal=True))  # it was left out anyway


def test_saving_to_the_palette_says_under_which_name(trained):
    window, block = trained
    window.document.select(groups.members(window.document.graph, block))
    window.actions_by_id["save_block"].trigger()
    assert window.messages.messages[-1].sentence == "“Deep” is kept in the palette under My blocks."
    assert list(window.palette_panel.blocks.store.blocks()) == ["Deep"]
    count = len(window.document.graph.groups)
    window.palette_panel.blocks.list.itemActivated.emit(window.palette_panel.blocks.list.item(0))
    assert len(window.document.graph.groups) == count + 1
