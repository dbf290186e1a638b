"""The walls of the house, held by tools: imports, lint, types, forbidden calls, sizes, and the Qt binding."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(path for folder in ("app", "engine", "resources") for path in (ROOT / folder).rglob("*.py"))
# All that may stand at the top of the repository; what is not tracked (caches, .venv) does not count.
TOP_LEVEL = {
    ".ci",
    ".gitattributes",
    ".gitignore",
    "LICENSE",
    "README.md",
    "app",
    "engine",
    "pyproject.toml",
    "resources",
    "tests",
}
UNSAFE_MODULES = {"pickle", "cPickle", "shelve", "marshal", "dill", "cloudpickle", "joblib"}
UNSAFE_CALLS = {"eval", "exec"}
#: Between the window and its own training process (a pipe pickles whatever it carries); no file is read there.
BETWEEN_OWN_PROCESSES = {"engine/train/pipes.py": {"import pickle"}}
LONGEST_FUNCTION = 60


def run_tool(*command: str) -> None:
    """Run a tool in the checkout; fail with what it printed."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{done.stdout}\n{done.stderr}".strip(), pytrace=False)


def test_the_arrows_between_modules_point_down() -> None:
    run_tool(
        "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    )


def test_ruff_finds_nothing() -> None:
    run_tool("-m", "ruff", "check", "--output-format", "concise", ".")


def test_the_types_of_the_engine_hold() -> None:
    run_tool("-m", "mypy")


def test_only_known_names_stand_at_the_top() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    assert {line.split("/")[0] for line in listed.splitlines()} <= TOP_LEVEL


def test_every_dependency_is_accounted_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["test"]
    page = (ROOT / "resources" / "docs" / "decisions" / "0001-dependencies.md").read_text("utf-8")
    rows = "".join(line.split("|")[1] for line in page.splitlines() if line.startswith("|"))
    assert [name for name in (re.split("[<>=]", one)[0] for one in wanted) if name not in rows] == []


def unsafe_uses(source: str) -> Iterator[str]:
    """Yield each use of something by which a file could run code of its own."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            names = []
        yield from (
            f"line {node.lineno}: import {name}" for name in names if name.split(".")[0] in UNSAFE_MODULES
        )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in UNSAFE_CALLS:
            yield f"line {node.lineno}: {node.func.id}()"
        refused = isinstance(node, ast.keyword) and ast.unparse(node.value) == "False"
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle" and not refused:
            yield f"line {node.value.lineno}: allow_pickle"


def test_no_file_can_make_the_program_run_code() -> None:
    found = [
        f"{name} {use}"
        for name, path in ((path.relative_to(ROOT).as_posix(), path) for path in SOURCES)
        for use in unsafe_uses(path.read_text("utf-8"))
        if use.split(": ", 1)[1] not in BETWEEN_OWN_PROCESSES.get(name, ())
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    ["import pickle", "from pickle import loads", "eval('1')", "exec(text)", "np.load(f, allow_pickle=True)"],
)
def test_the_search_for_unsafe_code_finds_it(source: str) -> None:
    assert list(unsafe_uses(source))


def test_qt_exec_and_refusing_pickle_are_safe() -> None:
    assert list(unsafe_uses("application.exec()\nnp.load(f, allow_pickle=False)")) == []


def test_no_function_is_too_long() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {length} lines"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_the_engine_is_imported_without_qt() -> None:
    check = (
        "import importlib, pkgutil, sys, engine\n"
        "for one in pkgutil.walk_packages(engine.__path__, 'engine.'): importlib.import_module(one.name)\n"
        "wrong = {name.split('.')[0] for name in sys.modules} & {'PySide6', 'pyqtgraph', 'qtpy', 'app'}\n"
        "sys.exit('imported: ' + ', '.join(wrong) if wrong else 0)"
    )
    run_tool("-c", check)


def test_a_void_call_of_qt_keeps_its_reference_to_none(qapp: object) -> None:
    """Some releases of PySide6 drop a reference to None at each such call, which kills it in time."""
    from PySide6.QtGui import QColor, QImage, QPainter

    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    colour = QColor("black")
    painter.setPen(colour)
    before = sys.getrefcount(None)
    for _ in range(300):
        painter.setPen(colour)
    lost = before - sys.getrefcount(None)
    painter.end()
    assert abs(lost) < 100
