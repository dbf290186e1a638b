"""Advice: networks that really have the disease get it, with a mend that works; healthy ones get none."""

from __future__ import annotations

import numpy as np
import pytest

from engine.compute import Model
from engine.graph.check import check
from engine.graph.fixes import FIXES, apply_fix
from engine.issues import ChainruleError, Issue, Severity
from engine.train import loop as loop_module
from engine.train import telemetry
from engine.train.advice import HOLD, PLATEAU, Advisor
from engine.train.advice_fixes import SET_TRAINING, apply_to_training
from engine.train.checks import Arrays
from engine.train.commands import RunUntil, Stop
from engine.train.config import TrainingConfig
from engine.train.control import Commands
from engine.train.events import Advised, Evaluated, Paused, Started, Statistics
from engine.train.fit import fit
from engine.train.loop import train
from engine.train.optim import SGD
from tests.engine.train.networks import SOFTMAX_LOSS, chain, classes, compiled, mlp


@pytest.fixture(autouse=True)
def every_step_is_looked_at(monkeypatch):
    monkeypatch.setattr(loop_module, "REPORT_EVERY", 0.0)
    monkeypatch.setattr(telemetry, "EVERY", 0.0)
    monkeypatch.setattr(telemetry, "SHARE", 1e9)


def advised(model: Model, settings: TrainingConfig, data: Arrays | None = None) -> dict[str, Issue]:
    """All advice of a run by its code, as it was said first."""
    found: dict[str, Issue] = {}
    for event in train(model, data or classes(), settings):
        for issue in event.advice if isinstance(event, Advised) else ():
            found.setdefault(issue.code, issue)
    return found


def config(**changes) -> TrainingConfig:
    return TrainingConfig(**{"epochs": 8, "batch_size": 16, "optimizer": SGD(learning_rate=0.05), **changes})


def deep(activation: str, layers: int = 12):
    return mlp(6, *([16] * layers), 3, activation=activation)


def test_a_healthy_network_gets_none():
    assert advised(compiled(mlp(6, 16, 16, 3, activation="ReLU")), config()) == {}
    assert advised(compiled(mlp(6, 16, 3)), config(optimizer={"kind": "Adam", "learning_rate": 0.005})) == {}


def test_dead_units():
    model = compiled(mlp(6, 10, 3, activation="ReLU"))
    bias = model.weights.arrays()["dense_1.b"]
    bias[:4] = -1000.0
    issue = advised(model, config())["dead_units"]
    assert (issue.where, issue.severity) == ("relu_1", Severity.ADVICE)
    assert issue.happened == "4 of 10 units are dead."
    (fix,) = issue.mends
    assert apply_fix(model.drawn, fix).nodes["relu_1"].kind == "LeakyReLU"


@pytest.mark.parametrize("activation", ["Tanh", "ReLU"])
@pytest.mark.parametrize("begin", [{"kind": "Zeros"}, {"kind": "Constant", "value": 0.3}])
def test_equal_units(activation, begin):
    """Nothing tells them apart: not the loss, not an activation with a slope."""
    graph = mlp(6, 10, 3, activation=activation).set_params("dense_1", initialiser=begin)
    graph = graph.set_params("dense_2", initialiser=begin)
    found = advised(compiled(graph), config())
    issue = found["symmetric"]
    assert (issue.where, issue.happened) == ("dense_1", "All 10 units hold the same weights.")
    assert "dead_units" not in found, "the cure for dead units would not help"
    (fix,) = issue.mends
    assert fix.title == "Begin with He normal"
    assert "initialiser" not in apply_fix(graph, fix).nodes["dense_1"].params
    assert "symmetric" not in advised(compiled(apply_fix(graph, fix)), config())


def test_inputs_that_are_not_scaled():
    data = classes()
    large = Arrays(100.0 * data.x_train, data.y_train, data.x_val, data.y_val)
    model = compiled(mlp(6, 10, 3))
    issue = advised(model, config(), large)["unscaled"]
    size = np.sqrt(np.square(large.x_train, dtype=np.float64).mean())
    assert issue.where == "input_1"
    assert float(issue.happened.split()[4]) == pytest.approx(size, rel=0.3), "as one batch has it"
    scaled = chain(("Input", {"shape": (6,)}), ("BatchNorm", {}), ("Dense", {"units": 3}), SOFTMAX_LOSS)
    assert "unscaled" not in advised(compiled(scaled), config(), large)


def test_saturation():
    model = compiled(mlp(6, 10, 3))
    model.weights.arrays()["dense_1.W"][...] *= 1000.0
    model.weights.arrays()["dense_2.W"][...] = 0.0
    issue = advised(model, config(optimizer=SGD(learning_rate=1e-4)))["saturated"]
    assert issue.where == "tanh_1"
    assert {fix.title for fix in issue.mends} == {"Insert batch norm before", "Use ReLU"}
    for fix in issue.mends:
        assert check(apply_fix(model.drawn, fix)).ok


def test_vanishing():
    model = compiled(deep("Sigmoid"))
    issue = advised(model, config())["vanishing"]
    assert issue.where == "dense_1"
    (fix,) = issue.mends
    assert fix.title == "Use ReLU instead of 12 activations"
    mended = apply_fix(model.drawn, fix)
    assert sum(node.kind == "ReLU" for node in mended.nodes.values()) == 12
    assert "vanishing" not in advised(compiled(mended), config())


def test_exploding():
    model = compiled(deep("LeakyReLU"))
    for key, array in model.weights.arrays().items():
        if key.endswith(".W"):
            array *= 8.0
    issue = advised(model, config(optimizer=SGD(learning_rate=1e-30)))["exploding"]
    (fix,) = issue.mends
    assert apply_to_training(config().to_dict(), fix)["optimizer"]["clip_norm"] == 1.0


