"""Exports are whole, verified and readable by others; failures leave what was there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from safetensors import safe_open

from engine import ChainruleError, Graph, Model, chain, compile
from engine.data import Iris
from engine.export import FORMATS, Format, export, export_model, format_of
from engine.layer import Category, Layer, OnnxNode, Unsupported
from engine.layers import LAYERS, MSE, Dense, Input, SoftmaxCrossEntropy, Tanh


def model_of(seed: int = 1) -> Model:
    layers = (("input", Input(shape=(4,))), ("hidden", Dense(units=5)), Tanh(), ("output", Dense(units=3)),
              ("loss", SoftmaxCrossEntropy()))
    return compile(chain(*layers), seed=seed)


SAMPLES = np.random.default_rng(1).normal(size=(100, 4)).astype(np.float32)


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_export_says_how_far_it_lies_from_the_engine(suffix: str, tmp_path: Path) -> None:
    verified = export_model(model_of(), tmp_path / f"net{suffix}", SAMPLES)
    assert verified.format is FORMATS[suffix]
    assert verified.samples == 64
    assert verified.largest_difference <= verified.tolerance == 1e-5
    assert "64 samples" in verified.sentence()
    assert [p.name for p in tmp_path.iterdir()] == [f"net{suffix}"]


def test_npz_holds_public_arrays_by_layer_and_name(tmp_path: Path) -> None:
    model = model_of()
    export_model(model, tmp_path / "net.npz", SAMPLES)
    with np.load(tmp_path / "net.npz", allow_pickle=False) as file:
        assert set(file.files) == {"hidden.W", "hidden.b", "output.W", "output.b"}
        assert file["hidden.W"].shape == (5, 4)
        np.testing.assert_array_equal(file["output.W"], model.weights.arrays()["output.W"])


def test_safetensors_and_onnx_carry_classes_and_scaling(tmp_path: Path) -> None:
    preparation = Iris().load().preparation
    for name in ("net.safetensors", "net.onnx"):
        export_model(model_of(), tmp_path / name, SAMPLES, title="Flowers", preparation=preparation)
    with safe_open(tmp_path / "net.safetensors", "numpy") as file:
        told = file.metadata()
        assert file.get_tensor("hidden.W").shape == (5, 4)
    proto = onnx.load(tmp_path / "net.onnx")
    for properties in (told, {entry.key: entry.value for entry in proto.metadata_props}):
        assert properties["classes"] == "setosa, versicolor, virginica"
        assert "(x - offset) * factor" in properties["scaling"]
        assert properties["title"] == "Flowers"
    assert proto.producer_name == "Chainrule"
    assert {entry.name for entry in proto.graph.initializer} == {"hidden.W", "hidden.b", "output.W", "output.b"}
    assert [node.name for node in proto.graph.node] == ["hidden", "tanh_1", "output", "loss"]
    assert proto.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "N"


@pytest.mark.parametrize("suffix", FORMATS)
def test_equal_networks_make_equal_files(suffix: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        export_model(model_of(), tmp_path / f"{name}{suffix}", SAMPLES)
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.parametrize(("name", "part"), [
    ("net.onx", "Did you mean '.onnx'"), ("net", "has no suffix"), ("net.h5", "The formats are .onnx"),
])
def test_unknown_formats_are_told(name: str, part: str, tmp_path: Path) -> None:
    with pytest.raises(ChainruleError, match=part):
        export_model(model_of(), tmp_path / name, SAMPLES)


def test_a_suffix_in_capitals_is_understood() -> None:
    assert format_of("NET.ONNX") is FORMATS[".onnx"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_that_computes_something_else_is_never_kept(suffix: str, tmp_path: Path,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    honest, other = FORMATS[suffix], model_of(seed=2)
    broken = Format(suffix, honest.title, "", lambda model, details: honest.write(other, details), honest.outputs)
    monkeypatch.setitem(FORMATS, suffix, broken)
    path = tmp_path / f"net{suffix}"
    path.write_bytes(b"old")
    with pytest.raises(ChainruleError, match=r"computes something else|reads back differently"):
        export_model(model_of(), path, SAMPLES)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_full_disk_keeps_the_old_file(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / f"net{suffix}"
    path.write_bytes(b"old")
    with pytest.raises(ChainruleError, match="The disk is full"):
        export_model(model_of(), path, SAMPLES)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_network_that_diverged_is_refused(tmp_path: Path) -> None:
    model = model_of()
    model.weights.values[0] = np.nan
    with pytest.raises(ChainruleError, match="not finite"):
        export_model(model, tmp_path / "net.onnx", SAMPLES)


def test_no_samples_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ChainruleError, match="no samples"):
        export_model(model_of(), tmp_path / "net.onnx", SAMPLES[:0])


@pytest.fixture
def unsupported_layer(monkeypatch: pytest.MonkeyPatch) -> type[Layer]:
    class Mystery(Tanh):
        def onnx(self, node: OnnxNode, *xs: str) -> str:
            raise Unsupported("ONNX has no such operator.")

    Mystery.title, Mystery.category = "Mystery", Category.ACTIVATION
    monkeypatch.setitem(LAYERS, "Mystery", Mystery)
    return Mystery


def test_a_layer_without_an_equivalent_is_named(unsupported_layer: type[Layer], tmp_path: Path) -> None:
    graph = chain(Input(shape=(4,)), ("odd", unsupported_layer()), MSE())
    with pytest.raises(ChainruleError, match=r"odd cannot be exported to ONNX: ONNX has no such operator"):
        export_model(compile(graph), tmp_path / "net.onnx", SAMPLES)
    assert list(tmp_path.iterdir()) == []


def two_inputs() -> Graph:
    graph = Graph().add("Input", {"shape": (4,)}, id="left")[0].add("Input", {"shape": (3, 3, 2)}, id="picture")[0]
    graph = graph.add("Flatten", id="flat")[0].add("Concatenate", id="both")[0].add("MSE", id="numbers")[0]
    graph = graph.connect("picture", "flat").connect("left", "both").connect("flat", "both").connect("both", "numbers")
    # A second loss on an image, and a layer that leads nowhere.
    graph = graph.add("MSE", id="image")[0].connect("picture", "image")
    return graph.add("Dense", id="stray")[0].connect("left", "stray")


def test_several_inputs_and_losses_and_a_stray_layer(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    samples = {"left": rng.normal(size=(9, 4)), "picture": rng.normal(size=(9, 3, 3, 2))}
    model = compile(two_inputs())
    for suffix in FORMATS:
        assert export_model(model, tmp_path / f"net{suffix}", samples).samples == 9
    proto = onnx.load(tmp_path / "net.onnx")
    assert {value.name for value in proto.graph.input} == {"left", "picture"}
    assert {value.name for value in proto.graph.output} == {"numbers", "image"}
    assert len(proto.graph.initializer) == 0
    with pytest.raises(ChainruleError, match="no samples for picture"):
        export_model(model, tmp_path / "net.onnx", samples["left"])


def test_a_network_too_large_for_onnx_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.export import onnx_file

    monkeypatch.setattr(onnx_file, "_LARGEST", 10)
    with pytest.raises(ChainruleError, match="less than 2 GiB"):
        export_model(model_of(), tmp_path / "net.onnx", SAMPLES)


def test_the_tolerance_grows_with_the_outputs(tmp_path: Path) -> None:
    model = compile(chain(Input(shape=(4,)), Dense(units=1), MSE()))
    verified: Any = export_model(model, tmp_path / "net.onnx", SAMPLES * 1e4)
    assert verified.tolerance > export.TOLERANCE * 100


def test_an_id_that_reads_like_a_weight_of_another_layer(tmp_path: Path) -> None:
    graph = chain(Input(shape=(4,)), ("hidden", Dense(units=3)), ("hidden.W", Tanh()), MSE())
    for suffix in FORMATS:
        assert export_model(compile(graph), tmp_path / f"net{suffix}", SAMPLES).largest_difference < 1e-6


def test_a_cancelled_export_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ChainruleError, match="cancelled"):
        export_model(model_of(), tmp_path / "net.onnx", SAMPLES, cancelled=lambda: True)
    assert list(tmp_path.iterdir()) == []
