"""What is known of a run at a glance: settings, where it came from, how it went. The large parts lie beside it."""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

FORMAT, VERSION = "chainrule-run", 1
RUNNING, FINISHED, STOPPED, FAILED, INTERRUPTED, DAMAGED = (
    "running", "finished", "stopped", "failed", "interrupted", "damaged")
#: How a run may stand. "interrupted": the program that trained it ended before the run did.
OUTCOMES = (RUNNING, FINISHED, STOPPED, FAILED, INTERRUPTED, DAMAGED)
_ID = re.compile(r"\d{8}-\d{6}-\d{6}-[0-9a-f]{4}")


@dataclass(frozen=True, slots=True)
class Origin:
    """The run and the step a branch began from."""

    run: str
    step: int


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One run, as lists show it. A value; :meth:`to_dict` and :meth:`from_dict` turn it into plain values and back.

    ``project`` is the id of the project it belongs to. ``source`` and ``training`` are the plain values of data source
    and training settings. ``last`` and ``best`` are evaluations: "train.loss", "validation.accuracy" … → value; the
    best one, of ``best_step``, is chosen by what early stopping would watch; ``best_kept`` is the best evaluated step
    of which there is a snapshot. ``seconds`` are those spent training.
    ``network`` is the fingerprint of the graph. ``process`` is the process that trains it now: its id and when it
    started. ``group`` names the sweep that began it, "" for none, and ``values`` are what the sweep gave it: title of
    the parameter → value. ``problem`` says what is wrong with a damaged run.
    """

    id: str
    project: str = ""
    name: str = ""
    created: str = ""
    source: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    parent: Origin | None = None
    starred: bool = False
    note: str = ""
    outcome: str = RUNNING
    ending: str = ""
    first_step: int = 0
    steps: int = 0
    epochs: int = 0
    seconds: float = 0.0
    parameters: int = 0
    network: str = ""
    last: Mapping[str, float] = field(default_factory=dict)
    best: Mapping[str, float] = field(default_factory=dict)
    best_step: int = -1
    best_kept: int = -1
    process: tuple[int, float] | None = None
    group: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""

    @property
    def seed(self) -> int:
        """What fixes initial weights and order of the examples."""
        seed = self.training.get("seed", 0)
        return seed if isinstance(seed, int) else 0

    @property
    def is_running(self) -> bool:
        return self.outcome == RUNNING

    @property
    def is_damaged(self) -> bool:
        return self.outcome == DAMAGED

    @property
    def began(self) -> datetime:
        """When it was begun, in local time; the oldest time there is where that is unknown."""
        try:
            return datetime.fromisoformat(self.created).astimezone()
        except (ValueError, OverflowError):
            return datetime.fromtimestamp(0, UTC).astimezone()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "problem"}
        plain["parent"] = {"run": self.parent.run, "step": self.parent.step} if self.parent else None
        plain["last"], plain["best"] = _without_nan(self.last), _without_nan(self.best)
        return {"format": FORMAT, "version": VERSION, **plain}

    @classmethod
    def from_dict(cls, plain: Any, id: str) -> RunInfo:
        """The run that :meth:`to_dict` wrote; what is missing takes its default. Raises ValueError with the reason
        where it is something else."""
        if not isinstance(plain, dict) or plain.get("format") != FORMAT:
            raise ValueError("its description is of another kind")
        version = plain.get("version")
        if not isinstance(version, int) or version > VERSION:
            raise ValueError(f"it has version {version}, this program reads versions up to {VERSION}")
        found = {name: _read(name, kinds, plain[name]) for name, kinds in _KINDS.items() if name in plain}
        if found.get("outcome", RUNNING) not in OUTCOMES:
            raise ValueError(f"its outcome is {found['outcome']!r}")
        return cls(id, parent=_origin(plain.get("parent")), process=_process(plain.get("process")),
                   last=_with_nan(plain.get("last")), best=_with_nan(plain.get("best")), **found)

    def but(self, **changes: Any) -> RunInfo:
        """The same with other values."""
        return replace(self, **changes)


_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("project", "name", "created", "note", "outcome", "ending", "network", "group"), (str,)),
    **dict.fromkeys(("source", "training", "environment", "values"), (dict,)),
    **dict.fromkeys(("first_step", "steps", "epochs", "best_step", "best_kept", "parameters"), (int,)),
    "seconds": (float, int),
    "starred": (bool,),
}


def new_id(now: datetime | None = None) -> str:
    """An id no other run has, which sorts by time: "20260314-150926-535897-93ab"."""
    return f"{now or datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{secrets.token_hex(2)}"


def is_id(text: str) -> bool:
    """May a run have this id?"""
    return _ID.fullmatch(text) is not None


def now() -> str:
    """The present time as :attr:`RunInfo.created` has it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read(name: str, kinds: tuple[type, ...], value: Any) -> Any:
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise ValueError(f"its {name} is {value!r}")
    return value


def _origin(value: Any) -> Origin | None:
    if isinstance(value, dict) and isinstance(value.get("run"), str) and isinstance(value.get("step"), int):
        return Origin(value["run"], value["step"])
    return None


def _process(value: Any) -> tuple[int, float] | None:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(number, (int, float)) for number in value):
        return int(value[0]), float(value[1])
    return None


def _without_nan(values: Mapping[str, float]) -> dict[str, float | None]:
    """JSON has no NaN and no infinity."""
    return {name: float(value) if math.isfinite(value) else None for name, value in values.items()}


def _with_nan(values: Any) -> dict[str, float]:
    if not isinstance(values, dict):
        return {}
    return {str(name): float(value) if isinstance(value, (int, float)) else math.nan for name, value in values.items()}
