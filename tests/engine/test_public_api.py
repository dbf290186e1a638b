"""What ``import engine`` gives: the README's lines, run as they stand, and the promises around them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import engine
from engine import ChainruleError, GraphError
from engine.layers import MSE, Dense, Dropout, Input, SigmoidBinaryCrossEntropy, SoftmaxCrossEntropy, Tanh

ROOT = Path(__file__).parents[2]
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
Y = np.array([[0], [1], [1], [0]], np.float32)


def small() -> engine.Graph:
    return engine.chain(Input(shape=(2,)), ("hidden", Dense(units=3)), Tanh(), ("output", Dense(units=1)),
                        SigmoidBinaryCrossEntropy())


def readme_code() -> str:
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    return block


def test_the_readmes_code_runs_as_it_stands(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", readme_code()], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "13"
    assert "largest difference" in lines[-1]
    assert re.sub(r"[^01]", "", "".join(lines[-5:-1]).replace("0.", "0").replace("1.", "1")) == "0110"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["xor.chainrule", "xor.onnx"]


def test_every_public_name_exists_and_is_documented() -> None:
    for name in engine.__all__:
        found = getattr(engine, name)
        assert isinstance(found, dict) or found.__doc__, name


def test_every_optimizer_and_schedule_is_a_public_name() -> None:
    for family in (engine.Optimizer, engine.Schedule):
        for name, kind in family.kinds.items():
            assert getattr(engine, name) is kind
            assert name in engine.__all__


def test_importing_the_engine_loads_neither_qt_nor_onnx() -> None:
    code = "import engine, sys; sys.exit(bool({'PySide6', 'qtpy', 'pyqtgraph', 'onnx', 'app'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_chain_names_and_places_its_nodes() -> None:
    graph = small()
    assert list(graph.nodes) == ["input_1", "hidden", "tanh_1", "output", "loss_1"]
    assert [node.position[0] for node in graph.nodes.values()] == [0.0, 200.0, 400.0, 600.0, 800.0]
    assert [(e.source, e.target) for e in graph.edges.values()] == list(zip(graph.nodes, list(graph.nodes)[1:],
                                                                             strict=False))
    assert graph.nodes["hidden"].params == {"units": 3}
    with pytest.raises(ChainruleError, match="exists already"):
        engine.chain(("a", Input()), ("a", Dense()))


def test_gradients_agree_with_finite_differences() -> None:
    model = engine.compile(small(), seed=2, dtype="float64")
    model.loss(X, Y)
    gradients = {key: array.copy() for key, array in model.backward().items()}
    assert {key: array.shape for key, array in gradients.items()} == {
        "hidden.W": (3, 2), "hidden.b": (3,), "output.W": (1, 3), "output.b": (1,)}
    weights = model.weights.arrays()
    for key, index in (("hidden.W", (1, 0)), ("output.b", (0,))):
        before = weights[key][index]
        losses = []
        for shift in (1e-6, -1e-6):
            weights[key][index] = before + shift
            losses.append(model.loss(X, Y))
        weights[key][index] = before
        assert (losses[0] - losses[1]) / 2e-6 == pytest.approx(gradients[key][index], rel=1e-6)


def test_fit_tells_how_it_went() -> None:
    model = engine.compile(small(), seed=1)
    seen = []
    history = engine.fit(model, (X, Y), epochs=200, batch_size=4, optimizer=engine.Adam(learning_rate=0.05),
                         on_event=seen.append)
    assert history.steps.tolist() == list(range(1, 201))
    assert history.losses[-1] < 0.7 * history.losses[0]
    assert history.evaluations[-1].step == 200
    assert history.state["values"]["step"] == 200
    assert len(seen) >= 4


def test_fit_is_the_same_for_the_same_seed_and_settings() -> None:
    results = []
    for _ in range(2):
        graph = engine.chain(Input(shape=(2,)), Dense(units=8), Dropout(rate=0.2), Dense(units=1), MSE())
        model = engine.compile(graph, seed=5)
        engine.fit(model, (X, Y), engine.TrainingConfig(epochs=30, batch_size=3, seed=4))
        results.append(model.weights.values.copy())
    np.testing.assert_array_equal(*results)


def test_fit_raises_a_sentence_where_loss_explodes() -> None:
    model = engine.compile(engine.chain(Input(shape=(2,)), Dense(units=4), Dense(units=1), MSE()))
    with pytest.raises(ChainruleError, match="lower learning rate"):
        engine.fit(model, (X, Y), epochs=2000, optimizer=engine.SGD(learning_rate=900.0))
    assert np.isfinite(model.weights.values).all()


def test_mistakes_are_sentences() -> None:
    with pytest.raises(GraphError, match="no loss"):
        engine.compile(engine.chain(Input(shape=(2,)), Dense()))
    model = engine.compile(small())
    with pytest.raises(ChainruleError, match="Expected"):
        model.loss(np.zeros((4, 3)), Y)
    with pytest.raises(ChainruleError, match="no array can be made"):
        engine.fit(model, ([[1, 2], [3]], Y))
    for data, words in ((X, "Expected a data set"), ((X,), "data are 1 arrays"), ((X, None), "given None"),
                        ((X.astype(complex), Y), "complex"), ((np.full_like(X, 1e39, dtype=float), Y), "too large")):
        with pytest.raises(ChainruleError, match=words):
            engine.fit(model, data)
    for layer in (Dense, "Dense", ("name", Dense)):
        with pytest.raises(ChainruleError, match="is no layer"):
            engine.chain(Input(shape=(2,)), layer)
    with pytest.raises(ChainruleError, match="follows a loss"):
        engine.compile(small()).backward()
    classes = engine.compile(engine.chain(Input(shape=(2,)), Dense(units=2), SoftmaxCrossEntropy()))
    with pytest.raises(ChainruleError, match="labels run from 0 to 1"):
        classes.loss(X, np.array([0, 1, 2, 0]))


def test_a_step_that_would_not_fit_into_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model = engine.compile(small())
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=50_000))
    engine.fit(model, (X, Y), epochs=1)
    with pytest.raises(ChainruleError, match=r"with 4 examples at a time takes 1\d\d kB.*free"):
        engine.fit(model, (X, Y), batching="full", optimizer=engine.LBFGS(history_size=1000))


def test_a_saved_network_predicts_the_same_after_opening(tmp_path: Path) -> None:
    model = engine.compile(small(), seed=3)
    engine.save(tmp_path / "a.chainrule", engine.Project.of(model, title="XOR"))
    project = engine.open_project(tmp_path / "a.chainrule")
    again = engine.compile(project.graph, seed=99)
    assert project.weights is not None
    again.weights.load(project.weights)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert project.title == "XOR"


def test_data_load_by_their_source() -> None:
    data = engine.load_data(engine.template("iris").source)
    assert data.x_train.shape == (120, 4)
    assert data.signature.classes == ("setosa", "versicolor", "virginica")
