"""Copy and paste between two programs on one screen: layers travel as text, other text is refused with a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.window.test_smoke import pytestmark, screen

__all__ = ["pytestmark", "screen"]
ROOT = Path(__file__).resolve().parents[3]

#: One program: answers each line it is sent with a line, until there are no more.
PROGRAM = """
import json, sys
from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication
from app.style import theme
from app.document import Content
from app.window.window import Window

application = QApplication([])
theme.apply(application, "dark")
window = Window()
window.show()
window.open_template("xor")

def copy(*ids):
    window.document.select(ids)
    window.canvas.transfer.copy()

def paste():
    window.canvas.paste()

def foreign(text):
    QApplication.clipboard().setText(text)

def obey(*_):
    line = sys.stdin.readline()
    if not line:
        window.document.set_content(Content())
        window.close()
        application.quit()
        return
    name, *arguments = json.loads(line)
    globals()[name](*arguments)
    application.processEvents()
    graph = window.document.graph
    said = window.messages.messages[-1].sentence if window.messages.messages else ""
    print(json.dumps({"nodes": [[n.id, n.kind, dict(n.params)] for n in graph.nodes.values()],
                      "wires": len(graph.edges), "said": said}), flush=True)

notifier = QSocketNotifier(0, QSocketNotifier.Type.Read)
notifier.activated.connect(obey)
print(json.dumps("ready"), flush=True)
application.exec()
"""


class Program:
    """A program in a process of its own that does what it is told."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._answer() == "ready"

    def tell(self, *words: str):
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        assert line, "The program ended."
        return json.loads(line)

    def end(self) -> None:
        self.process.communicate(timeout=30)


@pytest.fixture
def programs(screen: dict[str, str], tmp_path: Path) -> Iterator[tuple[Program, Program]]:
    both = tuple(Program({**screen, "XDG_CONFIG_HOME": str(tmp_path / name)}) for name in ("first", "second"))
    yield both
    for program in both:
        program.end()
        assert program.process.returncode == 0


def test_layers_travel_from_one_window_to_another(programs: tuple[Program, Program]) -> None:
    first, second = programs
    sent = first.tell("copy", "hidden_1", "tanh_1")
    received = second.tell("paste")
    new = [node for node in received["nodes"] if node not in sent["nodes"]]
    assert [[kind, params] for _, kind, params in new] == [
        [kind, params] for node_id, kind, params in sent["nodes"] if node_id in ("hidden_1", "tanh_1")]
    assert received["wires"] == sent["wires"] + 1  # the one between the two
    assert not received["said"]
    first.tell("foreign", "some words")
    after = second.tell("paste")
    assert after["nodes"] == received["nodes"]
    assert "The clipboard holds no layers." in after["said"]
