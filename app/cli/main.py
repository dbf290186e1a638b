"""The command line: check, train, export, predict, layers and templates, without a window and without Qt.

Exit status: 0 all well, 1 problems found or failed, 2 wrong usage, 130 stopped by Ctrl+C (with everything written).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from app import __version__
from app.cli.files import (
    PROGRAM,
    data_signature,
    is_template,
    load_project,
    require_folder,
    say,
    say_issue,
    trained_model,
    training_issues,
)
from app.numbers import amount
from engine.issues import ChainruleError, GraphError, Issue, Severity
from engine.params import Declared

FILE_HELP = "a .chainrule project, or template:ID for a template"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command and returns the exit status."""
    for stream in (sys.stdout, sys.stderr):  # a terminal without Unicode gets "?", not an error
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as end:  # argparse has said what it had to say
        return end.code if isinstance(end.code, int) else 2
    return _run(arguments.command, arguments)


def _run(command: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    try:
        return command(arguments)
    except GraphError as error:
        for issue in error.issues:
            say_issue(issue)
        return 1
    except ChainruleError as error:
        say(f"chainrule: {error}")
        return 1
    except KeyboardInterrupt:
        say("chainrule: interrupted.")
        return 130
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        say("chainrule: there is not enough memory for this. Use a smaller network, batch or data set.")
        return 1
    except OSError as error:
        say(f"chainrule: {error.filename or 'A file'} cannot be used: {error.strerror or error}.")
        return 1
    except Exception as error:
        if os.environ.get("CHAINRULE_DEBUG"):
            raise
        say(f"chainrule: an error in Chainrule itself ({type(error).__name__}: {error}). Nothing was overwritten. "
            "Please report it; with CHAINRULE_DEBUG=1 set it says where it came from.")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chainrule", description="Draw a neural network, watch backpropagation train it, export the weights. "
        "Without a command the window opens.")
    parser.add_argument("--version", action="version", version=f"chainrule {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    check = commands.add_parser("check", help="report the problems of a project; status 1 if any is an error")
    check.add_argument("file", metavar="FILE", help=FILE_HELP)
    check.add_argument("--json", action="store_true", help="print JSON")
    check.set_defaults(command=_check)

    train = commands.add_parser("train", help="train a project's network")
    train.add_argument("file", metavar="FILE", help=FILE_HELP)
    train.add_argument("--epochs", type=int, metavar="N", help="passes over the data (default: as in the project)")
    train.add_argument("--seed", type=int, metavar="S", help="seed of weights and order (default: as in the project)")
    train.add_argument("--resume", action="store_true", help="go on from the weights in the project")
    train.add_argument("--out", metavar="PROJECT", help="save the project with its trained weights here")
    train.add_argument("--export", action="append", default=[], metavar="PATH",
                       help="export the trained network; the format follows the suffix; may be given several times")
    train.add_argument("--log", metavar="FILE.jsonl", help="write every step and evaluation as a line of JSON")
    train.add_argument("--runs", metavar="DIR", help="keep the run in this folder as the window does: settings, "
                       "curves, weights; a project saved with --out names it")
    train.set_defaults(command=_train)

    export = commands.add_parser("export", help="export a trained project; the format follows the suffix")
    export.add_argument("file", metavar="FILE", help="a trained .chainrule project")
    export.add_argument("path", metavar="PATH", help="a file ending in .onnx, .safetensors or .npz")
    export.set_defaults(command=_export)

    predict = commands.add_parser("predict", help="predict new examples with a trained project")
    predict.add_argument("file", metavar="FILE", help="a trained .chainrule project")
    predict.add_argument("--data", required=True, metavar="PATH", help="a .csv, .npz or .npy file of examples")
    predict.add_argument("--out", metavar="CSV", help="write here instead of to the terminal")
    predict.set_defaults(command=_predict)

    layers = commands.add_parser("layers", help="list every layer with its parameters")
    layers.add_argument("--json", action="store_true", help="print JSON")
    layers.set_defaults(command=_layers)

    templates = commands.add_parser("templates", help="list the templates, or write one as a project")
    templates.add_argument("--write", nargs=2, metavar=("ID", "PATH"), help="write a template to a project file")
    templates.set_defaults(command=_templates)
    return parser


# -- commands ------------------------------------------------------------------------------------------------


def _check(arguments: argparse.Namespace) -> int:
    from engine.graph.check import check
    from engine.graph.expand import expand
    from engine.shapes import text

    project = load_project(arguments.file)
    signature, data_issues = data_signature(project)
    report = check(project.graph, signature)
    issues = (*project.notices, *data_issues, *training_issues(project), *report.issues)
    failed = any(issue.severity is Severity.ERROR for issue in issues)
    if arguments.json:
        shapes = {node_id: list(shape) for node_id, shape in report.shapes.items()}
        print(json.dumps({"ok": not failed, "issues": [_issue_data(i) for i in issues], "shapes": shapes,
                          "parameters": report.total_parameters}, indent=1, ensure_ascii=False))
        return int(failed)
    for issue in issues:
        say_issue(issue, sys.stdout)
    computed = expand(project.graph).graph
    for node_id in report.order:
        node = computed.nodes[node_id]
        print(f"  {node.label:<16} {report.layers[node_id].title:<28} {text(report.shapes[node_id])}")
    verdict = "Problems found" if failed else "Valid"
    print(f"{verdict}: {amount(len(computed.nodes), 'layer')}, {amount(report.total_parameters, 'parameter')}.")
    return int(failed)


def _issue_data(issue: Issue) -> dict[str, str]:
    return {"severity": issue.severity.value, "code": issue.code, "where": issue.where, "parameter": issue.parameter,
            "happened": issue.happened, "expected": issue.expected, "fix": issue.fix}


def _train(arguments: argparse.Namespace) -> int:
    from app.cli.train import train

    return train(arguments)


def _export(arguments: argparse.Namespace) -> int:
    from engine.export import export_model, format_of

    format_of(arguments.path)  # an unknown suffix is told before anything is loaded
    project = load_project(arguments.file)
    model, samples, preparation = trained_model(project)
    print(export_model(model, arguments.path, samples, title=project.title, preparation=preparation).sentence())
    return 0


def _predict(arguments: argparse.Namespace) -> int:
    from app.cli.predict import predict

    if arguments.out:
        require_folder(arguments.out)
    return predict(load_project(arguments.file), Path(arguments.data), arguments.out)


def _layers(arguments: argparse.Namespace) -> int:
    from engine.layer import Category
    from engine.layers import LAYERS

    if arguments.json:
        described = [{**describe(layer), "category": layer.category.title, "formula": layer.formula, "when": layer.when}
                     for layer in LAYERS.values()]
        print(json.dumps(described, indent=1, ensure_ascii=False))
        return 0
    for category in Category:
        members = [layer for layer in LAYERS.values() if layer.category is category]
        if members:
            print(f"\n{category.title}")
        for layer in members:
            print(f"  {layer.kind}: {layer.summary()}")
            for name, param in layer.parameters.items():
                print(f"      {name} = {_short(param.default)}  ({param.range_text()}) {param.help}")
    return 0


def describe(kind: type[Declared]) -> dict[str, Any]:
    """A declared class as plain values: what it is, and each parameter's default, range and help."""
    parameters = [{"name": name, "label": p.label, "type": type(p).__name__, "default": p.default,
                   "range": p.range_text(), "help": p.help, "unit": p.unit, "live": p.live}
                  for name, p in kind.parameters.items()]
    return {"kind": kind.kind, "title": kind.title, "help": kind.summary(), "parameters": parameters}


def _short(default: Any) -> str:
    return str(default["kind"]) if isinstance(default, dict) and "kind" in default else repr(default)


def _templates(arguments: argparse.Namespace) -> int:
    from engine.project import TEMPLATES, save, template

    if arguments.write:
        name, path = arguments.write
        chosen = template(name.removeprefix("template:") if is_template(name) else name)
        save(path, replace(chosen.build(), created_with=PROGRAM))
        print(f"Wrote {chosen.title} to {path}.")
        return 0
    width = max(len(name) for name in TEMPLATES)
    for name, entry in TEMPLATES.items():
        print(f"{name:<{width}}  {entry.title}. {entry.description}")
    return 0
