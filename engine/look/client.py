"""The window's end of the looking process."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.look import process
from engine.look.questions import Answered, Asked, Question, Quit, Scene, Weights
from engine.train.child import Child


class LookProcess(Child):
    """A process that answers questions about a network. It must be given a scene before the first question."""

    def __init__(self) -> None:
        super().__init__(process.main, "chainrule-looking", Quit())

    def show(self, scene: Scene) -> None:
        """What all that follows is about; the weights are the first ones until others are given."""
        self.put(scene)

    def use(self, weights: Mapping[str, np.ndarray]) -> None:
        """The weights of all questions that follow."""
        self.put(Weights(weights))

    def ask(self, number: int, question: Question) -> None:
        """Asks; the answer comes with this number."""
        self.put(Asked(number, question))

    def poll(self, wait: float = 0.0) -> list[Answered]:
        """The answers that have come; waits up to ``wait`` seconds for the first."""
        return self.hear(wait)
