"""What the program needs, as pyproject.toml declares it, and whether the running interpreter has it."""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path

from app.bootstrap.console import SetupError

RUN = "run"
TEST = "test"
# requires-python of pyproject.toml says the same, but reading it needs tomllib, which came with this version.
OLDEST_PYTHON = (3, 11)

_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)((?:(?:==|>=|<)[0-9][0-9.]*,?)*)$")


def check_python() -> None:
    """Raise SetupError where the running Python is too old."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise SetupError(
            f"Chainrule needs Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer, and this is Python "
            f"{platform.python_version()} ({sys.executable}). "
            "Install a newer Python, or name one you have, for example: python3.12 -m app"
        )


def check_python_has_builds(pyproject: Path) -> None:
    """Raise SetupError where the running Python is newer than the packages are built for."""
    span = str(_load(pyproject)["requires-python"])
    if not _accepts(span, platform.python_version()):
        raise SetupError(
            f"The packages that Chainrule needs are built for Python {span}, and this is Python "
            f"{platform.python_version()} ({sys.executable}). Name another, for example: python3.13 -m app"
        )


def is_checkout(pyproject: Path) -> bool:
    """Return whether this file is Chainrule's own pyproject.toml, so that we run from its source."""
    return pyproject.is_file() and _load(pyproject).get("name") == "chainrule"


def read(pyproject: Path, profile: str) -> list[str]:
    """Return the requirements of a profile, "run" or "test" (which includes those of "run")."""
    project = _load(pyproject)
    wanted = list(project["dependencies"])
    if profile == TEST:
        wanted += project["optional-dependencies"]["test"]
    return wanted


def unmet(wanted: list[str]) -> list[str]:
    """Return the requirements that the running interpreter does not meet; nothing is imported to find out."""
    return [requirement for requirement in wanted if not _is_met(requirement)]


def _load(pyproject: Path) -> dict:
    import tomllib  # here, because this module must load on Pythons that lack it

    return dict(tomllib.loads(pyproject.read_text(encoding="utf-8")).get("project", {}))


def _is_met(requirement: str) -> bool:
    match = _REQUIREMENT.match(requirement)
    if match is None:
        raise SetupError(
            f"pyproject.toml asks for '{requirement}', which the set-up cannot read. "
            "Write it as a name with ==, >= or < and a version, joined by commas."
        )
    from importlib import metadata  # here, because this module must load on Pythons that lack it

    name, span = match.groups()
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return bool(found) and _accepts(span, found)


def _accepts(span: str, version: str) -> bool:
    """Return whether a version lies in a span such as ">=2.3,<3"."""
    have = _numbers(version)
    for clause in filter(None, span.split(",")):
        ((sign, bound),) = re.findall(r"^(==|>=|<)(.*)$", clause)
        want = _numbers(bound)
        if not {"==": have == want, ">=": have >= want, "<": have < want}[sign]:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version without trailing zeros: "2.10.0rc1" is (2, 10)."""
    leading = re.match(r"[0-9]+(\.[0-9]+)*", version)
    numbers = [int(part) for part in leading.group().split(".")] if leading else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
