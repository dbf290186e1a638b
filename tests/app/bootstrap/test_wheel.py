"""`pip install .`: the wheel carries the resources and gives the commands, wherever it is started from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest

from app import HEADLESS_COMMANDS, __version__, bootstrap

SCRIPTS = "Scripts" if os.name == "nt" else "bin"


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command without a display and return its output; fail with all it said if it fails."""
    environment = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "DISPLAY", "WAYLAND_DISPLAY")
    }
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}", pytrace=False)
    return done.stdout


def build_wheel(python: Path, folder: Path) -> Path:
    """Build the wheel from a copy of the sources, since building leaves files beside them."""
    source = folder / "source"
    skip = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("app", "engine", "resources"):
        shutil.copytree(bootstrap.ROOT / name, source / name, ignore=skip)
    for file in (*bootstrap.ROOT.glob("*.toml"), *bootstrap.ROOT.glob("*.md")):
        shutil.copy(file, source)
    shutil.copy(bootstrap.ROOT / "LICENSE", source)
    run(python, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, source, cwd=folder)
    return next(folder.glob("chainrule-*.whl"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment with the wheel; it borrows the packages that the program needs from this one."""
    folder = tmp_path_factory.mktemp("wheel")
    venv.create(folder / "env", with_pip=True, symlinks=os.name != "nt")
    python = folder / "env" / SCRIPTS / "python"
    run(python, "-m", "pip", "install", "-q", "--no-deps", build_wheel(python, folder), cwd=folder)
    purelib = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    (Path(purelib) / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return folder / "env"


def test_the_installed_command_tells_its_version(installed: Path, tmp_path: Path) -> None:
    assert run(installed / SCRIPTS / "chainrule", "--version", cwd=tmp_path) == f"chainrule {__version__}\n"
    assert list(tmp_path.iterdir()) == []


def test_the_installed_command_lists_the_layers(installed: Path, tmp_path: Path) -> None:
    assert "Dense" in run(installed / SCRIPTS / "chainrule", "layers", cwd=tmp_path)


def test_every_shipped_file_is_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    root = run(
        installed / SCRIPTS / "python", "-c", "import resources; print(resources.ROOT)", cwd=tmp_path
    ).strip()
    assert Path(root).is_relative_to(installed)
    here = {
        path.relative_to(bootstrap.ROOT / "resources") for path in (bootstrap.ROOT / "resources").rglob("*.*")
    }
    there = {path.relative_to(root) for path in Path(root).rglob("*.*")}
    assert {path for path in here if "__pycache__" not in path.parts} <= there


def test_the_installed_window_needs_a_display(installed: Path, tmp_path: Path) -> None:
    gui = installed / SCRIPTS / "chainrule-gui"
    environment = {
        k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    done = subprocess.run([gui], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no display" in done.stderr


@pytest.mark.parametrize("command", HEADLESS_COMMANDS)
def test_every_installed_command_explains_itself(installed: Path, tmp_path: Path, command: str) -> None:
    assert command in run(installed / SCRIPTS / "chainrule", command, "--help", cwd=tmp_path)


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_pip_brings_what_the_wheel_needs(tmp_path: Path) -> None:
    """The same with nothing borrowed: pip resolves and fetches the requirements that the wheel declares."""
    venv.create(tmp_path / "env", with_pip=True, symlinks=os.name != "nt")
    python = tmp_path / "env" / SCRIPTS / "python"
    run(python, "-m", "pip", "install", "-q", build_wheel(python, tmp_path), cwd=tmp_path)
    assert "Dense" in run(tmp_path / "env" / SCRIPTS / "chainrule", "layers", cwd=tmp_path)
    run(python, "-c", "import PySide6.QtWidgets, pyqtgraph, qtawesome, onnx, safetensors", cwd=tmp_path)
