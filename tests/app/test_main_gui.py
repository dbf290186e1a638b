"""The real program, started in a process of its own."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import bootstrap
from app.main_gui import keep_smooth, open_named
from app.window.themes import stored_mode
from engine.project import save, template


def test_the_command_line_names_a_template_too(window) -> None:
    open_named(window, "template:iris")
    assert window.document.title == "Iris" and not window.document.is_modified
    before = window.document.graph
    open_named(window, "template:irsi")
    assert "iris" in window.messages.messages[-1].sentence
    assert window.document.graph is before


@pytest.mark.parametrize("named", [False, True], ids=["without a file", "with a file"])
def test_it_starts_and_closes(tmp_path: Path, named: bool) -> None:
    path = tmp_path / "iris.chainrule"
    save(path, template("iris").build())
    code = "import sys; from app.main_gui import run; sys.exit(run(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, *([str(path)] if named else [])], cwd=bootstrap.ROOT, capture_output=True,
        text=True, timeout=60, check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "CHAINRULE_CLOSE_AFTER_MS": "400"})
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    recent = Path(os.environ["XDG_CONFIG_HOME"]) / "Chainrule" / "Chainrule.ini"
    assert ("iris.chainrule" in recent.read_text("utf-8")) is named


def test_a_strange_setting_counts_as_none(qapp) -> None:
    from app.settings import Settings

    settings = Settings()
    settings.set_text("theme", "purple")
    assert stored_mode(settings) == "system"
    assert settings.blob("theme").isEmpty()
    assert settings.flag("theme") is False
    assert settings.recent == []


def test_other_threads_hand_over_to_the_window_soon():
    """Bringing the runs of a sweep to the disk held the window up for 60 ms: a dozen waits of 5 ms."""
    interval = sys.getswitchinterval()
    try:
        keep_smooth()
        assert sys.getswitchinterval() <= 0.001
    finally:
        gc.unfreeze()
        sys.setswitchinterval(interval)
