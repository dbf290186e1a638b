"""What the operating system must bring: Qt's shared libraries, a font, a display; for the tests an X server.

On Linux, pip brings Qt itself but not the libraries it stands on. Where they are missing they are installed
if that takes no password, otherwise the one command that installs them is printed.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from app import HEADLESS_COMMANDS
from app.bootstrap.console import SetupError, say

QT, X11, TESTS = "qt", "x11", "tests"


class Need(NamedTuple):
    """A thing to look for, the Debian and Ubuntu package that brings it, and what needs it."""

    name: str
    package: str
    kind: str


LIBRARIES = (
    Need("libEGL.so.1", "libegl1", QT),
    Need("libGL.so.1", "libgl1", QT),
    Need("libglib-2.0.so.0", "libglib2.0-0", QT),
    Need("libdbus-1.so.3", "libdbus-1-3", QT),
    Need("libfontconfig.so.1", "libfontconfig1", QT),
    Need("libxkbcommon.so.0", "libxkbcommon0", QT),
    Need("libxcb-cursor.so.0", "libxcb-cursor0", X11),
    Need("libxcb-icccm.so.4", "libxcb-icccm4", X11),
    Need("libxcb-keysyms.so.1", "libxcb-keysyms1", X11),
    Need("libxcb-shape.so.0", "libxcb-shape0", X11),
    Need("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", X11),
)
PROGRAMS = (
    Need("Xvfb", "xvfb", TESTS),
    Need("xdotool", "xdotool", TESTS),
    Need("openbox", "openbox", TESTS),
)
FONT = Need("a font", "fonts-dejavu-core", QT)
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
# Qt platforms that draw without a display server.
WITHOUT_DISPLAY = ("offscreen", "minimal", "vnc")
SKIP = "CHAINRULE_SKIP_SYSTEM_CHECK"


def check_display() -> None:
    """Raise SetupError (status 2) where there is no display to open a window on."""
    if not sys.platform.startswith("linux") or _draws_without_display():
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise SetupError(
            "there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set). "
            f"These commands need none: {', '.join(HEADLESS_COMMANDS)}; see {_program()} --help",
            status=2,
        )


def _program() -> str:
    """How the commands are called: as this one was, run in the checkout or installed."""
    return "python3 -m app" if Path(sys.argv[0]).name == "__main__.py" else "chainrule"


def ensure_window() -> None:
    """Return when Qt has what it needs to open a window; raises SetupError."""
    if sys.platform.startswith("linux"):
        _ensure({QT} if _draws_without_display() else {QT, X11}, "Qt needs")


def ensure_tests() -> None:
    """Return when the tests can run, with their own X server; raises SetupError."""
    if sys.platform.startswith("linux"):
        _ensure({QT, X11, TESTS}, "The tests need")


def ensure_venv_module() -> None:
    """Return when this Python can make an environment with pip in it, which Debian splits off.

    Raises SetupError where it cannot and the missing part could not be installed.
    """
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    package = f"python3.{sys.version_info[1]}-venv"
    if shutil.which("apt-get") is None:
        raise SetupError(
            f"This Python ({sys.executable}) lacks the modules venv and ensurepip. "
            "Install them with your system's package manager, or use a Python from python.org."
        )
    _apt_install([package], f"This Python ({sys.executable}) cannot make environments")
    importlib.invalidate_caches()
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError(f"{package} is installed, but this Python still lacks ensurepip. Start again.")


def missing(kinds: set[str]) -> list[Need]:
    """Return what this system lacks of what the kinds ("qt", "x11", "tests") need."""
    lacking = [need for need in LIBRARIES if need.kind in kinds and not _has_library(need.name)]
    lacking += [need for need in PROGRAMS if need.kind in kinds and shutil.which(need.name) is None]
    if FONT.kind in kinds and not _has_font():
        lacking.append(FONT)
    return lacking


def _draws_without_display() -> bool:
    return os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in WITHOUT_DISPLAY


def _ensure(kinds: set[str], who: str) -> None:
    lacking = [] if os.environ.get(SKIP) else missing(kinds)
    if lacking and shutil.which("apt-get"):
        _apt_install([need.package for need in lacking], _complaint(who, lacking))
        lacking = missing(kinds)
    if lacking:
        raise SetupError(
            f"{_complaint(who, lacking)}. {_manual_command(lacking)} "
            f"If they are there after all, set {SKIP}=1 to go on without this check."
        )


def _complaint(who: str, lacking: list[Need]) -> str:
    return f"{who} {', '.join(need.name for need in lacking)}, which this system lacks"


def _manual_command(lacking: list[Need]) -> str:
    """Return the sentence that says how to install the needs on a system without apt-get."""
    if shutil.which("dnf"):  # finds packages by what they provide
        provides = [_rpm_capability(need) for need in lacking]
        return "Install it with: sudo dnf install " + " ".join(shlex.quote(name) for name in provides)
    packages = " ".join(need.package for need in lacking)
    return f"Install it with your system's package manager (on Debian the packages are called {packages})."


def _rpm_capability(need: Need) -> str:
    if need is FONT:
        return "dejavu-sans-fonts"
    return f"{need.name}()(64bit)" if need in LIBRARIES else f"/usr/bin/{need.name}"


def _apt_install(packages: list[str], reason: str) -> None:
    """Install Debian packages where that takes no password; else raise SetupError with the one command."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    manual = f"sudo apt-get update && sudo {shlex.join(command)}"
    rights = _rights()
    if rights is None:
        raise SetupError(f"{reason}. Install it with:\n    {manual}")
    say(f"{reason}; installing {', '.join(packages)} …")
    quietly = [*rights, "env", "DEBIAN_FRONTEND=noninteractive"]  # sudo drops the environment it is given
    _run([*quietly, "apt-get", "update"])  # that it failed matters only if the installation fails too
    installed = _run([*quietly, *command, "-o", "DPkg::Lock::Timeout=300"])
    if installed.returncode != 0:
        tail = "".join(f"    {line}\n" for line in installed.stdout.splitlines()[-8:])
        raise SetupError(f"{reason}, and apt-get could not install it:\n{tail}Install it with:\n    {manual}")


def _rights() -> list[str] | None:
    """Return what to put before a command to run it as root without a password, or None."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    return ["sudo", "-n"] if _run(["sudo", "-n", "true"]).returncode == 0 else None


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


def _has_library(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _has_font() -> bool:
    for folder in FONT_FOLDERS:
        for _, _, files in os.walk(Path(folder).expanduser()):
            if any(file.lower().endswith((".ttf", ".otf", ".ttc", ".pfb")) for file in files):
                return True
    return False
