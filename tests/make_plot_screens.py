"""A picture of each plot for the docs: ``python -m tests.make_plot_screens`` renews resources/docs/screens/plots.

Each plot is shown beside a real run in the real processes, on data that suit it, and photographed when the run is over.
Names of plots as arguments renew only those; ``--theme light`` and ``--into FOLDER`` are for looking at them otherwise.
Run by hand, because what is on the pictures is looked at by a person; no screen is needed.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.make_screens import FOLDER, save, settle, wait

_LARGEST = 60_000
_WIDE = (520, 300)


@dataclass(frozen=True)
class Shot:
    """What a plot is photographed on: a template, settings of its training, and the size of the plot."""

    template: str = "mnist"
    settings: dict[str, Any] = field(default_factory=dict)
    size: tuple[int, int] = (560, 320)
    #: What is done to the plot before it is photographed.
    prepare: Callable[[Any], object] = lambda plot: None


def _sweep(plot: Any) -> None:
    """Learning rates by widths by optimizers, and a range of the best brushed."""
    from PySide6.QtWidgets import QApplication

    from app.sweep.sweep import Plan, Sweep
    from engine.sweep import Axis, grid, make_trials, targets

    document, sweep = plot.document, Sweep.of(plot.session)
    training = {**document.training, "epochs": 100}
    wanted = {("", ("optimizer", "learning_rate")): (0.002, 0.02, 0.2), ("hidden_1", ("units",)): (4, 8, 16),
              ("", ("optimizer", "kind")): ("SGD", "Adam", "RMSprop")}
    known = {(target.node, target.path): target for target in targets(document.graph, training)}
    combinations = grid([Axis(known[key], values) for key, values in wanted.items()])
    trials = make_trials(document.graph, document.source, training, combinations, document.signature)
    sweep.start(Plan(tuple(trials), tuple(combinations), 2))
    wait(QApplication.instance(), lambda: not sweep.is_running)
    plot.draw_now()
    plot.view.brushes = {plot.view.table.judge: [(0.55, 1.0)]}
    plot.view.redraw()
    plot.view.brushed.emit()


def _seven(plot: Any) -> None:
    """Draws a digit with the mouse."""
    from PySide6.QtCore import QPointF

    from tests.app.plots.bench import drag_on

    frame = plot.pad.frame()
    start, corner, end = ((frame.topLeft() + QPointF(x, y) * frame.width()).toPoint()
                          for x, y in ((0.3, 0.28), (0.68, 0.28), (0.45, 0.76)))
    drag_on(plot.pad, start, corner)
    drag_on(plot.pad, corner, end)


#: Where the usual shot does not suit a plot.
SHOTS = {
    "boundary": Shot("spirals", {"epochs": 600}, (480, 360)),
    "predictions": Shot("curve", {"epochs": 600}),
    "gallery": Shot(size=(700, 380)),
    "sweep": Shot("spirals", {"epochs": 2}, (760, 360), _sweep),
    "confusion": Shot(size=(600, 340)),
    "feature_maps": Shot("lenet", {"epochs": 2}, (700, 420)),
    "filters": Shot("lenet", {"epochs": 2}),
    "drawing_pad": Shot("lenet", {"epochs": 2}, prepare=_seven),
    "learning_rate": Shot(settings={"schedule": {"kind": "Cosine", "warmup": 1.0}}, size=_WIDE),
    **{name: Shot("lenet", {"epochs": 8}, _WIDE) for name in (
        "loss", "metrics", "gradient_norms", "gradient_flow", "update_ratio", "silent_units", "gradient_map",
        "histograms", "singular_values", "activations", "gradient_noise")},
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plots", nargs="*", help="ids of plots; all where none is named")
    parser.add_argument("--theme", default="dark", choices=("dark", "light"))
    parser.add_argument("--into", type=Path, default=FOLDER / "plots")
    arguments = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    arguments.into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as settings:
        os.environ["XDG_CONFIG_HOME"] = settings
        photograph(arguments.plots, arguments.theme, arguments.into)


def photograph(wanted: list[str], mode: str, folder: Path) -> None:
    """Trains once for all plots that are shown on the same run."""
    from PySide6.QtWidgets import QApplication

    from app.plots import PLOTS
    from app.style import theme

    application = QApplication([])
    theme.apply(application, mode)
    kinds = [kind for kind in PLOTS if not wanted or kind.id in wanted]
    shots = [SHOTS.get(kind.id, Shot()) for kind in kinds]
    runs = {(shot.template, repr(shot.settings)): shot for shot in shots}
    for key, run in runs.items():
        chosen = [(kind, shot) for kind, shot in zip(kinds, shots, strict=True)
                  if (shot.template, repr(shot.settings)) == key]
        _photograph_run(application, run, chosen, folder)


def _photograph_run(application: Any, run: Shot, chosen: list[tuple[Any, Shot]], folder: Path) -> None:
    from app.training.session import FAILED, FINISHED, Session
    from tests.app.making import document_of

    document = document_of(run.template, **run.settings)
    session = Session(document)
    plots = [(kind(session, document), shot) for kind, shot in chosen]
    for plot, shot in plots:
        plot.resize(*shot.size)
        plot.show()
    session.run()
    wait(application, lambda: session.state in (FINISHED, FAILED))
    if session.failure is not None:
        raise SystemExit(session.failure.sentence)
    for plot, shot in plots:
        shot.prepare(plot)
    wait(application, lambda: all(plot.has_data() for plot, _ in plots))
    settle(application, 1500)
    for plot, _ in plots:
        path = folder / f"{plot.id}.png"
        plot.more.clearFocus()
        save(plot.grab().toImage(), path, _LARGEST)
        print(path.name, path.stat().st_size, "bytes")
        plot.close()
    session.shutdown()


if __name__ == "__main__":
    main()
