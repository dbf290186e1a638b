"""SGD and Adam against their definitions in plain NumPy, 20 steps, with blocks, groups and layers' own paces.

All optimizers stand against PyTorch's in tests/golden/test_optimizers.py.
"""

from __future__ import annotations

import numpy as np
import pytest

from engine.compute.threads import Lanes, use_threads
from engine.params import ParameterError
from engine.train import update as update_module
from engine.train.line_search import LineSearch, Point
from engine.train.optim import SGD, Adam, Optimizer
from engine.train.update import Update
from tests.engine.train.networks import compiled, mlp

STEPS = 20


def sgd(o, w, g, memory, step, rate):
    if not o.momentum:
        return w - rate * g
    b = memory.setdefault("b", np.zeros_like(w))
    b[:] = o.momentum * b + g
    return w - rate * (g + o.momentum * b if o.nesterov else b)


def adam(o, w, g, memory, step, rate):
    m, v = memory.setdefault("m", np.zeros_like(w)), memory.setdefault("v", np.zeros_like(w))
    m[:] = o.beta1 * m + (1 - o.beta1) * g
    v[:] = o.beta2 * v + (1 - o.beta2) * g * g
    m_hat, v_hat = m / (1 - o.beta1**step), v / (1 - o.beta2**step)
    return w - rate * m_hat / (np.sqrt(v_hat) + o.eps)


DEFINITIONS = {"SGD": sgd, "Adam": adam}
CASES = [
    SGD(learning_rate=0.1),
    SGD(learning_rate=0.1, weight_decay=0.05),
    SGD(learning_rate=0.1, momentum=0.9),
    SGD(learning_rate=0.1, momentum=0.9, weight_decay=0.05),
    SGD(learning_rate=0.1, momentum=0.8, nesterov=True),
    SGD(learning_rate=0.1, momentum=0.8, nesterov=True, weight_decay=0.05),
    Adam(learning_rate=0.05),
    Adam(learning_rate=0.05, weight_decay=0.1),
    Adam(learning_rate=0.05, beta1=0.7, beta2=0.95, eps=1e-3, weight_decay=0.1),
]


def factored_model(dtype: str):
    graph = mlp(5, 4, 3)
    first = next(i for i, node in graph.nodes.items() if node.kind == "Dense")
    return compiled(graph.set_params(first, rate_factor=0.25), dtype=dtype)


def follow_definition(optimizer: Optimizer, model, gradients) -> dict[str, np.ndarray]:
    weights = {s.key: s.stored(model.weights.values).astype(np.float64).copy() for s in model.weights.trainable}
    memory: dict[str, dict] = {key: {} for key in weights}
    for step, gradient in enumerate(gradients, 1):
        for segment in model.weights.trainable:
            w = weights[segment.key]
            g = segment.stored(gradient).astype(np.float64)
            if segment.spec.decays:
                g = g + optimizer.weight_decay * w
            rate = optimizer.learning_rate * segment.factor
            weights[segment.key] = DEFINITIONS[optimizer.kind](optimizer, w, g, memory[segment.key], step, rate)
    return weights


