"""Marks of what changed while a run went on, and of the evaluation that early stopping goes back to."""

from __future__ import annotations

from app.plots.loss import LossPlot
from app.recorded.history import RunHistory
from app.recorded.marks import best_evaluation, notches, with_change
from app.training.session import Session
from engine.train.config import TrainingConfig
from engine.train.events import Changed
from tests.app.making import document_of, evaluated, started, steps


def change(step: int, before: float, after: float, name: str = "learning_rate") -> Changed:
    return Changed(step, name, before, after, 1000, 10)


def test_a_drag_leaves_one_mark_and_none_where_it_comes_back():
    marks = with_change((), change(10, 0.1, 0.2))
    marks = with_change(marks, change(15, 0.2, 0.3), within=10)
    assert [(m.step, m.before, m.after) for m in marks] == [(15, 0.1, 0.3)]
    assert with_change(marks, change(16, 0.3, 0.1), within=10) == ()
    later = with_change(marks, change(40, 0.3, 0.1), within=10)
    assert len(later) == 2
    other = with_change(marks, change(16, 0.5, 0.2, "dropout_1.rate"), within=10)
    assert other[-1].text.startswith("dropout 1 rate 0.5 → 0.2")
    many = ()
    for step in range(300):
        many = with_change(many, change(step, float(step), step + 1.0))
    assert len(many) == 200 and many[-1].step == 299


def test_the_history_keeps_marks_and_the_new_plan():
    history = RunHistory()
    history.begin(started())
    history.add_steps(steps(1, 20))
    history.add_change(Changed(20, "batch_size", 32, 64, 520, 5))
    assert history.progress.total_steps == 520
    assert history.started.steps_per_epoch == 5
    history.drop_after(19)
    assert history.marks == ()


def test_the_best_evaluation_is_that_which_early_stopping_watches():
    history = RunHistory()
    history.begin(started())
    for step, loss, accuracy in ((10, 0.5, 0.7), (20, 0.3, 0.8), (30, 0.4, 0.9)):
        history.add_evaluation(evaluated(step, loss, loss, accuracy=(accuracy, accuracy)))
    off, loss, metric = (TrainingConfig(early_stopping=n, monitor=m).to_dict()
                         for n, m in ((0, "loss"), (3, "loss"), (3, "metric")))
    assert best_evaluation(history, off) is None
    assert best_evaluation(history, loss) == (20, "Best so far: validation loss 0.3 at step 20")
    assert best_evaluation(history, metric) == (30, "Best so far: validation accuracy 0.9 at step 30")
    assert best_evaluation(RunHistory(), loss) is None
    assert notches(history, loss) == [(20, "Best so far: validation loss 0.3 at step 20", "good")]
    assert notches(history, None) == []


def test_a_plot_shows_them(qtbot):
    document = document_of("xor")
    session = Session(document)
    plot = LossPlot(session, document)
    qtbot.addWidget(plot)
    session.history.begin(started())
    session.history.add_steps(steps(1, 50))
    session.history.add_change(change(25, 0.1, 0.2))
    plot.show_all_steps()
    (line,) = plot.notches.lines
    assert line.value() == 25
    assert "learning rate 0.1 → 0.2" in line.toolTip()
    assert line.isVisible()
    session.history.drop_after(10)
    plot.show_all_steps()
    assert not line.isVisible()
    session.shutdown()
