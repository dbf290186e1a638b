"""What runs have in common and what not: settings by the names a person reads, networks by a fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.data import Source
from engine.graph.model import Graph
from engine.numbers import count, exact
from engine.params import Bool, Choice, Declared, ParameterError, Variant
from engine.runs.info import RunInfo
from engine.train.config import TrainingConfig

TRAINING, DATA, NETWORK = "Training", "Data", "Network"
#: What stands where a run has no such setting: the momentum of Adam.
ABSENT = "–"
#: What of a drawn graph computing does not depend on.
_LOOKS = ("name", "position", "dots", "collapsed")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of several runs: ``values`` as a person reads them, in the order of the runs."""

    group: str
    label: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Is it not the same in all of them?"""
        return len(set(self.values)) > 1


#: Settings by id, network and parameters of a run.
Known = dict[tuple[str, str, int], dict[tuple[str, str], str]]


def compared(infos: Sequence[RunInfo], known: Known | None = None) -> tuple[Setting, ...]:
    """Every setting that any of the runs has; those that differ come first, otherwise in the order of declaration.

    What is in ``known`` is not put into words again, the rest is added to it: a list of many runs grows one by one.
    """
    found = [_settings_of_run(info, known) for info in infos]
    keys = list(dict.fromkeys(key for settings in found for key in settings))
    rows = [Setting(group, label, tuple(settings.get((group, label), ABSENT) for settings in found))
            for group, label in keys]
    return tuple(sorted(rows, key=lambda row: not row.differs))


def _settings_of_run(info: RunInfo, known: Known | None) -> dict[tuple[str, str], str]:
    key = (info.id, info.network, info.parameters)
    if known is None or key not in known:
        found = settings_of(info.source, info.training, info.network, info.parameters)
        if known is None:
            return found
        known[key] = found
    return known[key]


def differing(infos: Iterable[RunInfo], known: Known | None = None) -> dict[str, str]:
    """Run id → the settings in which it does not agree with all the others: "learning rate 0.05 · batch size 16"."""
    runs = [info for info in infos if not info.is_damaged]
    rows = [row for row in compared(runs, known) if row.differs and (row.group, row.label) != (NETWORK, "Structure")]
    return {info.id: " · ".join(_short(row, place) for row in rows if row.values[place] != ABSENT)
            for place, info in enumerate(runs)}


def settings_of(
    source: Mapping[str, Any], training: Mapping[str, Any], network: str = "", parameters: int = 0
) -> dict[tuple[str, str], str]:
    """(group, label) → value, in words."""
    found = {(TRAINING, label): value for label, value in _training(training).items()}
    found |= {(DATA, label): value for label, value in _source(source).items()}
    if parameters:
        found[NETWORK, "Parameters"] = count(parameters)
    if network:
        found[NETWORK, "Structure"] = network
    return found


def fingerprint(graph: Graph) -> str:
    """The same for graphs that compute the same with the same names of weights, ten hexadecimal digits."""
    plain = graph.to_dict()
    kept = {"nodes": sorted((_meaning(node) for node in plain["nodes"]), key=lambda node: node["id"]),
            "edges": sorted((_meaning(edge) for edge in plain["edges"]), key=lambda e: (e["target"], e["port"])),
            "groups": sorted((_meaning(group) for group in plain.get("groups", [])), key=lambda group: group["id"])}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, default=list).encode()).hexdigest()[:10]


def _meaning(part: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key not in _LOOKS}


def _training(training: Mapping[str, Any]) -> dict[str, str]:
    try:
        values = TrainingConfig.of(training).to_dict()
    except ParameterError:  # from another version: as it was written
        return {str(key): _words(value) for key, value in training.items() if key != "kind"}
    return _described(TrainingConfig, values)


def _source(source: Mapping[str, Any]) -> dict[str, str]:
    kind = Source.kinds.get(str(source.get("kind")))
    if kind is None:
        return {str(key): _words(value) for key, value in source.items()}
    values = {**kind.defaults(), **{key: value for key, value in source.items() if key != "kind"}}
    return {"Data": kind.title, **_described(kind, values)}


def _described(kind: type[Declared], values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, param in kind.parameters.items():
        value = values.get(name, param.default)
        label = f"{prefix}{param.label}"
        if isinstance(param, Variant) and isinstance(value, Mapping) and value.get("kind") in param.family.kinds:
            member = param.family.kinds[value["kind"]]
            found[label] = member.title
            # An optimizer's own names are known by themselves; others say what they belong to.
            own = "" if name == "optimizer" else f"{label}: "
            found |= _described(member, value, own)
        elif isinstance(param, Choice):
            found[label] = param.options.get(value, _words(value))
        elif isinstance(param, Bool):
            found[label] = "on" if value else "off"
        else:
            found[label] = f"{_words(value)} {param.unit}".strip()
    return found


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return exact(value)
    if isinstance(value, (list, tuple)):
        return " × ".join(_words(entry) for entry in value) or ABSENT
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_words(entry)}" for key, entry in value.items()) or ABSENT
    return str(value) if value not in (None, "") else ABSENT


def _short(row: Setting, place: int) -> str:
    return f"{row.label[:1].lower()}{row.label[1:]} {row.values[place]}"
