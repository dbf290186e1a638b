"""The training process: commands in, events out. It knows no window and ends with whoever started it.

Commands come through a pipe, together with a shared number that is polled at every step: reading it costs 72 ns, asking
the pipe 4 µs. Events leave through a thread, so that a busy reader never holds up training.
"""

from __future__ import annotations

import logging
import os
import traceback
from collections import deque
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from engine import data
from engine.compute import Model, require_memory
from engine.compute import compile as compile_graph
from engine.compute.threads import use_threads
from engine.graph.check import check
from engine.issues import ChainruleError, GraphError
from engine.train.child import settle_in
from engine.train.commands import Command, Job, Quit
from engine.train.config import TrainingConfig
from engine.train.control import PATIENT, Control, RunCommand, as_run_command
from engine.train.events import Event, Failed, Noted, Ready, Snapshot, Steps
from engine.train.footprint import plan_run
from engine.train.loop import train
from engine.train.pipes import Sender, receive
from engine.train.threads import choose_threads

log = logging.getLogger(__name__)


class Inbox:
    """The :class:`~engine.train.control.Control` of the run in this process, and where the next job comes from."""

    def __init__(self, pipe: Connection, flag: Any, outbox: Sender) -> None:
        self._pipe = pipe
        self._flag = flag
        self._outbox = outbox
        self._waiting: deque[Command] = deque()
        self._patient: tuple[type, ...] = ()
        self._taken_in = True

    def wait(self) -> Command:
        """The next command, whenever it comes; Quit where the sender is gone."""
        while not self._waiting:
            try:
                self._waiting.extend(receive(self._pipe))
            except (EOFError, OSError):
                return Quit()
        return self._waiting.popleft()

    def pending(self) -> bool:
        return bool(self._flag.value or self._waiting or self._outbox.broken.is_set())

    def urgent(self) -> bool:
        return self._waits_other_than(PATIENT)

    def _waits_other_than(self, patient: tuple[type, ...]) -> bool:
        if self._flag.value:
            self._flag.value = 0
            self._take_in()
        return any(not isinstance(command, patient) for command in self._waiting)

    def rest(self, seconds: float) -> None:
        try:
            if not self._waiting and self._pipe.poll(seconds):
                self._take_in()
        except OSError:
            self._waiting.append(Quit())

    def receive(self, wait: bool) -> RunCommand | None:
        self._flag.value = 0  # before looking, so that a command that comes meanwhile sets it again
        self._take_in()
        if self._outbox.broken.is_set():
            self._waiting.appendleft(Quit())
        if not (wait or self._waiting):
            return None
        command = self.wait()
        run_command = as_run_command(command)
        if run_command is not command:
            self._waiting.appendleft(command)  # it ends this run, and is carried out after that
        return run_command

    def _take_in(self) -> None:
        """Everything that has come: the flag says that something has, not how many times."""
        try:
            while self._pipe.poll():
                self._waiting.extend(receive(self._pipe))
        except (EOFError, OSError):
            self._waiting.append(Quit())

    def ready(self) -> bool:
        return self._outbox.is_idle()

    def lend(self, patient: tuple[type, ...]) -> None:
        self._patient, self._taken_in = patient, True

    def wants_back(self) -> bool:
        return self._waits_other_than(self._patient)

    def was_taken_in(self) -> bool:
        return self._taken_in

    def tell(self, event: Event) -> None:
        """Sends an event; waits while its arrays are read, unless a command comes that is not to wait."""
        if isinstance(event, Snapshot) and event.lent:
            self._taken_in = self._outbox.lend(event, self.wants_back)
        else:
            self._outbox.put(event)


def main(commands: Connection, events: Connection, flag: Any) -> None:
    """Entry of the process: carries out jobs until Quit or until the other end closes."""
    settle_in()
    outbox = Sender(events, "events")
    inbox = Inbox(commands, flag, outbox)
    outbox.put(Ready(os.getpid()))
    while not isinstance(command := inbox.wait(), Quit):
        if isinstance(command, Job):
            for event in carry_out(command, inbox):
                inbox.tell(event)
    outbox.close()


def carry_out(job: Job, inbox: Control) -> Iterator[Event]:
    """A job's events; whatever goes wrong becomes a Failed. Snapshots may be lent: copy them before the next event."""
    step = 0
    try:
        for event in _training(job, inbox):
            step = int(event.step[-1]) if isinstance(event, Steps) else step
            yield event
    except ChainruleError as problem:
        node = problem.issues[0].where if isinstance(problem, GraphError) else ""
        yield Failed(step, str(problem), node=node)
    except MemoryError:
        yield Failed(step, "The memory does not suffice for this network and batch size. Choose a smaller batch or "
                     "fewer units, then run again.", traceback.format_exc())
    except Exception as problem:
        log.exception("training failed")
        yield Failed(step, f"Training stopped because of an error in the program ({type(problem).__name__}). The "
                     "weights of the last snapshot are kept; run again to go on from there.", traceback.format_exc())


def _training(job: Job, inbox: Control) -> Iterator[Event]:
    config = TrainingConfig.of(job.training)
    dataset = data.load(data.Source.from_dict(job.source))
    batch = config.rows_per_step(len(dataset.x_train))
    report = job.report or check(job.graph)
    threads = choose_threads(report, batch, config)
    require_memory(plan_run(job.graph, report, config, len(dataset.x_train)))
    model = compile_graph(job.graph, batch_size=batch, seed=config.seed, report=report, threads=threads)
    use_threads(threads)
    note = _take_over(model, job)
    for event in train(model, dataset, config, state=job.state, control=inbox, paused=job.paused, threads=threads,
                       lend=True):
        yield event
        if note:  # after Started, which comes first
            yield Noted(0, note)
            note = ""


def _take_over(model: Model, job: Job) -> str:
    """Gives the model the job's weights, as far as they fit; returns a sentence about what does not."""
    if not job.weights:
        return ""
    fresh = model.weights.copy_fitting(job.weights)
    if not fresh:
        return ""
    labels = sorted({model.graph.nodes[key.rpartition(".")[0]].label for key in fresh})
    return f"New or changed layers begin with fresh weights: {', '.join(labels)}. The others keep theirs."
