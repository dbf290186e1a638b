"""Other runs in the plots: each series of each run under its name, in the run's colour, exact at the crosshair."""

from __future__ import annotations

import numpy as np
import pytest

from app.document import Document
from app.plots import PLOTS
from app.plots.curves import CurvePlot
from app.plots.gradient_norms import GradientNormsPlot
from app.plots.learning_rate import LearningRatePlot
from app.plots.loss import LossPlot
from app.plots.metrics import MetricsPlot
from app.plots.update_ratio import UpdateRatioPlot
from app.recorded.history import RunHistory
from app.runs import colours as run_colours
from app.runs.runs import Runs
from app.training.session import Session
from engine.runs import RunInfo
from tests.app.making import document_of, evaluated, looked_at, started, steps

KINDS = [kind for kind in PLOTS if issubclass(kind, CurvePlot)]


def recorded(reports: int, seed: int) -> RunHistory:
    history = RunHistory()
    history.begin(started())
    for number in range(reports):
        history.add_steps(steps(20 * number + 1, 20, seed=seed))
        history.add_statistics(looked_at(20 * number + 20 + seed))
        history.add_evaluation(evaluated(20 * number + 20, 0.5 + seed, 0.25 + seed, accuracy=(0.5, 0.6)))
    return history


@pytest.fixture
def document(qapp) -> Document:
    return document_of("circles")


@pytest.fixture
def session(document: Document) -> Session:
    return Session(document)


def make(kind: type[CurvePlot], session: Session, qtbot) -> CurvePlot:
    plot = kind(session, session.document)
    qtbot.addWidget(plot)
    plot.resize(700, 320)
    with qtbot.waitExposed(plot):
        plot.show()
    return plot


def beside(session: Session, history: RunHistory, name: str = "Run 7") -> Runs:
    runs = Runs.of(session)
    runs.put(RunInfo("20260101-000000-000000-0000", name=name, outcome="finished"), on_disk=False)
    runs.overlay_history("20260101-000000-000000-0000", history)
    return runs


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_every_plot_of_curves_draws_another_run_and_lets_it_go(session, qtbot, kind):
    plot = make(kind, session, qtbot)
    session.history = recorded(3, 0)
    plot.draw_now()
    own = [curve.series for curve in plot.curves]
    assert own
    runs = beside(session, recorded(6, 1))
    plot.draw_now()
    others = [curve for curve in plot.curves if curve.series.run is not None]
    assert [curve.series for curve in plot.curves][: len(own)] == own
    assert len(others) == len(own)
    assert all(curve.series.label.startswith("Run 7 · ") for curve in others)
    drawn = [curve for curve in others if curve.shown]
    assert drawn
    for curve in drawn:
        assert len(curve.raw.steps) or len(curve.mean.steps)
    assert plot.frame.steps[1] >= 120  # the longer run is in view
    runs.overlay(runs.infos[0].id, False)
    plot.draw_now()
    assert [curve.series for curve in plot.curves] == own


@pytest.mark.parametrize("kind", [LossPlot, GradientNormsPlot, UpdateRatioPlot, LearningRatePlot])
def test_its_numbers_are_exact_at_the_crosshair(session, qtbot, kind):
    session.history = recorded(3, 0)
    other = recorded(6, 1)
    beside(session, other)
    plot = make(kind, session, qtbot)
    plot.draw_now()
    table = {"training": other.training, "evaluations": other.evaluations, "updates": other.updates}
    for curve in plot.curves:
        if curve.series.run is not None:
            columns = table[curve.series.source.partition("/")[2]]
            row = columns.row_at(81)
            assert plot.value_at(curve, 81) == columns.table[row, curve.series.column]


def test_it_is_in_the_colour_of_its_run_and_thin(session, qtbot):
    session.history = recorded(3, 0)
    runs = beside(session, recorded(6, 1))
    plot = make(LossPlot, session, qtbot)
    plot.draw_now()
    train, validation = (curve for curve in plot.curves if curve.series.run is not None)
    number = runs.colour(runs.infos[0].id)
    assert train.series.paint() == run_colours.colour(number)
    assert train.mean.pen.width() == 1
    assert train.mean.pen.style() != validation.raw.pen.style()
    plot.set_smoothing(20)
    assert not len(train.raw.steps)  # only its mean: not two noisy bands


def test_its_entry_in_the_legend_switches_it(session, qtbot):
    session.history = recorded(3, 0)
    beside(session, recorded(6, 1))
    plot = make(LossPlot, session, qtbot)
    plot.draw_now()
    entry = next(e for e in plot.legend.entries if e.text() == "Run 7 · validation")
    curve = plot.curves[plot.legend.entries.index(entry)]
    assert entry.value() == plot.format(1.25)
    entry.click()
    assert not curve.shown
    assert not len(curve.raw.steps)
    entry.click()
    assert len(curve.raw.steps) == 6


def test_where_no_run_is_open_the_others_are_drawn_alone(session, qtbot):
    plot = make(LossPlot, session, qtbot)
    assert not plot.has_data()
    runs = beside(session, recorded(6, 1))
    plot.draw_now()
    assert [curve.series.label for curve in plot.curves] == ["Run 7 · train", "Run 7 · validation"]
    assert plot.body.isVisible()
    runs.overlay(runs.infos[0].id, False)
    plot.draw_now()
    assert not plot.body.isVisible()


def test_another_network_is_drawn_with_what_it_has(session, qtbot):
    other = RunHistory()
    other.begin(started(keys=("elsewhere.W",)))
    other.add_steps(steps(1, 30, weights=1, nodes=2))
    session.history = recorded(3, 0)
    beside(session, other)
    plot = make(GradientNormsPlot, session, qtbot)
    plot.draw_now()
    assert [c.series.label for c in plot.curves if c.series.run is not None] == ["Run 7 · elsewhere · W"]
    metrics = make(MetricsPlot, session, qtbot)
    metrics.draw_now()
    assert all(curve.series.run is None for curve in metrics.curves)  # it was never evaluated


def test_exported_numbers_name_the_run(session, qtbot):
    session.history = recorded(3, 0)
    other = recorded(6, 1)
    beside(session, other)
    plot = make(LossPlot, session, qtbot)
    plot.draw_now()
    names, columns = plot.table()
    assert names == ["step", "train", "validation", "Run 7 · train", "Run 7 · validation"]
    assert columns[0].tolist() == list(range(1, 121))
    assert np.array_equal(columns[3].astype(np.float32), other.loss)
