"""The command line: every command on real files, in this process or a real one of its own."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from app.cli.files import PROGRAM
from app.cli.main import main
from app.recorded.history_file import from_arrays
from engine import open_project, save, template
from engine.data import Iris
from engine.layers import LAYERS
from engine.project import TEMPLATES, Project
from engine.runs import Origin, RunStore

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained project."""
    path = tmp_path_factory.mktemp("cli") / "iris.chainrule"
    assert main(["train", "template:iris", "--epochs", "60", "--out", str(path)]) == 0
    return path


def broken(path: Path) -> Path:
    """A project whose middle was cut out."""
    project = template("xor").build()
    save(path, Project(project.graph.disconnect("tanh_1", "in"), project.source, project.training))
    return path


# -- check, layers, templates ----------------------------------------------------------------------------------


def test_check_of_a_sound_project(capsys: Captured) -> None:
    assert main(["check", "template:lenet"]) == 0
    assert "Valid: 14 layers, 61\u2009706 parameters." in capsys.readouterr().out


def test_a_network_that_does_not_fit_is_refused_before_it_is_made(tmp_path: Path, capsys: Captured) -> None:
    project = template("xor").build()
    graph = project.graph.set_params("hidden_1", units=65_536)
    graph, wide = graph.add("Dense", {"units": 65_536})
    graph = graph.disconnect("tanh_1", "in").connect("hidden_1", wide).connect(wide, "tanh_1")
    graph, again = graph.add("Dense", {"units": 65_536})
    graph = graph.disconnect("tanh_1", "in").connect(wide, again).connect(again, "tanh_1")
    save(tmp_path / "a.chainrule", Project(graph, project.source, project.training))
    assert main(["train", str(tmp_path / "a.chainrule")]) == 1
    assert "takes at least 68.7 GB" in capsys.readouterr().err


def test_check_names_what_is_wrong(tmp_path: Path, capsys: Captured) -> None:
    assert main(["check", str(broken(tmp_path / "a.chainrule"))]) == 1
    out = capsys.readouterr().out
    assert "error: tanh_1: Nothing is wired to its input." in out
    assert "Problems found" in out


