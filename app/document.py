"""The one door to what is being edited: graph, report, data, training settings, selection, undo and file state.

Everything that changes a project goes through ``commit…``; views listen to the signals and apply differences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.edit import Content, Edit, EditStack
from engine.data import Source
from engine.graph import fixes
from engine.graph.check import Report, check
from engine.graph.diff import diff
from engine.graph.model import Graph
from engine.issues import ChainruleError, Fix, Issue
from engine.signature import DataSignature
from engine.train.advice_fixes import SET_TRAINING, apply_to_training

__all__ = ["Content", "Document"]


class Document(QObject):
    """A project in memory. Values that it hands out are read-only; edits are committed whole."""

    graph_changed = Signal(object)  # GraphDiff; self.graph is already the new one
    report_changed = Signal(object)  # Report, after each change of the graph's meaning or of the data
    setup_changed = Signal()  # the data source or the training settings changed
    selection_changed = Signal(object)  # frozenset of node ids
    opened = Signal()  # set_content put another project in the place of this one
    file_changed = Signal()  # path, title or whether there is something to save
    typing_ended = Signal()  # the number that was being typed is whole

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._content = Content()
        self._report = self._checked = check(Graph())
        self._advice: tuple[Issue, ...] = ()
        self._signature: DataSignature | None = None
        self._source_problem = ""
        self._selection: frozenset[str] = frozenset()
        self._path: Path | None = None
        self._name = ""
        #: Which project this is, wherever its file lies: runs belong to it.
        self.project_id = ""
        self._weights: dict[str, np.ndarray] | None = None
        self._weights_unsaved = False
        self._was_modified = False
        self._merges = 0
        #: Is a number being typed, of which the content may hold the first digits only?
        self.is_typing = False
        self.undo_stack = EditStack(self)
        self.undo_stack.cleanChanged.connect(self._tell_file_state)

    # -- reading ------------------------------------------------------------------------------------------

    @property
    def content(self) -> Content:
        return self._content

    @property
    def graph(self) -> Graph:
        return self._content.graph

    @property
    def report(self) -> Report:
        """What checking the graph found, and what the run's measurements advise."""
        return self._report

    @property
    def source(self) -> dict[str, Any]:
        """The data source as a plain dict ({} for none)."""
        return self._content.source

    @property
    def training(self) -> dict[str, Any]:
        """The training settings as a plain dict ({} for the defaults)."""
        return self._content.training

    @property
    def signature(self) -> DataSignature | None:
        """Shapes and classes of the data; None where there is none or it can't be read."""
        return self._signature

    @property
    def source_problem(self) -> str:
        """Why the data can't be read, as a sentence; "" where it can."""
        return self._source_problem

    @property
    def selection(self) -> frozenset[str]:
        return self._selection

    @property
    def path(self) -> Path | None:
        return self._path

    @property
    def title(self) -> str:
        """What the project is called: its file, else what it was begun from."""
        return self._path.stem if self._path else self._name or "Untitled"

    @property
    def is_modified(self) -> bool:
        """Is there anything that saving would keep: edits or newly trained weights?"""
        return self._weights_unsaved or not self.undo_stack.isClean()

    @property
    def weights(self) -> dict[str, np.ndarray] | None:
        """The last trained weights, "node.name" → array; set by the session, saved with the project."""
        return self._weights

    @weights.setter
    def weights(self, weights: dict[str, np.ndarray] | None) -> None:
        self._weights = weights
        self._weights_unsaved = weights is not None
        self._tell_file_state()

    # -- editing ------------------------------------------------------------------------------------------

    def commit(self, graph: Graph, text: str, merge_key: str = "") -> None:
        """One undoable change of the graph; nothing happens where ``graph`` is what is there already."""
        self.commit_content(replace(self._content, graph=graph), text, merge_key)

    def commit_source(self, source: Mapping[str, Any], text: str = "Change the data", merge_key: str = "") -> None:
        """One undoable change of the data source."""
        self.commit_content(replace(self._content, source=dict(source)), text, merge_key)

    def commit_training(
        self, training: Mapping[str, Any], text: str = "Change the training settings", merge_key: str = ""
    ) -> None:
        """One undoable change of the training settings."""
        self.commit_content(replace(self._content, training=dict(training)), text, merge_key)

    def commit_content(self, content: Content, text: str, merge_key: str = "") -> None:
        """One undoable change of several things at once (fit the network to new data)."""
        if content == self._content:
            return
        key = f"{merge_key}#{self._merges}" if merge_key else ""
        self.undo_stack.push(Edit(self._become, self._content, content, text, key))

    def end_merge(self) -> None:
        """The next edit starts an undo step of its own, whatever its merge key: a drag or a word is over."""
        self._merges += 1
        self.set_typing(False)

    def set_typing(self, on: bool) -> None:
        """A number is being typed, or is whole: who acts on each change may wait for that."""
        if on != self.is_typing:
            self.is_typing = on
            if not on:
                self.typing_ended.emit()

    def apply_fix(self, issue: Issue, fix: Fix) -> None:
        """Applies a mend that an issue offers, as one undoable change. Raises :class:`ChainruleError` where the
        graph has changed since and the mend no longer fits."""
        if fix.edit == SET_TRAINING:
            self._mend_training(issue, fix)
            return
        try:
            mended = fixes.apply_fix(self.graph, fix)
        except (KeyError, IndexError) as error:
            raise ChainruleError(
                f"“{fix.title}” no longer fits the network.", "", "Look at the problem again."
            ) from error
        self.commit(mended, fix.title)

    def _mend_training(self, issue: Issue, fix: Fix) -> None:
        try:
            training = apply_to_training(self.training, fix)
        except KeyError as error:
            raise ChainruleError(f"“{fix.title}” does not fit the optimizer, which has no such number.", "",
                                 "Choose another optimizer in the Training tab.") from error
        self.commit_training(training, fix.title)
        self.set_advice(other for other in self._advice if other != issue)

    def set_advice(self, advice: Iterable[Issue]) -> None:
        """What the measurements of the run suggest now, on nodes that are there; part of the report."""
        known = tuple(issue for issue in advice if not issue.where or issue.where in self.graph.nodes)
        if known != self._advice:
            self._advice = known
            self._report = replace(self._checked, issues=(*self._checked.issues, *known))
            self.report_changed.emit(self._report)

    def select(self, ids: Iterable[str]) -> None:
        """Selects exactly these nodes; unknown ids are passed over."""
        chosen = frozenset(i for i in ids if i in self.graph.nodes)
        if chosen != self._selection:
            self._selection = chosen
            self.end_merge()
            self.selection_changed.emit(chosen)

    def set_content(
        self,
        content: Content,
        path: Path | None = None,
        weights: dict[str, np.ndarray] | None = None,
        name: str = "",
        project_id: str = "",
    ) -> None:
        """A new or opened project: replaces everything and clears undo. ``name`` is its title until it has a file."""
        self.undo_stack.clear()
        self._path, self._name = path, name
        self.project_id = project_id or uuid4().hex
        self._weights = weights
        self._weights_unsaved = False
        self.select(())
        self._become(content)
        self._was_modified = False
        self.opened.emit()
        self.file_changed.emit()

    def mark_saved(self, path: Path) -> None:
        """The present state is what the file at ``path`` holds."""
        self._path = path
        self._weights_unsaved = False
        self.undo_stack.setClean()
        self.end_merge()
        self._was_modified = False
        self.file_changed.emit()

    # -- inside -------------------------------------------------------------------------------------------

    def _become(self, content: Content) -> None:
        before, self._content = self._content, content
        new_data = content.source != before.source
        if new_data:
            self._read_signature()
        changes = diff(before.graph, content.graph)
        if content.graph is not before.graph:
            self.graph_changed.emit(changes)
        # Moved nodes mean the same as before: no need to check anew.
        if new_data or not changes.computes_same:
            self._checked = check(content.graph, self._signature, self._checked)
            # What was measured in a layer that is another one now is of no use.
            self._advice = tuple(a for a in self._advice if not a.where
                                 or (a.where in content.graph.nodes and a.where not in changes.changed))
            self._report = replace(self._checked, issues=(*self._checked.issues, *self._advice))
            self.report_changed.emit(self._report)
        if new_data or content.training != before.training:
            self.setup_changed.emit()
        if not self._selection <= content.graph.nodes.keys():
            self.select(self._selection)

    def _read_signature(self) -> None:
        self._signature, self._source_problem = None, ""
        if not self._content.source:
            return
        try:
            self._signature = Source.from_dict(self._content.source).signature()
        except ChainruleError as error:
            self._source_problem = str(error)

    def _tell_file_state(self) -> None:
        if self.is_modified != self._was_modified:
            self._was_modified = self.is_modified
            self.file_changed.emit()
