"""The geometry of a convolution."""

from __future__ import annotations

from dataclasses import dataclass

from engine.kernels import Window
from engine.shapes import Shape


@dataclass(frozen=True, slots=True)
class Sliding:
    """A convolution's geometry: windows down and across, and what it makes of how many channels in how many groups."""

    rows: Window
    columns: Window
    channels: int
    filters: int
    groups: int = 1

    @property
    def output(self) -> Shape:
        """(height, width, filters)"""
        return (self.rows.out, self.columns.out, self.filters)

    @property
    def cost(self) -> int:
        """Multiply–adds of one example."""
        taps = self.rows.kernel * self.columns.kernel * self.channels // self.groups
        return self.rows.out * self.columns.out * self.filters * taps

    @property
    def goes_outside(self) -> bool:
        """Are the kernel's columns dealt with outside the products? That needs neither strides nor groups nor gaps
        between the kernel's rows, and pays where there are few more numbers to add up afterwards than would have to be
        laid out before: 1.1–1.5 times as fast for as many filters as channels (32 and 64, 3 × 3), no slower for twice
        as many, and patches then need no memory."""
        plain = self.rows.stride == self.columns.stride == self.rows.dilation == self.groups == 1
        return plain and self.columns.kernel > 1 and self.filters <= 2 * self.channels

    def backwards(self) -> Sliding | None:
        """The convolution of δ with the turned kernel that gives ∂L/∂x; None where there is none (a stride leaves
        gaps between the δ, and padding beyond the kernel would have to cut)."""
        if self.rows.stride > 1 or self.columns.stride > 1:
            return None
        rows, columns = _backwards(self.rows), _backwards(self.columns)
        if min(rows.before, rows.after, columns.before, columns.after) < 0:
            return None
        return Sliding(rows, columns, self.filters, self.channels, self.groups)


def _backwards(window: Window) -> Window:
    before = window.reach - 1 - window.before
    after = window.length - window.out + window.before
    return Window(window.out, window.kernel, 1, before, after, window.dilation)
