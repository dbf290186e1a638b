"""``python -m tests.bench.gui.window_bench``: the whole window beside a run, at 1680×1050 with a canvas of 30 nodes.

For each network, in turns within one process: how late a 16 ms timer of the window fires, how many frames a second are
put on the screen (as they come, and while the canvas is panned at 62.5 Hz), and how many steps a second the
training process does, beside what it does with the same threads and no window. Then how long the program takes to
a usable window, and from Run to the first point of the curve. Nothing passes or fails. On a machine without a screen:
QT_QPA_PLATFORM=offscreen.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from time import perf_counter

os.environ.pop("OPENBLAS_CORETYPE", None)

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.collector import Collector
from app.document import Content
from app.main_gui import keep_smooth
from app.style import theme
from app.window.window import Window
from engine.data import Mnist, Xor
from engine.graph.check import check
from engine.graph.model import Graph
from engine.project.templates import TEMPLATES
from engine.train.client import WorkerProcess
from engine.train.commands import Job
from engine.train.config import TrainingConfig
from engine.train.events import Steps

_PERIOD_MS = 16
_FOREVER = 10_000_000


def chain(inputs: int, units: int, hidden: int, outputs: int, loss: str) -> Graph:
    """Input, then so many Dense and Tanh, then the output layer and the loss."""
    layers: list[tuple[str, dict[str, object]]] = [("Input", {"shape": (inputs,)})]
    for _ in range(hidden):
        layers += [("Dense", {"units": units}), ("Tanh", {})]
    layers += [("Dense", {"units": outputs}), (loss, {})]
    graph, before = Graph(), ""
    for index, (kind, values) in enumerate(layers):
        graph, node = graph.add(kind, values, (192.0 * (index % 10), 132.0 * (index // 10)))
        graph = graph.connect(before, node) if before else graph
        before = node
    return graph


def contents() -> dict[str, Content]:
    """What is trained, by name: two networks of 31 layers, and two templates as they come."""
    found = {
        "tiny-31": Content(chain(2, 8, 14, 1, "SigmoidBinaryCrossEntropy"), Xor().to_dict(),
                           TrainingConfig(epochs=_FOREVER).to_dict()),
        "medium-31": Content(chain(784, 128, 14, 10, "SoftmaxCrossEntropy"), Mnist(flat=True).to_dict(),
                             TrainingConfig(epochs=_FOREVER, batch_size=64).to_dict()),
    }  # fmt: skip
    for name in ("xor", "lenet"):
        project = TEMPLATES[name].build()
        training = TrainingConfig.of({**project.training, "epochs": _FOREVER}).to_dict()
        found[name] = Content(project.graph, dict(project.source), training)
    return found


class Lateness(QObject):
    """Notes how late the event loop lets a timer fire; pans the canvas in each turn where it is given one."""

    def __init__(self, pan: object = None) -> None:
        super().__init__()
        self.late: list[float] = []
        self._bar = pan.horizontalScrollBar() if pan is not None else None
        self._by = 1
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._fired)
        self._timer.start(_PERIOD_MS)
        self._last = perf_counter()

    def _fired(self) -> None:
        now = perf_counter()
        self.late.append(max((now - self._last) * 1e3 - _PERIOD_MS, 0.0))
        self._last = now
        if self._bar is not None:
            self._bar.setValue(self._bar.value() + self._by)
            self._by = -self._by

    def stop(self) -> np.ndarray:
        self._timer.stop()
        return np.array(self.late)


class Frames(QObject):
    """Counts how often the window puts something on the screen."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.count = 0
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.UpdateRequest
        return False


def headless(content: Content, seconds: float) -> float:
    """Steps a second of the training process while nobody looks."""
    worker = WorkerProcess()
    done = 0
    try:
        worker.run(Job(content.graph, content.source, content.training, report=check(content.graph)))
        begin = first = 0.0
        now = perf_counter()
        stop = now + seconds + 1.0
        while now < stop:
            for event in worker.poll(wait=0.05):
                if isinstance(event, Steps):
                    done = int(event.step[-1])
            now = perf_counter()
            if not begin and done and now > stop - seconds:
                begin, first = now, done
        return (done - first) / (now - begin)
    finally:
        worker.close()


