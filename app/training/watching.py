"""Who looks at the weights: while anybody does, the training process sends them between its snapshots too."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.training.session import Session

#: Seconds between two sets of weights while somebody looks; more where they would cost too much.
EVERY = 0.1


class Watching(QObject):
    """The one for a session; :meth:`of` makes it when first needed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._lookers: set[int] = set()

    @classmethod
    def of(cls, session: Session) -> Watching:
        """The one that belongs to a session."""
        return session.findChild(cls) or cls(session)

    def look(self, looker: QObject, on: bool) -> None:
        """Somebody begins to look, or leaves off."""
        if on:
            self._lookers.add(id(looker))
        else:
            self._lookers.discard(id(looker))
        self._session.watch(EVERY if self._lookers else 0.0)
