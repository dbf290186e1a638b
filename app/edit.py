"""The one undo command: what the document held before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakMethod

from PySide6.QtGui import QUndoCommand

from engine.graph.model import Graph

# Qt merges neighbours of equal id only; every edit may be asked, the merge key decides.
_EDIT_ID = 1


@dataclass(frozen=True)
class Content:
    """What a project file describes and undo restores: the network, its data and how it is trained."""

    graph: Graph = field(default_factory=Graph)
    source: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)


class Edit(QUndoCommand):
    """Takes the document from ``before`` to ``after``; ``text`` is its name in the Edit menu.

    Consecutive edits with the same ``merge_key`` (a slider that is dragged, a word that is typed) become one.
    """

    def __init__(
        self, become: Callable[[Content], None], before: Content, after: Content, text: str, merge_key: str = ""
    ) -> None:
        super().__init__(text)
        # Weakly: the document owns the stack that owns this. In a circle of the three the collector may take a
        # command away while Qt's stack still points at it, and the program falls over.
        self._become = WeakMethod(become)
        self.before = before
        self.after = after
        self.merge_key = merge_key

    def id(self) -> int:
        return _EDIT_ID if self.merge_key else -1

    def redo(self) -> None:
        self._apply(self.after)

    def undo(self) -> None:
        self._apply(self.before)

    def _apply(self, content: Content) -> None:
        become = self._become()
        if become is not None:
            become(content)

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, Edit) or other.merge_key != self.merge_key:
            return False
        self.after = other.after
        # Dragged there and back again: nothing to undo.
        self.setObsolete(self.after == self.before)
        return True
