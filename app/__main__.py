"""Starts the window, or a command of the command line: `python3 -m app`, and the installed `chainrule`."""

from __future__ import annotations

import difflib
import os
import sys

from app import HEADLESS_COMMANDS, TEMPLATE_PREFIX, __version__, bootstrap
from app.bootstrap.console import SetupError, report, say
from app.bootstrap.requirements import RUN
from app.bootstrap.system import check_display, ensure_window


def main(argv: list[str] | None = None) -> int:
    """Run Chainrule with the command line's arguments and return the exit status.

    A headless command, --help or --version never imports Qt. Anything else opens the window, with the
    project file named if there is one.
    """
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] == ["--version"]:  # answered without any set-up
        print(f"chainrule {__version__}")
        return 0
    headless = bool(arguments) and (arguments[0] in HEADLESS_COMMANDS or arguments[0] in ("-h", "--help"))
    if not headless and _is_mistaken(arguments):
        return 2
    try:
        if not headless:
            check_display()
        bootstrap.prepare(RUN)
        if not headless:
            ensure_window()
    except SetupError as problem:
        return report(problem)
    return _run(headless, arguments)


def _run(headless: bool, arguments: list[str]) -> int:
    if headless:
        from app.cli import main as command_line

        return command_line.main(arguments)
    from app import main_gui

    return main_gui.run(arguments)


def _is_mistaken(arguments: list[str]) -> bool:
    """Say so, and return True, where the first argument can be neither a command nor a project or template."""
    first = arguments[0] if arguments else ""
    if not first or first.startswith(("-", TEMPLATE_PREFIX)) or first.endswith(".chainrule") or os.path.exists(first):
        return False
    near = difflib.get_close_matches(first, HEADLESS_COMMANDS, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    say(
        f"chainrule: '{first}' is neither a command nor a project file.{hint} "
        f"The commands are {', '.join(HEADLESS_COMMANDS)}; a project file ends in .chainrule, "
        f"a template is {TEMPLATE_PREFIX}ID."
    )
    return True


if __name__ == "__main__":
    sys.exit(main())
