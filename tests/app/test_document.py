"""The document: one undoable command for everything, merging, selection, file state, signals."""

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest

from app import edit
from app.document import Content, Document
from engine.graph.model import Graph
from engine.issues import ChainruleError


@pytest.fixture
def document(qapp) -> Document:
    return Document()


def chain() -> Graph:
    graph, _ = Graph().add("Input", {"shape": (2,)})
    graph, _ = graph.add("Dense", {"units": 3}, position=(220, 0))
    graph, _ = graph.add("MSE", position=(440, 0))
    return graph.connect("input_1", "dense_1").connect("dense_1", "loss_1")


def test_commit_emits_the_difference_and_a_new_report(document, qtbot):
    with qtbot.waitSignal(document.graph_changed) as changed, qtbot.waitSignal(document.report_changed):
        document.commit(chain(), "Add layers")
    assert changed.args[0].added == ("input_1", "dense_1", "loss_1")
    assert document.report.ok
    assert document.undo_stack.undoText() == "Add layers"


def test_a_commit_of_the_same_graph_is_no_step(document):
    document.commit(chain(), "Add layers")
    document.commit(chain(), "Nothing")
    assert document.undo_stack.count() == 1


def test_undo_gives_back_the_very_graph(document):
    first = chain()
    document.commit(first, "Add layers")
    document.commit(first.set_params("dense_1", units=9), "Change units")
    document.undo_stack.undo()
    assert document.graph is first
    document.undo_stack.redo()
    assert document.graph.nodes["dense_1"].params["units"] == 9


def test_a_drag_is_one_step_and_two_drags_are_two(document):
    document.commit(chain(), "Add layers")
    for units in (4, 5, 6):
        document.commit(document.graph.set_params("dense_1", units=units), "Change units", "units")
    document.end_merge()
    document.commit(document.graph.set_params("dense_1", units=7), "Change units", "units")
    assert document.undo_stack.count() == 3
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert document.graph == chain()


def test_dragged_there_and_back_leaves_nothing_to_undo(document):
    document.commit(chain(), "Add layers")
    for units in (4, 3):
        document.commit(document.graph.set_params("dense_1", units=units), "Change units", "units")
    assert document.graph == chain()
    assert document.undo_stack.count() == 1


def test_moving_checks_nothing_anew(document, qtbot):
    document.commit(chain(), "Add layers")
    with qtbot.assertNotEmitted(document.report_changed):
        document.commit(document.graph.move({"dense_1": (5, 5)}), "Move")


def test_the_data_decide_the_report(document):
    document.commit(chain(), "Add layers")
    document.commit_source({"kind": "Iris"})
    assert document.signature is not None
    assert document.signature.input_shape == (4,)
    assert "input_shape" in {issue.code for issue in document.report.issues}
    document.undo_stack.undo()
    assert document.signature is None
    assert document.report.ok


def test_unreadable_data_gives_a_sentence(document):
    document.commit_source({"kind": "Nowhere"})
    assert document.signature is None
    assert "Nowhere" in document.source_problem


def test_selection_follows_removal(document, qtbot):
    document.commit(chain(), "Add layers")
    document.select(["dense_1", "no such node"])
    assert document.selection == {"dense_1"}
    with qtbot.waitSignal(document.selection_changed):
        document.commit(document.graph.remove(["dense_1"], heal=True), "Delete")
    assert document.selection == frozenset()


def test_modified_follows_edits_weights_and_saving(document, qtbot):
    assert not document.is_modified
    with qtbot.waitSignal(document.file_changed):
        document.commit(chain(), "Add layers")
    assert document.is_modified
    document.mark_saved(Path("net.chainrule"))
    assert not document.is_modified
    assert document.title == "net"
    with qtbot.waitSignal(document.file_changed):
        document.weights = {"dense_1.W": np.zeros((3, 2))}
    assert document.is_modified
    document.mark_saved(Path("net.chainrule"))
    document.undo_stack.undo()
    assert document.is_modified


def test_new_content_clears_undo(document):
    document.commit(chain(), "Add layers")
    document.set_content(Content(chain().remove(["loss_1"])), Path("b.chainrule"))
    assert not document.undo_stack.canUndo()
    assert not document.is_modified
    assert list(document.graph.nodes) == ["input_1", "dense_1"]


def test_a_fix_is_one_step(document):
    graph = chain()
    document.commit(graph.remove(["loss_1"]), "Start")
    issue = next(issue for issue in document.report.issues if issue.code == "no_loss")
    document.apply_fix(issue, issue.mends[0])
    assert document.undo_stack.undoText() == issue.mends[0].title
    assert document.report.losses


def test_a_fix_that_no_longer_fits_says_so(document):
    document.commit(chain(), "Start")
    document.commit_source({"kind": "Iris"})
    issue = next(issue for issue in document.report.issues if issue.code == "input_shape")
    document.commit(document.graph.remove(["input_1"]), "Delete")
    with pytest.raises(ChainruleError, match="no longer fits"):
        document.apply_fix(issue, issue.mends[0])


def test_a_document_goes_with_its_last_user_and_not_when_the_collector_comes(qtbot) -> None:
    """In a circle with its commands it fell to the collector, which took commands away that Qt's stack still held."""
    document = Document()
    for _ in range(3):
        document.commit(document.graph.add("ReLU")[0], "Add a layer")
    document.undo_stack.undo()
    seen, was = weakref.ref(document), gc.isenabled()
    gc.disable()
    try:
        del document
        assert seen() is None
    finally:
        if was:
            gc.enable()


def test_the_collector_takes_no_step_from_under_a_stack(qtbot) -> None:
    """From a circle with a document it took the commands first, and Qt's stack went on to delete them: the end."""
    document = Document()
    document.itself = document
    document.commit(document.graph.add("ReLU")[0], "Add a layer")
    seen, held = [weakref.ref(document), weakref.ref(document.undo_stack)], len(edit._held)
    steps = [weakref.ref(step) for step in document.undo_stack._edits]
    del document
    gc.collect()
    assert not any(each() for each in seen + steps)
    assert len(edit._held) == held - 1


def test_the_collector_finds_steps_in_use(qtbot) -> None:
    document = Document()
    document.itself = document
    document.commit(document.graph.add("ReLU")[0], "Add a layer")
    del document
    try:
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found = [type(each).__name__ for each in gc.garbage]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    gc.collect()
    assert "Document" in found and "Edit" not in found


def test_steps_that_are_no_longer_there_are_not_held(document) -> None:
    steps = document.undo_stack
    for number in range(4):
        document.commit(document.graph.add("ReLU")[0], "Add a layer", "" if number else "merges")
    steps.undo()
    steps.undo()
    document.commit(document.graph.add("Tanh")[0], "Add a layer")
    assert len(steps._edits) == steps.count() == 3
    steps.clear()
    assert steps._edits == []


def test_a_document_that_goes_tells_nobody_of_its_last_steps(qtbot) -> None:
    """A window that is left with undo steps had its menu ask a stack for its words that was gone by half."""
    document, told = Document(), []
    document.commit(document.graph.add("ReLU")[0], "Add a layer")
    document.undo_stack.canUndoChanged.connect(told.append)
    document.undo_stack.indexChanged.connect(told.append)
    del document
    assert told == []
