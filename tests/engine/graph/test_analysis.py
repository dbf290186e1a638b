"""Analysis: numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine.compute import compile
from engine.graph.analysis import analyse
from engine.graph.build import chain
from engine.graph.check import check
from engine.graph.model import Graph
from engine.layers import LAYERS


def made(*layers: tuple[str, dict[str, object]]) -> Graph:
    return chain(*((f"n{i}", LAYERS[kind](**params)) for i, (kind, params) in enumerate(layers)))


def fields(graph: Graph) -> list[object]:
    return [facts.field for facts in analyse(graph, check(graph))]


IMAGE = ("Input", {"shape": (32, 32, 3)})


def test_kernels_and_strides_add_up() -> None:
    conv = ("Conv2D", {"kernel_size": (3, 3), "filters": 2})
    pool = ("MaxPool2D", {"pool_size": (2, 2), "stride": (2, 2)})
    graph = made(IMAGE, conv, ("ReLU", {}), conv, pool, conv, ("GlobalAvgPool", {}))
    # 3, then 5, the pool adds one and doubles the step, then 2·2 more.
    assert fields(graph) == [(1, 1), (3, 3), (3, 3), (5, 5), (6, 6), (10, 10), None]


def test_dilation_stride_and_uneven_kernels() -> None:
    graph = made(IMAGE, ("Conv2D", {"kernel_size": (5, 1), "stride": (2, 1), "filters": 1}),
                 ("Conv2D", {"kernel_size": (3, 3), "dilation": (2, 1), "filters": 1}))
    assert fields(graph)[1:] == [(5, 1), (13, 3)]


def test_nothing_sees_more_than_there_is() -> None:
    graph = made(("Input", {"shape": (4, 6, 1)}), ("Conv2D", {"kernel_size": (7, 5), "filters": 1}),
                 ("Conv2D", {"kernel_size": (7, 5), "filters": 1}))
    assert fields(graph)[-1] == (4, 6)


@pytest.mark.parametrize(("kind", "params", "shape", "field"), [
    ("Dense", {}, (5,), None), ("LSTM", {}, (6, 3), None), ("MultiHeadSelfAttention", {"heads": 1}, (6, 3), None),
    ("Conv1D", {"kernel_size": 4, "dilation": 2}, (20, 3), (7,)), ("Flatten", {}, (5, 5, 1), (1, 1)),
    ("Upsample", {"mode": "nearest"}, (5, 5, 1), (1, 1)), ("Upsample", {"mode": "bilinear"}, (5, 5, 1), (2, 2)),
    ("ConvTranspose2D", {"kernel_size": (4, 4), "stride": (2, 2)}, (5, 5, 1), (2, 2)),
    ("MaxPool1D", {}, (6, 3), (2,)), ("BatchNorm", {}, (6, 6, 3), (1, 1)),
])
def test_each_kind_of_layer(kind: str, params: dict[str, object], shape: tuple[int, ...], field: object) -> None:
    assert fields(made(("Input", {"shape": shape}), (kind, params)))[-1] == field


def test_behind_layers_that_spread_places_out_the_most_that_any_place_sees_counts() -> None:
    graph = made(IMAGE, ("Upsample", {"mode": "nearest"}), ("Conv2D", {"filters": 1, "kernel_size": (3, 3)}),
                 ("Conv2D", {"filters": 1, "kernel_size": (2, 2)}), ("MSE", {}))
    model = compile(graph, batch_size=1, dtype="float64", input_gradients=True)
    for array in model.weights.arrays().values():
        array[...] = 1.0  # nothing cancels
    program, seen = model.program(1, training=False), []
    for place in range(4):
        program.forward()
        program.target[...] = program.prediction
        program.target[0, 6 + place, 6] -= 1.0
        program.forward()
        program.backward(probe=True)
        (gradient,) = program.input_gradients.values()
        seen.append(int((np.abs(gradient) > 1e-12).any(axis=(1, 2, 3)).sum()))
    assert min(seen) < max(seen) == fields(graph)[3][0]


def test_a_skip_sees_what_the_longer_way_sees() -> None:
    graph = made(IMAGE, ("Conv2D", {"filters": 3}), ("Conv2D", {"filters": 3}), ("Add", {}))
    graph = graph.connect("n0", "n3", "in2")
    assert fields(graph) == [(1, 1), (3, 3), (5, 5), (5, 5)]


def test_bytes_and_counts() -> None:
    graph = made(("Input", {"shape": (4,)}), ("Dense", {"units": 3}), ("BatchNorm", {}), ("MSE", {}))
    facts = {row.id: row for row in analyse(graph, check(graph))}
    assert (facts["n1"].parameters, facts["n1"].weight_bytes, facts["n1"].cost) == (15, 60, 12)
    assert facts["n2"].parameters == 6 and facts["n2"].weight_bytes == 48, "running statistics take memory too"
    assert facts["n0"].activation_bytes == 16


def test_layers_without_a_shape_are_listed_last_and_say_nothing() -> None:
    graph, _ = made(("Input", {"shape": (4,)}), ("Dense", {})).add("Add", id="loose")
    facts = analyse(graph, check(graph))[-1]
    assert facts.id == "loose" and facts.output is None and facts.cost == 0
