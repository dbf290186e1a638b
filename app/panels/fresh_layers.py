"""A card that says, after an edit of a trained network, which layers begin anew at the next Run."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.panels.widgets import Card, label
from app.training.branching import fresh_sentence
from app.training.session import Session


class FreshLayers(Card):
    """Stands above the training settings for as long as there are such layers."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._text = label(role="quiet")
        self.column.addWidget(self._text)
        session.edits.fresh_changed.connect(self.show_layers)
        self.show_layers()

    def show_layers(self) -> None:
        """Says which layers they are now."""
        document, some = self._session.document, bool(self._session.edits.fresh)
        text = fresh_sentence(document.report, document.graph, document.weights or {}) if some else ""
        self._text.setText(text)
        self.setVisible(bool(text))