@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-12), ("float32", 2e-6)])
@pytest.mark.parametrize("optimizer", CASES, ids=repr)
def test_twenty_steps_agree_with_the_definition(optimizer, dtype, tolerance, monkeypatch):
    monkeypatch.setattr(update_module, "BLOCK", 7)  # so that the weights lie in several blocks
    model = factored_model(dtype)
    rng = np.random.default_rng(1)
    gradients = [rng.normal(0.0, 1.0, model.weights.values.size).astype(dtype) for _ in range(STEPS)]
    expected = follow_definition(optimizer, model, gradients)
    working = Update(optimizer, model.weights)
    for gradient in gradients:
        model.weights.gradients[:] = gradient
        working.step()
        assert np.array_equal(model.weights.gradients, gradient), "the gradient is for others to read"
    assert model.weights.values.dtype == dtype
    for segment in model.weights.trainable:
        actual = segment.stored(model.weights.values)
        np.testing.assert_allclose(actual, expected[segment.key], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("threads", [2, 3, 20])
def test_threads_that_share_an_update_change_no_bit_of_it(threads, monkeypatch):
    monkeypatch.setattr(update_module, "BLOCK", 7)
    monkeypatch.setattr(update_module, "_WORTH_LANES", 1)
    alone, shared = factored_model("float32"), factored_model("float32")
    optimizer = Adam(weight_decay=0.1, clip_norm=1.0)
    for model, lanes in ((alone, None), (shared, Lanes(threads))):
        working = Update(optimizer, model.weights, lanes)
        for step in range(3):
            model.weights.gradients[:] = np.linspace(-1.0, step, model.weights.gradients.size)
            working.step()
    use_threads(1)
    assert np.array_equal(alone.weights.values, shared.weights.values)


def test_adams_first_step_is_the_learning_rate_whatever_the_gradient():
    model = compiled(mlp(5, 4, 3))
    model.weights.gradients[:] = np.geomspace(1e-3, 1e3, model.weights.gradients.size)
    before = model.weights.values.copy()
    Update(Adam(learning_rate=0.01), model.weights).step()
    np.testing.assert_allclose(before - model.weights.values, 0.01, rtol=1e-4)


def test_pytorchs_name_and_defaults():
    assert SGD(lr=0.5).learning_rate == 0.5
    a = Adam()
    assert (a.learning_rate, a.beta1, a.beta2, a.eps, a.weight_decay) == (1e-3, 0.9, 0.999, 1e-8, 0.0)
    assert (SGD().learning_rate, SGD().momentum, SGD().nesterov) == (1e-3, 0.0, False)
    assert all(next(iter(kind.parameters)) == "learning_rate" for kind in Optimizer.kinds.values())


@pytest.mark.parametrize("name, value", [("momentum", 0.9), ("weight_decay", 0.1), ("learning_rate", 0.0)])
def test_live_values_work_from_the_next_step(name, value):
    """Also those that leave zero, for which other calls are needed than were written down."""
    changed, like_new = compiled(mlp(5, 4, 3)), compiled(mlp(5, 4, 3))
    for model in (changed, like_new):
        model.weights.gradients[:] = 1.0
    first = Update(SGD(learning_rate=0.1), changed.weights)
    first.set_live(name, value)
    second = Update(SGD(**{"learning_rate": 0.1, name: value}), like_new.weights)
    for working in (first, second, first, second):
        working.step()
    assert np.array_equal(changed.weights.values, like_new.weights.values)


def test_a_live_value_out_of_range_is_refused_and_changes_nothing():
    working = Update(SGD(learning_rate=0.1), compiled(mlp(2, 2)).weights)
    with pytest.raises(ParameterError, match="Learning rate must be"):
        working.set_live("learning_rate", -1.0)
    assert working.learning_rate == 0.1


def test_a_search_that_meets_nothing_better_ends_where_it_began():
    """The loss jumps right behind the start, whatever its slope says: the bracket shrinks to nothing."""
    gradient = np.zeros(1)
    search = LineSearch(lambda t: Point(t, float(t > 0.0), 0.0, gradient), Point(0.0, 0.0, -1.0, gradient), reach=1.0,
                        tolerance=0.0, most=10_000)
    assert search.run(1.0).t == 0.0
    assert search.trials < 5_000


def test_a_frozen_network_may_be_stepped():
    graph = mlp(2, 2)
    dense = next(i for i, node in graph.nodes.items() if node.kind == "Dense")
    model = compiled(graph.set_params(dense, frozen=True))
    before = model.weights.copies()
    Update(Adam(), model.weights).step()
    assert all(np.array_equal(before[key], array) for key, array in model.weights.arrays().items())