def test_check_as_json(tmp_path: Path, capsys: Captured) -> None:
    assert main(["check", str(broken(tmp_path / "a.chainrule")), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    assert ("error", "missing_input", "tanh_1") in {(i["severity"], i["code"], i["where"]) for i in found["issues"]}
    assert found["shapes"]["hidden_1"] == [3]


def test_check_reports_data_that_are_gone(tmp_path: Path, capsys: Captured) -> None:
    project = template("xor").build()
    source = {"kind": "CsvFile", "path": str(tmp_path / "gone.csv")}
    save(tmp_path / "a.chainrule", Project(project.graph, source, project.training))
    assert main(["check", str(tmp_path / "a.chainrule")]) == 1
    assert "gone.csv" in capsys.readouterr().out


def test_check_reports_training_settings_out_of_range(tmp_path: Path, capsys: Captured) -> None:
    project = template("xor").build()
    save(tmp_path / "a.chainrule", Project(project.graph, project.source, {**project.training, "batch_size": 0}))
    assert main(["check", str(tmp_path / "a.chainrule")]) == 1
    assert "batch_size is 0. Batch size must be a whole number from 1" in capsys.readouterr().out


def test_layers_as_text_and_json(capsys: Captured) -> None:
    assert main(["layers"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {kind}: " in text for kind in LAYERS)
    assert "units = 64  (a whole number from 1 to 65\u2009536)" in text
    assert main(["layers", "--json"]) == 0
    described = {entry["kind"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert set(described) == set(LAYERS)
    units = next(p for p in described["Dense"]["parameters"] if p["name"] == "units")
    assert (units["type"], units["default"], units["range"]) == ("Int", 64, "a whole number from 1 to 65\u2009536")


def test_templates_are_listed_and_written(tmp_path: Path, capsys: Captured) -> None:
    assert main(["templates"]) == 0
    out = capsys.readouterr().out
    assert all(line.startswith(name) for line, name in zip(out.splitlines(), TEMPLATES, strict=True))
    assert main(["templates", "--write", "xor", str(tmp_path / "xor.chainrule")]) == 0
    assert open_project(tmp_path / "xor.chainrule").graph == template("xor").build().graph


# -- train, export, predict --------------------------------------------------------------------------------------


def test_train_writes_project_exports_and_log(tmp_path: Path, capsys: Captured) -> None:
    names = ["a.chainrule", "a.onnx", "a.safetensors", "a.npz", "a.jsonl"]
    project, onnx, tensors, npz, log = (str(tmp_path / name) for name in names)
    status = main(["train", "template:circles", "--epochs", "20", "--seed", "3", "--out", project,
                   "--export", onnx, "--export", tensors, "--export", npz, "--log", log])
    captured = capsys.readouterr()
    assert status == 0
    assert captured.out.count("largest difference") == 3
    assert "epoch 20/20" in captured.err
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(names)
    saved = open_project(project)
    assert saved.notices == ()
    assert saved.training["seed"] == 3
    lines = [json.loads(line) for line in Path(log).read_text(encoding="utf-8").splitlines()]
    assert lines[0]["event"] == "started"
    assert [line["step"] for line in lines if line["event"] == "step"] == list(range(1, 201))
    assert lines[-1]["event"] == "finished"
    evaluated = [line for line in lines if line["event"] == "evaluated"]
    assert evaluated[-1]["validation_loss"] < evaluated[0]["validation_loss"]


def test_a_run_is_kept_as_the_window_keeps_it(tmp_path: Path, capsys: Captured) -> None:
    """Settings, network, curves and weights; going on is a branch of it. In one with early stopping, the best too."""
    folder, out = tmp_path / "iris.runs", tmp_path / "iris.chainrule"
    assert main(["train", "template:iris", "--epochs", "40", "--runs", str(folder), "--out", str(out)]) == 0
    assert "Kept as “Run 1” in" in capsys.readouterr().out
    (run,) = RunStore(folder).runs()
    saved, info = open_project(out), run.info
    assert (info.outcome, info.epochs, info.project, info.process) == ("finished", 40, saved.id, None)
    assert info.id == saved.run and info.environment["program"] == PROGRAM
    history = from_arrays(run.load_curves())
    assert history.steps.tolist() == list(range(1, info.steps + 1)) and history.statistics is not None
    assert info.best["validation.loss"] == min(history.evaluations.column("validation.loss"))
    assert {info.best_step, info.steps, 0} <= set(run.snapshot_steps()) and info.best_kept == info.best_step
    last = run.load_snapshot(info.steps)
    assert saved.weights is not None and all(np.array_equal(last.weights[key], saved.weights[key])
                                             for key in saved.weights)
    assert main(["train", str(out), "--resume", "--epochs", "3", "--runs", str(folder)]) == 0
    branch = RunStore(folder).runs()[0].info
    assert branch.name == "Run 2" and branch.parent == Origin(info.id, info.steps)
    assert branch.first_step == info.steps < branch.steps


def test_the_same_seed_trains_the_same_weights_and_resuming_changes_nothing(tmp_path: Path) -> None:
    once, half, whole = (str(tmp_path / f"{name}.chainrule") for name in ("once", "half", "whole"))
    assert main(["train", "template:iris", "--epochs", "6", "--out", once]) == 0
    assert main(["train", "template:iris", "--epochs", "3", "--out", half]) == 0
    assert main(["train", half, "--resume", "--epochs", "6", "--out", whole]) == 0
    first, second = open_project(once).weights, open_project(whole).weights
    assert first is not None and second is not None
    for key in first:
        np.testing.assert_array_equal(first[key], second[key])


def test_export_verifies_and_another_program_agrees(iris: Path, tmp_path: Path, capsys: Captured) -> None:
    assert main(["export", str(iris), str(tmp_path / "iris.onnx")]) == 0
    assert "compared with the engine on 64 samples" in capsys.readouterr().out
    data = Iris().load()
    session = onnxruntime.InferenceSession(tmp_path / "iris.onnx", providers=["CPUExecutionProvider"])
    (probabilities,) = session.run(None, {"input": np.array(data.x_val)})
    assert (probabilities.argmax(axis=1) == data.y_val).mean() >= 0.9


def test_predict_tells_classes(iris: Path, tmp_path: Path, capsys: Captured) -> None:
    table = Path(__file__).parents[3] / "resources" / "data" / "iris.csv"
    assert main(["predict", str(iris), "--data", str(table)]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    truth = [row["target"] for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines())]
    assert np.mean([row["prediction"] == wanted for row, wanted in zip(rows, truth, strict=True)]) >= 0.9
    assert float(rows[0]["p(setosa)"]) > 0.5
    assert main(["predict", str(iris), "--data", str(table), "--out", str(tmp_path / "p.csv")]) == 0
    assert (tmp_path / "p.csv").read_text(encoding="utf-8").startswith("prediction,p(setosa)")


@pytest.mark.parametrize(("name", "header"), [("curve", "y"), ("xor", "prediction,p(0),p(1)")])
def test_predict_numbers_and_yes_or_no(name: str, header: str, tmp_path: Path, capsys: Captured) -> None:
    project = str(tmp_path / "a.chainrule")
    assert main(["train", f"template:{name}", "--epochs", "2", "--out", project]) == 0
    capsys.readouterr()
    np.save(tmp_path / "x.npy", np.array([[0.25], [0.5], [0.75]]) * np.ones((1, 1 if name == "curve" else 2)))
    assert main(["predict", project, "--data", str(tmp_path / "x.npy")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == header
    assert len(lines) == 4


def test_a_project_exports_and_predicts_after_its_data_are_gone(tmp_path: Path, capsys: Captured) -> None:
    table = tmp_path / "points.csv"
    table.write_text("a,b,kind\n" + "".join(f"{i % 7},{i % 5},{'red' if i % 2 else 'blue'}\n" for i in range(40)))
    base = template("spirals").build()
    source = {"kind": "CsvFile", "path": str(table)}
    save(tmp_path / "a.chainrule", Project(base.graph, source, base.training))
    trained = str(tmp_path / "b.chainrule")
    assert main(["train", str(tmp_path / "a.chainrule"), "--epochs", "2", "--out", trained]) == 0
    fresh = tmp_path / "new.csv"
    fresh.write_text("a,b\n1,2\n3,4\n")
    table.unlink()
    assert main(["export", trained, str(tmp_path / "b.onnx")]) == 0
    assert "verified on random samples" in capsys.readouterr().err
    assert main(["predict", trained, "--data", str(fresh)]) == 0
    assert capsys.readouterr().out.startswith("prediction,p(blue),p(red)")


# -- mistakes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "status", "part"), [
    ([], 2, "required"),
    (["chekc"], 2, "invalid choice"),
    (["check", "none.chainrule"], 1, "There is no file"),
    (["check", "template:xorr"], 1, "Did you mean 'xor'"),
    (["train", "template:xor", "--epochs", "0"], 1, "Epochs must be a whole number from 1"),
    (["train", "template:xor", "--epochs", "many"], 2, "invalid int"),
    (["train", "template:xor", "--resume"], 1, "nothing to resume"),
    (["train", "template:xor", "--out", "no/such/folder/a.chainrule"], 1, "There is no folder"),
    (["train", "template:xor", "--export", "a.pt"], 1, "The formats are"),
    (["export", "template:xor", "a.onnx"], 1, "no trained weights"),
    (["export", "template:xor", "a.onxx"], 1, "Did you mean '.onnx'"),
    (["predict", "template:xor", "--data", "a.csv"], 1, "no trained weights"),
    (["templates", "--write", "lent", "a.chainrule"], 1, "Did you mean 'lenet'"),
])
def test_mistakes_end_in_a_sentence(arguments: list[str], status: int, part: str, capsys: Captured, tmp_path: Path,
                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == status
    captured = capsys.readouterr()
    assert part in captured.err
    assert "Traceback" not in captured.err
    assert list(tmp_path.iterdir()) == []


def test_training_a_broken_network_lists_its_problems(tmp_path: Path, capsys: Captured) -> None:
    assert main(["train", str(broken(tmp_path / "a.chainrule"))]) == 1
    assert "error: tanh_1: Nothing is wired to its input." in capsys.readouterr().err


def test_a_run_that_diverges_says_so_and_keeps_the_last_good_weights(tmp_path: Path, capsys: Captured) -> None:
    base = template("curve").build()
    training = {**base.training, "optimizer": {"kind": "SGD", "learning_rate": 1000.0}, "epochs": 500}
    graph = base.graph.remove(["tanh_1"], heal=True)
    save(tmp_path / "a.chainrule", Project(graph, base.source, training))
    out = tmp_path / "b.chainrule"
    assert main(["train", str(tmp_path / "a.chainrule"), "--out", str(out)]) == 1
    assert "lower learning rate" in capsys.readouterr().err
    saved = open_project(out)
    assert saved.notices == ()
    assert saved.weights is not None and all(np.isfinite(w).all() for w in saved.weights.values())


def test_what_was_learned_is_kept_elsewhere_where_saving_fails(tmp_path: Path, capsys: Captured,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "out.chainrule").mkdir()  # a folder has the name
    arguments = ["train", "template:iris", "--epochs", "1", "--out", str(tmp_path / "out.chainrule"),
                 "--export", str(tmp_path / "a.npz")]
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert "A folder has that name" in told
    (rescued,) = tmp_path.glob("chainrule-*/out.chainrule")
    assert f"kept in {rescued}" in told
    assert open_project(rescued).weights is not None
    assert (tmp_path / "a.npz").exists()


def test_an_error_of_our_own_is_a_sentence_too(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: str) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("app.cli.main.load_project", fails)
    assert main(["check", "template:xor"]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    monkeypatch.setenv("CHAINRULE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["check", "template:xor"])


# -- real processes ------------------------------------------------------------------------------------------------

WITHOUT_QT = """
import sys
from app.cli.main import main
status = main(sys.argv[1:])
loaded = {name.partition(".")[0] for name in sys.modules}
sys.exit(status or 10 * bool(loaded & {"PySide6", "shiboken6", "qtpy", "qtawesome", "pyqtgraph"}))
"""


@pytest.mark.parametrize("arguments", [
    ["check", "template:xor"], ["train", "template:xor", "--epochs", "2", "--out", "a.chainrule", "--export", "a.onnx",
                            "--runs", "a.runs"],
    ["layers"], ["templates"],
])
def test_qt_is_never_imported(arguments: list[str], tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", WITHOUT_QT, *arguments], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(root)}, check=False)
    assert done.returncode == 0, done.stderr


def test_ctrl_c_stops_cleanly_and_still_writes(tmp_path: Path) -> None:
    out = tmp_path / "a.chainrule"
    command = [sys.executable, "-m", "app", "train", "template:mnist", "--epochs", "100000", "--out", str(out),
               "--export", str(tmp_path / "a.npz")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          cwd=Path(__file__).parents[3]) as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith("epoch"):  # it is training now
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped at step" in stdout
    assert "Traceback" not in stderr
    assert open_project(out).weights is not None
    assert (tmp_path / "a.npz").exists()


def test_a_terminal_gets_a_line_of_progress(tmp_path: Path) -> None:
    leader, follower = os.openpty()
    command = [sys.executable, "-m", "app", "train", "template:iris", "--epochs", "20"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=follower, cwd=Path(__file__).parents[3], check=False)
    os.close(follower)
    shown = os.read(leader, 100_000).decode()
    os.close(leader)
    assert done.returncode == 0
    assert "epoch 20/20" in shown
    assert "█" in shown
    assert "\n" not in shown


def test_output_that_nobody_reads_to_the_end_is_no_error() -> None:
    command = f"{sys.executable} -m app layers | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True,
                          cwd=Path(__file__).parents[3], check=False)
    assert done.stderr == ""


