"""Settings of runs side by side, in the words of their declarations; networks that compute the same have one name."""

from __future__ import annotations

from engine.runs import RunInfo
from engine.runs.compare import ABSENT, compared, differing, fingerprint, settings_of
from engine.train.config import TrainingConfig
from engine.train.optim import SGD, Adam
from tests.engine.train.networks import mlp


def info(id: str, **settings) -> RunInfo:
    return RunInfo(id, source={"kind": "Xor"}, training=TrainingConfig(**settings).to_dict(), network="n", parameters=9)


def test_what_differs_comes_first_under_its_label():
    rows = compared([info("a", batch_size=8), info("b", optimizer=Adam(learning_rate=0.02))])
    assert [row.differs for row in rows] == sorted((row.differs for row in rows), reverse=True)
    found = {row.label: row.values for row in rows if row.differs}
    assert found == {"Learning rate": ("0.001", "0.02"), "Batch size": ("8", "32")}
    assert {row.group for row in rows} == {"Training", "Data", "Network"}


def test_what_a_run_does_not_have_is_absent():
    rows = {row.label: row.values for row in compared([info("a", optimizer=SGD()), info("b")])}
    assert rows["Optimizer"] == (SGD.title, Adam.title)
    assert rows["Momentum"][1] == ABSENT


def test_the_list_says_in_what_each_run_is_different():
    runs = [info("a", batch_size=8), info("b"), info("c", batch_size=8, seed=3), RunInfo("d", outcome="damaged")]
    found = differing(runs)
    assert found == {"a": "batch size 8 · seed 0", "b": "batch size 32 · seed 0", "c": "batch size 8 · seed 3"}
    assert differing(runs[:1]) == {"a": ""}


def test_settings_of_another_version_are_shown_as_they_were_written():
    found = settings_of({"kind": "Telepathy", "depth": 3}, {"warp": 9.5, "seed": 1})
    assert found["Training", "warp"] == "9.5"
    assert found["Data", "depth"] == "3"


def test_a_fingerprint_is_of_what_is_computed():
    graph = mlp(6, 8, 3)
    first = next(iter(graph.nodes))
    assert fingerprint(graph) == fingerprint(graph.move({first: (500.0, 70.0)}))
    assert fingerprint(graph) != fingerprint(mlp(6, 9, 3))
    assert fingerprint(graph) != fingerprint(mlp(6, 8, 3, activation="ReLU"))
    assert len(fingerprint(graph)) == 10
