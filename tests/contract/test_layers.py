"""The contract every registered layer keeps; a new layer is covered by its ``examples`` alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

from engine.compute.gradcheck import gradcheck
from engine.graph.check import check
from engine.layer import LossLayer
from engine.layers import LAYERS
from engine.params import Param
from tests.contract.networks import batch_for, cases, chain, compiled, fan_out

GRADIENT_TOLERANCE = 1e-6


def step_for(kind: str) -> float:
    """Finite differences must not step over a kink (two nearly equal numbers in a maximum): the step is then tiny."""
    return 2e-6 if LAYERS[kind].kinked else 1e-4


@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_explains_itself(kind: str) -> None:
    layer = LAYERS[kind]
    assert layer.title and layer.summary() and layer.formula and layer.when and layer.examples
    assert layer.backward.__doc__, "a backward pass derives its gradient"
    for param in layer.parameters.values():
        assert isinstance(param, Param) and param.help and param.range_text()
        assert param.problem(param.default) is None, f"the default of {param.name} is outside its range"


@pytest.mark.parametrize(("kind", "params", "shapes"), cases())
def test_shapes_are_those_of_the_arrays(kind, params, shapes) -> None:
    model = compiled(chain(kind, params, shapes))
    inputs, targets = batch_for(model, 3)
    model.loss(inputs, targets)
    for node_id in model.report.order:
        assert model.output(node_id).shape == (3, *model.report.shapes[node_id])
    for key, gradient in model.backward().items():
        assert gradient.shape == model.weights.arrays()[key].shape


@pytest.mark.parametrize("rows", [3, 1], ids=["batch", "single"])
@pytest.mark.parametrize(("kind", "params", "shapes"), cases())
def test_gradients_agree_with_finite_differences(kind, params, shapes, rows) -> None:
    model = compiled(chain(kind, params, shapes))
    inputs, targets = batch_for(model, rows)
    checks = gradcheck(model, inputs, targets, step=step_for(kind))
    assert checks
    for result in checks:
        assert result.relative_error <= GRADIENT_TOLERANCE, result


@pytest.mark.parametrize(("kind", "params", "shapes"), cases(losses=False))
def test_gradients_add_up_at_fan_outs(kind, params, shapes) -> None:
    if kind == "Input":
        return  # the networks of all others have their fan-outs behind one
    model = compiled(fan_out(kind, params, shapes))
    inputs, targets = batch_for(model, 3)
    for result in gradcheck(model, inputs, targets, step=step_for(kind)):
        assert result.relative_error <= GRADIENT_TOLERANCE, result


@pytest.mark.parametrize(("kind", "params", "shapes"), cases())
def test_single_precision_agrees_with_double(kind, params, shapes) -> None:
    results = []
    for dtype in ("float32", "float64"):
        model = compiled(chain(kind, params, shapes), dtype)
        inputs, targets = batch_for(model, 3)
        model.rng = np.random.default_rng(0)
        if LAYERS[kind].random:
            inputs = {name: np.zeros_like(value) for name, value in inputs.items()}  # the draws differ by precision
        loss = model.loss(inputs, targets)
        gradients = {key: gradient.copy() for key, gradient in model.backward().items()}
        assert all(gradient.dtype == dtype for gradient in gradients.values())
        results.append((loss, gradients))
    (loss32, grads32), (loss64, grads64) = results
    assert loss32 == pytest.approx(loss64, rel=2e-5, abs=1e-6)
    for key, gradient in grads64.items():
        np.testing.assert_allclose(grads32[key], gradient, rtol=2e-4, atol=2e-5 * max(1.0, np.abs(gradient).max()))


@pytest.mark.parametrize(("kind", "params", "shapes"), cases())
def test_a_pass_in_single_precision_meets_no_array_of_double_precision(kind, params, shapes) -> None:
    """One such operand and a call computes in double precision, slowly, and rounds its result without a word."""
    model = compiled(chain(kind, params, shapes), "float32")
    program = model.program(3)
    program.write_backward()
    for call in (*program._forward, *program._backward, *program._probing):
        # Losses and penalties, single numbers that functions of ours write, are double on purpose.
        single = isinstance(call, partial) and not isinstance(call.func, np.ufunc)
        assert not [array for array in operands(call) if array.dtype == np.float64 and (array.ndim or not single)], call


def operands(call: Any) -> Iterator[np.ndarray]:
    """The arrays that a call, or the calls that are handed to one, work on."""
    if isinstance(call, partial):
        for part in (call.func, *call.args, *call.keywords.values()):
            yield from operands(part)
    elif isinstance(call, list):
        for part in call:
            yield from operands(part)
    elif isinstance(call, np.ndarray):
        yield call
    elif isinstance(getattr(call, "__self__", None), np.ndarray):
        yield call.__self__


@pytest.mark.parametrize(("kind", "params", "shapes"), cases())
def test_a_ragged_last_batch_predicts_as_rows_alone(kind, params, shapes) -> None:
    model = compiled(chain(kind, params, shapes))
    if not any(isinstance(layer, LossLayer) for layer in model.report.layers.values()):
        return
    inputs, _ = batch_for(model, 5)
    together = model.predict(inputs, batch=2)
    alone = np.concatenate([model.forward({k: v[i : i + 1] for k, v in inputs.items()}) for i in range(5)])
    np.testing.assert_allclose(together, alone, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("kind", "params", "shapes"), cases())
def test_frozen_layers_keep_still(kind, params, shapes) -> None:
    if "frozen" not in LAYERS[kind].parameters:
        return
    model = compiled(chain(kind, {**params, "frozen": True}, shapes))
    assert not any(key.startswith("subject.") for key in model.gradients)
    inputs, targets = batch_for(model, 3)
    for result in gradcheck(model, inputs, targets, step=step_for(kind)):
        assert result.relative_error <= GRADIENT_TOLERANCE, result


@pytest.mark.parametrize(("kind", "params", "shapes"), cases())
def test_the_same_pass_twice_gives_the_same_bits(kind, params, shapes) -> None:
    model = compiled(chain(kind, params, shapes), "float32")
    inputs, targets = batch_for(model, 3)
    state = model.rng.bit_generator.state
    first = model.loss(inputs, targets)
    gradients = {key: gradient.copy() for key, gradient in model.backward().items()}
    model.rng.bit_generator.state = state
    assert model.loss(inputs, targets) == first
    for key, gradient in model.backward().items():
        assert np.array_equal(gradient, gradients[key])


@pytest.mark.parametrize(("kind", "params", "shapes"), cases(losses=False))
def test_a_wrong_rank_is_an_issue_and_not_an_error(kind, params, shapes) -> None:
    for wrong in [(3,), (4, 3), (4, 4, 3), (2, 3, 4, 2)]:
        layer = LAYERS[kind](**params)
        if layer.inputs or layer.variadic:
            outcome = layer.infer(*([wrong] * len(shapes)))
            assert isinstance(outcome, tuple) or (outcome.happened and outcome.expected and outcome.fix)


@pytest.mark.parametrize(("kind", "params", "shapes"), cases())
def test_checking_counts_what_the_arrays_hold(kind, params, shapes) -> None:
    graph = chain(kind, params, shapes)
    report = check(graph)
    model = compiled(graph)
    assert report.total_parameters == model.weights.values.size
    assert all(cost >= 0 for cost in report.costs.values())
