"""What holds for every optimizer: blocks, memory, tiny numbers, live values, resumption; clipping and max-norm."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from engine.compute import Model
from engine.params import ParameterError
from engine.train import update as update_module
from engine.train.optim import LBFGS, SGD, Adam, AdamW, NAdam, Optimizer
from engine.train.optim.base import FirstOrder
from engine.train.quasi_newton import QuasiNewton, updating
from tests.engine.train.networks import chain, compiled, mlp

ALL = list(Optimizer.kinds)
BY_GRADIENT = [kind for kind in ALL if not Optimizer.kinds[kind].searches]


def built(kind: str) -> Optimizer:
    """One that uses all it has."""
    member = Optimizer.kinds[kind]
    wanted = {"weight_decay": 0.1, "momentum": 0.9, "nesterov": True, "amsgrad": True, "centered": True}
    return member(**{name: value for name, value in wanted.items() if name in member.parameters})


def passes(model: Model, rows: int = 12):
    """A pass over fixed random data."""
    program = model.program(rows)
    rng = np.random.default_rng(3)
    program.input[...] = rng.normal(size=program.input.shape)
    program.target[...] = rng.integers(0, 3, rows)

    def again() -> float:
        program.forward()
        program.backward()
        return program.loss

    return again


def gradients(model: Model, steps: int) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.normal(size=model.weights.values.size).astype(model.dtype) for _ in range(steps)]


@pytest.mark.parametrize("kind", BY_GRADIENT)
def test_how_weights_are_cut_into_blocks_changes_no_bit(kind, monkeypatch):
    found = []
    for block in (7, 1_000_000):
        monkeypatch.setattr(update_module, "BLOCK", block)
        model = compiled(mlp(5, 4, 3))
        working = updating(built(kind), model.weights)
        for gradient in gradients(model, 5):
            model.weights.gradients[:] = gradient
            working.step()
            assert np.array_equal(model.weights.gradients, gradient), "the gradient is for others to read"
        assert model.weights.values.dtype == np.float32
        found.append(model.weights.values.copy())
    assert np.array_equal(*found)


@pytest.mark.parametrize("kind", BY_GRADIENT)
def test_a_step_allocates_nothing(kind):
    model = compiled(mlp(300, 300, 3))
    working = updating(built(kind), model.weights)
    model.weights.gradients[:] = gradients(model, 1)[0]
    for _ in range(3):
        working.step()
    tracemalloc.start()
    try:
        for _ in range(update_module.FLUSH_EVERY):
            working.step()
        assert tracemalloc.get_traced_memory()[1] < 0.1 * model.weights.values.nbytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ALL)
def test_every_optimizer_learns(kind):
    model = compiled(mlp(4, 6, 3))
    working = updating(built(kind).with_value("learning_rate", 1.0 if kind in ("LBFGS", "Adadelta") else 0.01),
                       model.weights)
    again = passes(model)
    before = again()
    for _ in range(100):
        working.step(again(), again)
    assert again() < 0.9 * before


@pytest.mark.parametrize("kind", BY_GRADIENT)
def test_dead_units_leave_no_numbers_that_slow_a_processor(kind):
    """Their gradients become exactly zero, and running means of them fall towards zero for ever."""
    model = compiled(mlp(4, 5, 3))
    working = updating(built(kind), model.weights)
    model.weights.gradients[:] = gradients(model, 1)[0] * np.float32(1e-3)
    working.step()
    model.weights.gradients.fill(0.0)
    smallest = np.finfo(np.float32).tiny
    for _ in range(4000):
        working.step()
        for vector in (model.weights.values, *working.vectors().values()):
            size = np.abs(vector)
            assert not ((size > 0) & (size < smallest)).any()


@pytest.mark.parametrize("kind", ALL)
def test_half_a_run_and_its_other_half_make_a_whole(kind):
    whole, first, second = (compiled(mlp(4, 6, 3), seed=seed) for seed in (0, 0, 5))
    optimizer = built(kind)
    straight = updating(optimizer, whole.weights)
    again = passes(whole)
    for _ in range(10):
        straight.step(again(), again)
    begun = updating(optimizer, first.weights)
    again = passes(first)
    for _ in range(5):
        begun.step(again(), again)
    taken_up = updating(Optimizer.from_dict(optimizer.to_dict()), second.weights)
    second.weights.load(first.weights.copies())
    taken_up.restore(begun.values(), begun.arrays())
    again = passes(second)
    for _ in range(5):
        taken_up.step(again(), again)
    assert np.array_equal(whole.weights.values, second.weights.values)


def test_a_curvature_that_was_not_saved_whole_begins_anew():
    model = compiled(mlp(4, 6, 3))
    working, again = updating(LBFGS(max_iter=3), model.weights), passes(model)
    for _ in range(3):
        working.step(again(), again)
    arrays = {key: array for key, array in working.arrays().items() if not key.startswith("s0")}
    fresh = updating(LBFGS(), model.weights)
    fresh.restore(working.values(), arrays)
    assert isinstance(fresh, QuasiNewton) and set(fresh.vectors()) == {"direction", "previous"}
    before = again()
    fresh.step(before, again)
    assert again() < before


@pytest.mark.parametrize("kind", ALL)
def test_live_values_take_effect_at_the_next_step(kind):
    for name, param in Optimizer.kinds[kind].parameters.items():
        if not param.live:
            continue
        model = compiled(mlp(4, 6, 3))
        working, again = updating(built(kind), model.weights), passes(model)
        working.step(again(), again)
        for value in (0.5, 0.25, 0.0):
            if param.problem(value) is None:
                working.set_live(name, value)
                assert getattr(working.optimizer, name) == value
                working.step(again(), again)
        assert np.isfinite(model.weights.values).all()
        with pytest.raises(ParameterError):
            working.set_live(name, -1.0)


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind != "Rprop"])
def test_a_learning_rate_of_zero_moves_nothing(kind):
    model = compiled(mlp(4, 6, 3))
    working, again = updating(built(kind).with_value("learning_rate", 0.0), model.weights), passes(model)
    before = model.weights.values.copy()
    for _ in range(3):
        working.step(again(), again)
    assert np.array_equal(model.weights.values, before)


@pytest.mark.parametrize("kind", BY_GRADIENT)
def test_a_schedule_and_a_layers_factor_scale_the_step(kind):
    steps = []
    for pace, factor in ((1.0, 1.0), (0.5, 1.0), (1.0, 0.5)):
        graph = mlp(4, 6, 3)
        dense = next(i for i, node in graph.nodes.items() if node.kind == "Dense")
        model = compiled(graph.set_params(dense, rate_factor=factor), dtype="float64")
        working = updating(built(kind), model.weights)
        working.pace = pace
        model.weights.gradients[:] = 0.3
        before = model.weights.arrays()[f"{dense}.W"].copy()
        working.step()
        assert working.learning_rate == working.optimizer.learning_rate * pace
        steps.append(model.weights.arrays()[f"{dense}.W"] - before)
    np.testing.assert_allclose(steps[1], 0.5 * steps[0], rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(steps[2], 0.5 * steps[0], rtol=1e-9, atol=1e-15)


def test_decay_apart_from_the_gradient_spares_biases():
    model = compiled(mlp(3, 2), dtype="float64")
    model.weights.values[:] = 1.0
    model.weights.gradients.fill(0.0)
    updating(AdamW(learning_rate=0.1, weight_decay=0.5), model.weights).step()
    for segment in model.weights.trainable:
        wanted = 0.95 if segment.spec.decays else 1.0
        np.testing.assert_allclose(segment.stored(model.weights.values), wanted, rtol=1e-12)


# -- clipping and max-norm ---------------------------------------------------------------------------------------


def stepped(optimizer: Optimizer, gradient: np.ndarray | float) -> np.ndarray:
    """How far one step goes from zero weights, in units of the learning rate (SGD's is 1)."""
    model = compiled(mlp(3, 2))
    model.weights.values.fill(0.0)
    model.weights.gradients[:] = gradient
    with np.errstate(over="ignore"):  # as the loop does
        updating(optimizer, model.weights).step()
    return -model.weights.values


def test_clipping_by_norm_keeps_the_direction():
    gradient = np.arange(1.0, 9.0, dtype=np.float32)
    step = stepped(SGD(learning_rate=1.0, clip_norm=0.5), gradient)
    assert np.linalg.norm(step) == pytest.approx(0.5, rel=1e-5)
    np.testing.assert_allclose(step / np.linalg.norm(step), gradient / np.linalg.norm(gradient), rtol=1e-5)
    assert np.array_equal(stepped(SGD(learning_rate=1.0, clip_norm=1e3), gradient), gradient)


def test_clipping_by_norm_survives_a_norm_beyond_single_precision():
    step = stepped(SGD(learning_rate=1.0, clip_norm=1.0), 1e30)
    np.testing.assert_allclose(step, 8**-0.5, rtol=1e-5)


def test_clipping_by_value_and_both():
    gradient = np.array([-5, -1, -0.1, 0, 0.1, 1, 5, 2], np.float32)
    np.testing.assert_allclose(stepped(SGD(learning_rate=1.0, clip_value=1.0), gradient), np.clip(gradient, -1, 1))
    norm = np.linalg.norm(gradient)
    both = stepped(SGD(learning_rate=1.0, clip_value=0.5, clip_norm=float(norm) / 2), gradient)
    np.testing.assert_allclose(both, np.clip(gradient / 2, -0.5, 0.5), rtol=1e-5)


@pytest.mark.parametrize("graph", [
    mlp(5, 4, 3),
    chain(("Input", {"shape": (6, 6, 2)}), ("Conv2D", {"filters": 3}), ("Flatten", {}), ("Dense", {"units": 2}),
          ("SoftmaxCrossEntropy", {})),
], ids=["dense", "conv"])
def test_no_units_weights_are_longer_than_max_norm(graph):
    model = compiled(graph)
    model.weights.values[:] = np.random.default_rng(0).normal(0.0, 1.0, model.weights.values.size)
    model.weights.gradients.fill(0.0)
    before = model.weights.copies()
    updating(SGD(max_norm=2.0), model.weights).step()
    longer = 0
    for key, after in model.weights.arrays().items():
        if before[key].ndim == 1:
            assert np.array_equal(after, before[key])
            continue
        norms = np.linalg.norm(before[key].reshape(len(after), -1), axis=1)
        longer += int((norms > 2.0).sum())
        scale = np.minimum(1.0, 2.0 / norms).reshape(-1, *[1] * (after.ndim - 1))
        np.testing.assert_allclose(after, before[key] * scale, rtol=1e-5)
    assert longer > 0


def test_clipping_and_max_norm_may_be_turned_on_while_training():
    model = compiled(mlp(3, 2))
    working = updating(Adam(), model.weights)
    model.weights.gradients.fill(1.0)
    working.step()
    working.set_live("max_norm", 0.1)
    working.step()
    (kernel,) = [a for key, a in model.weights.arrays().items() if key.endswith(".W")]
    assert np.linalg.norm(kernel, axis=1).max() <= 0.1 + 1e-6


# -- declarations ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ALL)
def test_an_optimizer_explains_itself(kind):
    member = Optimizer.kinds[kind]
    assert member.title and member.summary()
    assert next(iter(member.parameters)) == "learning_rate"
    for param in member.parameters.values():
        assert param.help and param.problem(param.default) is None
    assert Optimizer.from_dict(member().to_dict()) == member()


def test_pytorchs_defaults():
    for kind, rate in {"Adam": 1e-3, "AdamW": 1e-3, "NAdam": 2e-3, "RAdam": 1e-3, "AdaMax": 2e-3}.items():
        found = Optimizer.kinds[kind]()
        assert isinstance(found, FirstOrder) and found.learning_rate == rate
        assert [getattr(found, name) for name in ("beta1", "beta2", "eps")] == [0.9, 0.999, 1e-8]
    assert AdamW().weight_decay == 0.01 and NAdam().momentum_decay == 0.004
    kinds = Optimizer.kinds
    assert (kinds["Adagrad"]().learning_rate, kinds["Adagrad"]().eps) == (0.01, 1e-10)
    assert (kinds["Adadelta"]().learning_rate, kinds["Adadelta"]().rho, kinds["Adadelta"]().eps) == (1.0, 0.9, 1e-6)
    assert (kinds["RMSprop"]().learning_rate, kinds["RMSprop"]().alpha) == (0.01, 0.99)
    assert (kinds["Rprop"]().eta_minus, kinds["Rprop"]().eta_plus) == (0.5, 1.2)
    assert (LBFGS().learning_rate, LBFGS().max_iter, LBFGS().history_size) == (1.0, 20, 100)
