"""The dialog of sweeps in a whole window: choosing, saying what is wrong, running, using what was found."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.dialogs.sweep import SweepDialog
from app.sweep.axes import Draft, count_of, first_draft, seconds_of
from app.sweep.sweep import DONE
from engine.issues import ChainruleError
from engine.sweep import Axis, Range, targets
from tests.app.making import document_of

RATE, UNITS, OPTIMIZER = ("", ("optimizer", "learning_rate")), ("hidden_1", ("units",)), ("", ("optimizer", "kind"))


@pytest.fixture
def dialog(window, qtbot) -> SweepDialog:
    """The dialog above a window with the XOR network open."""
    assert window.files.open_template("xor")
    window.actions_by_id["sweep"].trigger()
    return window.sweeps.dialog


def chosen(dialog: SweepDialog, epochs: int = 5) -> None:
    """Two learning rates by two widths."""
    for key, text in ((RATE, "0.01, 0.1"), (UNITS, "3 5")):
        dialog.setup.list.tick(key, True)
        dialog.setup.rows[key].text.setText(text)
    dialog.setup.epochs.setValue(epochs)
    dialog.setup.refresh()


def test_a_sweep_from_ticks_to_settings_used_as_one_change(window, dialog, qtbot) -> None:
    assert not dialog.begin.isEnabled()
    chosen(dialog)
    assert dialog.setup.outcome.text() == "4 runs of 5 epochs, a moment on this machine."
    dialog.setup.by_chance.setChecked(True)  # twenty draws of four combinations
    dialog.setup.refresh()
    assert dialog.setup.outcome.text().endswith("on this machine: there are no more combinations.")
    dialog.setup.by_grid.setChecked(True)
    dialog.setup.refresh()
    sweep, stack = window.sweeps.sweep, window.document.undo_stack
    badge, seen = window.sweeps.badge, []
    sweep.changed.connect(lambda: seen.append((badge.text()[:6], badge.isVisible(), dialog.cancel.isVisible(),
                                               dialog.new.isEnabled())))
    with qtbot.waitSignal(sweep.finished):
        qtbot.mouseClick(dialog.begin, Qt.MouseButton.LeftButton)
    assert ("sweep ", True, True, False) in seen
    assert not window.sweeps.badge.isVisible() and not dialog.cancel.isVisible()
    assert [row.state for row in sweep.rows] == [DONE] * 4
    before = window.document.content
    dialog.table.selectRow(0)
    best, changes = sweep.ranked[0], stack.count()
    qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    assert window.document.training["optimizer"]["learning_rate"] == best.values["Optimizer · learning rate"]
    assert window.document.graph.nodes["hidden_1"].params["units"] == best.values["hidden_1 · Units"]
    assert window.document.training["epochs"] == before.training["epochs"] != 5
    assert stack.count() == changes + 1
    stack.undo()
    assert window.document.content == before
    dialog.table.opened.emit(best.number)
    assert window.tabs.currentWidget() is window.desk.panel
    assert window.desk.panel.table.selected() == (best.run,)
    qtbot.mouseClick(dialog.draw, Qt.MouseButton.LeftButton)
    plot = next(plot for plot in window.plots if plot.id == "sweep")
    assert not dialog.isVisible() and plot.isVisible()  # which the dialog would cover


def test_closing_leaves_it_running_and_the_status_bar_leads_back(window, dialog, qtbot) -> None:
    chosen(dialog, epochs=1_000_000)
    sweep = window.sweeps.sweep
    dialog.begin.click()
    qtbot.waitUntil(lambda: any(row.share for row in sweep.rows))
    dialog.leave.click()
    assert sweep.is_running and not dialog.isVisible()
    qtbot.mouseClick(window.sweeps.badge, Qt.MouseButton.LeftButton)
    assert dialog.isVisible() and dialog.pages.currentIndex() == 1
    with qtbot.waitSignal(sweep.finished):
        qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    assert dialog.new.isEnabled() and not sweep.is_running


def test_what_is_wrong_stands_at_its_field(dialog) -> None:
    chosen(dialog)
    row = dialog.setup.rows[UNITS]
    for text, said in (("3, x", "“x” is no number."), ("0, 3", "0 is not allowed. Units must be"),
                       ("", "List at least one value"), ("2.5", "2.5 is not allowed.")):
        row.text.setText(text)
        dialog.setup.refresh()
        assert said in row.problem.text() and not row.problem.isHidden() and not dialog.begin.isEnabled()
    row.spanned.setChecked(True)
    row.low.setText("9")
    row.high.setText("2")
    dialog.setup.refresh()
    assert row.problem.text() == "From 9 to 2 is the wrong way round."
    row.high.setText("33")
    dialog.setup.refresh()
    assert row.problem.isHidden() and dialog.begin.isEnabled()
    row.text.setText(" ".join(str(n) for n in range(1, 1001)))
    row.listed.setChecked(True)
    dialog.setup.rows[RATE].text.setText("0.1 0.2 0.3")
    dialog.setup.refresh()
    assert dialog.setup.outcome.text().startswith("These are 3\u2009000 runs; at most 2\u2009000 are taken.")
    dialog.setup.on_cluster.setChecked(True)
    dialog.setup.by_chance.setChecked(True)
    dialog.setup.refresh()
    assert dialog.setup.outcome.text() == "Name the scheduler of the cluster."
    row.remove.click()
    assert UNITS not in dialog.setup.rows


def test_a_value_that_does_not_fit_is_refused_before_anything_starts(dialog, qtbot) -> None:
    dialog.setup.list.tick(("output", ("units",)), True)
    dialog.setup.rows[("output", ("units",))].text.setText("1, 7")
    dialog.setup.refresh()
    dialog.begin.click()
    qtbot.waitUntil(lambda: "7 the network does not fit together" in dialog.setup.outcome.text())
    assert dialog.pages.currentIndex() == 0 and dialog.begin.isEnabled()


def test_a_cluster_that_is_not_there_is_told_at_its_address(dialog, qtbot) -> None:
    pytest.importorskip("distributed")
    chosen(dialog)
    dialog.setup.on_cluster.setChecked(True)
    dialog.setup.address.setText("no address")
    dialog.setup.refresh()
    dialog.begin.click()
    qtbot.waitUntil(lambda: "No Dask scheduler answers at 'no address'" in dialog.setup.cluster_problem.text())
    assert dialog.focusWidget() is dialog.setup.address  # not the button that takes a parameter away
    assert dialog.pages.currentIndex() == 0


def test_the_list_follows_the_search_and_the_network(window, dialog) -> None:
    chosen(dialog)
    shown = dialog.setup.list
    shown.search.setText("initial hidden_1")
    hidden = {key for key, item in shown._items.items() if item.isHidden()}
    assert ("hidden_1", ("initialiser", "kind")) not in hidden and RATE in hidden
    assert "Fixes initial weights" in shown._items[("", ("seed",))].toolTip(0)
    window.document.commit(window.document.graph.remove(["hidden_1"]), "Remove")
    assert UNITS not in dialog.setup.rows and RATE in dialog.setup.rows


def test_first_values_are_allowed_and_what_they_mean(qapp) -> None:
    document = document_of("spirals")
    for target in targets(document.graph, document.training):
        draft = first_draft(target)
        axis = draft.axis(random=False)
        assert isinstance(axis, Axis) and axis.values, target.title
        if not target.options and draft.low != draft.high:
            assert isinstance(Draft(target, span=True, low=draft.low, high=draft.high, log=draft.log).axis(True), Range)
    rate = next(t for t in targets(document.graph, document.training) if t.path == RATE[1])
    assert Draft(rate, span=True, low="1e-3", high="0.1", count=3, log=True).axis(False).values == (0.001, 0.01, 0.1)
    with pytest.raises(ChainruleError, match="Equal ratios need numbers above 0"):
        Draft(next(t for t in targets(document.graph, document.training) if t.path[-1] == "weight_decay"), span=True,
              low="0", high="1", log=True).axis(True)


def test_the_time_grows_with_runs_epochs_and_fewer_processes(qapp) -> None:
    document = document_of("spirals")
    rate = next(t for t in targets(document.graph, document.training) if t.path == RATE[1])
    axis = Axis(rate, (0.1, 0.2, 0.3, 0.4))
    combinations = [((rate, value),) for value in axis.values]
    assert count_of([axis, axis], None) == 16 and count_of([axis], 3) == 3 and count_of([axis], 9) == 4
    one = seconds_of(combinations, {"epochs": 10}, 480, 7, 354, 4, 1)
    assert seconds_of(combinations, {"epochs": 10}, 480, 7, 354, 4, 2) == one / 2
    assert seconds_of(combinations, {"epochs": 1000}, 480, 7, 354, 4, 1) > 10 * one > 0
