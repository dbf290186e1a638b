"""The forecast: before any training, wires show how gradients would come back through the network as it begins.

The looking process runs one batch through freshly initialised weights, so that a design whose gradients vanish or
explode shows before a single step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction

from app import numbers
from app.canvas.view import CanvasView
from app.document import Document
from app.looker import Looker
from app.settings import Settings
from app.training.session import Session
from engine.graph.report import Report
from engine.look.questions import Answer, Expected, Forecast, Forecasted

_KEY = "canvas/forecast"
#: Milliseconds after an edit: a slider that is dragged asks once.
_AFTER = 350
#: Beyond this the forecast would take more time and memory, at every edit, than a look ahead is worth.
_MOST_PARAMETERS = 20_000_000
_TOO_LARGE = f"left out above {_MOST_PARAMETERS // 1_000_000} M parameters: it would take too long"
#: Gradient at the first layer with weights over that at the last one, beyond which it is said that it vanishes or
#: explodes. In sound networks the two differ too, as layers have different numbers of outputs: LeNet's are 1 : 50.
_VANISHING, _EXPLODING = 1e-3, 1e2


class Forecaster(QObject):
    """Keeps the forecast on the canvas for as long as nothing has been trained."""

    def __init__(
        self, view: CanvasView, document: Document, session: Session, settings: Settings, action: QAction
    ) -> None:
        super().__init__(view)
        self._view = view
        self._document = document
        self._session = session
        self._settings = settings
        self._action = action
        self._looker = Looker.of(session)
        self.forecasted: Forecasted | None = None
        self._excused = False
        action.setChecked(settings.flag(_KEY, True))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER)
        self._timer.timeout.connect(self._ask)
        for changed in (document.report_changed, document.setup_changed, document.opened, document.file_changed,
                        session.state_changed, session.weights_changed):
            changed.connect(self._soon)
        session.ending.connect(self._timer.stop)
        self._looker.failed.connect(self._failed)

    @property
    def is_on(self) -> bool:
        """Does the person want it?"""
        return self._settings.flag(_KEY, True)

    def toggle(self) -> None:
        """Switches the forecast on or off, for good."""
        self._settings.set_flag(_KEY, not self.is_on)
        self._action.setChecked(self.is_on)
        self._soon()

    def _applies(self) -> bool:
        """Is there a sound network that nothing has trained yet?"""
        document, session = self._document, self._session
        untouched = not session.is_active and session.history.is_empty and document.weights is None
        return self.is_on and untouched and document.report.ok and bool(document.report.losses)

    def _soon(self, _: object = None) -> None:
        if not self._applies():
            self._looker.leave(self)
            self._take_off()
        if self.is_on and not self._session.is_active:
            self._timer.start()  # also where it does not apply: a reset is not over when it is told
        else:
            self._timer.stop()

    def _ask(self) -> None:
        if not (self._applies() and self._view.isVisible()):
            return
        if self._document.report.total_parameters <= _MOST_PARAMETERS:
            self._looker.ask(self, Forecast(), self._show)
        else:
            self._excuse()

    def _excuse(self) -> None:
        self._looker.leave(self)
        self._take_off()
        self._excused = True
        self._view.legend.tell("no forecast at initialisation", _TOO_LARGE, scale=False)
        self._view.legend.show()

    def _show(self, answer: Answer) -> None:
        if not isinstance(answer, Forecasted) or not self._applies():
            return
        self.forecasted, self._excused = answer, False
        flow = {node: found.flow for node, found in answer.nodes.items() if found.flow == found.flow}
        self._view.clear_live()  # the scale begins anew
        self._view.set_live({}, flow)
        made_up = " · random inputs" if answer.made_up else ""
        self._view.legend.tell(f"forecast · at initialisation{made_up}", verdict(answer.nodes, self._document.report))
        for wire in self._view.canvas.wires.values():
            found = answer.nodes.get(wire.edge.source)
            wire.set_note(in_words(found) if found else "")

    def _take_off(self) -> None:
        """What a run shows by itself is left alone: it has its own legend."""
        if self.forecasted is None and not self._excused:
            return
        self.forecasted, self._excused = None, False
        self._view.legend.tell("", "")
        for wire in self._view.canvas.wires.values():
            wire.set_note("")
        if self._session.history.is_empty:
            self._view.clear_live()
        self._view.legend.setVisible(self._view.canvas.is_live)

    def _failed(self, asker: QObject, _: str) -> None:
        """Nobody asked for it: a forecast that cannot be made is simply not there."""
        if asker is self:
            self._take_off()


def in_words(found: Expected) -> str:
    """A wire's tooltip."""
    lines = [f"Forecast at initialisation: σ of values {numbers.number(found.sigma)}"]
    if found.flow == found.flow:
        lines.append(f"σ of ∂L/∂output {numbers.number(found.gradient_sigma)}, "
                     f"mean |∂L/∂output| {numbers.number(found.flow)}")
    return "\n".join(lines)


def verdict(nodes: Mapping[str, Expected], report: Report) -> str:
    """What the forecast says of the whole: "" for a network whose gradients come through."""
    computed = report.computed or report
    learning = [i for i in computed.order if computed.counts.get(i) and i in nodes]
    flow = [nodes[i].flow for i in learning if nodes[i].flow == nodes[i].flow]
    if any(not math.isfinite(nodes[i].sigma) for i in nodes) or any(not math.isfinite(value) for value in flow):
        return "Values grow beyond all numbers"
    if len(flow) < 2 or flow[-1] <= 0:
        return ""
    ratio = flow[0] / flow[-1]
    if ratio < _VANISHING:
        share = f"{numbers.scientific(ratio, 1)} of it" if ratio else "nothing"
        return f"Gradient vanishes: {share} reaches the first layer"
    if ratio > _EXPLODING:
        return f"Gradient explodes: {numbers.number(ratio, 2)} times as large at the first layer"
    return ""
