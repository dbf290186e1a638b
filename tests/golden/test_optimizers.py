"""Twenty steps of every optimizer against PyTorch's, frozen by ``make_goldens.py``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.compute import compile
from engine.graph.model import Graph
from engine.train.optim import Optimizer
from engine.train.quasi_newton import updating

TOLERANCE = {"float64": 1e-10, "float32": 1e-5}
with np.load(Path(__file__).parent / "optimizers.npz", allow_pickle=False) as _file:
    FROZEN = {key: _file[key] for key in _file.files}
RUNS = sorted({key.split("/")[0] for key in FROZEN if key.endswith("/run")})


def network(dtype: str):
    """The golden's network with its data: Dense, tanh, mean squared error; and what calls one pass over it."""
    x, t = FROZEN["shared/x"], FROZEN["shared/t"]
    graph, node = Graph().add("Input", {"shape": (x.shape[1],)})
    for kind, params in (("Dense", {"units": t.shape[1]}), ("Tanh", {}), ("MSE", {})):
        graph, after = graph.add(kind, params, id=kind.lower())
        graph, node = graph.connect(node, after), after
    model = compile(graph, batch_size=len(x), dtype=dtype)
    model.weights.load({"dense.W": FROZEN["shared/kernel"], "dense.b": FROZEN["shared/bias"]})
    program = model.program(len(x))
    program.input[...], program.target[...] = x, t

    def again() -> float:
        program.forward()
        program.backward()
        return program.loss

    return model, again


def searches(name: str) -> bool:
    return Optimizer.kinds[json.loads(str(FROZEN[f"{name}/run"]))["kind"]].searches


@pytest.mark.parametrize(("name", "dtype"), [
    (name, dtype) for name in RUNS for dtype in TOLERANCE if not (searches(name) and dtype == "float32")])
def test_twenty_steps_agree_with_pytorch(name: str, dtype: str) -> None:
    model, again = network(dtype)
    update = updating(Optimizer.from_dict(json.loads(str(FROZEN[f"{name}/run"]))), model.weights)
    tolerance = TOLERANCE[dtype]
    for step in range(20):
        update.step(again(), again)
        for key in ("W", "b"):
            np.testing.assert_allclose(model.weights.arrays()[f"dense.{key}"], FROZEN[f"{name}/{key}"][step],
                                       rtol=tolerance, atol=tolerance, err_msg=f"{key} after step {step + 1}")


@pytest.mark.parametrize("name", [name for name in RUNS if searches(name)])
def test_line_searches_in_single_precision_reach_the_same_loss(name: str) -> None:
    """Each decides by comparing losses that differ in their last digits: its path is not the same, its end is."""
    model, again = network("float32")
    update = updating(Optimizer.from_dict(json.loads(str(FROZEN[f"{name}/run"]))), model.weights)
    for _ in range(20):
        update.step(again(), again)
    reached = again()
    model.weights.load({"dense.W": FROZEN[f"{name}/W"][-1], "dense.b": FROZEN[f"{name}/b"][-1]})
    assert reached == pytest.approx(again(), rel=1e-3)


def test_every_optimizer_is_frozen() -> None:
    assert {json.loads(str(FROZEN[f"{name}/run"]))["kind"] for name in RUNS} == set(Optimizer.kinds)
