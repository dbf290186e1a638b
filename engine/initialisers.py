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


class Normal(Initialiser, title="Normal"):
    """Normal values around 0 with a standard deviation you choose; 0.1 is the textbooks' variance of 0.01."""

    std = Float(0.1, "Standard deviation σ of the values.", low=0.0, high=100.0, label="Std deviation σ")

    def fill(self, out: np.ndarray, rng: np.random.Generator, fan_in: int, fan_out: int) -> None:
        out[...] = rng.normal(0.0, self.std, out.shape)


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
