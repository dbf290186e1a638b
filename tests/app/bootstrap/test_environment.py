"""The program's own environment, made by venv and pip in earnest, from wheels written here, not a network."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import bootstrap
from app.bootstrap import environment
from app.bootstrap.console import SetupError
from tests.interrupting import interruptible

# What stands for the program: it starts through the bootstrap, and tells where it runs and what it found.
PROBE = """
import sys
from app import bootstrap
from app.bootstrap.console import SetupError, report
if __name__ == "__main__":
    try:
        bootstrap.prepare("run")
    except SetupError as problem:
        sys.exit(report(problem))
    import chainrule_thing
    print(sys.prefix, chainrule_thing.VERSION, *sys.argv[1:], sep="|")
"""


def write_wheel(folder: Path, version: str) -> None:
    """Write a wheel of the package chainrule-thing, which pip installs like any other."""
    information = f"chainrule_thing-{version}.dist-info"
    files = {
        "chainrule_thing.py": f"VERSION = {version!r}\n",
        f"{information}/METADATA": f"Metadata-Version: 2.1\nName: chainrule-thing\nVersion: {version}\n",
        f"{information}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in files) + f"{information}/RECORD,,\n"
    with zipfile.ZipFile(folder / f"chainrule_thing-{version}-py3-none-any.whl", "w") as wheel:
        for name, text in {**files, f"{information}/RECORD": record}.items():
            wheel.writestr(name, text)


def require(checkout: Path, requirement: str) -> None:
    """Make the checkout need this and nothing else."""
    project = (
        f'[project]\nname = "chainrule"\nrequires-python = ">=3.11,<9"\ndependencies = ["{requirement}"]\n'
    )
    (checkout / "pyproject.toml").write_text(project, "utf-8")


def start(checkout: Path, python: str = sys.executable, *arguments: str) -> subprocess.Popen[str]:
    """Begin `python3 -m probe` in the checkout, with pip confined to the wheels written here."""
    wheels = checkout.parent / "wheels"
    variables = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}
    with interruptible():
        return subprocess.Popen(
            [python, "-m", "probe", *arguments],
            cwd=checkout,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def run(checkout: Path, python: str = sys.executable, *arguments: str) -> tuple[int, str, str]:
    """Run the probe to its end: its status, output and errors."""
    process = start(checkout, python, *arguments)
    output, errors = process.communicate()
    return process.returncode, output.strip(), errors.strip()


def unfinished_appears(checkout: Path, process: subprocess.Popen[str]) -> None:
    """Return as soon as the process has begun to set up."""
    while not environment.is_unfinished(checkout / ".venv"):
        assert process.poll() is None, "the set-up ended before it could be interrupted"
        time.sleep(0.005)  # a file that another process writes gives no signal


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkout in which nothing has been installed."""
    base = tmp_path_factory.mktemp("bootstrap")
    checkout = base / "bare"
    (checkout / "app" / "bootstrap").mkdir(parents=True)
    for file in (bootstrap.ROOT / "app" / "bootstrap").glob("*.py"):
        shutil.copy(file, checkout / "app" / "bootstrap")
    shutil.copy(bootstrap.ROOT / "app" / "__init__.py", checkout / "app")
    (checkout / "probe.py").write_text(PROBE, "utf-8")
    (base / "wheels").mkdir()
    for version in ("1.0", "2.0"):
        write_wheel(base / "wheels", version)
    require(checkout, "chainrule-thing==1.0")
    return checkout


@pytest.fixture(scope="module")
def first_start(bare: Path) -> tuple[Path, tuple[int, str, str]]:
    """Return a checkout that was started once, and what that start said."""
    made = bare.parent / "made"
    shutil.copytree(bare, made)
    return made, run(made, sys.executable, "an argument", "-x")


@pytest.fixture
def checkout(bare: Path, tmp_path: Path) -> Path:
    """Return a bare checkout of the test's own."""
    (tmp_path / "wheels").symlink_to(bare.parent / "wheels")
    return Path(shutil.copytree(bare, tmp_path / "checkout"))


@pytest.fixture
def endless(bare: Path, tmp_path: Path) -> Iterator[Path]:
    """A bare checkout whose set-up comes to no end: pip waits for a wheel that nobody writes into a pipe."""
    wheel = tmp_path / "wheels" / "chainrule_thing-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    os.mkfifo(wheel)
    yield Path(shutil.copytree(bare, tmp_path / "checkout"))
    os.close(os.open(wheel, os.O_RDWR | os.O_NONBLOCK))  # whoever waits all the same comes to an end


@pytest.fixture
def set_up(first_start: tuple[Path, object], tmp_path: Path) -> Path:
    """Return a checkout of the test's own that has its environment."""
    (tmp_path / "wheels").symlink_to(first_start[0].parent / "wheels")
    return Path(shutil.copytree(first_start[0], tmp_path / "checkout", symlinks=True))


def test_the_first_start_sets_up_and_goes_on_inside(first_start: tuple[Path, tuple[int, str, str]]) -> None:
    made, (status, output, errors) = first_start
    assert (status, output) == (0, f"{made / '.venv'}|1.0|an argument|-x")
    begun, ended = errors.splitlines()
    assert begun == "Setting up Chainrule, needed once …"
    assert ended.startswith("Setting up Chainrule, needed once: done after 0:")


