"""The looking process: questions in, answers out. It ends with the window."""

from __future__ import annotations

import logging
import os
from functools import cache
from multiprocessing.connection import Connection
from time import process_time

from engine.compute.threads import use_threads
from engine.issues import ChainruleError
from engine.look.answers import answer
from engine.look.questions import Answered, Asked, Message, Quit, Scene, Weights
from engine.look.subject import Subject
from engine.train.child import settle_in
from engine.train.pipes import receive, send

log = logging.getLogger(__name__)
#: Training and the window come first where all cores are busy, once the first answer is there.
_NICENESS = 5


def main(inward: Connection, outward: Connection) -> None:
    """Entry of the process: answers until Quit or until the other end closes."""
    settle_in()
    use_threads(1)
    answering = Answering()
    try:
        while True:
            for message in receive(inward):
                if isinstance(message, Quit):
                    return
                given = answering.take(message)
                if given is not None:
                    send(outward, [given])
                    be_nice()
    except (EOFError, OSError):  # the window is gone
        return


@cache
def be_nice() -> None:
    """Once: while it starts, the person waits for it."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)


class Answering:
    """Takes messages one after another."""

    def __init__(self) -> None:
        self._subject: Subject | None = None

    def take(self, message: Message) -> Answered | None:
        """The answer, where it was a question; whatever goes wrong becomes a sentence."""
        if isinstance(message, Scene):
            self._subject = Subject(message)
        elif isinstance(message, Weights) and self._subject is not None:
            self._subject.use(message.arrays)
        elif isinstance(message, Asked):
            return self._answer(message)
        return None

    def _answer(self, asked: Asked) -> Answered:
        begun = process_time()
        found, sentence = None, ""
        try:
            if self._subject is None:
                raise ChainruleError("There is no network to look at.", "", "Draw one, or open a project.")
            self._subject.prepare()
            begun = process_time()  # what is done once does not count: nobody should rest for it
            found = answer(self._subject, asked.question)
        except ChainruleError as problem:
            sentence = str(problem)
        except MemoryError:
            sentence = "The memory does not suffice to look into this network. Choose fewer examples or smaller layers."
        except Exception as problem:
            log.exception("looking failed")
            sentence = f"This cannot be shown because of an error in the program ({type(problem).__name__})."
        return Answered(asked.number, found, process_time() - begun, sentence)
