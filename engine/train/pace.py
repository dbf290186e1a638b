"""How fast a run goes, and slow motion: how long it rests between two steps."""

from __future__ import annotations

import math

#: Steps a second up to which each step is looked at closely, whatever that costs.
_CLOSELY = 10.0
#: Longest rest in one go: whoever rests looks up now and then.
_LONGEST_REST = 0.25
#: Seconds after which what was so long ago counts for a third of what is now.
_FORGETS = 0.5


class Tempo:
    """At most so many steps a second. Times are those of one clock, in seconds; rests never change what is computed."""

    def __init__(self) -> None:
        self._every = 0.0
        self._next = 0.0

    def set(self, steps_per_second: float) -> None:
        """From now on; 0 for full speed."""
        self._every = 1.0 / steps_per_second if steps_per_second > 0 else 0.0
        self._next = 0.0

    @property
    def is_slow(self) -> bool:
        """Is each step to be seen?"""
        return self._every > 0.0

    @property
    def looks_closely(self) -> bool:
        """Is there time to look closely at every step?"""
        return self._every >= 1.0 / _CLOSELY

    def rest(self, now: float) -> float:
        """Seconds to rest before the next step, in this go."""
        return min(max(self._next - now, 0.0), _LONGEST_REST) if self._every else 0.0

    def stepped(self, begun: float) -> None:
        """A step was begun at this time: the next waits its turn."""
        self._next = begun + self._every


class Speed:
    """Steps a second over the last half second or so, however seldom they are told: in slow motion, too."""

    def __init__(self) -> None:
        self._steps = self._seconds = 0.0

    def after(self, steps: int, seconds: float) -> float:
        """The speed after so many more steps in so many seconds."""
        kept = math.exp(-seconds / _FORGETS)
        self._steps, self._seconds = kept * self._steps + steps, kept * self._seconds + seconds
        return self._steps / self._seconds