def test_the_next_start_installs_nothing(set_up: Path) -> None:
    assert run(set_up) == (0, f"{set_up / '.venv'}|1.0", "")


def test_its_own_interpreter_is_used_as_it_is(set_up: Path) -> None:
    assert run(set_up, str(environment.python_of(set_up / ".venv"))) == (0, f"{set_up / '.venv'}|1.0", "")


def test_changed_requirements_are_installed(set_up: Path) -> None:
    require(set_up, "chainrule-thing>=2.0,<3")
    status, output, errors = run(set_up)
    assert (status, output) == (0, f"{set_up / '.venv'}|2.0")
    assert "done" in errors
    assert run(set_up)[2] == ""


def test_an_environment_that_lost_a_package_is_repaired_from_inside(set_up: Path) -> None:
    for part in (set_up / ".venv").rglob("chainrule_thing*"):
        shutil.rmtree(part) if part.is_dir() else part.unlink()
    status, output, errors = run(set_up)
    assert (status, output) == (0, f"{set_up / '.venv'}|1.0")
    assert "done" in errors


@pytest.mark.parametrize("python", ["outside", "inside"])
def test_an_interrupted_installation_is_made_anew(set_up: Path, python: str) -> None:
    """pip takes the half-copied package for a whole one: only a new environment brings the rest back."""
    (set_up / ".venv" / environment.UNFINISHED).touch()
    next((set_up / ".venv").rglob("chainrule_thing.py")).unlink()
    inside = str(environment.python_of(set_up / ".venv"))
    status, output, _ = run(set_up, inside if python == "inside" else sys.executable)
    assert (status, output) == (0, f"{set_up / '.venv'}|1.0")


def test_a_killed_set_up_is_mended_by_the_next_start(endless: Path) -> None:
    process = start(endless)
    unfinished_appears(endless, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    (wheel,) = (endless.parent / "wheels").iterdir()
    wheel.unlink()
    write_wheel(wheel.parent, "1.0")
    assert run(endless)[:2] == (0, f"{endless / '.venv'}|1.0")


def test_stopping_the_set_up_says_what_comes_next(endless: Path) -> None:
    process = start(endless)
    unfinished_appears(endless, process)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert errors.strip().endswith("The next start begins the set-up again.")
    assert "Traceback" not in errors


def test_two_starts_at_once_set_up_once(checkout: Path) -> None:
    both = [start(checkout), start(checkout)]
    results = [process.communicate() for process in both]
    assert [output.strip() for output, _ in results] == [f"{checkout / '.venv'}|1.0"] * 2
    assert "".join(errors for _, errors in results).count("done after") == 1


def test_a_failing_installation_says_why_and_what_to_do(set_up: Path) -> None:
    require(set_up, "chainrule-thing==3.0")
    status, output, errors = run(set_up)
    assert (status, output) == (1, "")
    assert "pip could not install the packages. Its last lines:" in errors
    assert "No matching distribution found for chainrule-thing==3.0" in errors
    assert f"The whole log is {set_up / '.venv' / 'setup.log'}." in errors


def test_a_failing_installation_leaves_what_was_there(set_up: Path) -> None:
    require(set_up, "chainrule-thing==3.0")
    assert run(set_up)[0] == 1
    require(set_up, "chainrule-thing==1.0")
    assert run(set_up) == (0, f"{set_up / '.venv'}|1.0", "")


def test_a_read_only_checkout_uses_the_users_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, private_folders: Path
) -> None:
    monkeypatch.setattr(environment.os, "access", lambda path, mode: False)
    monkeypatch.setattr(sys, "platform", "linux")
    found = environment.locate(tmp_path)
    assert found.parent == private_folders / "xdg_cache_home" / "chainrule"
    assert found != environment.locate(tmp_path / "another")


def test_a_folder_that_cannot_be_written_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match=r"cannot be written to \(.*\)\. Make that folder writable"):
        environment.ensure(tmp_path / "file" / "venv", ["chainrule-thing"], repair=False)


def test_a_terminal_shows_one_line_that_is_rewritten(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.bootstrap.console import ProgressLine

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress = ProgressLine("Setting up")
    progress.show("fetching package 1, numpy")
    progress.show("unpacking 3 packages")
    progress.end("done")
    assert capsys.readouterr().err.split("\r\x1b[K") == [
        "",
        "Setting up · 0:00 · fetching package 1, numpy",
        "Setting up · 0:00 · unpacking 3 packages",
        "Setting up: done after 0:00.\n",
    ]


DOING = [
    ("Collecting numpy<3,>=2.3 (from -r x)\n", "fetching package 4, numpy"),
    ("  Downloading numpy-2.4.6-cp311-manylinux.whl (16.8 MB)\n", "fetching package 4, numpy (16.8 MB)"),
    ("Installing collected packages: a, b, c\n", "unpacking 3 packages"),
    ("Requirement already satisfied: a\n", ""),
]


@pytest.mark.parametrize(("line", "meaning"), DOING)
def test_pips_output_becomes_a_few_words(line: str, meaning: str) -> None:
    from app.bootstrap.install import _doing

    assert _doing(line, 4) == meaning