class Watched:
    """A window with a run, measured."""

    def __init__(self, content: Content, every_plot: bool) -> None:
        self.window = Window()
        self.window.resize(1680, 1050)
        self.window.show()
        self.window.files.new()
        self.window.document.set_content(content)
        self.window.canvas.fit()
        if every_plot:
            for toggle in self.window.docks.toggles():
                if not toggle.isChecked():
                    toggle.trigger()
        self.frames = Frames(self.window)
        _spin(0.5)
        keep_smooth()  # as the program does once its window is there

    def run(self, seconds: float) -> dict[str, float]:
        """Lateness, frames and steps a second: first as they come, then while the canvas is panned."""
        session = self.window.session
        begin = perf_counter()
        session.run()
        while session.history.training.count == 0:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        first_point = perf_counter() - begin
        _spin(1.5)
        calm, rate, frames = self._measure(seconds, panned=False)
        panned, _, panned_frames = self._measure(seconds / 2, panned=True)
        return {"rate": rate, "first": first_point, "frames": frames, "panned_frames": panned_frames,
                **_spread("late", calm), **_spread("panned", panned)}  # fmt: skip

    def _measure(self, seconds: float, panned: bool) -> tuple[np.ndarray, float, float]:
        history = self.window.session.history
        step, begin, self.frames.count = history.progress.step, perf_counter(), 0
        lateness = Lateness(self.window.canvas if panned else None)
        _spin(seconds)
        passed = perf_counter() - begin
        return lateness.stop(), (history.progress.step - step) / passed, self.frames.count / passed

    def close(self) -> None:
        self.window.session.shutdown()
        self.window.document.set_content(Content())
        self.window.close()
        self.window.deleteLater()
        _spin(0.1)


def _spread(name: str, late: np.ndarray) -> dict[str, float]:
    p50, p99 = np.percentile(late, (50, 99))
    return {f"{name}_p50": float(p50), f"{name}_p99": float(p99), f"{name}_max": float(late.max())}


def start_up() -> float:
    """Seconds from the start of a warm program to a window that takes input."""
    code = ("import sys; from PySide6.QtWidgets import QApplication; from app.style import theme; "
            "from app.window.window import Window; "
            "a = QApplication([]); theme.apply(a, 'dark'); w = Window(); w.show(); a.processEvents(); sys.exit(0)")
    times = []
    for _ in range(4):
        begin = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(perf_counter() - begin)
    return min(times[1:])


def _spin(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=6.0, help="length of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="how often window and headless take turns")
    parser.add_argument("--networks", nargs="+", default=list(contents()))
    parser.add_argument("--every-plot", action="store_true", help="open every plot there is, not the first ones")
    arguments = parser.parse_args()
    application = QApplication(sys.argv[:1])
    Collector(application)
    theme.apply(application, "dark")
    print(f"to a usable window {start_up():.2f} s; times in ms")
    for name in arguments.networks:
        content = contents()[name]
        rounds: list[dict[str, float]] = []
        for _ in range(arguments.rounds):
            alone = headless(content, arguments.seconds)
            watched = Watched(content, arguments.every_plot)
            rounds.append({**watched.run(arguments.seconds), "alone": alone})
            watched.close()
        _print(name, rounds)


def _print(name: str, rounds: list[dict[str, float]]) -> None:
    middle = {key: float(np.median([found[key] for found in rounds])) for key in rounds[0]}
    worst = max(max(found["late_max"], found["panned_max"]) for found in rounds)
    share = float(np.median([found["rate"] / found["alone"] for found in rounds]))
    print(f"{name:>10}: late p50/p99 {middle['late_p50']:.1f}/{middle['late_p99']:.1f}, panned "
          f"{middle['panned_p50']:.1f}/{middle['panned_p99']:.1f}, worst of all {worst:.1f} · "
          f"{middle['frames']:.0f} frames/s, panned {middle['panned_frames']:.0f} · {middle['rate']:.0f} of "
          f"{middle['alone']:.0f} steps/s ({share:.2f}) · Run to first point {middle['first']:.2f} s",
          flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
