"""Saving and opening: what goes in comes out, and bad files end in a sentence."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compute import compile
from engine.graph.build import chain
from engine.graph.check import check
from engine.graph.model import Edge, Graph, Node, clean_params
from engine.issues import ChainruleError
from engine.layers import LAYERS, Dense, Input, SigmoidBinaryCrossEntropy, Tanh
from engine.project import FileError, Project, open_project, save

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
COORDINATE = st.floats(-1e6, 1e6)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any graph, sound or not: unknown layers, parameters out of range, cycles, strange names."""
    ids = draw(st.lists(st.text(min_size=1, max_size=6), unique=True, max_size=6))
    nodes = []
    for node_id in ids:
        kind = draw(st.sampled_from([*LAYERS, "FutureLayer"]))
        known = list(LAYERS[kind].parameters) if kind in LAYERS else ["size"]
        params = draw(st.dictionaries(st.sampled_from([*known, "unheard_of"]), PLAIN, max_size=2))
        position = (draw(COORDINATE), draw(COORDINATE))
        nodes.append(Node(node_id, kind, clean_params(kind, params), position, draw(st.text(max_size=6))))
    edges = []
    if ids:
        ends = st.tuples(st.sampled_from(ids), st.sampled_from(ids), st.sampled_from(["in", "in1", "in2"]))
        edges = [Edge(*end) for end in draw(st.lists(ends, max_size=6))]
    return Graph({n.id: n for n in nodes}, {e.key: e for e in edges})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("projects")


@given(graph=graphs(), title=st.text(), source=st.dictionaries(st.text(), PLAIN, max_size=3))
def test_any_graph_survives(folder: Path, graph: Graph, title: str, source: dict[str, Any]) -> None:
    path = folder / "any.chainrule"
    save(path, Project(graph, source, {"epochs": 3}, title=title))
    found = open_project(path)
    assert found.graph.to_dict() == graph.to_dict()
    assert found.graph == graph
    assert list(found.graph.nodes) == list(graph.nodes)
    assert (found.source, found.training, found.title) == (source, {"epochs": 3}, title)
    assert found.weights is None
    assert found.notices == ()


def small() -> Graph:
    return chain(Input(shape=(2,)), ("hidden", Dense(units=3)), Tanh(), ("output", Dense(units=1)),
                 ("loss", SigmoidBinaryCrossEntropy()))


def trained(path: Path) -> Project:
    weights = compile(small(), seed=4).weights.copies()
    state = {"arrays": {"mean": np.arange(5.0), "step": np.array(7)}, "values": {"rng": 2**127 + 1, "left": [1, 2]}}
    project = Project(small(), {"kind": "Xor"}, {"epochs": 2}, weights, state, {"input_shape": [2]}, "Mine", "Note ‖")
    save(path, project)
    return project


def test_weights_and_state_survive_to_the_last_bit(tmp_path: Path) -> None:
    before = trained(tmp_path / "a.chainrule")
    after = open_project(tmp_path / "a.chainrule")
    assert after.notices == ()
    assert before.weights is not None and after.weights is not None
    assert before.weights.keys() == after.weights.keys()
    for key, array in before.weights.items():
        assert array.dtype == after.weights[key].dtype
        assert array.tobytes() == after.weights[key].tobytes()
    assert after.state is not None
    assert after.state["values"] == {"rng": 2**127 + 1, "left": [1, 2]}
    np.testing.assert_array_equal(after.state["arrays"]["mean"], np.arange(5.0))
    assert after.state["arrays"]["step"].shape == ()
    assert (after.preparation, after.title, after.notes) == ({"input_shape": [2]}, "Mine", "Note ‖")


def test_equal_projects_make_equal_files_that_begin_with_their_type(tmp_path: Path) -> None:
    trained(tmp_path / "a.chainrule")
    trained(tmp_path / "b.chainrule")
    content = (tmp_path / "a.chainrule").read_bytes()
    assert content == (tmp_path / "b.chainrule").read_bytes()
    assert content[30:].startswith(b"mimetypeapplication/vnd.chainrule+zip")


