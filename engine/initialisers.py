"""How weights begin. Each is one class: its distribution, its parameters, its source."""

from __future__ import annotations

import math

import numpy as np

from engine.params import Declared, Float


class Initialiser(Declared):
    """Fills a weight before the first step; ``fan_in``/``fan_out`` count the numbers a unit reads and feeds."""

    def fill(self, out: np.ndarray, rng: np.random.Generator, fan_in: int, fan_out: int) -> None:
        """Writes initial values into ``out`` (any shape)."""
        raise NotImplementedError(type(self).__name__)


class _Scaled(Initialiser):
    """Zero-mean values whose variance follows from the fans; ``shape`` of the distribution is normal or uniform."""

    uniform = False

    def variance(self, fan_in: int, fan_out: int) -> float:
        raise NotImplementedError(type(self).__name__)

    def fill(self, out: np.ndarray, rng: np.random.Generator, fan_in: int, fan_out: int) -> None:
        std = math.sqrt(self.variance(fan_in, fan_out))
        if self.uniform:
            bound = math.sqrt(3.0) * std  # a uniform on ±a has variance a²/3
            out[...] = rng.uniform(-bound, bound, out.shape)
        else:
            out[...] = rng.normal(0.0, std, out.shape)


class Zeros(Initialiser, title="Zeros"):
    """Every weight 0. Units then stay identical: nothing breaks their symmetry."""

    def fill(self, out: np.ndarray, rng: np.random.Generator, fan_in: int, fan_out: int) -> None:
        out[...] = 0.0


class Ones(Initialiser, title="Ones"):
    """Every weight 1: for gains, which then begin by changing nothing."""

    def fill(self, out: np.ndarray, rng: np.random.Generator, fan_in: int, fan_out: int) -> None:
        out[...] = 1.0


class Constant(Initialiser, title="Constant"):
    """Every weight the same number you choose."""

    value = Float(0.1, "The number.", low=-1000.0, high=1000.0)

    def fill(self, out: np.ndarray, rng: np.random.Generator, fan_in: int, fan_out: int) -> None:
        out[...] = self.value


class Uniform(Initialiser, title="Uniform"):
    """Evenly spread between −a and a, which has the variance a²/3."""

    bound = Float(0.05, "Largest size a of a value.", low=0.0, high=100.0, label="Bound a")

    def fill(self, out: np.ndarray, rng: np.random.Generator, fan_in: int, fan_out: int) -> None:
        out[...] = rng.uniform(-self.bound, self.bound, out.shape)


class Normal(Initialiser, title="Normal"):
    """Normal values around 0 with a standard deviation you choose; 0.1 is the textbooks' variance of 0.01."""

    std = Float(0.1, "Standard deviation σ of the values.", low=0.0, high=100.0, label="Std deviation σ")

    def fill(self, out: np.ndarray, rng: np.random.Generator, fan_in: int, fan_out: int) -> None:
        out[...] = rng.normal(0.0, self.std, out.shape)


class TruncatedNormal(Initialiser, title="Truncated normal"):
    """Normal values around 0, drawn again where they lie more than two standard deviations away.

    σ is that of the normal they are drawn from; what remains has 0.880·σ. Keras cuts at 2σ too, PyTorch's
    ``trunc_normal_`` at ±2 whatever σ is.
    """

    std = Float(0.05, "Standard deviation σ before the cut.", low=0.0, high=100.0, label="Std deviation σ")

    def fill(self, out: np.ndarray, rng: np.random.Generator, fan_in: int, fan_out: int) -> None:
        values = rng.standard_normal(out.shape)
        while (far := np.abs(values) > 2.0).any():
            values[far] = rng.standard_normal(int(far.sum()))
        out[...] = self.std * values


class Orthogonal(Initialiser, title="Orthogonal"):
    """A random rotation: rows (or columns, where there are more rows) of length ``gain`` at right angles.

    Signals keep their length through any number of layers. The array is taken as a matrix of units × the rest. QR of
    a normal matrix, with R's diagonal made positive, is evenly distributed over all rotations (Saxe et al. 2013).
    """

    gain = Float(1.0, "Length of every row; √2 suits ReLU.", low=0.0, high=100.0)

    def fill(self, out: np.ndarray, rng: np.random.Generator, fan_in: int, fan_out: int) -> None:
        rows = out.shape[0]
        columns = out.size // rows
        normal = rng.standard_normal((max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(normal)
        q *= np.where(np.diag(r) < 0.0, -1.0, 1.0)
        out[...] = self.gain * (q if rows >= columns else q.T).reshape(out.shape)


class Identity(Initialiser, title="Identity"):
    """Unit i repeats input i and takes nothing else; a filter repeats its channel's central place.

    A layer that begins so passes its input on unchanged, as far as it has units (Le et al. 2015).
    """

    gain = Float(1.0, "The number on the diagonal.", low=-100.0, high=100.0)

    def fill(self, out: np.ndarray, rng: np.random.Generator, fan_in: int, fan_out: int) -> None:
        out[...] = 0.0
        if out.ndim == 1:
            out[...] = self.gain
            return
        centre = tuple((length - 1) // 2 for length in out.shape[2:])
        for i in range(min(out.shape[:2])):
            out[(i, i, *centre)] = self.gain


class GlorotNormal(_Scaled, title="Glorot normal"):
    """Normal, variance 2/(fan in + fan out): keeps tanh and sigmoid layers' signals even (Glorot & Bengio 2010)."""

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2.0 / (fan_in + fan_out)


class GlorotUniform(GlorotNormal, title="Glorot uniform"):
    """Uniform, variance 2/(fan in + fan out): keeps tanh and sigmoid layers' signals even (Glorot & Bengio 2010)."""

    uniform = True


class HeNormal(_Scaled, title="He normal"):
    """Normal, variance 2/fan in: makes up for the half that ReLU cuts away (He et al. 2015)."""

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2.0 / fan_in


class HeUniform(HeNormal, title="He uniform"):
    """Uniform, variance 2/fan in: makes up for the half that ReLU cuts away (He et al. 2015)."""

    uniform = True


class LeCunNormal(_Scaled, title="LeCun normal"):
    """Normal, variance 1/fan in: a linear layer's sum varies as much as its input (LeCun et al. 1998)."""

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 1.0 / fan_in


class LeCunUniform(LeCunNormal, title="LeCun uniform"):
    """Uniform, variance 1/fan in: a linear layer's sum varies as much as its input (LeCun et al. 1998)."""

    uniform = True
