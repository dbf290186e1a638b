"""Every statistic against its definition in plain NumPy, on the batch it was taken from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.train import loop, telemetry
from engine.train.config import TrainingConfig
from engine.train.events import Statistics
from engine.train.loop import train
from engine.train.spectra import condition, singular_values
from engine.train.telemetry import BINS, histogram, spaced
from engine.train.trainer import Trainer
from tests.engine.train.networks import SOFTMAX_LOSS, chain, classes, compiled, mlp

SGD = {"kind": "SGD", "learning_rate": 0.1}


def looked_at(graph, data=None):
    """The model as it was before one step that was looked at, in copies, and what was seen."""
    data = data or classes()
    model = compiled(graph)
    trainer = Trainer(model, data, TrainingConfig(batch_size=16, optimizer=SGD))
    before = model.weights.copies()
    trainer.step(probe=True, closely=True)
    return model, before, trainer, trainer.statistics


def by_node(statistics: Statistics):
    return {layer.node: layer for layer in statistics.layers}


def test_weights_gradients_and_updates() -> None:
    model, before, _, seen = looked_at(mlp(6, 12, 3))
    after, gradients = model.weights.copies(), model.weights.gradient_arrays()
    found = {w.key: w for layer in seen.layers for w in layer.weights}
    assert set(found) == set(before)
    assert (seen.step, seen.learning_rate) == (1, pytest.approx(0.1))
    for key, weight in found.items():
        old, new = before[key].astype(np.float64), after[key].astype(np.float64)
        assert weight.mean == pytest.approx(old.mean(), abs=1e-7)
        assert weight.sigma == pytest.approx(old.std(), abs=1e-7)
        assert weight.gradient_norm == pytest.approx(np.linalg.norm(gradients[key]), rel=1e-5)
        if old.any():
            assert weight.update_ratio == pytest.approx(np.linalg.norm(new - old) / np.linalg.norm(old), rel=1e-5)
        else:
            assert math.isnan(weight.update_ratio)
        if old.any():  # of one value alone, NumPy makes bins around it
            assert np.array_equal(weight.values.counts, np.histogram(old, BINS)[0])
        assert np.array_equal(weight.gradients.counts, np.histogram(gradients[key].astype(np.float64), BINS)[0])


def test_outputs_are_those_of_the_batch() -> None:
    model, before, trainer, seen = looked_at(mlp(6, 12, 3))
    x = trainer._programs[16][0].input.astype(np.float64)
    dense = next(key for key in before if before[key].shape == (12, 6)).rpartition(".")[0]
    z = x @ before[f"{dense}.W"].T + before[f"{dense}.b"]
    layers = by_node(seen)
    assert layers[dense].mean == pytest.approx(z.mean(), abs=1e-5)
    assert layers[dense].sigma == pytest.approx(z.std(), rel=1e-5)
    assert layers[dense].units == 12
    assert math.isnan(layers[dense].dead) and math.isnan(layers[dense].saturated)
    bent = next(layer for node, layer in layers.items() if model.graph.nodes[node].kind == "Tanh")
    assert bent.saturated == pytest.approx(np.mean(np.abs(np.tanh(z)) > 0.98))
    assert bent.outputs.counts.sum() == z.size
    assert bent.outputs.low == pytest.approx(np.tanh(z).min(), abs=1e-5)


def test_saturation_of_sigmoids_counts_both_ends() -> None:
    model, before, trainer, seen = looked_at(mlp(6, 12, 3, activation="Sigmoid"), classes(seed=3))
    dense = next(key for key in before if before[key].shape == (12, 6)).rpartition(".")[0]
    z = trainer._programs[16][0].input @ before[f"{dense}.W"].T + before[f"{dense}.b"]
    a = 1.0 / (1.0 + np.exp(-z))
    layer = next(found for found in seen.layers if model.graph.nodes[found.node].kind == "Sigmoid")
    assert layer.saturated == pytest.approx(np.mean((a < 0.02) | (a > 0.98)))


def test_a_hard_tanh_is_flat_at_its_own_bounds() -> None:
    graph = mlp(6, 12, 3, activation="HardTanh").set_params("hardtanh_1", low=-0.1, high=3.0)
    _, before, trainer, seen = looked_at(graph)
    z = trainer._programs[16][0].input @ before["dense_1.W"].T + before["dense_1.b"]
    assert by_node(seen)["hardtanh_1"].saturated == pytest.approx(np.mean((z < -0.069) | (z > 2.969)))


def test_dead_units_are_zero_for_all_of_the_last_examples() -> None:
    graph = mlp(6, 12, 3, activation="ReLU")
    data = classes()
    model = compiled(graph)
    dense = next(i for i in model.report.order if model.graph.nodes[i].kind == "Dense")
    model.weights.arrays()[f"{dense}.b"][:5] = -1e4
    trainer = Trainer(model, data, TrainingConfig(batch_size=16, optimizer=SGD))
    shares, all_alive = [], np.zeros(12, bool)
    for size in (16, 16, 16, 16, 6):
        trainer.step(probe=True, closely=True)
        relu = next(layer for layer in trainer.statistics.layers if model.graph.nodes[layer.node].kind == "ReLU")
        shares.append(relu.dead)
        all_alive |= trainer._programs[size][0].output(relu.node).any(axis=0)
    assert shares[:4] == [0.0] * 4, "70 examples have not been seen yet"
    assert relu.units == 12
    assert shares[4] == pytest.approx(np.count_nonzero(~all_alive) / 12)
    assert shares[4] >= 5 / 12


def test_channels_are_the_units_of_pictures() -> None:
    graph = chain(("Input", {"shape": (6, 6, 1)}), ("Conv2D", {"filters": 4, "kernel_size": 3}), ("ReLU", {}),
                  ("Flatten", {}), ("Dense", {"units": 3}), SOFTMAX_LOSS)  # fmt: skip
    data = classes(features=36)
    data = type(data)(data.x_train.reshape(-1, 6, 6, 1), data.y_train, data.x_val.reshape(-1, 6, 6, 1), data.y_val)
    model, before, _, seen = looked_at(graph, data)
    kinds = {model.graph.nodes[node].kind: layer for node, layer in by_node(seen).items()}
    assert kinds["ReLU"].units == 4
    kernel = next(w for w in kinds["Conv2D"].weights if before[w.key].ndim == 4)
    assert len(kernel.singular_values) in (0, 4)
    matrix = before[kernel.key].reshape(4, -1)
    assert singular_values(before[kernel.key]) == pytest.approx(np.sqrt(np.linalg.eigvalsh(
        matrix.astype(np.float64) @ matrix.T))[::-1], rel=1e-4)


def test_singular_values_and_condition() -> None:
    values = singular_values(np.diag([1.0, 4.0, 2.0]))
    assert values == pytest.approx([4.0, 2.0, 1.0])
    assert condition(values) == pytest.approx(4.0)
    assert condition(singular_values(np.zeros((2, 2)))) == math.inf
    equal = np.tile(np.random.default_rng(0).normal(size=5).astype(np.float32), (8, 1))
    assert singular_values(equal)[1:].tolist() == [0.0] * 4, "equal rows have rank 1, and rounding is no stretch"
    assert condition(singular_values(equal)) == math.inf
    assert math.isnan(condition(np.zeros(0)))


def test_singular_values_come_for_every_matrix() -> None:
    model, _, trainer, _ = looked_at(mlp(6, 12, 3))
    while not all(len(w.singular_values) for layer in trainer.statistics.layers for w in layer.weights
                  if w.key.endswith("W")):
        before = model.weights.copies()
        trainer.step(probe=True, closely=True)
    newest = [w for layer in trainer.statistics.layers for w in layer.weights if w.key.endswith("W")]
    assert {len(w.singular_values) for w in newest} == {6, 3}
    assert all(before[w.key].ndim == 2 for w in newest)


def test_gradient_noise_is_one_less_the_cosine_of_successive_gradients() -> None:
    model, _, trainer, seen = looked_at(mlp(6, 12, 3))
    assert math.isnan(seen.gradient_noise)
    first = model.weights.gradients.astype(np.float64)
    trainer.step(probe=True, closely=True)
    second = model.weights.gradients.astype(np.float64)
    cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    assert trainer.statistics.gradient_noise == pytest.approx(1 - cosine, abs=1e-6)


def test_a_histogram_of_one_value_or_of_none() -> None:
    assert histogram(np.full(7, 2.5)).counts.tolist() == [7] + [0] * (BINS - 1)
    assert histogram(np.array([np.nan, np.inf])).counts.sum() == 0
    assert histogram(np.array([0.0, 1e-320])).counts.sum() == 2


def test_the_ends_of_a_histogram_are_those_of_the_array_and_not_of_the_numbers_counted() -> None:
    values = np.random.default_rng(0).normal(size=100_352).astype(np.float32)
    found = histogram(values)
    assert (found.low, found.high) == (values.min(), values.max())
    assert 3000 < found.counts.sum() <= telemetry.HISTOGRAM_SAMPLE
    exact = np.histogram(values, BINS)[0] / values.size
    assert np.abs(found.counts / found.counts.sum() - exact).max() < 0.02


def test_large_arrays_are_sampled_evenly_and_meet_every_example() -> None:
    some = spaced(np.arange(64 * 1000).reshape(1000, 64), 4096)
    assert len(some) <= 4096
    assert set((some % 64).tolist()) == set(range(64))
    assert spaced(np.arange(10), 10).size == 10


def test_looking_changes_nothing_of_the_run(monkeypatch) -> None:
    ends = []
    for every in (0.0, math.inf):
        monkeypatch.setattr(telemetry, "EVERY", every)
        model = compiled(mlp(6, 12, 3))
        events = list(train(model, classes(), TrainingConfig(batch_size=16, epochs=3, optimizer=SGD)))
        assert any(isinstance(event, Statistics) for event in events), "the last step is always looked at"
        ends.append(model.weights.values.copy())
    assert np.array_equal(*ends)


def test_looks_take_their_share_counted_in_the_thread_s_own_time(monkeypatch) -> None:
    """On a busy machine a look lasts long and costs no more: the next is not put off for that."""
    clock = {"wall": 100.0, "own": 5.0}
    monkeypatch.setattr(telemetry, "perf_counter", lambda: clock["wall"])
    monkeypatch.setattr(telemetry, "thread_time", lambda: clock["own"])
    _, _, trainer, _ = looked_at(mlp(6, 12, 3))
    looks, before = trainer.telemetry, trainer.telemetry.before_update
    assert looks.is_due(100.0 + 1.01 * telemetry.EVERY)
    assert not looks.is_due(100.0 + 0.99 * telemetry.EVERY)

    def interrupted(program) -> None:
        before(program)
        clock["wall"] += 50.0
        looks._spent += 2.0 * telemetry.EVERY * telemetry.SHARE

    monkeypatch.setattr(looks, "before_update", interrupted)
    trainer.step(probe=True, closely=True)
    assert looks.is_due(150.0 + 2.02 * telemetry.EVERY), "the time of others counts for nothing"
    assert not looks.is_due(150.0 + 1.98 * telemetry.EVERY)


def test_the_first_step_is_looked_at_and_evaluating_often_leaves_no_gaps(monkeypatch) -> None:
    """Reports that fall due during an evaluation are not those that decide whether a step is looked at."""
    monkeypatch.setattr(telemetry, "EVERY", 0.0)
    monkeypatch.setattr(telemetry, "SHARE", math.inf)
    monkeypatch.setattr(loop, "REPORT_EVERY", math.inf)
    looked = []
    after = telemetry.Telemetry.after_update

    def counted(self, step, *seen) -> Statistics:
        looked.append(step)
        return after(self, step, *seen)

    monkeypatch.setattr(telemetry.Telemetry, "after_update", counted)
    list(train(compiled(mlp(6, 12, 3)), classes(), TrainingConfig(batch_size=16, epochs=2, optimizer=SGD)))
    assert looked == list(range(1, 11))
