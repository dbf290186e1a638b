"""When the program itself errs: the traceback goes to a log file, the person gets a sentence, the work stays."""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

import numpy as np
from PySide6 import __version__ as qt_version
from PySide6.QtCore import QObject, QStandardPaths, Signal

from app import __version__

log = logging.getLogger("chainrule")
_LARGEST_LOG = 1 << 20


class Reporter(QObject):
    """Emits ``happened(sentence, details)`` in the window's thread, whichever thread erred."""

    happened = Signal(str, str)


reporter = Reporter()


def log_folder() -> Path:
    """Where the log lies."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation))


def start_logging() -> Path | None:
    """Sends warnings and errors to a file that does not grow without end; None where no file can be written."""
    folder = log_folder()
    path = folder / "chainrule.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=_LARGEST_LOG, backupCount=1, encoding="utf-8", delay=True)
    except OSError:
        return None
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    return path


def install() -> None:
    """From now on unexpected errors are logged and reported rather than printed."""
    sys.excepthook = report
    threading.excepthook = _in_thread


def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Logs an error nobody caught and tells the person calmly."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.error("unexpected error", exc_info=(kind, error, trace))
    text = "".join(traceback.format_exception(kind, error, trace))
    reporter.happened.emit(
        f"Something in the program went wrong ({kind.__name__}). Your network is untouched; it is wise to save it "
        "now.", f"{versions()}\n\n{text}")


def versions() -> str:
    """The versions that a report of an error needs."""
    return (f"Chainrule {__version__} · Python {platform.python_version()} · Qt {qt_version} · NumPy {np.__version__} "
            f"· {platform.platform()}")


def _in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        report(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
