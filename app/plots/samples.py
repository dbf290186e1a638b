"""What the plots of a session tell one another about samples: which ones to show, and which one to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.looker import looked_at
from app.training.session import Session
from engine.data import Dataset, Source
from engine.issues import ChainruleError

#: Parts of the data, as questions name them, and what a person reads.
VALIDATION, TRAINING = "validation", "training"
PARTS = {VALIDATION: "Validation", TRAINING: "Training"}


class Samples(QObject):
    """The wishes of one session's plots. Whoever can fulfil one listens."""

    #: The samples of one cell of the confusion matrix are to be shown: part, true class, answer.
    cell_asked = Signal(str, int, int)
    #: One sample is to be looked at closely: part, row in it.
    sample_asked = Signal(str, int)

    @classmethod
    def of(cls, session: QObject) -> Samples:
        """The one that belongs to a session."""
        return session.findChild(cls) or cls(session)


def dataset_of(document: Document) -> Dataset | None:
    """The data of the open project; None where there is none or it cannot be read. The document has read it when the
    source was chosen, so that this finds it in memory."""
    return _loaded(document.source) if document.signature is not None else None


def looked_data(session: Session) -> Dataset | None:
    """The data that what is looked at was trained on: those of the run while one goes on or its past is looked at."""
    source = looked_at(session)[1]
    return dataset_of(session.document) if source == session.document.source else _loaded(source)


def _loaded(source: Mapping[str, Any]) -> Dataset | None:
    try:
        return Source.from_dict(source).load() if source else None
    except ChainruleError:  # a file that has gone since; the Data tab says so
        return None
