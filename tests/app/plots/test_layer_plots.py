"""Heat map, histograms, singular values, outputs, noise and learning rate show exactly what was measured."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from app import numbers
from app.plots.activations import ActivationsPlot
from app.plots.decades import Decades, painted, shades
from app.plots.gradient_flow import GradientFlowPlot
from app.plots.gradient_map import GradientMapPlot
from app.plots.gradient_noise import GradientNoisePlot
from app.plots.gradient_norms import is_primary
from app.plots.histograms import HistogramsPlot, bin_at
from app.plots.learning_rate import LearningRatePlot
from app.plots.rebin import rebinned
from app.plots.silent_units import SilentUnitsPlot
from app.plots.singular_values import SingularValuesPlot, subscript
from app.style import theme
from app.training.session import FINISHED
from engine.layer import LossLayer
from engine.layers import LAYERS
from engine.train.events import Histogram
from engine.train.spectra import condition
from engine.train.telemetry import histogram
from tests.app.making import looked_at, steps
from tests.app.plots.bench import Bench, curve, drawn, hover, place, point_at

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bench(qtbot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    made.session.shutdown()


def take(plot, choice, key: str) -> None:
    """Chooses as a person does, by the keyboard."""
    while choice.current != key:
        before = choice.currentIndex()
        QTest.keyClick(choice, Qt.Key.Key_Down if choice.findData(key) > before else Qt.Key.Key_Up)
        assert choice.currentIndex() != before


# -- heat map -------------------------------------------------------------------------------------------------


def test_the_heat_map_has_the_colour_of_the_largest_norm_of_each_pixel(bench):
    plot = bench.plot(GradientMapPlot)
    bench.begin(total_steps=3000)
    report = steps(1, 3000)
    report.gradient_norms[1234, 0] = 5e6  # one step among those of its pixel
    bench.add(report)
    assert plot.axis.names == ["hidden_1 · W", "output · W"]
    edges, norms = plot.edges(), report.gradient_norms[:, [0, 2]]
    at = np.arange(1, 3001)
    assert plot.scale.high == 7
    for pixel in (0, 40, int(np.searchsorted(edges, 1235)) - 1, len(edges) - 3):
        inside = norms[(at >= edges[pixel]) & (at < edges[pixel + 1])].max(axis=0)
        share = (np.log10(inside) - plot.scale.low) / (plot.scale.high - plot.scale.low)
        expected = shades("")[np.round(share * 255).astype(int)]
        assert np.array_equal(plot.image.image[pixel], expected)


def test_the_heat_map_tells_exact_norms_and_leads_to_layers(bench):
    plot = bench.plot(GradientMapPlot)
    bench.begin()
    report = steps(1, 200)
    bench.add(report)
    hover(plot, 60, 1.5)
    bench.qtbot.waitUntil(lambda: "step" in plot.detail.text())
    name, step, value = plot.detail.text().rsplit(" · ", 2)
    assert name == "output · W"
    assert value == numbers.number(float(report.gradient_norms[int(step.removeprefix("step ")) - 1, 2]))
    with bench.qtbot.waitSignal(plot.node_clicked) as clicked:
        QTest.mouseClick(plot.frame.viewport(), LEFT, pos=place(plot, 60, 0.5))
    assert clicked.args == ["hidden_1"]
    bench.document.select(["output"])
    assert plot.axis.chosen == {1}


def test_the_heat_map_of_the_flow_has_a_row_for_each_layer(bench):
    plot = bench.plot(GradientMapPlot)
    bench.begin()
    reports = [steps(1, 50), steps(51, 50)]
    bench.add(*reports)
    take(plot, plot.what, "flow")
    assert plot.axis.names == ["input", "hidden_1", "output"]
    assert plot.value_at("hidden_1", 60) == reports[0].flow[1] and plot.value_at("hidden_1", 90) == reports[1].flow[1]
    names, columns = plot.table()
    assert names == ["step", "input", "hidden_1", "output"] and columns[0].tolist() == [50, 100]


def test_colours_lie_on_whole_decades_and_never_shrink():
    scale = Decades()
    scale.include(np.array([0.03, 0.5, 0.0, np.inf, np.nan]))
    assert (scale.low, scale.high) == (-2, 0)
    assert scale.positions(np.array([1e-2, 1e-1, 1.0, 0.0, np.inf])).tolist() == pytest.approx([0, 0.5, 1, 0, 1])
    scale.include(np.array([0.2]))
    assert (scale.low, scale.high) == (-2, 0)
    assert [text for _, text in scale.ticks()] == ["1e−2", "1e−1", "1e0"]
    scale.is_log = False
    assert scale.positions(np.array([0.25])).tolist() == [0.5]
    nothing = painted(np.array([np.nan, 1.0]), shades("panel", "value"))
    assert nothing[0].tolist() == [0, 0, 0, 0]
    assert QColor(*nothing[1].tolist()).name() == theme.current().value


# -- histograms -----------------------------------------------------------------------------------------------


def look_with(step: int, values: np.ndarray, outputs: np.ndarray):
    """A look at hidden_1, whose matrix and outputs have these numbers."""
    look = looked_at(step, ("hidden_1.W", "output.W"))
    first = look.layers[0]
    weight = replace(first.weights[0], values=histogram(values), gradients=histogram(values * 1e-3))
    return replace(look, layers=(replace(first, weights=(weight,), outputs=histogram(outputs)), *look.layers[1:]))


@pytest.fixture
def spread(bench) -> tuple[Bench, list[np.ndarray]]:
    """A run whose matrix widens from look to look."""
    random = np.random.default_rng(3)
    values = [random.normal(0, 0.1 * look, 2000) for look in (1, 2, 3)]
    bench.begin()
    bench.add(steps(1, 90), *(look_with(30 * i + 30, v, v + 5) for i, v in enumerate(values)))
    return bench, values


def test_histograms_as_a_heat_map_are_the_counts_of_the_numbers(spread):
    bench, values = spread
    plot = bench.plot(HistogramsPlot)
    bench.document.select(["hidden_1"])
    bench.settle()
    assert plot.of.current == "hidden_1.W"
    low, high = plot.frame.view.viewRange()[1]
    first, last = plot.frame.steps
    pixel = int((75 - first) / (last - first) * plot.frame.pixels)
    edges = np.linspace(low, high, plot.image.image.shape[1] + 1)
    looks = [histogram(v) for v in values]
    masses = rebinned(*(np.array([getattr(look, name) for look in looks]) for name in ("low", "high", "counts")), edges)
    assert masses.sum(axis=1) == pytest.approx(2000, rel=2e-3), "nearly all numbers are in view"
    share = np.log1p(masses[1]) / np.log1p(masses.max())
    assert np.array_equal(plot.image.image[pixel], shades("panel", "value")[np.round(share * 255).astype(int)])
    assert not plot.image.image[int(10 / (last - first) * plot.frame.pixels)].any(), "nothing was known yet"


def test_the_bin_under_the_pointer_is_told_as_it_was_counted(spread):
    bench, values = spread
    plot = bench.plot(HistogramsPlot)
    plot.of.choose("hidden_1.W")
    plot.draw_now()
    hover(plot, 62, 0.05)
    bench.qtbot.waitUntil(lambda: "of 2" in plot.detail.text())
    assert "step 60" in plot.detail.text()
    low, high, count, total = bin_at(plot.spreads(), 1, plot._value)
    assert low <= plot._value <= high and total == 2000
    inside = np.count_nonzero((values[1] >= low) & (values[1] < high))
    assert abs(inside - count) <= 1, "a number on an edge may be counted on either side"
    assert bin_at(plot.spreads(), 1, 99.0) is None


def test_gradients_are_orange_and_outputs_stay_with_their_layer(spread):
    bench, _ = spread
    plot = bench.plot(HistogramsPlot)
    bench.document.select(["hidden_1"])
    take(plot, plot.what, "gradients")
    assert plot.of.current == "hidden_1.W" and plot.colour_scale._table is shades("panel", "gradient")
    take(plot, plot.what, "outputs")
    assert plot.of.current == "hidden_1" and plot.colour_scale._table is shades("panel", "value")
    assert plot.frame.view.viewRange()[1][1] > 5
    bench.document.select(["output"])
    assert plot.of.current == "output"


def test_ridges_stand_one_behind_the_other(spread):
    bench, values = spread
    plot = bench.plot(HistogramsPlot)
    bench.document.select(["hidden_1"])
    take(plot, plot.form, "ridges")
    bench.settle()
    ridges = plot.ridges
    assert ridges.isVisible() and not plot.frame.isVisible()
    assert ridges.steps.tolist() == [30, 60, 90]
    peak = ridges_peak(plot, values, ridges.heights.shape[1])
    assert np.expm1(ridges.heights[2] * np.log1p(peak)).sum() == pytest.approx(2000, rel=5e-3)
    point_at(ridges, QPoint(ridges.width() // 2, int(ridges._base(1)) - 3))
    bench.qtbot.waitUntil(lambda: "step 60" in plot.detail.text())
    ridges.setFocus()
    QTest.keyClick(ridges, Qt.Key.Key_Up)
    assert "step 30" in plot.detail.text()
    QTest.mouseClick(ridges, LEFT, Qt.KeyboardModifier.ShiftModifier, QPoint(50, int(ridges._base(0)) - 2))
    assert bench.session.cursor == 30
    with bench.qtbot.waitSignal(plot.node_clicked) as clicked:
        QTest.mouseClick(ridges, LEFT, pos=QPoint(50, 50))
    assert clicked.args == ["hidden_1"]


def ridges_peak(plot, values: list[np.ndarray], bins: int) -> float:
    """The largest count of any bin on the common axis."""
    looks = [histogram(v) for v in values]
    parts = (np.array([getattr(look, name) for look in looks]) for name in ("low", "high", "counts"))
    return float(rebinned(*parts, np.linspace(*plot._range, bins + 1)).max())


# -- singular values ------------------------------------------------------------------------------------------


def look_at_matrix(step: int, matrix: np.ndarray):
    look = looked_at(step)
    values = np.linalg.svd(matrix, compute_uv=False)
    layers = [replace(layer, weights=tuple(
        replace(w, singular_values=values if w.key == "hidden_1.W" else np.zeros(0)) for w in layer.weights))
        for layer in look.layers]  # fmt: skip
    return replace(look, layers=tuple(layers))


def test_singular_values_over_steps_and_now(bench):
    plot = bench.plot(SingularValuesPlot)
    bench.begin()
    random = np.random.default_rng(0)
    matrices = {step: random.normal(size=(12, 9)) for step in (10, 40, 80)}
    bench.add(steps(1, 90), *(look_at_matrix(step, matrix) for step, matrix in matrices.items()))
    expected = np.array([np.linalg.svd(matrix, compute_uv=False) for matrix in matrices.values()])
    for key, place_ in (("σ1", 0), ("σ9", 8)):
        at, values = drawn(curve(plot, key).raw)
        assert at.tolist() == [10, 40, 80] and values == pytest.approx(expected[:, place_], rel=1e-6)
    assert [c.series.label for c in plot.curves][-2:] == ["σ₉", "κ"]
    assert plot.detail.text().startswith(f"κ {numbers.number(condition(expected[2]), 2)}")
    plot.show_curve(len(plot.curves) - 1, True)
    assert drawn(curve(plot, "κ").raw)[1] == pytest.approx(expected[:, 0] / expected[:, -1], rel=1e-6)
    take(plot, plot.form, "now")
    bench.settle()
    assert plot.bars.isVisible() and plot.bars.values == pytest.approx(expected[2], rel=1e-6)
    bench.session.look_at(50)
    assert plot.bars.values == pytest.approx(expected[1], rel=1e-6)
    assert plot.detail.text().startswith("step 50: κ")
    bars = plot.bars
    point_at(bars, QPoint(52, 60))
    bench.qtbot.waitUntil(lambda: "σ₁ =" in plot.detail.text())
    assert plot.detail.text().endswith(numbers.number(float(expected[1][0])))
    bars.setFocus()
    QTest.keyClick(bars, Qt.Key.Key_Right)
    assert plot.detail.text().endswith(f"σ₂ = {numbers.number(float(expected[1][1]))}")


def test_bars_are_as_high_as_their_place_on_the_axis(bench):
    plot = bench.plot(SingularValuesPlot)
    bars = plot.bars
    bars.show_values(np.array([8.0, 2.0, 0.0]), log=False)
    bottom, top = bars.ends()
    assert bottom == 0 and bars.height_of(2.0) == pytest.approx(2 / top)
    bars.show_values(np.array([10.0, 1.0, 0.1]), log=True)
    low, high = bars.ends()
    assert bars.height_of(1.0) == pytest.approx((0 - low) / (high - low)) and bars.height_of(0.0) == 0
    assert subscript(120) == "₁₂₀"


# -- outputs, noise, now --------------------------------------------------------------------------------------


def test_outputs_of_layers_over_steps(bench):
    plot = bench.plot(ActivationsPlot)
    bench.begin()
    looks = [looked_at(10), looked_at(50)]
    looks = [replace(look, layers=tuple(replace(layer, sigma=0.1 * look.step + i, mean=-float(i))
                                        for i, layer in enumerate(look.layers))) for look in looks]
    bench.add(steps(1, 60), *looks)
    for i, layer in enumerate(looks[0].layers):
        plot.show_curve(next(n for n, c in enumerate(plot.curves) if c.series.node == layer.node), True)
        at, values = drawn(curve(plot, f"sigma.{layer.node}").raw)
        assert at.tolist() == [10, 50] and values == pytest.approx([1 + i, 5 + i])
    take(plot, plot.what, "mean")
    assert not plot.frame.is_log
    assert drawn(curve(plot, "mean.activation_2").raw)[1].tolist() == [-3, -3]
    take(plot, plot.what, "dead")
    assert plot.percent and {c.series.node for c in plot.curves} == {"activation_1", "activation_2"}
    assert drawn(curve(plot, "dead.activation_1").raw)[1].tolist() == [0.25, 0.25]


def test_noise_is_drawn_as_measured(bench):
    plot = bench.plot(GradientNoisePlot)
    bench.begin()
    looks = [replace(looked_at(step), gradient_noise=noise)
             for step, noise in ((5, math.nan), (20, 0.25), (40, 1.5))]
    bench.add(steps(1, 50), *looks)
    at, values = drawn(curve(plot, "noise").raw)
    assert at.tolist() == [5, 20, 40] and math.isnan(values[0]) and values[1:].tolist() == [0.25, 1.5]


def test_what_shows_now_shows_the_step_looked_at(bench):
    flow, silent = bench.plot(GradientFlowPlot), bench.plot(SilentUnitsPlot)
    bench.begin()
    reports = [steps(1, 20), steps(21, 20)]
    looks = [looked_at(20), looked_at(40)]
    other = tuple(replace(layer, dead=0.5) if layer.node == "activation_1" else layer for layer in looks[0].layers)
    bench.add(reports[0], replace(looks[0], layers=other), reports[1], looks[1])
    bench.session.look_at(25)
    bench.settle()
    assert {node: value for node, _, value in flow.bars.rows} == {
        "output": float(reports[0].flow[2]), "hidden_1": float(reports[0].flow[1])}  # fmt: skip
    assert flow.detail.text() == "step 20 · log" and silent.detail.text() == "step 20"
    assert dict(silent.bars.rows)["activation_1"].dead == 0.5
    bench.session.look_at(None)
    bench.settle()
    assert flow.detail.text() == "now · log" and dict(silent.bars.rows)["activation_1"].dead == 0.25


# -- learning rate --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", [{"kind": "Cosine", "warmup": 2.0}, {"kind": "StepDecay", "every": 3.0}])
def test_the_planned_rate_is_the_one_that_comes(bench, schedule):
    plot = bench.plot(LearningRatePlot)
    bench.document.commit_training({**bench.document.training, "epochs": 40, "schedule": schedule})
    with bench.qtbot.waitSignal(bench.session.state_changed,
                                check_params_cb=lambda state: state == FINISHED):  # fmt: skip
        bench.session.run()
    bench.settle()
    history = bench.session.history
    planned_steps, rates = plot.planned()
    assert planned_steps[-1] == history.progress.total_steps
    used = dict(zip(history.steps.tolist(), history.learning_rate.tolist(), strict=True))
    assert [used[step] for step in planned_steps.tolist()] == pytest.approx(rates.tolist(), rel=1e-6)
    x, y = drawn(plot.position)
    assert x.tolist() == [history.steps[-1]] and y[0] == history.learning_rate[-1]
    assert plot.frame.view.viewRange()[1][0] == 0, "from zero, so that its share is seen"


def test_the_plan_follows_the_settings(bench):
    plot = bench.plot(LearningRatePlot)
    bench.begin(total_steps=1000, steps_per_epoch=10)
    bench.add(steps(1, 50))
    training = {**bench.document.training, "epochs": 100, "schedule": {"kind": "Constant"}}
    bench.document.commit_training(training)
    bench.settle()
    assert len(set(drawn(plot.plan)[1].tolist())) == 1
    bench.document.commit_training({**training, "schedule": {"kind": "Exponential", "gamma": 0.9}})
    bench.settle()
    planned = drawn(plot.plan)[1]
    assert planned[-1] == pytest.approx(planned[0] * 0.9 ** (999 / 10), rel=1e-6)


def test_a_histogram_of_one_value_is_told(bench):
    plot = bench.plot(HistogramsPlot)
    bench.begin()
    flat = Histogram(0.0, 0.0, np.r_[7, np.zeros(63, int)])
    look = looked_at(5)
    first = look.layers[0]
    weights = (replace(first.weights[0], values=flat), *first.weights[1:])
    bench.add(steps(1, 9), replace(look, layers=(replace(first, weights=weights), *look.layers[1:])))
    plot.of.choose("hidden_1.W")
    plot.draw_now()
    assert bin_at(plot.spreads(), 0, 0.0) == (0.0, 0.0, 7, 7)
    assert plot.name_at(QPointF(5, 0)) == "hidden_1 · W"


def test_what_a_network_has_none_of_is_said(bench):
    """Rather than to press Run, which the person has done."""
    silent, spectra = bench.plot(SilentUnitsPlot), bench.plot(SingularValuesPlot)
    bench.begin(("norm_1.gain", "norm_1.offset"))
    bench.add(steps(1, 20, weights=2, nodes=2))
    assert silent._empty.text() == silent.promise
    look = looked_at(20, ("norm_1.gain", "norm_1.offset"))
    layers = [replace(layer, weights=tuple(replace(w, singular_values=np.zeros(0)) for w in layer.weights))
              for layer in look.layers if layer.weights]  # fmt: skip
    bench.add(replace(look, layers=tuple(layers)))
    assert silent._empty.isVisible() and silent._empty.text().startswith("This network has no activation layers")
    assert spectra._empty.isVisible() and spectra._empty.text().startswith("This network has no weight matrices")


def test_matrices_stand_for_their_layers_and_rows_of_offsets_do_not():
    """By name, since a run tells no shapes: every layer there is keeps to it."""
    for kind, layer in LAYERS.items():
        for params, shapes in () if issubclass(layer, LossLayer) else layer.examples:
            for name, spec in layer(**params).weights(*shapes).items():
                if spec.trainable:
                    assert is_primary(f"node.{name}") is (len(spec.shape) > 1), (kind, name)
