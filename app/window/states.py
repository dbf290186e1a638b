"""Which actions are possible at the moment, and what those say that change their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.actions import ACTIONS
from app.training.session import FAILED, HALTED, PAUSED, RUNNING, STARTING

if TYPE_CHECKING:
    from app.window.window import Window

#: Actions that mean something wherever a network is shown, whatever is in it.
_HERE = ("range_test", "queue", "sweep", "save", "save_as", "paste", "reset_layout", "find_layer", "frame", "comment",
         "zoom_in", "zoom_out", "zoom_reset")
#: Those that need layers, and those that need a selected one.
_WITH_LAYERS = ("select_all", "tidy_up", "fit", "go_to_layer", "next_match", "previous_match")
_WITH_CHOSEN = ("rename", "select_upstream", "select_downstream", "select_kind", "bypass")
_STEPS = ("step", "step_ten", "step_epoch", "run_until")
_RUN_WORDS = {PAUSED: "Resume", FAILED: "Run again"}


class ActionStates(QObject):
    """Keeps a window's actions up with its document, session and selection."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        document, session = window.document, window.session
        for changed in (document.selection_changed, document.report_changed, document.setup_changed,
                        session.state_changed, session.asked_changed, document.graph_changed,
                        window.canvas.canvas.notes_selected):
            changed.connect(self.show)
        stack = document.undo_stack
        for signal in (stack.canUndoChanged, stack.canRedoChanged, stack.undoTextChanged, stack.redoTextChanged):
            signal.connect(self._show_undo)
        self._show_undo()

    def show(self, _: object = None) -> None:
        """Switches each action on or off, and says whether the first one runs or pauses."""
        self._window.show_title()
        self._name_run()
        self._window.actions_by_id.enable(self._possible())

    def _possible(self) -> dict[str, bool]:
        window = self._window
        session, document, graph = window.session, window.document, window.document.graph
        here = window.is_at_work
        chosen, some, active = bool(document.selection), bool(graph.nodes), session.is_active
        noted = chosen or bool(window.canvas.canvas.notes.selected)
        several = len(document.selection) > 1
        runs = session.state in (STARTING, RUNNING)
        left = active or document.weights is not None or not session.history.is_empty
        return {
            **dict.fromkeys(_HERE, here),
            **{f"show_{name}": here for name in ("canvas", *window.tabs.pages)},
            **dict.fromkeys(_WITH_LAYERS, here and some),
            **dict.fromkeys(_WITH_CHOSEN, here and chosen),
            **{spec.id: here and chosen for spec in ACTIONS if spec.menu == "Edit/Blocks"},
            **{spec.id: here and several for spec in ACTIONS if spec.menu == "Edit/Align"},
            "wire_in_order": here and several,
            **dict.fromkeys(("cut", "copy", "duplicate"), here and noted),
            **dict.fromkeys(_STEPS, here and not runs),
            "run": here and not session.asked,
            "stop": active and session.state != HALTED and session.asked != "stop",
            "reset": here and left,
            "export": here and document.report.ok,
            "delete": here and (some or noted),
        }

    def _name_run(self) -> None:
        state, actions = self._window.session.state, self._window.actions_by_id
        runs = state in (STARTING, RUNNING)
        pausing = self._window.session.asked == "pause"
        begins = state == PAUSED and not self._window.session.edits.are_followed  # it does not go on with what rests
        word = "Run" if begins else _RUN_WORDS.get(state, "Run")
        actions["run"].setText("Pausing…" if pausing else "Pause" if runs else word)
        colour = "on_fill" if self._window.is_at_work else "text"
        actions.icons["run"].change("mdi6.pause" if runs else "mdi6.play", colour)

    def _show_undo(self, _: object = None) -> None:
        stack = self._window.document.undo_stack
        for name, can, text in (("undo", stack.canUndo(), stack.undoText()),
                                ("redo", stack.canRedo(), stack.redoText())):
            action = self._window.actions_by_id[name]
            action.setText(f"{name.capitalize()} {text}".rstrip())
            action.setEnabled(can)
