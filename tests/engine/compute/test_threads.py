"""Lanes: the same numbers however many threads share a pass, and none of them left behind."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import engine.compute.context as context_module
from engine.compute import Model, compile, plan_memory
from engine.compute.threads import Lanes, threads, use_threads
from engine.graph.model import Graph
from tests.contract.networks import batch_for, cases
from tests.contract.networks import chain as chain_of
from tests.engine.graph.test_model import chain


@pytest.fixture(autouse=True)
def one_thread_afterwards(monkeypatch) -> Iterator[None]:
    """Every pass is shared here, however small."""
    monkeypatch.setattr(context_module, "_WORTH_LANES", 1)
    yield
    use_threads(1)


def cnn() -> Graph:
    graph, ids = chain("Input", "Conv2D", "BatchNorm", "ReLU", "Conv2D", "BatchNorm", "ReLU", "MaxPool2D", "Conv2D",
                       "ReLU", "MaxPool2D", "Flatten", "Dense", "BatchNorm", "ReLU", "SoftmaxCrossEntropy")
    for node, params in ((0, {"shape": (11, 9, 1)}), (1, {"filters": 5}), (4, {"filters": 6, "padding": "valid"}),
                         (7, {"pool_size": (2, 3), "stride": (2, 3)}),
                         (8, {"filters": 4, "stride": (2, 1), "dilation": (1, 2)}), (10, {"padding": "same"}),
                         (12, {"units": 5})):
        graph = graph.set_params(ids[node], **params)
    return graph


def lanes_alive() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "lane"}


def gradients(model: Model) -> np.ndarray:
    inputs, targets = batch_for(model, 7)
    use_threads(1)
    model.loss(inputs, targets)
    model.backward()
    return model.weights.gradients.copy()


def test_a_pass_gives_the_same_to_the_bit_however_many_threads_share_it() -> None:
    alone = gradients(compile(cnn(), batch_size=7))
    for count in (2, 3, 20):
        assert np.array_equal(gradients(compile(cnn(), batch_size=7, threads=count)), alone), count


def test_every_layer_gives_the_same_to_the_bit_in_parts() -> None:
    seen: dict[str, tuple] = {}
    for case in cases():
        seen[case.values[0]] = case.values  # one of each kind: the last has the most axes or the rarest settings
    for kind, params, shapes in seen.values():
        graph = chain_of(kind, params, shapes)
        alone, shared = compile(graph, input_gradients=True), compile(graph, input_gradients=True, threads=3)
        assert np.array_equal(gradients(shared), gradients(alone), equal_nan=True), kind
        for mine, theirs in zip(shared.input_gradients_by_name().values(), alone.input_gradients_by_name().values(),
                                strict=True):
            assert np.array_equal(mine, theirs), kind


def test_the_plan_counts_what_every_lane_takes() -> None:
    model = compile(cnn(), batch_size=7, threads=3)
    program = model.program(7)
    program.forward()
    program.write_backward()
    plan = plan_memory(cnn(), 7, optimizer_slots=0, threads=3)
    assert plan.network == model.memory.nbytes > plan_memory(cnn(), 7, optimizer_slots=0).network


def test_threads_begin_when_needed_and_end_with_their_model() -> None:
    model = compile(cnn(), batch_size=7, threads=3)
    others = lanes_alive()
    gradients(model)
    started = lanes_alive() - others
    assert len(started) == 2
    del model
    gc.collect()
    for thread in started:
        thread.join(5.0)
        assert not thread.is_alive()


def test_what_goes_wrong_in_a_lane_is_raised_where_the_pass_runs() -> None:
    lanes, done = Lanes(2), []

    def fails() -> None:
        raise ValueError("in a lane")

    with pytest.raises(ValueError, match="in a lane"):
        lanes.run([[lambda: done.append(1)], [fails]])
    lanes.run([[lambda: done.append(2)], [lambda: done.append(3)]])
    assert sorted(done) == [1, 2, 3]


def test_matrix_products_use_as_many_threads_as_before_once_a_passage_is_over() -> None:
    def counts() -> list[int]:
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    use_threads(1)
    with threads(2):
        assert counts() == [2]
        with pytest.raises(ZeroDivisionError), threads(1):
            assert counts() == [1]
            raise ZeroDivisionError
        assert counts() == [2]
    assert counts() == [1]
