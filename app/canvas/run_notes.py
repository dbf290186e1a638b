"""What the run says of single layers, on their nodes: which begin anew at the next Run, and which one stopped it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.canvas.node_item import RunNote
from app.training.session import FAILED, Session

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_FRESH, _FAILED = "begins anew at Run", "stopped the run"
_FRESH_WORDS = "The weights it had do not fit any more: at the next Run it begins with fresh ones."


class RunNotes(QObject):
    """Keeps the notes on the nodes of a canvas up with a session."""

    def __init__(self, view: CanvasView, session: Session) -> None:
        super().__init__(view)
        self._view, self._session = view, session
        self._some = False
        for changed in (session.edits.fresh_changed, session.state_changed, view.canvas.laid_out):
            changed.connect(self._show)

    def said_of(self, node_id: str) -> RunNote:
        """The note on a node."""
        session = self._session
        failure = session.failure if session.state == FAILED else None
        if failure is not None and session.document.report.origin.get(failure.node, failure.node) == node_id:
            return RunNote(_FAILED, failure.sentence, True)
        return RunNote(_FRESH, _FRESH_WORDS) if node_id in session.edits.fresh else RunNote()

    def _show(self, _: object = None) -> None:
        some = bool(self._session.edits.fresh) or self._session.state == FAILED
        if some or self._some:
            for node_id, item in self._view.canvas.nodes.items():
                item.set_run_note(self.said_of(node_id))
        self._some = some
