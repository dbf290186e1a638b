"""``chainrule train``: the same loop as the window's, with a line of progress in place of plots."""

from __future__ import annotations

import argparse
import json
import math
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any, TextIO
from uuid import uuid4

from app.cli.files import PROGRAM, load_data, load_project, require_folder, say, say_issue, say_notices
from app.cli.keeping import Book
from app.numbers import count, number
from engine.compute import Model, compile
from engine.compute.plan import require_memory
from engine.compute.threads import use_threads
from engine.data import Dataset
from engine.export import SAMPLES, export_model, format_of
from engine.graph.check import check
from engine.issues import ChainruleError
from engine.project import FileError, Project, save
from engine.train.commands import Stop
from engine.train.config import TrainingConfig
from engine.train.control import Commands
from engine.train.events import Evaluated, Event, Failed, Finished, Snapshot, Started, Steps
from engine.train.footprint import plan_run
from engine.train.loop import train as run
from engine.train.threads import choose_threads

STOPPED = 130


def train(arguments: argparse.Namespace) -> int:
    """Trains, then saves and exports what was learned, also after Ctrl+C. Returns the exit status."""
    for path in arguments.export:
        format_of(path)
    for path in filter(None, [arguments.out, arguments.log, *arguments.export]):
        require_folder(path)
    project = load_project(arguments.file)
    project = replace(project, id=project.id or uuid4().hex)
    config = _config(project, arguments)
    data = load_data(project)
    report = check(project.graph, data.signature)
    for issue in (*data.notes, *report.issues):
        say_issue(issue)
    if not report.ok:
        return 1
    require_memory(plan_run(project.graph, report, config, len(data.x_train)))
    rows = config.rows_per_step(len(data.x_train))
    threads = choose_threads(report, rows, config)
    model, state = _model(project, config, rows, threads, arguments.resume)
    use_threads(threads)
    commands = Commands()
    book = Book(Path(arguments.runs), project, config, threads) if arguments.runs else None
    with _logging(arguments.log) as log, _stopping(commands) as stopped:
        events = run(model, data, config, state=state, control=commands, threads=threads)
        last, snapshot = _follow(events, log, book)
    if isinstance(last, Finished):
        print(last.sentence)
    elif isinstance(last, Failed):
        say(f"chainrule: {last.sentence}")
    else:
        print(f"Stopped at step {last.step}.")
    if book is not None and book.run is not None:
        project = replace(project, run=book.run.id)
        print(f"Kept as “{book.run.info.name}” in {arguments.runs}.")
    kept = _keep(arguments, project, config, data, model, snapshot)
    return 1 if isinstance(last, Failed) or not kept else STOPPED if stopped else 0


def _config(project: Project, arguments: argparse.Namespace) -> TrainingConfig:
    given = {"epochs": arguments.epochs, "seed": arguments.seed}
    return TrainingConfig.of({**project.training, **{name: v for name, v in given.items() if v is not None}})


def _model(project: Project, config: TrainingConfig, rows: int, threads: int, resume: bool) -> tuple[Model, Any]:
    """The network to train with so many rows a step, and the state it goes on from."""
    model = compile(project.graph, batch_size=rows, seed=config.seed, threads=threads)
    if not resume:
        return model, None
    say_notices(project)
    if project.weights is None:
        raise ChainruleError("There is nothing to resume: the project holds no weights.", "",
                             "Leave out --resume to train it from the beginning.")
    begun_anew = model.weights.copy_fitting(project.weights)
    if begun_anew:
        say(f"note: The project holds no fitting weights for {', '.join(begun_anew)}; they begin anew.")
    return model, None if begun_anew else project.state


def _follow(events: Iterator[Event], log: TextIO | None, book: Book | None) -> tuple[Event, Snapshot | None]:
    """Shows, logs and keeps the events; returns the last one and the last snapshot."""
    progress, snapshot, event = Progress(), None, None
    for event in events:
        if isinstance(event, Snapshot):
            snapshot = event
        progress.show(event)
        if book is not None:
            book.take(event)
        if log is not None:
            for line in log_lines(event):
                log.write(json.dumps(line) + "\n")
    progress.end()
    if event is None:
        raise ChainruleError("Training ended before it began.")
    return event, snapshot


def _keep(arguments: argparse.Namespace, project: Project, config: TrainingConfig, data: Dataset, model: Model,
          snapshot: Snapshot | None) -> bool:
    """Writes --out and the exports from the last good weights; did all of it succeed?"""
    if snapshot is None:
        return True
    model.weights.load(snapshot.weights)
    trained = replace(project, training=config.to_dict(), weights=snapshot.weights, state=snapshot.state,
                      preparation=data.preparation.to_dict(), created_with=PROGRAM)
    kept = _save(arguments.out, trained) if arguments.out else True
    for path in arguments.export:
        try:
            done = export_model(model, path, data.samples(SAMPLES), title=project.title, preparation=data.preparation)
            print(done.sentence())
        except ChainruleError as error:  # the other files may still succeed
            say(f"chainrule: {error}")
            kept = False
    return kept


