"""Saving a project to a ``.chainrule`` file and opening one."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

import numpy as np

from engine.graph.check import check
from engine.graph.model import Graph
from engine.issues import Issue, Severity
from engine.project import tensors
from engine.project.archive import Archive, Entry, write_archive
from engine.project.atomic import FileError, write_atomically
from engine.project.migrate import FORMAT, VERSION, migrate
from engine.project.model import Project
from engine.shapes import text

DESCRIPTION, WEIGHTS, STATE, STATE_TENSORS = (
    "project.json", "weights.safetensors", "state.json", "state.safetensors")
_FURTHEST = 1e7  # pixels: beyond it a canvas can no longer show a node


def save(path: str | Path, project: Project) -> None:
    """Writes ``project`` to ``path``, whole or not at all. Raises :class:`FileError`."""
    entries = list(_entries(project))
    write_atomically(path, lambda file: write_archive(file, entries))


def open_project(path: str | Path) -> Project:
    """The project of a file. Raises :class:`FileError` where it is damaged, foreign or newer.

    Parameters out of range and unknown layers are kept, for checking to report. Weights that cannot be used are
    left out, and ``notices`` says so.
    """
    archive = Archive(Path(path))
    data = migrate(archive.json(DESCRIPTION), archive.name)
    graph = _on_canvas(Graph.from_dict(_mapping(data, "graph", archive.name)))
    _require_ids(graph, archive.name)
    weights, notices = _weights(archive, graph)
    state, state_notices = (None, ()) if notices or weights is None else _state(archive)
    def told(key: str) -> str:
        return str(data.get(key, ""))

    return Project(
        graph, _mapping(data, "source", archive.name), _mapping(data, "training", archive.name), weights, state,
        data["preparation"] if isinstance(data.get("preparation"), dict) else None,
        told("title"), told("notes"), told("created_with"), (*notices, *state_notices), told("id"), told("run"))


def _entries(project: Project) -> list[Entry]:
    description = {
        "format": FORMAT, "version": VERSION, "created_with": project.created_with,
        "id": project.id, "run": project.run, "title": project.title, "notes": project.notes,
        "graph": project.graph.to_dict(), "source": project.source, "training": project.training,
        "preparation": project.preparation,
    }
    entries = [_json(DESCRIPTION, description)]
    if project.weights is not None:
        entries.append(Entry(WEIGHTS, tensors.to_bytes(project.weights), compressed=False))
        if project.state is not None:
            arrays: dict[str, np.ndarray] = {}
            entries.append(_json(STATE, tensors.split(project.state, arrays)))
            entries.append(Entry(STATE_TENSORS, tensors.to_bytes(arrays), compressed=False))
    return entries


def _json(name: str, data: Any) -> Entry:
    return Entry(name, json.dumps(data, indent=1, default=_plain).encode("ascii"))


def _plain(value: Any) -> Any:
    """What JSON lacks and sources or configurations may hold: NumPy's numbers, read-only mappings."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (np.ndarray, tuple, set, frozenset)):
        return list(value)
    raise TypeError(f"{type(value).__name__} cannot be saved in a project")


def _mapping(data: Mapping[str, Any], key: str, name: str) -> dict[str, Any]:
    value = data.get(key)
    if not isinstance(value, dict):
        raise FileError(f"{name} is damaged: its {key} is missing or garbled.", "Expected a set of names and values.",
                        "Open an older copy of the file.")
    return value


def _require_ids(graph: Graph, name: str) -> None:
    """Ids name weights in other programs' files, too, which want some text that UTF-8 can write."""
    for node_id in graph.nodes:
        if not node_id or any("\ud800" <= letter <= "\udfff" for letter in node_id):
            raise FileError(f"{name} is damaged: a layer has the id {node_id!r}.", "An id is a text that is not empty.",
                            "Open an older copy of the file.")


def _on_canvas(graph: Graph) -> Graph:
    """Positions that no canvas could show (hand-edited, or not a number) become 0."""
    lost = {i: n.position for i, n in graph.nodes.items()
            if not all(math.isfinite(c) and abs(c) <= _FURTHEST for c in n.position)}
    return graph.move({i: (_shown(x), _shown(y)) for i, (x, y) in lost.items()}) if lost else graph


def _shown(coordinate: float) -> float:
    return coordinate if math.isfinite(coordinate) and abs(coordinate) <= _FURTHEST else 0.0


def _weights(archive: Archive, graph: Graph) -> tuple[dict[str, np.ndarray] | None, tuple[Issue, ...]]:
    """The weights that belong to the graph, and what was wrong with the rest."""
    if WEIGHTS not in archive:
        return None, ()
    try:
        stored = tensors.from_bytes(archive.tensors(WEIGHTS), WEIGHTS)
    except FileError as error:
        return None, (_notice("weights_damaged", error.happened, "The network itself is whole.",
                              "Train it again, or open an older copy of the file."),)
    report = check(graph)
    nodes = {*graph.nodes, *report.origin}
    expected = {f"{node}.{name}": spec.shape for node, specs in report.weights.items() for name, spec in specs.items()}
    kept, issues = {}, []
    for key, array in stored.items():
        problem = _misfit(key, array, nodes, expected)
        if problem:
            issues.append(_notice("weights_misfit", problem, "Stored weights must fit the network.",
                                  "They were left out; training begins them anew.", key.rpartition(".")[0]))
        else:
            kept[key] = array
    issues += [_notice("weights_missing", f"The file holds no weights for {key}.", "Every layer needs its weights.",
                       "Training begins them anew.", key.rpartition(".")[0])
               for key in expected if key not in stored]
    return kept or None, tuple(issues)


def _misfit(key: str, array: np.ndarray, nodes: Set[str], expected: Mapping[str, tuple[int, ...]]) -> str:
    """Why an array cannot be used, or "". Layers whose shapes are unknown for now keep what they have."""
    node_id = key.rpartition(".")[0]
    if node_id not in nodes:
        return f"The file holds weights {key}, but the network has no such layer."
    if array.dtype.kind != "f" or not np.isfinite(array).all():
        return f"The weights {key} are not all finite numbers."
    if key in expected and array.shape != expected[key]:
        return f"The weights {key} are {text(array.shape)}, the layer needs {text(expected[key])}."
    if key not in expected and any(other.startswith(f"{node_id}.") for other in expected):
        return f"The file holds weights {key}, but the layer has none of that name."
    return ""


def _state(archive: Archive) -> tuple[dict[str, Any] | None, tuple[Issue, ...]]:
    if STATE not in archive:
        return None, ()
    try:
        arrays = tensors.from_bytes(archive.tensors(STATE_TENSORS), STATE_TENSORS)
        state = tensors.join(archive.json(STATE), arrays)
    except (FileError, KeyError) as error:
        happened = error.happened if isinstance(error, FileError) else f"{STATE} names a missing array: {error}."
        return None, (_notice("state_damaged", happened, "The network and its weights are whole.",
                              "Training goes on from the weights with a fresh optimizer."),)
    return (state, ()) if isinstance(state, dict) else (None, ())


def _notice(code: str, happened: str, expected: str, fix: str, where: str = "") -> Issue:
    return Issue(code, happened, expected, fix, where, Severity.WARNING)
