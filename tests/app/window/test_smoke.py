"""The real program on a virtual screen, driven as a person drives it: open, train, save, quit."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.project import TEMPLATES, open_project, save
from engine.runs import FINISHED, RunStore

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60.0
#: Of the rings: 300 epochs of 10 batches.
LAST_STEP = 3000

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Xvfb is a screen for Linux")

#: Run in a process of its own: a picture of the whole screen, through Qt.
TAKE_PICTURE = """
import sys
from PySide6.QtGui import QGuiApplication
application = QGuiApplication(sys.argv)
screen = application.primaryScreen()
picture = screen.grabWindow(0).toImage()
picture.save(sys.argv[1])
colours = {picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)}
print(len(colours))
"""


def wait_for(what: str, ready: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    """Waits until ``ready`` is true; there is no signal to wait for across processes."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None:
            pytest.fail(f"The program ended ({process.returncode}) before: {what}.")
        if time.monotonic() > deadline:
            pytest.fail(f"Not within {PATIENCE:g} s: {what}.")
        time.sleep(0.05)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment whose DISPLAY is a virtual screen with a window manager."""
    reader, writer = os.pipe()
    xvfb = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1680x1050x24", "-nolisten", "tcp"],
        pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as announced:
        display = announced.readline().strip()
    environment = {**os.environ, "DISPLAY": f":{display}", "XDG_CONFIG_HOME": str(tmp_path / "config")}
    environment.pop("QT_QPA_PLATFORM", None)
    manager = subprocess.Popen(["openbox"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield environment
    for process in (manager, xvfb):
        process.terminate()
        process.wait(10)


def test_a_person_opens_trains_saves_and_quits(tmp_path: Path, screen: dict[str, str]) -> None:
    path = tmp_path / "rings.chainrule"
    save(path, TEMPLATES["circles"].build())
    with (tmp_path / "output.txt").open("wb") as output:
        program = subprocess.Popen([sys.executable, "-m", "app", str(path)], cwd=ROOT, env=screen, stdout=output,
                                   stderr=subprocess.STDOUT)

        def xdotool(*words: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(["xdotool", *words], env=screen, capture_output=True, text=True, check=False)

        def window() -> str:
            return xdotool("search", "--onlyvisible", "--name", "rings").stdout.strip().split("\n")[0]

        wait_for("the window is there", window, program)
        xdotool("windowactivate", "--sync", window())
        assert picture(tmp_path / "opened.png", screen) > 20
        xdotool("key", "space")
        wait_for("it has trained to the end", lambda: trained_to(screen) == LAST_STEP, program)
        xdotool("key", "ctrl+s")
        wait_for("the trained weights are in the file", lambda: (open_project(path).state or {}).get("values", {})
                 .get("step") == LAST_STEP, program)
        assert picture(tmp_path / "trained.png", screen) > 20
        xdotool("key", "ctrl+q")
        assert program.wait(PATIENCE) == 0
    assert not children(program.pid)
    assert "Traceback" not in (tmp_path / "output.txt").read_text("utf-8")


def trained_to(environment: dict[str, str]) -> int | None:
    """The last step of the run that the program keeps; None before it has finished one."""
    for folder in Path(environment["XDG_DATA_HOME"]).glob("**/runs"):
        for run in RunStore(folder).runs():
            if run.info.outcome == FINISHED:
                return run.info.steps
    return None


def picture(path: Path, environment: dict[str, str]) -> int:
    """Saves a picture of the screen; returns how many colours it has."""
    done = subprocess.run([sys.executable, "-c", TAKE_PICTURE, str(path)], env=environment, capture_output=True,
                          text=True, check=True)
    keep = os.environ.get("CHAINRULE_SCREENSHOTS")
    if keep:
        Path(keep).mkdir(parents=True, exist_ok=True)
        (Path(keep) / path.name).write_bytes(path.read_bytes())
    return int(done.stdout)


def children(pid: int) -> list[str]:
    """The processes that this one has started and that still run."""
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except FileNotFoundError:
        return []
