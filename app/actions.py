"""Every action in one table: menus, top bar, command palette and the list of shortcuts derive from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidgetAction

from app.style.icons import ThemedIcon


@dataclass(frozen=True, slots=True)
class Spec:
    """One action. ``run`` is the path of what it calls, seen from the window: ``canvas.paste``.

    ``menu`` names the menu, with a submenu after a slash; a line goes above actions with ``line``.
    ``also`` is a second shortcut, for hands used to it.
    """

    id: str
    text: str
    menu: str
    run: str
    shortcut: str = ""
    icon: str = ""
    tip: str = ""
    line: bool = False
    checkable: bool = False
    also: str = ""


MENUS = ("File", "Edit", "View", "Train", "Help")

ACTIONS: tuple[Spec, ...] = (
    Spec("new", "New", "File", "files.new", "Ctrl+N", "mdi6.file-outline", "Begin with an empty network"),
    Spec("open", "Open…", "File", "files.open", "Ctrl+O", "mdi6.folder-open-outline", "Open a project"),
    Spec("save", "Save", "File", "files.save", "Ctrl+S", "mdi6.content-save-outline",
         "Save network, data choice, settings and weights", line=True),
    Spec("save_as", "Save as…", "File", "files.save_as", "Ctrl+Shift+S", "", "Save under another name"),
    Spec("export", "Export weights…", "File", "dialogs.export", "Ctrl+E", "mdi6.export-variant",
         "Write the trained network for other programs, verified", line=True),
    Spec("picture", "Save a picture…", "File", "dialogs.picture", "Ctrl+Shift+E", "mdi6.image-outline",
         "The network as PNG, SVG or PDF, or on the clipboard"),
    Spec("quit", "Quit", "File", "close", "Ctrl+Q", "", "Close the window and end the program", line=True),

    Spec("undo", "Undo", "Edit", "document.undo_stack.undo", "Ctrl+Z", "mdi6.undo", "Take back the last change"),
    Spec("redo", "Redo", "Edit", "document.undo_stack.redo", "Ctrl+Shift+Z", "mdi6.redo",
         "Do again what was taken back", also="Ctrl+Y"),
    Spec("cut", "Cut", "Edit", "canvas.transfer.cut", "Ctrl+X", "mdi6.content-cut",
         "Cut the selected layers and notes", line=True),
    Spec("copy", "Copy", "Edit", "canvas.transfer.copy", "Ctrl+C", "mdi6.content-copy",
         "Copy the selected layers and notes as text"),
    Spec("paste", "Paste", "Edit", "canvas.paste", "Ctrl+V", "mdi6.content-paste", "Add the layers on the clipboard"),
    Spec("duplicate", "Duplicate", "Edit", "canvas.transfer.duplicate", "Ctrl+D", "",
         "Add a copy of the selected layers and notes"),
    Spec("delete", "Delete", "Edit", "canvas.editor.delete", "Del", "mdi6.delete-outline",
         "Delete the selected layers, notes or wires"),
    Spec("select_all", "Select all", "Edit", "canvas.select_all", "Ctrl+A", "",
         "Select every layer and note", line=True),
    Spec("select_upstream", "What leads here", "Edit/Select", "canvas.arranger.select_upstream", "Ctrl+[", "",
         "Select everything that leads to the selected layers"),
    Spec("select_downstream", "What follows", "Edit/Select", "canvas.arranger.select_downstream", "Ctrl+]", "",
         "Select everything that the selected layers lead to"),
    Spec("select_kind", "All of the same kind", "Edit/Select", "canvas.arranger.select_kind", "Ctrl+Shift+K", "",
         "Select every layer of the kinds that are selected"),
    Spec("wire_in_order", "Wire in order", "Edit", "canvas.editor.wire_selected", "F",
         "mdi6.transit-connection-horizontal",
         "Wire the selected layers one after the other, from left to right", line=True),
    Spec("align_left", "Left sides", "Edit/Align", "canvas.arranger.align_left", "Alt+Shift+Left",
         "mdi6.align-horizontal-left", "Bring the left sides of the selected layers onto a line"),
    Spec("align_centre", "Centres", "Edit/Align", "canvas.arranger.align_centre", "Alt+Shift+C",
         "mdi6.align-horizontal-center", "Bring the selected layers into one column"),
    Spec("align_right", "Right sides", "Edit/Align", "canvas.arranger.align_right", "Alt+Shift+Right",
         "mdi6.align-horizontal-right", "Bring the right sides of the selected layers onto a line"),
    Spec("align_top", "Tops", "Edit/Align", "canvas.arranger.align_top", "Alt+Shift+Up",
         "mdi6.align-vertical-top", "Bring the tops of the selected layers onto a line"),
    Spec("align_middle", "Middles", "Edit/Align", "canvas.arranger.align_middle", "Alt+Shift+M",
         "mdi6.align-vertical-center", "Bring the selected layers into one row"),
    Spec("align_bottom", "Bottoms", "Edit/Align", "canvas.arranger.align_bottom", "Alt+Shift+Down",
         "mdi6.align-vertical-bottom", "Bring the bottoms of the selected layers onto a line"),
    Spec("distribute_across", "Equal gaps across", "Edit/Align", "canvas.arranger.distribute_across", "Alt+Shift+H",
         "mdi6.distribute-horizontal-center", "Make the gaps between the selected layers equal, left to right",
         line=True),
    Spec("distribute_down", "Equal gaps down", "Edit/Align", "canvas.arranger.distribute_down", "Alt+Shift+V",
         "mdi6.distribute-vertical-center", "Make the gaps between the selected layers equal, top to bottom"),
    Spec("rename", "Rename", "Edit", "canvas.rename_selected", "F2", "", "Give the selected layer a name"),
    Spec("group", "Group", "Edit/Blocks", "canvas.grouping.group", "Ctrl+G", "mdi6.group",
         "Make one block of the selected layers"),
    Spec("ungroup", "Ungroup", "Edit/Blocks", "canvas.grouping.ungroup", "Ctrl+Shift+G", "mdi6.ungroup",
         "Take the block away; its layers stay"),
    Spec("fold", "Collapse or open", "Edit/Blocks", "canvas.grouping.toggle", "Ctrl+Shift+B", "",
         "Draw the block as one card with ports, or show what is in it"),
    Spec("repeat", "Repeat…", "Edit/Blocks", "canvas.grouping.ask_repeat", "Ctrl+Alt+G", "",
         "Say how many copies of the block stand in a row, each with weights of its own"),
    Spec("take_out", "Take out of the block", "Edit/Blocks", "canvas.grouping.take_out", "Ctrl+Alt+O", "",
         "The selected layers leave the block they are in"),
    Spec("save_block", "Save to palette…", "Edit/Blocks", "canvas.grouping.save", "Ctrl+Alt+P", "",
         "Keep the selected block or layers under My blocks", line=True),
    Spec("frame", "Add frame", "Edit/Notes", "canvas.annotating.frame", "Ctrl+Alt+F", "",
         "Put a titled frame around the selected layers; dragged, it takes along what lies in it"),
    Spec("comment", "Add comment", "Edit/Notes", "canvas.annotating.comment", "Ctrl+Alt+C", "",
         "Write on the canvas"),
    Spec("bypass", "Bypass", "Edit", "canvas.grouping.bypass", "Ctrl+B", "",
         "Compute as if the selected layers were not there, or take them in again"),
    Spec("tidy_up", "Tidy up", "Edit", "canvas.tidy_up", "Ctrl+L", "mdi6.auto-fix",
         "Lay the network out anew, left to right"),

    Spec("commands", "Command palette…", "View", "dialogs.commands", "Ctrl+K", "mdi6.console-line",
         "Find and run any action by its name"),
    Spec("zoom_in", "Zoom in", "View", "canvas.zoom_in", "Ctrl++", "mdi6.magnify-plus-outline", "Come closer",
         line=True),
    Spec("zoom_out", "Zoom out", "View", "canvas.zoom_out", "Ctrl+-", "mdi6.magnify-minus-outline", "Step back"),
    Spec("zoom_reset", "Actual size", "View", "canvas.zoom_reset", "Ctrl+1", "", "Show the network at 100 %"),
    Spec("fit", "Fit in view", "View", "canvas.fit", "Ctrl+0", "mdi6.fit-to-screen-outline",
         "Bring the whole network into view"),
    Spec("go_to_layer", "Go to a layer…", "View", "canvas.node_finder.open", "Ctrl+F", "mdi6.magnify",
         "Find a layer of the network by name, kind or id", line=True),
    Spec("next_match", "Next match", "View", "canvas.node_finder.next", "F3", "",
         "Go to the next layer that answers to what was looked for"),
    Spec("previous_match", "Previous match", "View", "canvas.node_finder.previous", "Shift+F3", "",
         "Go to the layer before that answers to what was looked for"),
    Spec("find_layer", "Find in the palette", "View", "focus_palette", "Ctrl+Shift+F", "",
         "Put the cursor into the palette's search field"),
    Spec("show_canvas", "Canvas", "View/Tabs", "canvas.take_focus", "Alt+0", "", "Put the focus on the network"),
    Spec("show_layer", "Layer", "View/Tabs", "tabs.show_layer", "Alt+1", "", "Parameters of the selected layer"),
    Spec("show_training", "Training", "View/Tabs", "tabs.show_training", "Alt+2", "",
         "Optimizer, learning rate, epochs"),
    Spec("show_data", "Data", "View/Tabs", "tabs.show_data", "Alt+3", "", "Where the examples come from"),
    Spec("show_problems", "Problems", "View/Tabs", "tabs.show_problems", "Alt+4", "",
         "What is wrong and how to mend it"),
    Spec("show_runs", "Runs", "View/Tabs", "tabs.show_runs", "Alt+5", "",
         "Every run that was kept: draw it beside this one, compare, restore, go on"),
    Spec("show_analysis", "Analysis", "View", "toggle_analysis", "Alt+6", "mdi6.table",
         "Every layer's shape, parameters, cost, memory and receptive field"),
    Spec("show_history", "History of changes", "View", "docks.toggle_history", "Ctrl+Alt+H", "mdi6.history",
         "Every change by name; a click goes back to it"),
    Spec("forecast", "Forecast", "View", "forecast.toggle", "Ctrl+Alt+W", "",
         "Before training, colour the wires by the gradients that first weights would give", checkable=True),
    Spec("theme_system", "System", "View/Theme", "themes.use_system", "Ctrl+Alt+Y", "", "Follow the desktop's theme",
         checkable=True),
    Spec("theme_dark", "Dark", "View/Theme", "themes.use_dark", "Ctrl+Alt+D", "", "Light on dark", checkable=True),
    Spec("theme_light", "Light", "View/Theme", "themes.use_light", "Ctrl+Alt+L", "", "Dark on light", checkable=True),
    Spec("reset_layout", "Reset the layout", "View", "reset_layout", "Ctrl+Alt+R", "",
         "Put every panel back where it was at first", line=True),

    Spec("run", "Run", "Train", "run_or_pause", "Space", "mdi6.play", "Train the network, or pause"),
    Spec("step", "Step", "Train", "session.step", ".", "mdi6.arrow-right-bold-outline",
         "Do one training step, then pause"),
    Spec("step_ten", "Ten steps", "Train", "control.step_ten", "Ctrl+.", "", "Do ten training steps, then pause"),
    Spec("step_epoch", "To the end of the epoch", "Train", "control.step_epoch", "Ctrl+Shift+.", "",
         "Train to the end of the present epoch, then pause"),
    Spec("run_until", "Run until…", "Train", "control.ask_until", "Ctrl+Alt+U", "mdi6.flag-checkered",
         "Train until a step, an epoch, a loss, an accuracy or an advice, then pause and say why"),
    Spec("stop", "Stop", "Train", "session.stop", "Shift+F5", "mdi6.stop", "End the run; weights and curves stay"),
    Spec("look_earlier", "Look at the snapshot before", "Train/Time travel", "timeline.earlier", "Alt+,",
         "mdi6.skip-previous-outline", "Show the run as it was at the snapshot before", line=True),
    Spec("look_later", "Look at the snapshot after", "Train/Time travel", "timeline.later", "Alt+.",
         "mdi6.skip-next-outline", "Show the run as it was at the snapshot after"),
    Spec("look_best", "Look at the best snapshot", "Train/Time travel", "timeline.best", "Alt+Home", "",
         "Show the run as it was at its best evaluation of which there is a snapshot"),
    Spec("look_now", "Back to now", "Train/Time travel", "timeline.now", "Alt+End", "",
         "Show the run as it is now, and follow it"),
    Spec("continue_from_here", "Continue from here", "Train/Time travel", "timeline.continue_from_here", "Ctrl+Alt+N",
         "mdi6.source-branch",
         "Go back to the snapshot that is looked at; the next Run begins a branch there, with what is changed by then",
         line=True),
    Spec("restore_best", "Back to the best weights", "Train", "desk.restore_best", "Ctrl+Alt+B", "mdi6.trophy-outline",
         "Weights, network and settings of this run as they were at its best evaluation", line=True),
    Spec("runs_storage", "Storage of runs…", "Train", "desk.ask_storage", "Ctrl+Alt+S", "",
         "Where runs are kept, and how much room they may take"),
    Spec("reset", "Reset", "Train", "session.reset", "Ctrl+Shift+F5", "mdi6.restart",
         "Forget weights and curves: the next run begins anew"),

    Spec("queue", "Add to queue", "Train", "control.queue.add", "Ctrl+Alt+Q", "mdi6.playlist-plus",
         "Train the network with these settings, from fresh weights, when the present run has ended"),
    Spec("range_test", "Learning-rate range test…", "Train", "control.ask_rate", "Ctrl+Alt+T", "mdi6.chart-bell-curve",
         "Try ever larger learning rates on a copy, and see where the loss falls fastest", line=True),
    Spec("sweep", "Sweep…", "Train", "sweeps.ask", "Ctrl+Alt+V", "mdi6.chart-multiline",
         "Train the network with many settings, on the cores of this machine or on a Dask cluster, and compare"),
    Spec("speed_full", "Full speed", "Train/Speed", "control.speed_full", "Ctrl+Alt+0", "",
         "As many steps as the computer can", checkable=True),
    Spec("speed_100", "100 steps/s", "Train/Speed", "control.speed_100", "Ctrl+Alt+5", "",
         "At most a hundred steps a second", checkable=True),
    Spec("speed_30", "30 steps/s", "Train/Speed", "control.speed_30", "Ctrl+Alt+4", "",
         "At most thirty steps a second, each of them shown", checkable=True),
    Spec("speed_10", "10 steps/s", "Train/Speed", "control.speed_10", "Ctrl+Alt+3", "",
         "Slow motion: ten steps a second, each looked at closely", checkable=True),
    Spec("speed_3", "3 steps/s", "Train/Speed", "control.speed_3", "Ctrl+Alt+2", "",
         "Slow motion: three steps a second, each looked at closely", checkable=True),
    Spec("speed_1", "1 step/s", "Train/Speed", "control.speed_1", "Ctrl+Alt+1", "",
         "Slow motion: one step a second, looked at closely", checkable=True),

    Spec("welcome", "Welcome", "Help", "show_welcome", "Ctrl+H", "mdi6.home-outline",
         "Recent projects and templates"),
    Spec("layers", "Layer reference", "Help", "dialogs.reference", "F1", "mdi6.book-open-variant",
         "What each layer does, its formula and its parameters"),
    Spec("shortcuts", "Keyboard shortcuts", "Help", "dialogs.shortcuts", "Ctrl+/", "mdi6.keyboard-outline",
         "Every key the program knows"),
    Spec("about", "About Chainrule", "Help", "dialogs.about", "Ctrl+Alt+A", "", "Versions and licence", line=True),
)  # fmt: skip


class Actions:
    """The actions as Qt objects, by id; each calls what its path names on the ``target``, looked up when it runs."""

    def __init__(self, target: QObject) -> None:
        self.by_id: dict[str, QAction] = {}
        self.icons: dict[str, ThemedIcon] = {}
        for spec in ACTIONS:
            action = QAction(spec.text, target)
            action.setObjectName(f"action_{spec.id}")
            action.setShortcuts([QKeySequence(keys) for keys in (spec.shortcut, spec.also) if keys])
            action.setStatusTip(spec.tip)
            action.setToolTip(f"{spec.tip} ({QKeySequence(spec.shortcut).toString(_NATIVE)})")
            action.setCheckable(spec.checkable)
            action.setMenuRole(QAction.MenuRole.NoRole)
            action.triggered.connect(partial(_run, target, spec.run))
            if spec.icon:
                self.icons[spec.id] = ThemedIcon(action, spec.icon)
            self.by_id[spec.id] = action

    def __getitem__(self, action_id: str) -> QAction:
        return self.by_id[action_id]

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Makes the menus; returns them by name ("View/Theme" for a submenu), for what is added to them later."""
        menus = {name: bar.addMenu(f"&{name}") for name in MENUS}
        for spec in ACTIONS:
            if spec.menu not in menus:
                parent, _, name = spec.menu.partition("/")
                menus[spec.menu] = menus[parent].addMenu(name)
            if spec.line:
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(self.by_id[spec.id])
        return menus

    def enable(self, states: dict[str, bool]) -> None:
        """Switches actions on and off."""
        for action_id, on in states.items():
            self.by_id[action_id].setEnabled(on)


_NATIVE = QKeySequence.SequenceFormat.NativeText


def leaves(menus: dict[str, QMenu]) -> list[tuple[str, QAction]]:
    """Every action in the menus with the path of its menu, for the command palette."""
    openers = {menu.menuAction() for menu in menus.values()}
    return [(f"{name.replace('/', ' › ')} › ", action) for name, menu in menus.items() for action in menu.actions()
            if not action.isSeparator() and not isinstance(action, QWidgetAction) and action not in openers]


def resolve(target: object, path: str) -> Callable[[], object]:
    """What a path names, seen from ``target``."""
    return attrgetter(path)(target)


def _run(target: object, path: str, checked: bool = False) -> None:
    resolve(target, path)()
