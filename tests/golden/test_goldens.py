"""Every layer against PyTorch's answers, frozen by ``make_goldens.py``: outputs, gradients, running statistics."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.compute import Model, compile
from engine.graph.model import Graph
from engine.layer import LossLayer
from engine.layers import LAYERS

HERE = Path(__file__).parent
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
Parts = dict[str, np.ndarray]


def load() -> dict[str, Parts]:
    """Parts by "file/case"."""
    found: dict[str, Parts] = {}
    for path in sorted(HERE.glob("*.npz")):
        with np.load(path, allow_pickle=False) as file:
            for key in file.files:
                case, part = key.rsplit("/", 1)
                found.setdefault(f"{path.stem}/{case}", {})[part] = file[key]
    return {name: parts for name, parts in found.items() if "about" in parts}


GOLDENS = load()


def model_of(parts: Parts, dtype: str) -> tuple[Model, dict[str, Any]]:
    """Inputs → the layer → a squared error, whose target :func:`target_for` chooses."""
    about = json.loads(str(parts["about"]))
    graph, subject = Graph().add(about["kind"], about["params"], id="subject")
    for i in range(len([part for part in parts if part.startswith("x")])):
        graph, source = graph.add("Input", {"shape": list(parts[f"x{i}"].shape[1:])}, id=f"x{i}")
        graph = graph.connect(source, subject)
    if not issubclass(LAYERS[about["kind"]], LossLayer):
        graph, loss = graph.add("MSE", id="loss")
        graph = graph.connect(subject, loss)
    model = compile(graph, dtype=dtype, input_gradients=True)
    expected = {part.removeprefix("w.") for part in parts if part.startswith("w.")}
    arrays = {key.removeprefix("subject."): array for key, array in model.weights.arrays().items()}
    assert set(arrays) == expected, "the golden's weights are not the layer's"
    for name, array in arrays.items():
        assert array.shape == parts[f"w.{name}"].shape
        array[...] = parts[f"w.{name}"]
    return model, about


def target_for(parts: Parts) -> np.ndarray:
    """Targets for which the squared error's own gradient, 2·(y − t)/size, is the golden's dy."""
    return parts["y"] - parts["dy"] * (parts["y"].size / 2.0)


def agree(found: np.ndarray, wanted: np.ndarray, dtype: str, what: str) -> None:
    tolerance = TOLERANCE[dtype]
    scale = max(1.0, float(np.abs(wanted).max(initial=0.0)))
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance * scale, err_msg=what)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", GOLDENS)
def test_agrees_with_pytorch(name: str, dtype: str) -> None:
    parts = GOLDENS[name]
    model, about = model_of(parts, dtype)
    xs = {part: array for part, array in parts.items() if part.startswith("x")}
    if not about["training"]:
        agree(model.forward(xs), parts["y"], dtype, "output")
        return
    if "loss" in parts:
        agree(np.array(model.loss(xs, parts["target"])), parts["loss"], dtype, "loss")
    else:
        model.loss(xs, target_for(parts))
        agree(model.output("subject"), parts["y"], dtype, "output")
    gradients = model.backward()
    by_input = model.input_gradients_by_name()
    for i in range(len(xs)):
        agree(by_input[f"x{i}"], parts[f"dx{i}"], dtype, f"gradient of input {i + 1}")
    for part, wanted in parts.items():
        kind, _, weight = part.partition(".")
        if kind == "dw":
            agree(gradients[f"subject.{weight}"], wanted, dtype, f"gradient of {weight}")
        if kind == "after":
            agree(model.weights.arrays()[f"subject.{weight}"], wanted, dtype, weight)


def test_every_layer_is_frozen() -> None:
    frozen = {json.loads(str(parts["about"]))["kind"] for parts in GOLDENS.values()}
    # What PyTorch has nothing to compare with: no layer, and a price that is added to the loss.
    assert set(LAYERS) - frozen == {"Input", "ActivityRegularisation"}


def test_every_file_of_cases_is_frozen() -> None:
    files = {path.stem.removeprefix("cases_") for path in HERE.glob("cases_*.py")}
    assert files <= {path.stem for path in HERE.glob("*.npz")}, "run python -m tests.golden.make_goldens"
