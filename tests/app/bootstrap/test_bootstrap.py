"""The start of the program, before anything is installed: which Python, which packages, which command."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import HEADLESS_COMMANDS, __version__, bootstrap
from app import __main__ as start
from app.bootstrap import requirements
from app.bootstrap.console import SetupError

BEFORE_SETUP = [
    bootstrap.ROOT / "app" / "__init__.py",
    bootstrap.ROOT / "app" / "__main__.py",
    bootstrap.ROOT / "tests" / "__main__.py",
    *sorted((bootstrap.ROOT / "app" / "bootstrap").glob("*.py")),
]


def run_app(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `python3 -m app` without a display, with further environment variables."""
    environment = {
        k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=bootstrap.ROOT,
        env={**environment, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("path", BEFORE_SETUP, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_an_old_python_can_read_what_runs_before_set_up(path: Path) -> None:
    ast.parse(path.read_text("utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("path", BEFORE_SETUP, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_has_to_be_installed_to_start(path: Path) -> None:
    imported = []
    for node in ast.parse(path.read_text("utf-8")).body:  # imports inside functions come after set-up
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported.append(node.module or "")
    foreign = [name for name in imported if name.split(".")[0] not in {*sys.stdlib_module_names, "app"}]
    assert foreign == []
    assert [
        name for name in imported if name.startswith("app.") and not name.startswith("app.bootstrap")
    ] == []


def test_an_old_python_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    with pytest.raises(
        SetupError, match=r"needs Python 3\.11 or newer, and this is Python .*\. Install a newer"
    ):
        bootstrap.prepare(requirements.RUN)


def test_a_python_without_builds_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements.platform, "python_version", lambda: "3.15.1")
    with pytest.raises(SetupError, match=r"built for Python >=3\.11,<3\.15, and this is Python 3\.15\.1"):
        requirements.check_python_has_builds(bootstrap.PYPROJECT)


def test_the_oldest_python_is_the_one_that_pyproject_names() -> None:
    oldest = ".".join(map(str, requirements.OLDEST_PYTHON))
    assert f'requires-python = ">={oldest},' in bootstrap.PYPROJECT.read_text("utf-8")


def test_every_requirement_of_pyproject_is_met_here() -> None:
    wanted = requirements.read(bootstrap.PYPROJECT, requirements.TEST)
    assert set(requirements.read(bootstrap.PYPROJECT, requirements.RUN)) < set(wanted)
    assert requirements.unmet(wanted) == []


@pytest.mark.parametrize(
    ("span", "met"),
    [
        ("", True),
        ("==2.10", True),
        ("==2.10.0", True),
        ("==2.1", False),
        ("==2.10.1", False),
        (">=2.9", True),
        (">=2.10.0", True),
        (">=2.11", False),
        ("<3", True),
        ("<2.10", False),
        (">=2,<3", True),
        (">=2,<2.5", False),
    ],
)
def test_versions_are_compared_as_numbers(span: str, met: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: "2.10.0")
    assert requirements.unmet([f"thing{span}"]) == ([] if met else [f"thing{span}"])


def test_an_absent_package_is_unmet() -> None:
    assert requirements.unmet(["chainrule-absent>=1"]) == ["chainrule-absent>=1"]


def test_a_requirement_that_cannot_be_read_is_named() -> None:
    with pytest.raises(SetupError, match=r"'thing~=1; extra', .* Write it as a name with ==, >= or <"):
        requirements.unmet(["thing~=1; extra"])


def test_an_installed_program_needs_no_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "PYPROJECT", tmp_path / "pyproject.toml")
    monkeypatch.setattr(requirements, "read", lambda *_: pytest.fail("the requirements were looked at"))
    bootstrap.prepare(requirements.RUN)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "another"\n', "utf-8")
    bootstrap.prepare(requirements.RUN)


def test_a_repair_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "unmet", lambda wanted: ["numpy>=9"])
    monkeypatch.setattr(bootstrap.environment, "is_current", lambda venv: True)
    monkeypatch.setattr(bootstrap.environment, "ensure", lambda venv, wanted, repair: None)
    monkeypatch.setattr(bootstrap, "_continue_in", lambda python: None)
    monkeypatch.setenv(bootstrap.REPAIRED, "")
    bootstrap.prepare(requirements.RUN)
    with pytest.raises(
        SetupError, match=r"still lacks numpy>=9 after it was set up again\. Delete that folder"
    ):
        bootstrap.prepare(requirements.RUN)


def test_without_a_display_the_headless_commands_are_named() -> None:
    done = run_app()
    assert done.returncode == 2
    assert done.stdout == ""
    assert "there is no display" in done.stderr
    assert all(command in done.stderr for command in HEADLESS_COMMANDS)
    assert len(done.stderr.splitlines()) == 1


def test_the_version_is_told_without_importing_anything_heavy() -> None:
    check = (
        "import sys; from app.__main__ import main; status = main(['--version'])\n"
        "sys.exit(status or ' '.join({'numpy', 'PySide6', 'tomllib'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], cwd=bootstrap.ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"chainrule {__version__}\n", "")


def test_a_mistyped_command_gets_its_near_miss(capsys: pytest.CaptureFixture[str]) -> None:
    assert start.main(["trian"]) == 2
    assert "'trian' is neither a command nor a project file. Did you mean 'train'?" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["drawing.chainrule"], ["template:xor"], ["--maximised"]])
def test_anything_but_a_command_opens_the_window(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    monkeypatch.setattr(start, "check_display", lambda: opened.append("display"))
    monkeypatch.setattr(start, "ensure_window", lambda: opened.append("libraries"))
    monkeypatch.setattr(start, "_run", lambda headless, given: opened.append((headless, given)) or 0)
    assert start.main(arguments) == 0
    assert opened == ["display", "libraries", (False, arguments)]


@pytest.mark.parametrize("arguments", [[command] for command in HEADLESS_COMMANDS] + [["--help"], ["-h"]])
def test_a_command_asks_for_no_display(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "check_display", lambda: pytest.fail("a display was looked for"))
    monkeypatch.setattr(start, "ensure_window", lambda: pytest.fail("Qt's libraries were looked for"))
    monkeypatch.setattr(start, "_run", lambda headless, given: 7 if headless else 0)
    assert start.main(arguments) == 7
