"""Every layer's ONNX mapping, over the registry, against ONNX Runtime: a new layer is covered by its examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from engine.compute import Model, compile
from engine.data import Source
from engine.export import export_model
from engine.graph.model import Graph
from engine.issues import ChainruleError
from engine.layer import LossLayer, Unsupported
from engine.layers import LAYERS
from engine.project import TEMPLATES
from engine.shapes import Shape

LARGEST_DIFFERENCE = 1e-5
CASES = [
    pytest.param(kind, params, shapes, id=f"{kind}-{number}")
    for kind, layer in LAYERS.items()
    for number, (params, shapes) in enumerate(layer.examples)
]


def network(kind: str, params: dict[str, Any], shapes: tuple[Shape, ...]) -> Graph:
    """Inputs of the given shapes → the layer → a loss that passes its input on."""
    graph, layer_id = Graph().add(kind, params)
    for number, shape in enumerate(shapes, 1):
        graph, source = graph.add("Input", {"shape": shape}, id=f"x{number}")
        graph = graph.connect(source, layer_id)
    if issubclass(LAYERS[kind], LossLayer):
        return graph
    graph, loss = graph.add("MSE")
    return graph.connect(layer_id, loss)


def samples_of(model: Model, rows: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    inputs = [i for i in model.report.order if not model.graph.inputs(i)]
    return {i: rng.normal(size=(rows, *model.report.shapes[i])).astype(np.float32) for i in inputs}


def assert_runtime_agrees(model: Model, path: Path, samples: dict[str, np.ndarray]) -> None:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert {value.name for value in session.get_inputs()} == set(samples)
    (found,) = session.run(None, samples)
    expected = model.forward(samples)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=LARGEST_DIFFERENCE, atol=LARGEST_DIFFERENCE)


def has_no_equivalent(params: dict[str, Any]) -> bool:
    """The few settings that ONNX cannot express; everything else must export."""
    return params.get("mask_zeros", False)


@pytest.mark.parametrize(("kind", "params", "shapes"), CASES)
def test_layer_computes_the_same_in_onnx_runtime(
    kind: str, params: dict[str, Any], shapes: tuple[Shape, ...], tmp_path: Path
) -> None:
    model = compile(network(kind, params, shapes), seed=3)
    # Biases begin at zero, which would hide their absence. Positive, for running variances are among them.
    for array in model.weights.arrays().values():
        array[...] = np.abs(np.random.default_rng(5).normal(size=array.shape))
    samples = samples_of(model, 64)
    if has_no_equivalent(params):
        with pytest.raises(ChainruleError, match="cannot be exported") as refusal:
            export_model(model, tmp_path / "net.onnx", samples)
        assert isinstance(refusal.value.__cause__, Unsupported)
        return
    verified = export_model(model, tmp_path / "net.onnx", samples)
    assert verified.samples == 64
    assert verified.largest_difference <= verified.tolerance
    for rows in (1, 5, 64):  # the batch axis is free
        assert_runtime_agrees(model, tmp_path / "net.onnx", {k: v[:rows] for k, v in samples.items()})


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_computes_the_same_in_onnx_runtime(name: str, tmp_path: Path) -> None:
    project = TEMPLATES[name].build()
    data = Source.from_dict(project.source).load()
    model = compile(project.graph)
    x = data.x_train[:64]
    verified = export_model(model, tmp_path / "net.onnx", x, preparation=data.preparation)
    assert verified.samples == len(x)
    assert_runtime_agrees(model, tmp_path / "net.onnx", {"input": x})
