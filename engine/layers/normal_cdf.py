"""Φ, the share of a standard normal distribution below z, which NumPy lacks; as calls without a branch.

Φ(z) = ½·erfc(−z/√2). With x = |z|/√2 and t = 1/(1 + x/2), erfc(x) = t·exp(P(t) − x²), where P is smooth on (0, 1]:
it tends to −log(2√π) as x → ∞ and is 0 at x = 0. Interpolating P = log(erfc(x)·e^(x²)/t) at the Chebyshev nodes of
x ≤ 6.5 (degree 17) gives Φ to 2e-14; x ≤ 4.2 (degree 7) is enough for the rounding of single precision. Beyond those
x the exponential is smaller than a unit in Φ's last place. ``tests/engine/layers/test_normal_cdf.py`` holds this
against ``math.erfc``.
"""

from __future__ import annotations

import math

import numpy as np

# P's coefficients from t⁰ upwards.
DOUBLE = (
    -1.2655138355552245, 1.000058738548851, 0.3740825576401114, 0.0919302137228605, -0.13935530307467983,
    0.08404351657979435, -0.74395057446805, 1.0924980383435365, 0.29799192598641644, -6.28957095164787,
    19.938259523468215, -36.549295483299474, 43.759426287044334, -35.55718624537376, 19.63231095775236,
    -7.1069630540329936, 1.5305516694064178, -0.149317981040883,
)
SINGLE = (
    -1.2673757076263428, 1.0225435495376587, 0.26841533184051514, 0.31473252177238464, -0.23304343223571777,
    -0.4414917230606079, 0.4607565402984619, -0.12453737109899521,
)


def normal_cdf_calls(
    z: np.ndarray, out: np.ndarray, t: np.ndarray, square: np.ndarray, positive: np.ndarray
) -> list[tuple]:
    """``out`` = Φ(z). ``t`` and ``square`` (of the same dtype) and ``positive`` (bool) are working space of the same
    shape; ``square`` holds z²/2 afterwards."""
    highest, *lower = reversed(SINGLE if out.dtype == np.float32 else DOUBLE)
    calls: list[tuple] = [
        (np.absolute, z, t),
        (np.multiply, t, 0.5 * math.sqrt(0.5), t),
        (np.add, t, 1.0, t),
        (np.reciprocal, t, t),
        (np.multiply, t, highest, out),
    ]
    for coefficient in lower[:-1]:
        calls += [(np.add, out, coefficient, out), (np.multiply, out, t, out)]
    # The tail below −|z| is ½·erfc(x) = t·exp(P + log ½ − z²/2).
    halved = math.sqrt(0.5)
    calls += [
        (np.add, out, lower[-1] + math.log(0.5), out),
        (np.multiply, z, halved, square),
        (np.multiply, square, square, square),
        (np.subtract, out, square, out),
        (np.exp, out, out),
        (np.multiply, out, t, out),
        # |[z > 0] − tail| is 1 − tail above zero and the tail itself below: nothing cancels on either side.
        (np.greater, z, 0.0, positive),
        (np.subtract, positive, out, out),
        (np.absolute, out, out),
    ]
    return calls
