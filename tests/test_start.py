"""`python3 -m tests`: what it makes ready before pytest runs, and how its profiles differ."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import bootstrap
from app.bootstrap.console import SetupError
from tests import __main__ as start

PROFILE_TESTS = """
import hypothesis, os, pytest
def test_always():
    print("examples", hypothesis.settings().max_examples, os.environ["QT_QPA_PLATFORM"])
@pytest.mark.nightly
def test_nightly():
    pass
"""


def run_tests(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests", *arguments],
        cwd=bootstrap.ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "xcb", **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("profile", "closing", "examples"),
    [("default", "1 passed, 1 deselected", 50), ("nightly", "2 passed", 1000)],
)
def test_a_profile_chooses_tests_and_examples(
    tmp_path: Path, profile: str, closing: str, examples: int
) -> None:
    (tmp_path / "test_profile.py").write_text(PROFILE_TESTS, "utf-8")
    # The project's conftest is loaded by name, since these tests do not lie under it.
    done = run_tests("--profile", profile, "-s", "-p", "tests.conftest", str(tmp_path / "test_profile.py"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"examples {examples} offscreen" in done.stdout
    assert done.stdout.splitlines()[-1].startswith(f"{closing} in ")


def test_the_status_of_failing_tests_is_passed_on(tmp_path: Path) -> None:
    (tmp_path / "test_failing.py").write_text("def test_failing(): assert False\n", "utf-8")
    assert run_tests(str(tmp_path / "test_failing.py")).returncode == 1


def test_an_unknown_profile_is_refused() -> None:
    done = run_tests("--profile", "weekly")
    assert done.returncode == 2
    assert "invalid choice: 'weekly'" in done.stderr


def test_a_failing_set_up_ends_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(profile: str) -> None:
        raise SetupError(f"no {profile} today", status=5)

    monkeypatch.setattr(bootstrap, "prepare", fail)
    assert start.main([]) == 5
    assert capsys.readouterr().err == "chainrule: no test today\n"


def test_ci_runs_the_same_command() -> None:
    lines = (bootstrap.ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert lines[-1] == "exec python3 -m tests </dev/null"
    assert os.access(bootstrap.ROOT / ".ci" / "run", os.X_OK)
