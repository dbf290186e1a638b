"""The documentation is true: generated pages are fresh, links lead somewhere, commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import HEADLESS_COMMANDS
from tests import make_docs

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "resources" / "docs").rglob("*.md")])


def test_the_page_of_layers_is_fresh() -> None:
    written = make_docs.LAYERS_PAGE.read_text(encoding="utf-8")
    assert written == make_docs.layers_page(), f"layers.md is stale: run `{make_docs.COMMAND}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    for link in links:
        if not link.startswith("http"):
            assert (page.parent / link).exists(), f"{page.name} links to {link}, which does not exist"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_pages_name_exist(page: Path) -> None:
    """Paths in back-quotes that begin with a folder of the project."""
    named = re.findall(r"`((?:engine|app|tests|resources)/[\w/.-]+)`", page.read_text(encoding="utf-8"))
    for name in named:
        assert (ROOT / name).exists(), f"{page.name} names {name}, which does not exist"


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in HEADLESS_COMMANDS:
        assert f"chainrule {command}" in text
