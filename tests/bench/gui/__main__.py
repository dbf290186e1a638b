"""``python3 -m tests.bench.gui``: the window's smoothness beside a run, and what a run loses to the window.

Prints frame time and the lateness of a 16 ms timer with every plot live, the time to draw histories of growing
length, and training throughput with the plots and without them. Figures to compare with each other on one machine;
nothing passes or fails. On a machine without a screen: QT_QPA_PLATFORM=offscreen.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from time import perf_counter

os.environ.pop("OPENBLAS_CORETYPE", None)

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from app.document import Document
from app.plots import PLOTS, Plot
from app.plots.looking import WeightsPlot
from app.plots.parallel import ParallelPlot
from app.recorded.history import RunHistory
from app.style import theme
from app.training.session import Session
from tests.app.making import document_of, looked_at, started, steps

_PERIOD = 0.016
_LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
#: Those that draw what a run has told.
KINDS = [kind for kind in PLOTS if not issubclass(kind, (WeightsPlot, ParallelPlot))]
#: Close looks at steps in a history that is drawn: ten a second for an hour.
_LOOKS = 36_000


class Lateness:
    """A timer that notes how late the event loop lets it fire."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._fired)
        self._timer.start(round(_PERIOD * 1000))
        self._last = perf_counter()

    def _fired(self) -> None:
        now = perf_counter()
        self.late.append(max(now - self._last - _PERIOD, 0.0) * 1e3)
        self._last = now

    def stop(self) -> str:
        self._timer.stop()
        p50, p95, p99 = np.percentile(self.late, (50, 95, 99))
        return f"late p50/p95/p99/max {p50:.1f}/{p95:.1f}/{p99:.1f}/{max(self.late):.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=6.0, help="length of each live run")
    parser.add_argument("--templates", nargs="+", default=["xor", "mnist", "lenet"])
    arguments = parser.parse_args()
    application = QApplication(sys.argv[:1])
    theme.apply(application, "dark")
    _drawing()
    for template in arguments.templates:
        _live(template, arguments.seconds)


def _window(session: Session, document: Document) -> tuple[QWidget, list[Plot]]:
    window = QWidget()
    row = QHBoxLayout(window)
    plots = [kind(session, document) for kind in KINDS]
    for plot in plots:
        row.addWidget(plot, 1)
    window.resize(1560, 320)
    window.show()
    QApplication.processEvents()
    return window, plots


def _drawing() -> None:
    """Time to take in a report and paint each plot, by the length of the history."""
    print(f"{'steps':>10}  " + "  ".join(f"{kind.id:>16}" for kind in KINDS) + "   (ms: refresh and paint)")
    document = document_of("xor")
    session = Session(document)
    window, plots = _window(session, document)
    event = started(total_steps=2_000_000)
    session.history.begin(event)
    session.started.emit(event)
    for length in _LENGTHS:
        while session.history.training.count < length:
            have = session.history.training.count
            _grow(session, have, min(100_000, length - have))
        session.updated.emit()
        QApplication.processEvents()
        times = [_median(lambda plot=plot: (plot.refresh(), plot.grab())) for plot in plots]
        print(f"{length:>10}  " + "  ".join(f"{time:>16.2f}" for time in times))
    print(f"memory of the history: {_memory(session.history) / 1e6:.0f} MB, "
          f"{session.history.statistics_log.bytes / 1e6:.0f} MB of it close looks "
          f"({len(session.history.statistics_log)} kept)")
    window.close()
    session.shutdown()


def _grow(session: Session, have: int, count: int) -> None:
    """So many steps more, with the looks at them that come with so many."""
    session.history.add_steps(steps(have + 1, count))
    looks = max(_LOOKS * count // _LENGTHS[-1], 1)
    for step in np.unique(np.linspace(have + 1, have + count, looks).astype(int)).tolist():
        session.history.add_statistics(looked_at(step))


def _memory(history: RunHistory) -> int:
    return history.bytes


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(15):
        begin = perf_counter()
        work()
        times.append(perf_counter() - begin)
    return 1e3 * float(np.median(times))


def _live(template: str, seconds: float) -> None:
    """A run with every plot live beside one without plots."""
    with_plots, lateness, refreshes = _throughput(template, seconds, plots=True)
    without, _, _ = _throughput(template, seconds, plots=False)
    print(f"{template:>8}: {lateness} · {refreshes:.0f} updates/s · {with_plots:.0f} steps/s with plots, "
          f"{without:.0f} without ({with_plots / without:.2f})")  # fmt: skip


def _throughput(template: str, seconds: float, plots: bool) -> tuple[float, str, float]:
    document = document_of(template, epochs=10_000_000)
    session = Session(document)
    window = _window(session, document)[0] if plots else None
    updates: list[float] = []
    session.updated.connect(lambda: updates.append(perf_counter()))
    session.run()
    _spin(1.0)
    first, begin = session.history.progress.step, perf_counter()
    updates.clear()
    lateness = Lateness()
    _spin(seconds)
    done = (session.history.progress.step - first) / (perf_counter() - begin)
    text = lateness.stop()
    if window is not None:
        window.close()
    session.shutdown()
    return done, text, len(updates) / seconds


def _spin(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


if __name__ == "__main__":
    main()
