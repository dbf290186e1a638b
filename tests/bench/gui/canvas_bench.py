"""``python3 -m tests.bench.gui.canvas_bench``: what an edit of a large network costs in the real window.

A residual tower, laid out as Tidy up lays it out, is opened; then a parameter, a node's position and a wire change in
turn, each time until everything that follows is done and painted. Prints median and 99th percentile in milliseconds,
the time to open, and the time a frame takes while panning and zooming. Nothing passes or fails. On a machine without a
screen: QT_QPA_PLATFORM=offscreen.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from time import perf_counter, thread_time

os.environ.pop("OPENBLAS_CORETYPE", None)
# The person's own settings stay as they are.
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(prefix="chainrule-bench-")

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from app.collector import Collector
from app.document import Content
from app.main_gui import keep_smooth
from app.style import theme
from app.window.window import Window
from engine.graph import arrange
from engine.graph.check import check
from engine.graph.model import Graph

_ROUNDS = 60
_clock: Callable[[], float] = perf_counter
_FRAMES = 40


def tower(size: int) -> Graph:
    """A network of ``size`` nodes: Dense and ReLU by turns, every fifth pair bridged by a skip."""
    graph, last = Graph().add("Input", {"shape": (64,)})
    block = last
    for number in range((size - 2) * 5 // 11):
        graph, dense = graph.add("Dense", id=f"dense_{number}")
        graph, relu = graph.add("ReLU", id=f"relu_{number}")
        graph = graph.connect(last, dense).connect(dense, relu)
        last = relu
        if number % 5 == 4:
            graph, add = graph.add("Add", id=f"add_{number}")
            graph = graph.connect(last, add).connect(block, add)
            last = block = add
    while len(graph.nodes) < size - 1:
        graph, relu = graph.add("Tanh")
        graph, last = graph.connect(last, relu), relu
    graph, loss = graph.add("MSE")
    graph = graph.connect(last, loss)
    return graph.move(arrange.positions(graph, in_rows=True))


class Bench:
    """One window with one network."""

    def __init__(self, size: int) -> None:
        self.graph = tower(size)
        self.window = Window()
        self.window.resize(1680, 1050)
        self.window.show()
        QApplication.processEvents()
        self.document = self.window.document
        self.opening = _time(self._open)
        self.denses = [i for i in self.graph.nodes if i.startswith("dense")]

    def _open(self) -> None:
        self.document.set_content(Content(self.graph))
        self.window.show_workspace()

    def edits(self) -> dict[str, list[float]]:
        """Milliseconds of each kind of edit."""
        kinds: dict[str, Callable[[int], None]] = {
            "parameter": self._parameter, "move": self._move, "wire": self._wire, "select": self._select}
        found = {}
        for name, edit in kinds.items():
            edit(0)
            QApplication.processEvents()
            found[name] = [_time(lambda edit=edit, k=k: edit(k)) for k in range(1, _ROUNDS)]
        return found

    def _node(self, number: int) -> str:
        return self.denses[number * 37 % len(self.denses)]

    def _parameter(self, number: int) -> None:
        """Always another value than the one in force: an edit that changes nothing would cost nothing."""
        node_id = self._node(number)
        units = self.document.graph.nodes[node_id].params.get("units", 64)
        self.document.commit(self.document.graph.set_params(node_id, units=65 + units % 7), "Change Units")

    def _move(self, number: int) -> None:
        node_id = self._node(number)
        x, y = self.document.graph.nodes[node_id].position
        self.document.commit(self.document.graph.move({node_id: (x + 24, y + 48)}), "Move")

    def _wire(self, number: int) -> None:
        """Cut, then joined again."""
        node_id, graph = self._node(number // 2), self.document.graph
        wires = graph.inputs(node_id)
        if wires:
            self._cut = wires[0]
            self.document.commit(graph.disconnect(*wires[0].key), "Delete wire")
        else:
            self.document.commit(graph.connect(self._cut.source, node_id), "Connect")

    def _select(self, number: int) -> None:
        self.document.select([self._node(number)])

    def looks(self) -> dict[str, list[float]]:
        """Milliseconds of a frame."""
        view = self.window.canvas
        view.zoom_reset()
        pan = [_time(lambda k=k: view.pan_by(QPointF(-40 if k % 2 else 25, 6))) for k in range(_FRAMES)]
        zoom = [_time(lambda k=k: view.zoom_by(1.1 if k % 2 else 1 / 1.15)) for k in range(_FRAMES)]
        return {"pan": pan, "zoom": zoom, "fit": [_time(view.fit) for _ in range(5)]}

    def close(self) -> None:
        self.document.undo_stack.setClean()
        self.window.close()
        QApplication.processEvents()


def _time(work: Callable[[], object]) -> float:
    begin = _clock()
    work()
    QApplication.processEvents()
    return 1e3 * (_clock() - begin)


def _checking(graph: Graph) -> str:
    """Checking alone: the whole network, and after one edit."""
    whole = _time(lambda: check(graph))
    report = check(graph)
    node_id = next(i for i in graph.nodes if i.startswith("dense"))
    again = [_time(lambda k=k: check(graph.set_params(node_id, units=60 + k), None, report)) for k in range(9)]
    return f"check {whole:.1f} ms, after an edit {np.median(again):.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=[50, 500, 2000])
    parser.add_argument("--cpu", action="store_true", help="time of this thread on the processor: for a busy machine")
    arguments = parser.parse_args()
    global _clock
    _clock = thread_time if arguments.cpu else perf_counter
    application = QApplication(sys.argv[:1])
    theme.apply(application, "dark")
    Collector(application)
    keep_smooth()
    for size in arguments.sizes:
        bench = Bench(size)
        print(f"{size} nodes: opened in {bench.opening:.0f} ms · {_checking(bench.graph)}")
        for name, times in {**bench.edits(), **bench.looks()}.items():
            print(f"  {name:>10}  median {np.median(times):6.1f}  p99 {np.percentile(times, 99):6.1f} ms")
        bench.close()


if __name__ == "__main__":
    main()