def rewritten(path: Path, **entries: bytes | None) -> None:
    """The same archive with some entries replaced, or left out where None."""
    with zipfile.ZipFile(path) as archive:
        content: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    content.update({name.replace("__", "."): data for name, data in entries.items()})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            if data is not None:
                archive.writestr(name, data)


def described(path: Path, **changes: Any) -> None:
    with zipfile.ZipFile(path) as archive:
        data = json.loads(archive.read("project.json"))
    rewritten(path, project__json=json.dumps({**data, **changes}).encode())


def test_a_file_edited_by_hand_opens_and_checking_reports_what_is_out_of_range(tmp_path: Path) -> None:
    path = tmp_path / "a.chainrule"
    save(path, Project(small()))
    graph = small().to_dict()
    graph["nodes"][1]["params"] = {"units": -3}
    described(path, graph=graph)
    report = check(open_project(path).graph)
    assert [(issue.code, issue.where, issue.parameter) for issue in report.errors] == [("parameter", "hidden", "units")]


@pytest.mark.parametrize("position", [[float("nan"), 1e300], [5, float("inf")], [10**400, 0]])
def test_positions_no_canvas_could_show_become_zero(tmp_path: Path, position: list[float]) -> None:
    path = tmp_path / "a.chainrule"
    save(path, Project(small()))
    graph = small().to_dict()
    graph["nodes"][0]["position"] = position
    described(path, graph=graph)
    found = open_project(path).graph.nodes["input_1"].position
    assert found == (5.0 if position[0] == 5 else 0.0, 0.0)


@pytest.mark.parametrize(("changes", "part"), [
    ({"version": 2}, "by a newer version of Chainrule"),
    ({"version": 2, "created_with": "Chainrule 7.0"}, "by Chainrule 7.0 and has the newer file version 2"),
    ({"graph": {"nodes": [{"id": "", "kind": "Dense"}], "edges": []}}, "the id ''"),
    ({"graph": {"nodes": [{"id": "\ud800", "kind": "Dense"}], "edges": []}}, "the id"),
    ({"version": "one"}, "damaged"),
    ({"version": True}, "damaged"),
    ({"format": "keras"}, "not a Chainrule project"),
    ({"graph": []}, "graph"),
    ({"source": None}, "source"),
    ({"training": 3}, "training"),
    ({"graph": {"nodes": [{"id": 4, "kind": "Dense"}], "edges": []}}, "damaged"),
    ({"graph": {"nodes": 5, "edges": []}}, "damaged"),
])
def test_foreign_newer_or_garbled_descriptions_end_in_a_sentence(
    tmp_path: Path, changes: dict[str, Any], part: str
) -> None:
    path = tmp_path / "a.chainrule"
    save(path, Project(small()))
    described(path, **changes)
    with pytest.raises(ChainruleError, match=part):
        open_project(path)


@pytest.mark.parametrize(("entries", "part"), [
    ({"mimetype": None}, "no Chainrule project"),
    ({"mimetype": b"application/epub+zip"}, "another kind"),
    ({"project__json": None}, "missing"),
    ({"project__json": b"{"}, "not valid JSON"),
    ({"project__json": b"\xff\xfe"}, "not valid JSON"),
    ({"project__json": b"[" * 200_000}, "not valid JSON"),
    ({"project__json": b"[1, 2]"}, "not a Chainrule project"),
    ({"project__json": b" " * (40 << 20)}, "far more than a project needs"),
    ({"mimetype": b" " * 300}, "far more than a project needs"),
])
def test_damaged_archives_end_in_a_sentence(tmp_path: Path, entries: dict[str, bytes | None], part: str) -> None:
    path = tmp_path / "a.chainrule"
    trained(path)
    rewritten(path, **entries)
    with pytest.raises(FileError, match=part):
        open_project(path)


