"""Generated sets: small, exact problems, the same for the same seed."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from engine.data.assemble import Raw
from engine.data.preprocess import NONE, TABLE_METHODS
from engine.data.source import Category, Source, Task
from engine.params import Choice, Float, Int

MOST_EXAMPLES = 100_000


class Generator(Source):
    """Base of the generators: their values lie around −1 … 1, so that they are not scaled unless asked."""

    category = Category.GENERATOR
    scaling = Choice(NONE, "How inputs are scaled. Fitted on the training part only.", options=TABLE_METHODS)

    def _rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    def _points(
        self,
        x: np.ndarray,
        y: np.ndarray,
        classes: int,
        held_back: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> Raw:
        """Labelled points of the plane: ``x`` (N, 2), ``y`` (N,)."""
        names = tuple(str(c) for c in range(classes))
        return Raw(self.title, x, y, names, ("class",), ("x₁", "x₂"), held_back=held_back)


class Xor(Generator, title="XOR"):
    """The four points of exclusive or: class 1 where exactly one input is 1. No straight line divides them.

    Training and validation both use the four points; noise moves the training points only.
    """

    own_split = True
    template_notes = "A single layer cannot exceed three points of four; 2-3-1 with tanh learns all."
    repeats = Int(1, "How often each of the four points occurs in training.", low=1, high=10_000)
    noise = Float(0.0, "Standard deviation of the noise on each training point.", low=0.0, high=2.0)

    def raw(self) -> Raw:
        corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)
        labels = np.array([0, 1, 1, 0], dtype=np.int64)
        x = np.tile(corners, (self.repeats, 1))
        if self.noise:
            x += self._rng().normal(0.0, self.noise, x.shape)
        return self._points(x, np.tile(labels, self.repeats), 2, (corners, labels))


class Circles(Generator, title="Circles"):
    """A ring of points (class 0) around another (class 1)."""

    template_notes = "Four hidden units close a boundary around the inner ring."
    examples = Int(400, "Number of points.", low=10, high=MOST_EXAMPLES)
    noise = Float(0.08, "Standard deviation of the noise on each point.", low=0.0, high=1.0)
    ratio = Float(0.5, "Radius of the inner ring over that of the outer.", low=0.05, high=0.95)

    def raw(self) -> Raw:
        rng = self._rng()
        y = _labels(self.examples, 2)
        angle = rng.uniform(0.0, 2.0 * math.pi, self.examples)
        radius = np.where(y == 0, 1.0, self.ratio)
        return self._points(_noisy(rng, _polar(radius, angle), self.noise), y, 2)


class Moons(Generator, title="Moons"):
    """Two half circles that reach into one another, one class each."""

    template_notes = "One hidden layer of eight units bends the boundary between the moons."
    examples = Int(400, "Number of points.", low=10, high=MOST_EXAMPLES)
    noise = Float(0.1, "Standard deviation of the noise on each point.", low=0.0, high=1.0)

    def raw(self) -> Raw:
        rng = self._rng()
        y = _labels(self.examples, 2)
        angle = rng.uniform(0.0, math.pi, self.examples)
        upper = _polar(np.ones(self.examples), angle)
        # The lower moon is the upper one turned about (0.5, 0.25); that point is then moved to the origin.
        x = np.where(y[:, None] == 0, upper, [1.0, 0.5] - upper) - [0.5, 0.25]
        return self._points(_noisy(rng, x, self.noise), y, 2)


class Spirals(Generator, title="Spirals"):
    """Arms that wind around the origin, one class each. More turns ask for a deeper or wider network."""

    template_notes = "Two hidden layers of sixteen units learn two arms of one turn and a half."
    examples = Int(600, "Number of points.", low=20, high=MOST_EXAMPLES)
    arms = Int(2, "Number of arms, each a class.", low=2, high=5)
    turns = Float(1.25, "How often each arm winds around the origin.", low=0.1, high=4.0)
    noise = Float(0.02, "Standard deviation of the noise on each point.", low=0.0, high=1.0)

    def raw(self) -> Raw:
        rng = self._rng()
        y = _labels(self.examples, self.arms)
        # The square root spreads the points evenly along an arm, whose length grows with the radius.
        radius = np.sqrt(rng.uniform(0.01, 1.0, self.examples))
        angle = 2.0 * math.pi * (self.turns * radius + y / self.arms)
        return self._points(_noisy(rng, _polar(radius, angle), self.noise), y, self.arms)


class Blobs(Generator, title="Gaussian blobs"):
    """Clouds of normally distributed points whose centres stand evenly on a circle, one class each."""

    template_notes = "A single softmax layer divides narrow clouds; wide ones overlap and no network is perfect."
    examples = Int(300, "Number of points.", low=20, high=MOST_EXAMPLES)
    classes = Int(3, "Number of clouds, each a class.", low=2, high=10)
    spread = Float(0.25, "Standard deviation of each cloud; the circle has radius 1.", low=0.0, high=3.0)

    def raw(self) -> Raw:
        rng = self._rng()
        y = _labels(self.examples, self.classes)
        centres = _polar(np.ones(self.examples), 2.0 * math.pi * y / self.classes)
        return self._points(_noisy(rng, centres, self.spread), y, self.classes)


CURVES: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "sine": ("Sine: sin(2πx)", lambda x: np.sin(2.0 * math.pi * x)),
    "step": ("Step: sign of x", lambda x: np.where(x < 0.0, -1.0, 1.0)),
    "polynomial": ("Polynomial: 4x³ − 3x", lambda x: 4.0 * x**3 - 3.0 * x),
    "absolute": ("Absolute value: 2|x| − 1", lambda x: 2.0 * np.abs(x) - 1.0),
    "bump": ("Bump: exp(−8x²)", lambda x: np.exp(-8.0 * x**2)),
}


class Curve1D(Generator, title="Curve in one dimension"):
    """Regression: one number in, one number out, along a curve on −1 … 1 with noise."""

    task = Task.REGRESSION
    template_notes = "One hidden layer of sixteen tanh units follows every curve here, given a thousand epochs."
    curve = Choice("sine", "The curve to learn.", options={name: text for name, (text, _) in CURVES.items()})
    examples = Int(200, "Number of points.", low=10, high=MOST_EXAMPLES)
    noise = Float(0.1, "Standard deviation of the noise on the target.", low=0.0, high=2.0)

    def raw(self) -> Raw:
        rng = self._rng()
        x = rng.uniform(-1.0, 1.0, (self.examples, 1))
        y = _noisy(rng, CURVES[self.curve][1](x), self.noise)
        return Raw(self.title, x, y, target_names=("y",), feature_names=("x",))


def _labels(examples: int, classes: int) -> np.ndarray:
    """Labels 0, 1, …, 0, 1, … so that classes differ by at most one example."""
    return np.arange(examples, dtype=np.int64) % classes


def _polar(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Points (N, 2) at the given radii and angles (radians)."""
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _noisy(rng: np.random.Generator, x: np.ndarray, noise: float) -> np.ndarray:
    """``x`` with normal noise; the draw is the same for every strength, so that a slider only scales it."""
    return x + noise * rng.standard_normal(x.shape)
