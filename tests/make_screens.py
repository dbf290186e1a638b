"""Pictures of the main window for the docs: ``python -m tests.make_screens`` renews resources/docs/screens.

The real window opens a small network with a skip connection, trains it on the bundled digits in its real process and
is photographed in the middle of the run, in both themes, at the sizes the program is looked at. Run by hand, because
what is on the pictures is looked at by a person; no screen is needed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "docs" / "screens"
#: File name → theme, width, height, scale.
SCREENS = {
    "main-window": ("dark", 1680, 1050, 1),
    "main-window-light": ("light", 1680, 1050, 1),
    "small": ("dark", 1366, 768, 1),
    "small-light": ("light", 1366, 768, 1),
    "scale-200": ("dark", 1366, 768, 2),
    "scale-200-light": ("light", 1366, 768, 2),
}
_LARGEST = 300_000
_EPOCHS, _PHOTOGRAPHED_AT = 30, 14
_LONGEST_WAIT_MS = 120_000
#: Of the colours of a picture that has to be small, so many are simply the most frequent ones.
_MOST_FREQUENT = 64


def main() -> None:
    """One process for each picture: the scale is read when Qt starts."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:] or list(SCREENS)
    for name in wanted:
        with tempfile.TemporaryDirectory() as settings:
            environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": settings,
                           "QT_SCALE_FACTOR": str(SCREENS[name][3])}
            subprocess.run([sys.executable, "-m", "tests.make_screens", "--one", name], check=True, env=environment)
        print(name, (FOLDER / f"{name}.png").stat().st_size, "bytes")


def photograph(name: str) -> None:
    """Opens, trains, photographs and closes."""
    from PySide6.QtWidgets import QApplication

    from app.document import Content
    from app.style import theme
    from app.window.window import Window

    mode, width, height, _ = SCREENS[name]
    application = QApplication([])
    theme.apply(application, mode)
    window = Window()
    window.resize(width, height)
    window.show()
    window.files.new()
    window.document.set_content(Content(*network()))
    window.session.prepare()
    settle(application)
    window.canvas.fit()
    window.document.select(["hidden_1"])
    window.session.run()
    wait(application, lambda: epoch_of(window) >= _PHOTOGRAPHED_AT)
    save(window.grab().toImage(), FOLDER / f"{name}.png")
    window.document.set_content(Content())
    window.close()


def network():
    """A skip around a hidden layer, for flat digits; with where its data come from and how it is trained."""
    from engine.data import Mnist
    from engine.graph.model import Graph
    from engine.train.config import TrainingConfig
    from engine.train.optim import Adam

    graph = Graph()
    for node_id, kind, params, position in (
            ("input", "Input", {"shape": (784,)}, (0, 0)), ("hidden_1", "Dense", {"units": 128}, (192, 0)),
            ("relu_1", "ReLU", {}, (384, -96)), ("hidden_2", "Dense", {"units": 64}, (576, -96)),
            ("skip", "Dense", {"units": 64}, (576, 132)), ("add", "Add", {}, (768, 12)),
            ("output", "Dense", {"units": 10}, (960, 12)), ("loss", "SoftmaxCrossEntropy", {}, (1152, 12))):
        graph, _ = graph.add(kind, params, position, id=node_id)
    for source, target in (("input", "hidden_1"), ("hidden_1", "relu_1"), ("relu_1", "hidden_2"), ("hidden_1", "skip"),
                           ("hidden_2", "add"), ("skip", "add"), ("add", "output"),
                           ("output", "loss")):
        graph = graph.connect(source, target)
    training = TrainingConfig(optimizer=Adam(learning_rate=0.0005), epochs=_EPOCHS, batch_size=16)
    return graph, Mnist(flat=True).to_dict(), training.to_dict()


def epoch_of(window) -> int:
    return window.session.history.progress.epoch


def settle(application, milliseconds: int = 600) -> None:
    """Lets the window come to rest."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait(application, reached) -> None:
    """Lets the window live until something is so; gives up after two minutes."""
    from PySide6.QtCore import QDeadlineTimer

    deadline = QDeadlineTimer(_LONGEST_WAIT_MS)
    while not reached():
        if deadline.hasExpired():
            raise SystemExit("The run did not get there in time.")
        settle(application, 30)


def save(image, path: Path, largest: int = _LARGEST) -> None:
    """As a PNG of so many bytes at most; with 256 well-chosen colours where all would make it larger."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage

    image.save(str(path), "PNG", 0)
    if path.stat().st_size > largest:
        # Without dithering: its dots would make the file larger, not smaller.
        plain = Qt.ImageConversionFlag.ThresholdDither
        image.convertToFormat(QImage.Format.Format_Indexed8, chosen_colours(image), plain).save(str(path), "PNG", 0)


def chosen_colours(image) -> list[int]:
    """256 colours: those that most of an image is made of, and those that differ most from them."""
    import numpy as np
    from PySide6.QtGui import QImage

    whole = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(whole.constBits(), np.uint32)
    colours, counts = np.unique(pixels, return_counts=True)
    order = np.argsort(counts)[::-1]
    channels = np.stack([colours >> shift & 255 for shift in (16, 8, 0)], 1).astype(np.float32)
    chosen = list(order[:_MOST_FREQUENT])
    # After those, whatever differs most from all that is chosen: the few pixels of a colour scale are not to turn grey.
    gaps = np.min([((channels - channels[i]) ** 2).sum(1) for i in chosen], 0)
    while len(chosen) < min(256, len(colours)):
        chosen.append(int(np.argmax(gaps * np.sqrt(counts))))
        gaps = np.minimum(gaps, ((channels - channels[chosen[-1]]) ** 2).sum(1))
    return [int(colours[i]) for i in chosen]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        photograph(sys.argv[2])
    else:
        main()
