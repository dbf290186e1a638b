"""Networks to begin with, each a whole project that trains well as it stands. Declared once, in ``TEMPLATES``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.data import Circles, Curve1D, FirstNames, Iris, Mnist, Source, Spirals, Xor
from engine.graph.build import chain
from engine.graph.model import Graph
from engine.initialisers import GlorotUniform
from engine.issues import ChainruleError, near_miss
from engine.layer import Layer
from engine.layers import (
    GRU,
    MSE,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    Input,
    MaxPool2D,
    ReLU,
    SigmoidBinaryCrossEntropy,
    SoftmaxCrossEntropy,
    Tanh,
)
from engine.project.model import Project
from engine.train.config import TrainingConfig
from engine.train.optim import SGD, Adam


@dataclass(frozen=True, slots=True)
class Template:
    """One entry of the welcome page and of ``chainrule templates``."""

    id: str
    title: str
    description: str
    make_graph: Callable[[], Graph]
    source: Source
    training: TrainingConfig

    def build(self) -> Project:
        """A fresh project, untrained."""
        return Project(self.make_graph(), self.source.to_dict(), self.training.to_dict(), title=self.title,
                       notes=self.description)


def _tanh_stack(inputs: int, hidden: tuple[int, ...], outputs: int, loss: Layer) -> Graph:
    """Dense layers with tanh between them. Tanh wants Glorot's variance: He's is made for what ReLU cuts away."""
    layers: list[Layer | tuple[str, Layer]] = [("input", Input(shape=(inputs,)))]
    for number, units in enumerate(hidden, 1):
        layers.append((f"hidden_{number}", Dense(units=units, initialiser=GlorotUniform())))
        layers.append((f"tanh_{number}", Tanh()))
    layers.append(("output", Dense(units=outputs, initialiser=GlorotUniform())))
    return chain(*layers, ("loss", loss))


def _perceptron() -> Graph:
    return chain(("input", Input(shape=(2,))), ("output", Dense(units=1, initialiser=GlorotUniform())),
                 ("loss", SigmoidBinaryCrossEntropy()))


def _mnist_dense() -> Graph:
    return chain(
        ("input", Input(shape=(784,))), ("hidden_1", Dense(units=128)), ("relu_1", ReLU()),
        ("output", Dense(units=10)), ("loss", SoftmaxCrossEntropy()))


def _lenet() -> Graph:
    """After LeNet-5 (LeCun, Bottou, Bengio & Haffner 1998), with ReLU and max pooling as is usual today."""
    return chain(
        ("input", Input(shape=(28, 28, 1))),
        ("conv_1", Conv2D(filters=6, kernel_size=(5, 5), padding="same")), ("relu_1", ReLU()), ("pool_1", MaxPool2D()),
        ("conv_2", Conv2D(filters=16, kernel_size=(5, 5), padding="valid")), ("relu_2", ReLU()),
        ("pool_2", MaxPool2D()), ("flatten", Flatten()),
        ("hidden_1", Dense(units=120)), ("relu_3", ReLU()), ("hidden_2", Dense(units=84)), ("relu_4", ReLU()),
        ("output", Dense(units=10)), ("loss", SoftmaxCrossEntropy()), per_row=7)


def _names() -> Graph:
    """Letter by letter: what each token means is learned with the rest."""
    return chain(
        ("input", Input(shape=(12,))), ("letters", Embedding(vocabulary=28, features=16)),
        ("reader", GRU(units=32)), ("output", Dense(units=2)), ("loss", SoftmaxCrossEntropy()))


def _adam(epochs: int, batch_size: int, learning_rate: float) -> TrainingConfig:
    return TrainingConfig(optimizer=Adam(learning_rate=learning_rate), epochs=epochs, batch_size=batch_size)


def _descent(epochs: int, batch_size: int, learning_rate: float) -> TrainingConfig:
    """Plain gradient descent, as textbooks train XOR. It starts well from every seed tried, where Adam does not."""
    return TrainingConfig(optimizer=SGD(learning_rate=learning_rate), epochs=epochs, batch_size=batch_size)


_LIST = (
    Template("xor", "XOR", "Two bits, three hidden units: the smallest problem that needs a hidden layer.",
             lambda: _tanh_stack(2, (3,), 1, SigmoidBinaryCrossEntropy()), Xor(), _descent(20_000, 4, 0.2)),
    Template("perceptron", "Perceptron on XOR",
             "A single layer cannot learn XOR: watch it stay at three right answers of four, or fewer.",
             _perceptron, Xor(), _descent(5_000, 4, 0.2)),
    Template("circles", "Circles", "A ring inside a ring: eight hidden units draw a closed boundary.",
             lambda: _tanh_stack(2, (8,), 1, SigmoidBinaryCrossEntropy()), Circles(), _adam(300, 32, 0.01)),
    Template("spirals", "Spirals", "Two interleaved spirals: two hidden layers bend the boundary around both arms.",
             lambda: _tanh_stack(2, (16, 16), 2, SoftmaxCrossEntropy()), Spirals(), _adam(1200, 32, 0.02)),
    Template("curve", "Curve", "Regression: one number in, one number out, a curve learned from noisy points.",
             lambda: _tanh_stack(1, (16,), 1, MSE()), Curve1D(), _adam(1000, 16, 0.01)),
    Template("iris", "Iris", "Three species told apart by four measurements of their flowers.",
             lambda: _tanh_stack(4, (8,), 3, SoftmaxCrossEntropy()), Iris(), _adam(200, 16, 0.01)),
    Template("mnist", "MNIST 784-128-10", "Handwritten digits with one hidden layer of 128 ReLU units.",
             _mnist_dense, Mnist(flat=True), _adam(12, 32, 0.001)),
    Template("lenet", "LeNet for MNIST", "Handwritten digits with two convolutions, pooling and three Dense layers.",
             _lenet, Mnist(), _adam(10, 32, 0.001)),
    Template("names", "First names", "A recurrent network reads first names letter by letter and tells hers from his.",
             _names, FirstNames(), _adam(12, 32, 0.005)),
)

#: Every template by its id, in the order in which they are shown.
TEMPLATES: dict[str, Template] = {template.id: template for template in _LIST}


def template(id: str) -> Template:
    """The template of this id; raises :class:`ChainruleError` where there is none."""
    if id not in TEMPLATES:
        raise ChainruleError(f"There is no template {id!r}.", f"Expected one of {', '.join(TEMPLATES)}.",
                             near_miss(id, TEMPLATES))
    return TEMPLATES[id]
