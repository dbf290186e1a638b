"""Convolutions cut into small products: the contract suite's are too small for that."""

from __future__ import annotations

import pytest

from engine.compute import compile
from engine.compute.gradcheck import gradcheck
from engine.graph.model import Graph
from engine.kernels import whole_columns
from tests.contract.networks import batch_for


@pytest.mark.parametrize("params, shape", [
    ({"filters": 32, "kernel_size": (3, 3)}, (3, 8, 32)),
    ({"filters": 32, "kernel_size": (2, 4), "padding": "valid"}, (3, 8, 32)),
    ({"filters": 24, "kernel_size": (3, 2), "padding": 2, "dilation": (1, 3)}, (3, 10, 32)),
    ({"filters": 64, "kernel_size": (3, 3), "groups": 2}, (3, 4, 32)),
    ({"filters": 64, "kernel_size": (3, 2), "stride": (1, 2), "padding": 1}, (3, 16, 32)),
])
def test_gradients_of_wide_rows_are_right(params, shape) -> None:
    graph, ids = Graph(), []
    for kind, values in (("Input", {"shape": shape}), ("Conv2D", params), ("Conv2D", params), ("MSE", {})):
        graph, node = graph.add(kind, values)
        graph = graph.connect(ids[-1], node) if ids else graph
        ids.append(node)
    filters, (rows, _) = params["filters"], params["kernel_size"]
    assert whole_columns(shape[1], 64, rows * 32 * filters) in (2, 4, 5), "rows are cut"
    model = compile(graph, batch_size=64, dtype="float64", input_gradients=True)
    for result in gradcheck(model, *batch_for(model, 64)):
        assert result.relative_error < 1e-6, result


def test_whole_columns_divide_the_width_and_stay_small() -> None:
    assert whole_columns(32, 64, 96 * 32) == 4
    assert whole_columns(31, 64, 96 * 32) == 1
    assert whole_columns(32, 64, 20_000) == 0
