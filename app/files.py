"""New, open, save: the project's way between window and disk. Whatever fails says so and leaves the work as it is."""

from __future__ import annotations

import logging
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.document import Content, Document
from app.runs.runs import Runs
from app.settings import Settings
from app.training.session import Session
from engine.data import Source
from engine.issues import ChainruleError
from engine.project import SUFFIX, Project, open_project, save, template

log = logging.getLogger(__name__)
_FILTER = f"Chainrule projects (*{SUFFIX});;All files (*)"


class Files(QObject):
    """Opens and saves the document. ``opened`` tells that another project is shown, ``saved`` that it is on disk."""

    opened = Signal()
    saved = Signal()
    message = Signal(str, str)

    def __init__(self, document: Document, session: Session, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._document, self._session, self._settings, self._window = document, session, settings, window
        self._project = Project()

    # -- opening ------------------------------------------------------------------------------------------

    def new(self) -> None:
        """An empty network."""
        if self.may_go():
            self._show(Project())

    def open(self, path: Path | None = None) -> bool:
        """Opens a project, asking for one where none is given; did it?"""
        if path is None:
            chosen, _ = QFileDialog.getOpenFileName(self._window, "Open a project", self._folder(), _FILTER)
            if not chosen:
                return False
            path = Path(chosen)
        try:
            project = open_project(path)
        except ChainruleError as error:
            self.message.emit("error", str(error))
            return False
        if not self.may_go():
            return False
        self._show(project, path)
        self._settings.add_recent(path)
        for notice in project.notices:
            self.message.emit("warning", notice.sentence())
        return True

    def open_template(self, template_id: str) -> bool:
        """Opens a fresh copy of a template; did it?"""
        try:
            project = template(template_id).build()
        except ChainruleError as error:
            self.message.emit("error", str(error))
            return False
        if not self.may_go():
            return False
        self._show(project)
        return True

    def _show(self, project: Project, path: Path | None = None) -> None:
        self._project = project
        self._session.forget(project.state)
        weights = dict(project.weights) if project.weights is not None else None
        content = Content(project.graph, dict(project.source), dict(project.training))
        id = project.id or (uuid5(NAMESPACE_URL, str(path.resolve())).hex if path else "")  # older files have none
        self._document.set_content(content, path, weights, project.title, id)
        Runs.of(self._session).reopened.emit(project.run)
        self.opened.emit()

    # -- saving -------------------------------------------------------------------------------------------

    def save(self) -> bool:
        """Saves under the present name, asking for one where there is none; did it?"""
        return self._write(self._document.path) if self._document.path else self.save_as()

    def save_as(self) -> bool:
        """Asks for a name and saves under it; did it?"""
        proposal = str(Path(self._folder()) / f"{self._document.title}{SUFFIX}")
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save the project", proposal, _FILTER)
        if not chosen:
            return False
        path = Path(chosen)
        return self._write(path if path.suffix else path.with_suffix(SUFFIX))

    def _write(self, path: Path) -> bool:
        try:
            save(path, self.project())
        except ChainruleError as error:
            self.message.emit("error", f"{error} Your work is still here.")
            return False
        self._document.mark_saved(path)
        self._settings.add_recent(path)
        self.saved.emit()
        return True

    def project(self) -> Project:
        """What is open, as a value."""
        document = self._document
        weights = document.weights
        return Project(
            document.graph, document.source, document.training, weights,
            self._session.resume_state if weights is not None else None, self._preparation(),
            self._project.title or document.title, self._project.notes, id=document.project_id,
            run=Runs.of(self._session).current if weights is not None else "")

    def _preparation(self) -> dict | None:
        """How the data are prepared, so that new examples can be without them; the stored one where they are gone."""
        stored = dict(self._project.preparation) if self._project.preparation else None
        if not self._document.source:
            return None
        try:
            return Source.from_dict(self._document.source).load().preparation.to_dict()
        except ChainruleError as error:
            log.info("saved without a new preparation: %s", error)
            return stored

    # -- leaving ------------------------------------------------------------------------------------------

    def may_go(self) -> bool:
        """May what is open be left? Asks where there are unsaved changes; saves where that is the answer."""
        if not self._document.is_modified:
            return True
        answer = self._ask()
        if answer is QMessageBox.StandardButton.Save:
            return self.save()
        return answer is QMessageBox.StandardButton.Discard

    def _ask(self) -> QMessageBox.StandardButton:
        buttons = QMessageBox.StandardButton
        box = QMessageBox(self._window)
        box.setObjectName("unsaved_changes")
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Unsaved changes")
        box.setText(f"Save the changes to “{self._document.title}”?")
        box.setInformativeText("Otherwise the changes since the last save, trained weights included, are lost.")
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        try:
            return buttons(box.exec())
        finally:
            box.deleteLater()

    def _folder(self) -> str:
        """Where the file dialog begins: beside the open project, else beside the last one."""
        if self._document.path:
            return str(self._document.path.parent)
        recent = self._settings.recent
        return str(recent[0].parent) if recent else str(Path.home())


