"""The one undo command, what the document held before and after, and the stack of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from weakref import WeakMethod

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand, QUndoStack
from shiboken6 import isValid

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
        # Weakly: the document owns the stack that owns this; so it goes with its last user.
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


#: The commands of each stack that exists, by something that stands for it.
_held: dict[object, list[Edit]] = {}


class EditStack(QUndoStack):
    """The undo steps of a document. Holds its commands where the garbage collector finds them in use: from a circle
    of objects that a document is part of, it would take commands away while Qt's stack still points at them, and the
    program would fall over."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        key = object()
        self._edits = _held.setdefault(key, [])
        self.destroyed.connect(partial(_let_go, key))
        # Going, Qt's stack tells that it is empty: whoever hears it and asks for more would find nothing there.
        parent.destroyed.connect(partial(self.blockSignals, True))

    def push(self, command: QUndoCommand) -> None:
        """Carries the edit out, and takes it as the newest step where it does not merge with the one before."""
        assert isinstance(command, Edit)
        self._edits.append(command)
        super().push(command)
        self._drop_deleted()

    def clear(self) -> None:
        """Forgets all steps."""
        super().clear()
        self._drop_deleted()

    def _drop_deleted(self) -> None:
        """Qt deletes commands that merged, that were undone before another came, or beyond the limit."""
        self._edits[:] = filter(isValid, self._edits)


def _let_go(key: object, *_: object) -> None:
    """Called once a stack is gone, and its commands with it."""
    _held.pop(key, None)
