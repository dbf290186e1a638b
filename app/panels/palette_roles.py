"""What the palette's items carry."""

from __future__ import annotations

from PySide6.QtCore import Qt

#: Kind of the layer; None on headings.
KIND = Qt.ItemDataRole.UserRole
#: Headings: is the category folded? None where it cannot be.
FOLDED = Qt.ItemDataRole.UserRole + 1
#: Entries: has the person starred the layer?
FAVOURITE = Qt.ItemDataRole.UserRole + 2
