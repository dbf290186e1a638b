"""Runs the tests, setting up what they need: `python3 -m tests [--profile nightly] [pytest's arguments]`.

Without arguments of pytest's all of them run, on several cores; with some, in one process, as suits a few tests.
"""

from __future__ import annotations

import argparse
import os
import sys

from app import bootstrap
from app.bootstrap.console import SetupError, report
from app.bootstrap.requirements import TEST
from app.bootstrap.system import ensure_tests

PROFILES = ("default", "nightly")
#: More than this many at once gain little: the longest test takes two minutes by itself, and each costs 0.6 GB.
MOST_PROCESSES = 4


def main(argv: list[str]) -> int:
    """Run pytest in the checkout and return its exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m tests", add_help=False, allow_abbrev=False)
    parser.add_argument("--profile", choices=PROFILES, default=os.environ.get("CHAINRULE_PROFILE", "default"))
    chosen, pytest_arguments = parser.parse_known_args(argv)
    try:
        bootstrap.prepare(TEST)
        ensure_tests()
    except SetupError as problem:
        return report(problem)
    os.chdir(bootstrap.ROOT)
    os.environ["CHAINRULE_PROFILE"] = chosen.profile
    # Before anything imports Qt, and whatever the desktop sets, so that no window flickers over the screen.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    import pytest

    return int(pytest.main(["-q", "-c", str(bootstrap.PYPROJECT), *(pytest_arguments or on_all_cores())]))


def on_all_cores() -> list[str]:
    """Return pytest's arguments for a run of everything; an idle process takes over what another still has to do."""
    return ["--numprocesses", str(min(os.cpu_count() or 1, MOST_PROCESSES)), "--dist", "worksteal"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
