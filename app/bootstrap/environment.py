"""The program's own virtual environment: where it is, whether it is whole, and how it is made.

Two marks inside the folder tell its state. `chainrule-requirements.txt` lists the requirements that were
installed. `chainrule-unfinished` is there while packages are being installed; an environment that still has
it was interrupted, and since pip can take a half-copied package for a whole one, it is made anew.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from app.bootstrap import install
from app.bootstrap.console import ProgressLine, SetupError
from app.bootstrap.lock import locked
from app.bootstrap.requirements import OLDEST_PYTHON
from app.bootstrap.system import ensure_venv_module

INSTALLED = "chainrule-requirements.txt"
UNFINISHED = "chainrule-unfinished"


def locate(root: Path) -> Path:
    """Return the environment's folder: `.venv` in the checkout, or in the user's cache if it is read-only."""
    venv = root / ".venv"
    if python_of(venv).exists() or os.access(root, os.W_OK):
        return venv
    name = "venv-" + hashlib.sha256(str(root).encode()).hexdigest()[:12]
    return _user_cache() / "chainrule" / name


def python_of(venv: Path) -> Path:
    """Return the path of the environment's interpreter."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_current(venv: Path) -> bool:
    """Return whether this process runs in that environment."""
    return Path(sys.prefix).resolve() == venv.resolve()


def is_unfinished(venv: Path) -> bool:
    """Return whether an installation into the environment was interrupted, or is going on now."""
    return (venv / UNFINISHED).exists()


def ensure(venv: Path, wanted: list[str], repair: bool) -> None:
    """Return when the environment has the wanted packages, making or completing it where it has not.

    `repair` distrusts the marks, because the environment turned out to lack something. Processes that come
    here at once wait for one another. Raises SetupError where the environment cannot be made.
    """
    if not repair and _is_ready(venv, wanted):
        return
    _make_room(venv)
    with locked(venv.parent / (venv.name + ".lock")) as lock:
        if not repair and _is_ready(venv, wanted):  # made by the process we waited for
            return
        if is_unfinished(venv) or not _works(venv):
            _remove(venv)
        _fill(venv, wanted, lock)


def _is_ready(venv: Path, wanted: list[str]) -> bool:
    if is_unfinished(venv) or not python_of(venv).exists():
        return False
    try:
        installed = (venv / INSTALLED).read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return set(wanted) <= set(installed)


def _make_room(venv: Path) -> None:
    try:
        venv.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=venv.parent).close()
    except OSError as problem:
        raise SetupError(
            f"The packages that Chainrule needs have to be installed once, and {venv.parent} cannot be "
            f"written to ({problem.strerror}). Make that folder writable, or copy the checkout elsewhere."
        ) from None


def _works(venv: Path) -> bool:
    """Return whether an environment is there whose Python runs, is new enough and has pip."""
    check = f"import sys, pip; sys.exit(sys.version_info[:2] < {OLDEST_PYTHON!r})"
    if not python_of(venv).exists():
        return False
    command = [str(python_of(venv)), "-c", check]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def _remove(venv: Path) -> None:
    if venv.is_symlink() or venv.is_file():
        venv.unlink()
        return
    try:
        shutil.rmtree(venv)
    except FileNotFoundError:
        return
    except OSError as problem:
        raise SetupError(
            f"The environment {venv} is damaged and could not be removed ({problem.strerror}). "
            "Close every Chainrule window, delete that folder and start again."
        ) from None


def _fill(venv: Path, wanted: list[str], lock: int) -> None:
    """Create the environment if it is not there, and install the packages into it."""
    progress = ProgressLine("Setting up Chainrule, needed once")
    fresh, log = not python_of(venv).exists(), venv / "setup.log"
    venv.mkdir(parents=True, exist_ok=True)
    (venv / UNFINISHED).touch()
    try:
        if fresh:
            ensure_venv_module()
            progress.show("making the environment")
            install.create(venv, lock)
        install.packages(python_of(venv), wanted, log, progress, lock)
    except KeyboardInterrupt:
        progress.end("stopped by you")
        raise
    except SetupError:
        progress.end("failed")
        if not fresh and not install.has_unpacked(log):
            (venv / UNFINISHED).unlink()  # for want of a network, say; what was there still works
        raise
    (venv / INSTALLED).write_text("\n".join(wanted) + "\n", encoding="utf-8")
    (venv / UNFINISHED).unlink()
    progress.end("done")


def _user_cache() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
