"""Long products are written down in pieces: the same numbers, and whoever waits is asked in between."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine.compute.context as context_module
from engine.compute import Model, compile, products
from engine.compute.program import Interrupted
from engine.compute.threads import use_threads
from tests.contract.networks import batch_for, cases, chain


def whole_numbers(*shape: int) -> np.ndarray:
    """Small whole numbers: sums of products of them are exact in any order."""
    return np.random.default_rng(shape).integers(-4, 5, shape).astype(np.float32)


def turned(*shape: int) -> np.ndarray:
    return np.ascontiguousarray(whole_numbers(*shape).swapaxes(-1, -2)).swapaxes(-1, -2)


@pytest.mark.parametrize("make_a", [whole_numbers, turned])
@pytest.mark.parametrize("make_b", [whole_numbers, turned])
@pytest.mark.parametrize(("a", "b"), [((300, 40), (40, 70)), ((2, 9, 5, 6), (2, 9, 6, 7)), ((9, 5, 6), (6, 7)),
                                      ((1, 1, 5, 6), (1, 9, 6, 7)), ((2, 9, 5, 6), (9, 6, 7)), ((5, 6), (9, 6, 7)),
                                      ((70, 9), (9, 900)), ((3, 9), (2, 9, 900))])  # of few rows, columns
def test_pieces_make_the_product(make_a, make_b, a, b):
    a, b = make_a(*a), make_b(*b)
    wanted = np.matmul(a, b)
    out = np.full_like(wanted, np.nan)
    most = out.size * a.shape[-1] // 4
    pieces = products.in_pieces(np.matmul, (a, b, out), most)
    assert pieces is not None and len(pieces) >= 4
    for piece in pieces:
        assert piece.args[2].size * a.shape[-1] <= 2 * most  # edges lie at multiples of some rows
        piece()
    assert np.array_equal(out, wanted)


def test_the_method_of_an_array_is_cut_too():
    a, b = whole_numbers(300, 40), whole_numbers(40, 70)
    out = np.full((300, 70), np.nan, np.float32)
    pieces = products.in_pieces(a.dot, (b, out), 300 * 40 * 70 // 3)
    assert pieces is not None and len(pieces) == 3
    for piece in pieces:
        piece()
    assert np.array_equal(out, a @ b)


def test_what_is_short_or_something_else_stays_as_it_is():
    a, b, out = whole_numbers(300, 40), whole_numbers(40, 70), np.zeros((300, 70), np.float32)
    assert products.in_pieces(np.matmul, (a, b, out), 300 * 40 * 70) is None
    assert products.in_pieces(a.dot, (whole_numbers(40), out[:, 0]), 1) is None
    assert products.in_pieces(np.add, (a, a, a), 1) is None
    assert products.in_pieces(a.fill, (0,), 1) is None


def results(model: Model) -> tuple[np.ndarray, ...]:
    inputs, targets = batch_for(model, 7)
    use_threads(1)
    model.loss(inputs, targets)
    model.backward()
    return (model.weights.gradients.copy(), *model.input_gradients_by_name().values())


@pytest.mark.parametrize("threads", [1, 3])
def test_every_layer_computes_the_same_in_pieces(threads, monkeypatch):
    seen = {case.values[0]: case.values for case in cases()}  # one of each kind
    for kind, params, shapes in seen.values():
        graph = chain(kind, params, shapes)
        with monkeypatch.context() as patched:
            whole = results(compile(graph, input_gradients=True))
            for module, name in ((products, "LONGEST"), (products, "_ROWS"), (context_module, "_LONGEST"),
                                 (context_module, "_WORTH_LANES")):
                patched.setattr(module, name, 1)
            cut = results(compile(graph, input_gradients=True, threads=threads))
        for mine, theirs in zip(cut, whole, strict=True):
            # A product of a few numbers only is another kernel's work: the last digits may differ.
            np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5, err_msg=kind)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_long_pass_can_be_given_up_within_a_layer(threads, monkeypatch):
    graph = chain("Conv2D", {"filters": 8, "kernel_size": (3, 3)}, ((16, 16, 4),))

    def asked() -> int:
        program, times = compile(graph, batch_size=4, threads=threads).program(4), []
        program.forward(lambda: bool(times.append(1)))
        program.backward(stop=lambda: bool(times.append(1)))
        return len(times)

    monkeypatch.setattr(context_module, "_WORTH_LANES", 1)
    before = asked()
    work = math.prod((8, 3, 3, 4, 16, 16)) // threads
    monkeypatch.setattr(products, "LONGEST", work)
    monkeypatch.setattr(context_module, "_LONGEST", work // 32)
    assert asked() >= before + 6  # some pieces each of the forward pass and of both gradients
    program = compile(graph, batch_size=4, threads=threads).program(4)
    with pytest.raises(Interrupted):
        program.forward(lambda: True)
