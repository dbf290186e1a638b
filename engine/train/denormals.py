"""Numbers below the smallest normal one: many processors take a hundred cycles for each, where others take one.

Gradients that vanish through many layers end there, and training would become several times slower. Nobody misses such
numbers (a float32 below 1e-38), so while steps run the processor is told to take them for zero. The flag belongs to the
thread and is set back afterwards. Where the way to set it is not known (anything but 64-bit Linux on x86), training is
the same, only slower in such networks; the optimizer's own vectors are looked after in :mod:`engine.train.update`.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: Bits of MXCSR: results that are denormal become zero, operands that are denormal count as zero.
_FLUSH_TO_ZERO, _DENORMALS_ARE_ZERO = 0x8000, 0x0040


class _Environment(ctypes.Structure):
    """``fenv_t`` of 64-bit Linux on x86 (glibc and musl alike)."""

    _fields_ = (("x87", ctypes.c_uint32 * 7), ("mxcsr", ctypes.c_uint32))


def _known() -> bool:
    return sys.platform.startswith("linux") and platform.machine() == "x86_64" and sys.maxsize > 2**32


_library = ctypes.CDLL(None) if _known() else None
#: Can the processor be told?
AVAILABLE = _library is not None and hasattr(_library, "fegetenv") and hasattr(_library, "fesetenv")


@contextmanager
def flushed() -> Iterator[None]:
    """While it holds, numbers too small to be normal are zero in this thread's arithmetic, where that can be had."""
    if not AVAILABLE or _library is None:
        yield
        return
    before, changed = _Environment(), _Environment()
    _library.fegetenv(ctypes.byref(before))
    _library.fegetenv(ctypes.byref(changed))
    changed.mxcsr |= _FLUSH_TO_ZERO | _DENORMALS_ARE_ZERO
    _library.fesetenv(ctypes.byref(changed))
    try:
        yield
    finally:
        _library.fesetenv(ctypes.byref(before))
