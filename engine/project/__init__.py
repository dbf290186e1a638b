"""Projects: the ``.chainrule`` file, and templates to begin with."""

from engine.project.archive import SUFFIX
from engine.project.atomic import FileError, write_atomically
from engine.project.files import open_project, save
from engine.project.model import Project
from engine.project.templates import TEMPLATES, Template, template

__all__ = [
    "SUFFIX", "TEMPLATES", "FileError", "Project", "Template", "open_project", "save", "template", "write_atomically",
]