def test_without_a_gradient_no_rate_is_too_low():
    model = compiled(mlp(6, 10, 3, activation="ReLU"))
    model.weights.arrays()["dense_1.b"][:] = -1000.0  # nothing reaches the first matrix, nor comes out of it
    found = advised(model, config())
    assert "dead_units" in found
    assert "rate_low" not in found


@pytest.mark.parametrize(("rate", "code", "wanted"), [(30.0, "rate_high", 3.0), (1e-12, "rate_low", 1e-11)])
def test_steps_of_the_wrong_size(rate, code, wanted):
    model = compiled(mlp(6, 16, 3))
    issue = advised(model, config(optimizer=SGD(learning_rate=rate)))[code]
    (fix,) = issue.mends
    assert fix.edit == SET_TRAINING
    after = apply_to_training(config(optimizer=SGD(learning_rate=rate)).to_dict(), fix)
    assert after["optimizer"]["learning_rate"] == pytest.approx(wanted)


def evaluations(train_losses, val_losses, accuracy=0.5):
    return [Evaluated(50 * i, i, t, {"accuracy": accuracy}, v, {"accuracy": accuracy})
            for i, (t, v) in enumerate(zip(train_losses, val_losses, strict=True))]  # fmt: skip


def judged(seen) -> list[str]:
    advisor = Advisor(compiled(mlp(6, 8, 3)))
    for one in seen:
        advisor.evaluated(one)
    return [issue.code for issue in advisor.advice]


def test_a_plateau():
    flat = [1.0] * PLATEAU
    assert judged(evaluations(flat, flat)) == ["plateau"]
    assert judged(evaluations(flat, flat, accuracy=0.99)) == []
    falling = np.linspace(1.0, 0.5, PLATEAU).tolist()
    assert judged(evaluations(falling, falling)) == []
    assert judged(evaluations(flat[1:], flat[1:])) == []


def test_overfitting():
    falling = np.linspace(1.0, 0.1, 20)
    rising = np.concatenate([falling[:10], np.linspace(falling[9], 1.0, 10)])
    assert judged(evaluations(falling, rising)) == ["overfitting"]
    assert judged(evaluations(falling, falling)) == []
    nan = [float("nan")] * 20
    assert judged(evaluations(falling, nan)) == []
    # Long ago, too: what is kept of a long run is bounded, and the best stays.
    long = np.concatenate([falling[:10], np.full(500, 2.0)])
    assert "overfitting" in judged(evaluations(np.linspace(1.0, 0.01, 510), long))


def test_advice_holds_for_a_while_before_it_comes_and_after_it_went(monkeypatch):
    model = compiled(mlp(6, 8, 3))
    advisor = Advisor(model)
    nothing = Statistics(1, 0.1, 0.0, ())
    issue = Issue("sick", "It is sick.", "", "", "dense_1", Severity.ADVICE)
    ill = [False]
    monkeypatch.setattr("engine.train.advice.RULES", (lambda look: iter([issue] if ill[0] else []),))

    def shown(looks: int, sick: bool) -> int:
        ill[0] = sick
        for _ in range(looks):
            advisor.look(nothing, {})
        return len(advisor.advice)

    assert shown(HOLD - 1, True) == 0
    assert shown(1, False) == 0
    assert shown(HOLD - 1, True) == 0
    assert shown(1, True) == 1
    assert shown(HOLD - 1, False) == 1
    assert shown(1, True) == 1
    assert shown(HOLD, False) == 0


def test_a_run_pauses_where_advice_appears():
    commands, found = Commands(), []
    model = compiled(deep("Sigmoid"))
    for event in train(model, classes(), config(), control=commands):
        found.append(event)
        if isinstance(event, Started):
            commands.send(RunUntil({"kind": "AdviceAppears"}))
        if isinstance(event, Paused):
            assert event.sentence.startswith("Paused: advice appeared: The gradient shrinks")
            commands.send(Stop())
    assert any(isinstance(e, Paused) for e in found)


def test_every_edit_that_is_offered_is_known():
    model = compiled(chain(("Input", {"shape": (6,)}), ("Dense", {"units": 3}), SOFTMAX_LOSS))
    assert model.report.ok
    assert {"replace_kind", "replace_kinds", "insert_before"} <= FIXES.keys()


def test_numbers_are_said_anew_only_after_a_while(monkeypatch):
    advisor = Advisor(compiled(mlp(6, 8, 3)))
    dead = [1]
    monkeypatch.setattr("engine.train.advice.RULES", (
        lambda look: iter([Issue("dead", f"{dead[0]} units are dead.", "", "", "", Severity.ADVICE)]),))  # fmt: skip
    for _ in range(HOLD):
        advisor.look(Statistics(1, 0.1, 0.0, ()), {})
    told = advisor.news(10.0)
    assert told is not None and told[0].happened == "1 units are dead."
    assert advisor.news(20.0) is None
    dead[0] = 2
    advisor.look(Statistics(2, 0.1, 0.0, ()), {})
    assert advisor.news(10.5) is None
    told = advisor.news(14.0)
    assert told is not None and told[0].happened == "2 units are dead."


def test_weights_that_grow_beyond_all_bounds_are_looked_at_without_a_warning():
    model = compiled(mlp(6, 8, 3))
    with pytest.raises(ChainruleError, match="lower learning rate"):
        fit(model, classes(), epochs=9, batch_size=8, optimizer=SGD(learning_rate=1.0, weight_decay=1000.0))
