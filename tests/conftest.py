"""Fixtures every test gets: private folders, no left-overs, no unexpected errors in the log."""

from __future__ import annotations

import atexit
import gc
import itertools
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from tests import leaks

PROFILE = os.environ.get("CHAINRULE_PROFILE", "default")
# For whoever runs pytest directly: before Qt is imported, so that no window appears.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

hypothesis.settings.register_profile("default", max_examples=50, deadline=None)
hypothesis.settings.register_profile("nightly", max_examples=1000, deadline=None)
hypothesis.settings.load_profile(PROFILE)

FOLDER_VARIABLES = (
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "APPDATA",
    "LOCALAPPDATA",
)
# Where pip keeps downloads, before the folders are redirected: a test that installs need not fetch all again.
os.environ.setdefault(
    "PIP_CACHE_DIR", str(Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "pip")
)
# For whatever reads them while modules are imported, before the first fixture.
_import_time_folder = tempfile.mkdtemp(prefix="chainrule-tests-")
atexit.register(shutil.rmtree, _import_time_folder, ignore_errors=True)
for _name in FOLDER_VARIABLES:
    os.environ[_name] = _import_time_folder


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the longest begin first, and leave the tests that take minutes to the nightly profile."""
    items.sort(key=lambda item: item.get_closest_marker("first") is None)
    if PROFILE == "nightly":
        return
    slow = [item for item in items if item.get_closest_marker("nightly")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


@pytest.fixture(autouse=True, scope="module")
def lasting_things_out_of_sight() -> None:
    """Take what is there to stay out of the collector's sight, where every test's left-overs are looked for.

    What imports made and pytest remembers of the tests so far are hundreds of thousands of objects. Passing over them,
    again and again, was four fifths of the time of the canvas's tests.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return folder after folder, none used before. pytest itself would look through all of them for each new one."""
    base = tmp_path_factory.mktemp("folders")
    return (base / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def private_folders(folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test its own empty settings, data and cache folders, so that a person's are never touched.

    Returns the folder; QSettings, QStandardPaths and child processes follow the variables set here.
    """
    folder = next(folders)
    folder.mkdir()
    for name in FOLDER_VARIABLES:
        monkeypatch.setenv(name, str(folder / name.lower()))
    core = sys.modules.get("PySide6.QtCore")
    if core is not None:
        for kind in (core.QSettings.Format.NativeFormat, core.QSettings.Format.IniFormat):
            core.QSettings.setPath(kind, core.QSettings.Scope.UserScope, str(folder / "xdg_config_home"))
    return folder


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, a process, a running timer or a window."""
    before = leaks.snapshot(with_qt="qapp" in request.fixturenames)
    yield
    if not gc.isenabled():  # the window's collector waits for an event loop, which most tests have none of
        gc.collect(1)
    left = leaks.left_since(before)
    if left:
        pytest.fail("The test left behind:\n  " + "\n  ".join(left), pytrace=False)


class _ErrorCollector(logging.Handler):
    """Keeps the messages logged at level ERROR or above."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []
        self.expected: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(f"{record.name}: {record.getMessage()}")

    def problems(self) -> list[str]:
        """Return the messages nobody announced, and the announced ones that never came."""
        found = [f"unexpected: {text}" for text in self.messages if not any(e in text for e in self.expected)]
        return found + [
            f"announced, but never logged: {e}"
            for e in self.expected
            if not any(e in text for text in self.messages)
        ]


@pytest.fixture(autouse=True)
def error_log() -> Iterator[_ErrorCollector]:
    """Fail a test during which an error was logged that it did not announce with `expect_error_log`."""
    collector = _ErrorCollector()
    logging.getLogger().addHandler(collector)
    yield collector
    logging.getLogger().removeHandler(collector)
    if collector.problems():
        pytest.fail("Error log:\n  " + "\n  ".join(collector.problems()), pytrace=False)


@pytest.fixture
def expect_error_log(error_log: _ErrorCollector) -> Callable[[str], None]:
    """Return a function that announces an error the test provokes on purpose, by a part of its text."""
    return error_log.expected.append
