"""Files that ship with the program: themes, examples, data, lessons and documentation."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent


def path(*parts: str) -> Path:
    """Return where a shipped file or folder is, e.g. ``path("data", "iris.csv")``.

    Raises FileNotFoundError, naming the file, where the installation is incomplete.
    """
    found = ROOT.joinpath(*parts)
    if not found.exists():
        raise FileNotFoundError(
            f"The file {'/'.join(parts)} that ships with Chainrule is missing from {ROOT}. "
            "Install Chainrule again."
        )
    return found
