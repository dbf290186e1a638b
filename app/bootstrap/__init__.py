"""Makes `python3 -m app` and `python3 -m tests` work from a bare checkout: finds or installs what they need.

Only the standard library is used, and the syntax and imports of this module, of app/__init__.py,
app/__main__.py and of the other bootstrap modules stay readable to Python 3.8, so that a Python that is too
old gets a sentence instead of a SyntaxError.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from app.bootstrap import environment, requirements
from app.bootstrap.console import SetupError

ROOT = Path(__file__).resolve().parent.parent.parent
PYPROJECT = ROOT / "pyproject.toml"
# Set for the process that follows a repair, so that one that did not help is reported, not repeated for ever.
REPAIRED = "CHAINRULE_ENVIRONMENT_REPAIRED"


def prepare(profile: str) -> None:
    """Return only in an interpreter that has every package of the profile ("run" or "test").

    An interpreter that has them is used as it is. Otherwise `.venv` is made or completed and this process
    is replaced by the same command inside it. Raises SetupError with what happened and what to do.
    """
    requirements.check_python()
    if not requirements.is_checkout(PYPROJECT):
        return  # pip installed the program, and its packages with it
    wanted = requirements.read(PYPROJECT, profile)
    venv = environment.locate(ROOT)
    inside = environment.is_current(venv)
    missing = requirements.unmet(wanted)
    if not missing and not (inside and environment.is_unfinished(venv)):
        os.environ.pop(REPAIRED, None)
        return
    requirements.check_python_has_builds(PYPROJECT)
    if inside:
        _announce_repair(venv, missing)
    try:
        environment.ensure(venv, wanted, repair=inside)
    except KeyboardInterrupt:
        raise SetupError("The next start begins the set-up again.", status=130) from None
    _continue_in(environment.python_of(venv))


def _announce_repair(venv: Path, missing: list[str]) -> None:
    """Allow one repair of the environment this process runs in; raise SetupError at the second."""
    if os.environ.get(REPAIRED):
        raise SetupError(
            f"The environment {venv} still lacks {', '.join(missing)} after it was set up again. "
            "Delete that folder and start again."
        )
    os.environ[REPAIRED] = "1"


def _continue_in(python: Path) -> None:
    """Run this very command again under another interpreter; never returns."""
    arguments = sys.orig_argv[1:]
    if "-m" not in arguments:
        raise SetupError(
            "This installation of Chainrule lacks packages that it needs. Install it again with pip, "
            "or run `python3 -m app` in the checkout."
        )
    # A framework Python on macOS leaves this variable, which would send the new interpreter back to the old.
    os.environ.pop("__PYVENV_LAUNCHER__", None)
    command = [str(python), *arguments]
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":  # exec on Windows returns to the shell before the program has ended
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)
