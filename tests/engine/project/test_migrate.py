"""Old files open in the present form, one version at a time."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from engine import Project, chain, check, open_project, save
from engine.layers import MSE, Dense, Input
from engine.project import migrate


def test_each_version_is_brought_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    def second(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "steps": [*data["steps"], 2]}

    def third(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "steps": [*data["steps"], 3]}

    monkeypatch.setattr(migrate, "VERSION", 3)
    monkeypatch.setattr(migrate, "MIGRATIONS", {1: second, 2: third})
    assert migrate.migrate({"format": "chainrule", "version": 1, "steps": []}, "a")["steps"] == [2, 3]
    assert migrate.migrate({"format": "chainrule", "version": 2, "steps": []}, "a")["steps"] == [3]


def test_every_old_version_has_its_step() -> None:
    assert set(migrate.MIGRATIONS) == set(range(1, migrate.VERSION))


def test_a_renamed_parameter_is_read_under_its_old_name(tmp_path: Path) -> None:
    path = tmp_path / "old.chainrule"
    save(path, Project(chain(Input(shape=(2,)), ("hidden", Dense(units=3)), MSE())))
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    data = json.loads(content["project.json"])
    data["graph"]["nodes"][1]["params"] = {"size": 7}
    content["project.json"] = json.dumps(data).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, entry in content.items():
            archive.writestr(name, entry)
    graph = open_project(path).graph
    assert graph.nodes["hidden"].params == {"units": 7}
    assert check(graph).ok