@pytest.mark.parametrize(("content", "part"), [
    (b"", "empty"), (b"PK", "damaged"), (b"hello", "not a Chainrule project"), (b"PK\3\4" + b"\0" * 100, "damaged"),
])
def test_files_of_another_kind_end_in_a_sentence(tmp_path: Path, content: bytes, part: str) -> None:
    path = tmp_path / "a.chainrule"
    path.write_bytes(content)
    with pytest.raises(FileError, match=part):
        open_project(path)


def test_a_missing_file_a_folder_and_a_device_end_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="There is no file"):
        open_project(tmp_path / "none.chainrule")
    with pytest.raises(FileError, match="is a folder"):
        open_project(tmp_path)
    with pytest.raises(FileError, match="no ordinary file"):
        open_project("/dev/zero")


@given(data=st.data())
def test_a_cut_or_flipped_file_opens_whole_or_ends_in_a_sentence(folder: Path, data: st.DataObject) -> None:
    path = folder / "whole.chainrule"
    if not path.exists():
        trained(path)
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)):]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    damaged = folder / "damaged.chainrule"
    damaged.write_bytes(content)
    try:
        project = open_project(damaged)
    except ChainruleError as error:
        assert str(error)
    else:
        assert project.graph == small()


def weights_replaced(path: Path, weights: dict[str, np.ndarray]) -> None:
    from safetensors.numpy import save as to_bytes

    rewritten(path, weights__safetensors=to_bytes(weights))


def test_weights_that_do_not_fit_are_left_out_with_a_notice(tmp_path: Path) -> None:
    path = tmp_path / "a.chainrule"
    weights = dict(trained(path).weights or {})
    weights["hidden.W"] = np.zeros((3, 5), np.float32)
    weights["ghost.W"] = np.zeros(2, np.float32)
    weights["hidden.extra"] = np.zeros(2, np.float32)
    weights["output.b"] = np.full(1, np.nan, np.float32)
    weights_replaced(path, weights)
    project = open_project(path)
    assert project.graph == small()
    assert project.weights is not None
    assert set(project.weights) == {"hidden.b", "output.W"}
    assert project.state is None
    told = " ".join(notice.sentence() for notice in project.notices)
    for expected in ("hidden.W are 3 × 5", "ghost.W", "hidden.extra", "output.b are not all finite"):
        assert expected in told


def test_missing_weights_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.chainrule"
    weights = dict(trained(path).weights or {})
    del weights["hidden.b"]
    weights_replaced(path, weights)
    project = open_project(path)
    assert [notice.code for notice in project.notices] == ["weights_missing"]
    assert project.notices[0].where == "hidden"


def test_damaged_weights_leave_the_network_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.chainrule"
    trained(path)
    rewritten(path, weights__safetensors=b"\x10" * 50)
    project = open_project(path)
    assert project.graph == small()
    assert project.weights is None
    assert [notice.code for notice in project.notices] == ["weights_damaged"]


@pytest.mark.parametrize("entries", [
    {"state__safetensors": None}, {"state__safetensors": b"xx"}, {"state__json": b'{"a": {"$array": "gone"}}'},
])
def test_damaged_training_state_leaves_the_weights(tmp_path: Path, entries: dict[str, bytes | None]) -> None:
    path = tmp_path / "a.chainrule"
    trained(path)
    rewritten(path, **entries)
    project = open_project(path)
    assert project.weights is not None
    assert project.state is None
    assert [notice.code for notice in project.notices] == ["state_damaged"]


def test_weights_of_a_network_that_is_half_edited_stay(tmp_path: Path) -> None:
    """Shapes behind a cut wire are unknown for now: that is no reason to lose what was learned."""
    path = tmp_path / "a.chainrule"
    weights = compile(small()).weights.copies()
    save(path, Project(small().disconnect("hidden", "in"), weights=weights))
    project = open_project(path)
    assert project.notices == ()
    assert project.weights is not None
    assert set(project.weights) == set(weights)
