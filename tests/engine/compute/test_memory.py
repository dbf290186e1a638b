"""Virtual programs stand for real ones."""

from __future__ import annotations

import numpy as np
import pytest

from engine.compute import compile
from engine.compute.memory import Memory
from engine.compute.model import Model
from tests.contract.networks import batch_for, cases, chain
from tests.engine.graph.test_model import chain as kinds


def test_virtual_arrays_have_shape_and_strides_and_cannot_be_written() -> None:
    real, virtual = (Memory(v).arrays.take((7, 300, 50), np.dtype(np.float32)) for v in (False, True))
    assert (virtual.shape, virtual.strides, virtual.dtype) == (real.shape, real.strides, real.dtype)
    assert virtual.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        virtual.fill(0)


@pytest.mark.parametrize(("kind", "params", "shapes"), cases())
@pytest.mark.parametrize("rows", [1, 700])
def test_a_real_program_takes_what_its_virtual_one_said(kind, params, shapes, rows: int) -> None:
    model = compile(chain(kind, params, shapes), batch_size=rows)
    planned = model.planned(rows)
    model.program(rows).write_backward()
    assert model.memory.arrays.nbytes == planned.arrays.nbytes
    assert model.memory.gradients.nbytes == planned.gradients.nbytes
    assert model.memory.scratch.needed == planned.scratch.nbytes == model.memory.scratch.nbytes


def test_two_wide_convolutions_run_at_the_size_they_were_planned_for() -> None:
    graph, ids = kinds("Input", "Conv2D", "ReLU", "Conv2D", "Flatten", "Dense", "SoftmaxCrossEntropy")
    graph = graph.set_params(ids[0], shape=(28, 28, 1)).set_params(ids[1], filters=32)
    graph = graph.set_params(ids[3], filters=64).set_params(ids[5], units=3)
    model = compile(graph)
    model.loss(*batch_for(model, 64))
    assert np.isfinite(model.backward()["conv_2.K"]).all()


def test_a_virtual_model_of_any_size_is_made_in_no_memory() -> None:
    graph, ids = kinds("Input", "Conv2D", "Flatten", "Dense", "SoftmaxCrossEntropy")
    graph = graph.set_params(ids[0], shape=(4000, 4000, 64)).set_params(ids[1], filters=256)
    model = Model(graph, 256, "float32", memory=Memory(virtual=True))
    assert model.planned(256).nbytes > 10**12
