"""The libraries, programs and display that the operating system must bring."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.bootstrap import system
from app.bootstrap.console import SetupError

pytestmark = pytest.mark.usefixtures("linux")
MISSING = {"libEGL.so.1", "libxcb-cursor.so.0"}


class Machine:
    """A pretended Linux: what it lacks, which commands it has, and which commands were run on it."""

    def __init__(self) -> None:
        self.lacking = set(MISSING)
        self.commands = {"Xvfb", "xdotool", "openbox", "apt-get", "sudo"}
        self.run: list[list[str]] = []
        self.failing: tuple[str, ...] = ()
        self.root = True

    def execute(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        self.run.append(command)
        fails = any(word in command for word in self.failing)
        if "install" in command and not fails:
            self.lacking.clear()
            self.commands |= {"Xvfb", "xdotool", "openbox"}
        return subprocess.CompletedProcess(command, int(fails), "E: Unable to locate package\n")


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv(system.SKIP, raising=False)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    pretended = Machine()
    monkeypatch.setattr(system, "_has_library", lambda name: name not in pretended.lacking)
    monkeypatch.setattr(system, "_has_font", lambda: "a font" not in pretended.lacking)
    monkeypatch.setattr(system.shutil, "which", lambda name: name if name in pretended.commands else None)
    monkeypatch.setattr(system.os, "geteuid", lambda: 0 if pretended.root else 1000)
    monkeypatch.setattr(system, "_run", pretended.execute)
    return pretended


def test_this_machine_has_all_that_the_tests_need() -> None:
    assert system.missing({system.QT, system.X11, system.TESTS}) == []


def test_a_library_that_is_not_there_is_seen() -> None:
    assert not system._has_library("libchainrule-absent.so.7")


def test_only_what_the_platform_needs_is_looked_for(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.lacking = {"libxcb-cursor.so.0"}
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    system.ensure_window()
    assert machine.run == []
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    system.ensure_window()
    assert machine.run != []


def test_root_gets_the_packages_installed(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.commands.remove("openbox")
    machine.lacking.add("a font")
    system.ensure_tests()
    update, install = machine.run
    assert update[-2:] == ["apt-get", "update"]
    assert {"libegl1", "libxcb-cursor0", "openbox", "fonts-dejavu-core"} <= set(install)
    assert "sudo" not in install
    assert "which this system lacks; installing libegl1, libxcb-cursor0" in capsys.readouterr().err


def test_sudo_is_used_where_it_asks_for_no_password(machine: Machine) -> None:
    machine.root = False
    system.ensure_tests()
    assert machine.run[0] == ["sudo", "-n", "true"]
    assert machine.run[-1][:2] == ["sudo", "-n"]


def test_without_rights_the_one_command_is_printed(machine: Machine) -> None:
    machine.root = False
    machine.failing = ("true",)
    command = (
        r"sudo apt-get update && sudo apt-get install -y --no-install-recommends libegl1 libxcb-cursor0$"
    )
    with pytest.raises(
        SetupError, match=rf"need libEGL\.so\.1, libxcb-cursor\.so\.0, .* Install it with:\n +{command}"
    ):
        system.ensure_tests()


def test_a_failing_apt_says_why_and_what_to_run(machine: Machine) -> None:
    machine.failing = ("install",)
    with pytest.raises(
        SetupError, match=r"(?s)E: Unable to locate package.*Install it with:\n +sudo apt-get update"
    ):
        system.ensure_tests()


def test_fedora_is_told_its_own_command(machine: Machine) -> None:
    machine.commands = {"dnf", "xdotool", "openbox"}
    with pytest.raises(SetupError, match=r"sudo dnf install 'libEGL\.so\.1\(\)\(64bit\)' .* /usr/bin/Xvfb"):
        system.ensure_tests()


def test_another_system_is_told_the_names(machine: Machine) -> None:
    machine.commands = {"Xvfb", "xdotool", "openbox"}
    with pytest.raises(SetupError, match=r"on Debian the packages are called libegl1 libxcb-cursor0"):
        system.ensure_tests()


def test_the_check_can_be_passed_over(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(system.SKIP, "1")
    system.ensure_tests()
    assert machine.run == []


@pytest.mark.parametrize("missing_module", ["venv", "ensurepip"])
def test_debians_missing_venv_is_installed(
    missing_module: str, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_spec(name: str) -> object:
        return None if name == missing_module and machine.lacking else object()

    monkeypatch.setattr(system.importlib.util, "find_spec", find_spec)
    system.ensure_venv_module()
    assert machine.run[-1][-3] == f"python3.{sys.version_info[1]}-venv"


def test_no_display_is_said_with_status_two(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SetupError, match="no display") as raised:
        system.check_display()
    assert raised.value.status == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DISPLAY", ":0"),
        ("WAYLAND_DISPLAY", "wayland-0"),
        ("QT_QPA_PLATFORM", "offscreen"),
        ("QT_QPA_PLATFORM", "vnc:size=9x9"),
    ],
)
def test_a_display_or_a_platform_without_one_will_do(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, value)
    system.check_display()
