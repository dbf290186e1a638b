"""Starts the window."""

from __future__ import annotations

import gc
import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app import TEMPLATE_PREFIX, __version__, crash
from app.collector import Collector
from app.settings import APPLICATION, ORGANISATION, Settings
from app.style import theme
from app.style.icons import icon
from app.window.themes import stored_mode
from app.window.window import Window

#: Has the program close by itself after that many milliseconds: for tests of the start.
_CLOSE_AFTER = "CHAINRULE_CLOSE_AFTER_MS"
#: Seconds after which a thread hands the interpreter over to another that waits for it.
_HAND_OVER = 0.0005


def run(argv: list[str]) -> int:
    """Shows the window, with the project that ``argv`` names if any; returns the exit status once it is closed."""
    application = make_application()
    Collector(application)
    settings = Settings(application)
    theme.apply(application, stored_mode(settings))
    crash.start_logging()
    crash.install()
    application.setWindowIcon(icon("mdi6.graph-outline", "accent"))
    window = Window(settings)
    window.show()
    keep_smooth()
    files = [argument for argument in argv if not argument.startswith("-")]
    if files:
        QTimer.singleShot(0, window, lambda: open_named(window, files[0]))
    # Ctrl+C in the terminal ends the program at once; a Python signal handler would wait for the next Qt event.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if os.environ.get(_CLOSE_AFTER, "").isdigit():
        QTimer.singleShot(int(os.environ[_CLOSE_AFTER]), window, window.close)
    status = application.exec()
    window.session.shutdown()
    return status


def open_named(window: Window, name: str) -> None:
    """Opens what the command line names: a project file, or ``template:ID``."""
    if name.startswith(TEMPLATE_PREFIX):
        window.open_template(name.removeprefix(TEMPLATE_PREFIX))
    else:
        window.files.open(Path(name))


def keep_smooth() -> None:
    """Takes what was loaded at the start out of the garbage collector's rounds, and has other threads (which send
    weights to processes, or bring runs to the disk) hand over to the window's sooner.

    Walking over all of it took 40 to 90 ms now and then in the middle of an edit, and each time the window's thread
    wanted to go on beside another it waited 5 ms, a dozen times in a row; see resources/docs/performance.md.
    """
    sys.setswitchinterval(_HAND_OVER)
    gc.collect()
    gc.freeze()


def make_application() -> QApplication:
    """The application object, with the names that settings and logs are stored under."""
    QApplication.setOrganizationName(ORGANISATION)
    QApplication.setApplicationName(APPLICATION)
    QApplication.setApplicationVersion(__version__)
    existing = QApplication.instance()
    return existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