def _save(path: str, project: Project) -> bool:
    """Saves the project; where that fails, elsewhere, so that what was learned is not lost."""
    try:
        save(path, project)
    except FileError as error:
        say(f"chainrule: {error}")
        rescue = Path(tempfile.mkdtemp(prefix="chainrule-")) / Path(path).name
        save(rescue, project)
        say(f"What was learned is kept in {rescue}.")
        return False
    print(f"Saved {path}.")
    return True


@contextmanager
def _stopping(commands: Commands) -> Iterator[list[bool]]:
    """While it lasts, the first Ctrl+C stops the run after its step; a second one interrupts as usual."""
    stopped: list[bool] = []
    before = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: object) -> None:
        stopped.append(True)
        commands.send(Stop())
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _logging(path: str | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    try:
        with Path(path).open("w", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise FileError(f"The log {path} cannot be written: {error.strerror}.", "", "Choose another file.") from error


def log_lines(event: Event) -> Iterator[dict[str, Any]]:
    """An event as lines of the log; numbers that do not exist become null."""
    if isinstance(event, Started):
        yield {"event": "started", "steps": event.total_steps, "epochs": event.epochs, "batch": event.batch_size,
               "parameters": event.parameters, "weights": list(event.weight_keys), "notes": list(event.notes)}
    elif isinstance(event, Steps):
        for i, step in enumerate(event.step.tolist()):
            yield {"event": "step", "step": step, "loss": _number(event.loss[i]),
                   "accuracy": _number(event.accuracy[i]), "learning_rate": _number(event.learning_rate[i]),
                   "gradient_norms": [_number(norm) for norm in event.gradient_norms[i]]}
    elif isinstance(event, Evaluated):
        yield {"event": "evaluated", "step": event.step, "epoch": event.epoch, "loss": _number(event.train_loss),
               "metrics": {k: _number(v) for k, v in event.train_metrics.items()},
               "validation_loss": _number(event.val_loss),
               "validation_metrics": {k: _number(v) for k, v in event.val_metrics.items()}}
    elif isinstance(event, (Finished, Failed)):
        yield {"event": type(event).__name__.lower(), "step": event.step, "sentence": event.sentence}


def _number(value: float) -> float | None:
    return float(f"{value:.7g}") if math.isfinite(value) else None


class Progress:
    """One line, rewritten in place on a terminal; elsewhere a plain line for an evaluation, at most one a second."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._started: Started | None = None
        self._evaluated = ""
        self._pending = ""
        self._printed_at = -math.inf

    def show(self, event: Event) -> None:
        """Takes in an event."""
        if isinstance(event, Started):
            self._started = event
            for note in event.notes:
                say(f"note: {note}")
        elif isinstance(event, Evaluated):
            self._evaluated = _evaluation_text(event)
            if not self._terminal:
                self._plain(f"epoch {event.epoch}{self._of_epochs()} · step {event.step}{self._evaluated}")
        elif isinstance(event, Steps) and self._terminal and self._started:
            self._bar(event, self._started)

    def end(self) -> None:
        """Closes the line; prints the last one that was held back."""
        if self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
        if self._pending:
            say(self._pending)

    def _of_epochs(self) -> str:
        return f"/{self._started.epochs}" if self._started else ""

    def _plain(self, line: str) -> None:
        if monotonic() - self._printed_at < 1.0:
            self._pending = line
            return
        say(line)
        self._pending, self._printed_at = "", monotonic()

    def _bar(self, event: Steps, started: Started) -> None:
        step = int(event.step[-1])
        share = (step - started.step) / max(1, started.total_steps - started.step)
        left = (started.total_steps - step) / event.steps_per_second if event.steps_per_second else 0.0
        bar = "█" * round(20 * share) + "░" * (20 - round(20 * share))
        line = (f"epoch {event.epoch}{self._of_epochs()} {bar} {share:4.0%} · {_duration(left)} left · loss "
                f"{number(event.loss[-1], 4)}{self._evaluated} · {count(round(event.steps_per_second))} steps/s")
        sys.stderr.write("\r\x1b[K" + line[: shutil.get_terminal_size().columns - 1])
        sys.stderr.flush()


def _evaluation_text(event: Evaluated) -> str:
    held_back = not math.isnan(event.val_loss)
    loss, metrics = (event.val_loss, event.val_metrics) if held_back else (event.train_loss, event.train_metrics)
    part = "validation" if held_back else "training"
    figures = [f"{name} {number(value, 4)}" for name, value in metrics.items()]
    return " · " + ", ".join([f"{part} loss {number(loss, 4)}", *figures])


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
