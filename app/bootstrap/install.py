"""Runs venv and pip: their own output goes to a log, the person sees one line and, on failure, what to do."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from app.bootstrap.console import ProgressLine, SetupError

# What a failing pip says, and what a person can do about it; the first that fits is shown.
ADVICE = (
    (r"No space left|Disk quota", "The disk is full: make about 1 GB of room and start again."),
    (
        r"Temporary failure in name|Name or service not known|NewConnectionError|ConnectTimeout|ReadTimeout|"
        r"timed out|Network is unreachable|ProxyError|getaddrinfo",
        "The package index could not be reached: check the network or pip's proxy settings, and start again.",
    ),
    (
        r"CERTIFICATE_VERIFY|SSLError",
        "The secure connection was refused: check the computer's clock and pip's certificates.",
    ),
    (
        r"No matching distribution|Could not find a version|Requires-Python",
        "A package has no build for this computer and Python: try another Python version, 3.11 to 3.14.",
    ),
    (r"Permission denied|Read-only file system", "The folder could not be written to: check who owns it."),
)
OTHERWISE = "Start again; if it fails again, the log says why."
TAIL_LINES = 12
# How pip announces that it begins to change the environment; all that comes before can fail without harm.
UNPACKING = "Installing collected packages:"


def create(venv: Path, lock: int) -> None:
    """Make an empty environment with pip in it. Raises SetupError."""
    # The base interpreter, since a repair may have removed the environment that this process runs in.
    python = getattr(sys, "_base_executable", None) or sys.executable
    made = subprocess.run(
        [python, "-m", "venv", str(venv)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        **_inheriting(lock),
    )
    if made.returncode != 0:
        said = made.stdout.decode(errors="replace")
        raise _failure(f"Python could not make the environment {venv}.", said, None)


def packages(python: Path, wanted: list[str], log: Path, progress: ProgressLine, lock: int) -> None:
    """Install packages into the environment of `python`, showing progress. Raises SetupError."""
    command = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--prefer-binary", "--progress-bar", "off", *wanted]
    pip = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PYTHONUNBUFFERED": "1"},
        **_inheriting(lock),
    )
    try:
        _follow(pip, log, progress)
        status = pip.wait()
    except BaseException:
        pip.terminate()
        pip.wait()
        raise
    if status != 0:
        raise _failure("pip could not install the packages.", log.read_text(encoding="utf-8"), log)


def has_unpacked(log: Path) -> bool:
    """Return whether pip, by its log, came as far as changing the environment."""
    return UNPACKING in log.read_text(encoding="utf-8")


def _follow(pip: subprocess.Popen, log: Path, progress: ProgressLine) -> None:
    """Copy pip's output to the log until it ends, and turn it into the line of progress."""
    lines: queue.Queue = queue.Queue()
    assert pip.stdout is not None
    threading.Thread(target=_read, args=(pip.stdout, lines), daemon=True).start()
    fetched, doing = 0, "asking for packages"
    with log.open("w", encoding="utf-8") as file:
        while True:
            progress.show(doing)
            try:
                line = lines.get(timeout=0.5)  # so that the clock in the line goes on while pip is silent
            except queue.Empty:
                continue
            if line is None:
                return
            file.write(line)
            fetched += line.startswith("Collecting ")
            doing = _doing(line, fetched) or doing


def _read(stream: IO[bytes], lines: queue.Queue) -> None:
    for line in stream:
        lines.put(line.decode(errors="replace"))
    lines.put(None)


def _doing(line: str, fetched: int) -> str:
    """Return what a line of pip's output means for the person, or "" where it means nothing."""
    words = line.split()
    if line.startswith("Collecting "):
        return f"fetching package {fetched}, {re.split('[<>=;,!~(]', words[1])[0]}"
    if line.lstrip().startswith("Downloading ") and words[-1].endswith("B)"):
        return f"fetching package {fetched}, {words[1].split('/')[-1].split('-')[0]} {' '.join(words[-2:])}"
    if line.startswith(UNPACKING):
        return f"unpacking {line.count(',') + 1} packages"
    return ""


def _failure(what: str, output: str, log: Path | None) -> SetupError:
    advice = next((advice for pattern, advice in ADVICE if re.search(pattern, output)), OTHERWISE)
    tail = "".join(f"    {line}\n" for line in output.splitlines()[-TAIL_LINES:])
    where = f" The whole log is {log}." if log else ""
    return SetupError(f"{what} Its last lines:\n{tail}{advice}{where}")


def _inheriting(lock: int) -> dict:
    """Return the options that let a child process keep the lock open; see bootstrap_lock."""
    return {} if os.name == "nt" else {"pass_fds": (lock,)}
