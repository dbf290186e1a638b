"""What the commands share: projects and data from the command line's names, and sentences on stderr."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

import numpy as np

from app import TEMPLATE_PREFIX, __version__
from engine.compute import Model, compile
from engine.data import Dataset, DataSignature, Preparation, Source
from engine.export import SAMPLES
from engine.issues import ChainruleError, Issue
from engine.project import FileError, Project, open_project, template
from engine.train.config import TrainingConfig

PROGRAM = f"Chainrule {__version__}"


def say(text: str) -> None:
    """Prints a line beside the program's own output."""
    print(text, file=sys.stderr, flush=True)


def say_issue(issue: Issue, stream: TextIO | None = None) -> None:
    """Prints an issue with its severity and place."""
    place = issue.where + (f".{issue.parameter}" if issue.parameter else "")
    print(f"{issue.severity.value}: {place + ': ' if place else ''}{issue.sentence()}", file=stream or sys.stderr)


def is_template(name: str) -> bool:
    """Does the name stand for a template?"""
    return name.startswith(TEMPLATE_PREFIX)


def load_project(name: str) -> Project:
    """The project of a file, or of ``template:ID``. Raises :class:`ChainruleError`."""
    if is_template(name):
        return template(name.removeprefix(TEMPLATE_PREFIX)).build()
    return open_project(name)


def require_folder(path: str) -> None:
    """Raises where ``path`` cannot be written for want of its folder: better told before than after training."""
    folder = Path(path).resolve().parent
    if not folder.is_dir():
        raise FileError(f"There is no folder {folder}.", f"{Path(path).name} was to be written there.",
                        "Create it, or choose another folder.")
    if not os.access(folder, os.W_OK):
        raise FileError(f"Nothing can be written in {folder}.", f"{Path(path).name} was to be written there.",
                        "Choose another folder, or change its permissions.")


def load_data(project: Project) -> Dataset:
    """The data the project learns from. Raises :class:`ChainruleError`."""
    if not project.source:
        raise ChainruleError("The project has no data.", "A network learns from examples.",
                             "Choose a data set in the window, and save.")
    return Source.from_dict(project.source).load()


def data_signature(project: Project) -> tuple[DataSignature | None, tuple[Issue, ...]]:
    """What the project's data offer; where they cannot be loaded, an issue says why."""
    if not project.source:
        return None, ()
    try:
        return Source.from_dict(project.source).signature(), ()
    except ChainruleError as error:
        return None, (Issue("data", error.happened, error.expected, error.fix),)


def training_issues(project: Project) -> tuple[Issue, ...]:
    """An issue where the project's training settings cannot be used."""
    try:
        TrainingConfig.of(project.training)
    except ChainruleError as error:
        return (Issue("training", error.happened, error.expected, error.fix),)
    return ()


def say_notices(project: Project) -> None:
    """Prints what was amiss with the file."""
    for notice in project.notices:
        say_issue(notice)


def model_of(project: Project) -> Model:
    """The compiled network with the project's weights. Raises where it has not been trained."""
    if project.weights is None:
        say_notices(project)
        raise ChainruleError("The project holds no trained weights.", "",
                             "Train it first: chainrule train FILE --out FILE.")
    model = compile(project.graph)
    model.weights.load(project.weights)
    return model


def trained_model(project: Project) -> tuple[Model, np.ndarray | dict[str, np.ndarray], Preparation | None]:
    """The network with its weights, samples to verify an export with, and the preparation of the data.

    Real samples where the data are at hand; otherwise normally distributed numbers, which is said.
    """
    model = model_of(project)
    stored = Preparation.from_dict(project.preparation) if project.preparation else None
    try:
        data = load_data(project)
    except ChainruleError as error:
        say(f"note: The export is verified on random samples, as the data are not at hand. {error.happened}")
        rng = np.random.default_rng(0)
        inputs = [i for i in model.report.order if not model.graph.inputs(i)]
        return model, {i: rng.normal(size=(SAMPLES, *model.report.shapes[i])) for i in inputs}, stored
    return model, data.samples(SAMPLES), stored or data.preparation
