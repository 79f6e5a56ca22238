"""Histories in a file: what cases there were and what happened to them, as JSON that a person can read and compare.

::

    {
      "format": "progflow histories",
      "version": 1,
      "cases": [
        {"id": "case-1", "lifecycle": "cross-mentoring.Edition"},
        {"id": "case-2", "lifecycle": "cross-mentoring.Mentee", "parent": "case-1", "links": {"mentor": "case-3"}}
      ],
      "steps": [
        {
          "case": "case-1",
          "seq": 1,
          "version": 1,
          "event": "plan",
          "after": "call.planned",
          "actor": "person-1",
          "acted_as": "programme office",
          "at": "2022-03-01T09:00:00+00:00",
          "recorded": "2022-03-01T09:00:00+00:00",
          "payload": {"name": "2022"},
          "data": {"name": "2022"},
          "phases": {"call": {}}
        }
      ]
    }

Cases stand in the order in which they began, steps in the order in which they happened. A step has the names of
``EntryRecord``; what is not there is empty. ``data`` is there where the step changed the lifecycle's own data, and
``phases`` has the phases that it changed. The version is counted up when the format changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from attrs import evolve, field, frozen

from progflow.codec import UTC_ZONE, BadValue, codec
from progflow.errors import UsageError
from progflow.records import Json
from progflow.testing.replays.plain import is_list, is_object

FORMAT: Final = "progflow histories"
VERSION: Final = 1
MEND: Final = "Export it with export_histories(flow, path)."

T = TypeVar("T")


@frozen
class CaseOf:
    """One case of a history."""

    id: str
    lifecycle: str
    parent: str | None = None
    links: Mapping[str, str] = field(factory=dict[str, str], hash=False)


@frozen
class Step:
    """One step of a history; see ``EntryRecord``. ``changes`` says whether it has ``data``."""

    case: str
    seq: int
    version: int
    event: str
    after: str
    actor: str
    at: datetime
    recorded: datetime
    before: str | None = None
    acted_as: str | None = None
    caused_by: str | None = None
    due: datetime | None = None
    stays: bool = False
    payload: Mapping[str, Json] = field(factory=dict[str, Json], hash=False)
    changes: bool = False
    data: Json = field(default=None, hash=False)
    phases: Mapping[str, Json] = field(factory=dict[str, Json], hash=False)

    @property
    def name(self) -> str:
        """How other steps name it as their cause."""
        return f"{self.case}#{self.seq}"


@frozen
class Histories:
    """What a file tells: the cases by their ids, and all steps in their order."""

    path: Path
    cases: Mapping[str, CaseOf] = field(hash=False)
    steps: Sequence[Step] = field(hash=False)


# -- writing


def written(cases: Sequence[CaseOf], steps: Sequence[Step]) -> str:
    """The text of a file with these histories."""
    whole = {
        "format": FORMAT,
        "version": VERSION,
        "cases": [_plain(case, CaseOf) for case in cases],
        "steps": [_plain(evolve(step, changes=False), Step, keep=("data",) if step.changes else ()) for step in steps],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _plain(value: object, of: Any, keep: Sequence[str] = ()) -> Mapping[str, Json]:
    plain: Json = codec(UTC_ZONE).dump(value, of)
    return {name: one for name, one in plain.items() if name in keep or one not in (None, False, {})}


# -- reading


def read(path: Path) -> Histories:
    """The histories in a file.

    Raises:
        UsageError: it is no such file, or contradicts itself.
    """
    try:
        whole: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(problem=f"{path} holds no histories ({error}).", mend=MEND) from error
    if not is_object(whole) or whole.get("format") != FORMAT:
        raise UsageError(problem=f"{path} holds no histories: it does not say {FORMAT!r}.", mend=MEND)
    if whole.get("version") != VERSION:
        problem = f"{path} is of version {whole.get('version')!r} of the format; this progflow reads version {VERSION}."
        raise UsageError(problem=problem, mend="Export it anew.")
    cases = [_loaded(path, one, CaseOf, name) for name, one in _items(path, whole, "cases")]
    steps = [
        evolve(_loaded(path, one, Step, name), changes=is_object(one) and "data" in one)
        for name, one in _items(path, whole, "steps")
    ]
    for contradiction in _contradictions(cases, steps):
        raise UsageError(problem=f"{path} contradicts itself: {contradiction}", mend=MEND)
    return Histories(path, {case.id: case for case in cases}, steps)


def _items(path: Path, whole: Mapping[str, Json], name: str) -> Iterator[tuple[str, Json]]:
    items: Json = whole.get(name)
    if not is_list(items):
        raise UsageError(problem=f"{path} holds no histories: its {name!r} are no list.", mend=MEND)
    yield from ((f"{name}[{number}]", one) for number, one in enumerate(items))


def _loaded(path: Path, plain: Json, of: type[T], name: str) -> T:
    try:
        found: T = codec(UTC_ZONE).load(plain, of, name)
    except BadValue as error:
        raise UsageError(problem=f"{path} cannot be read: {error}.", mend=MEND) from error
    return found


def _contradictions(cases: Sequence[CaseOf], steps: Sequence[Step]) -> Iterator[str]:
    known = {case.id for case in cases}
    if len(known) < len(cases):
        yield "two cases have one id."
    for case in cases:
        yield from (f"{case.id} names {one}, which is no case." for one in _named(case) if one not in known)
    seen: dict[str, int] = {}
    for step in steps:
        if step.case not in known:
            yield f"{step.name} is a step of no case."
        if step.seq != seen.get(step.case, 0) + 1:
            yield f"{step.name} does not follow the step before it."
        if (step.before is None) != (step.seq == 1):
            yield f"{step.name} has a state before it if and only if it is not the first step."
        cause, _, seq = (step.caused_by or "").rpartition("#")
        if step.caused_by is not None and not _has_happened(seen.get(cause, 0), seq):
            yield f"{step.name} was caused by {step.caused_by}, which has not happened before it."
        seen[step.case] = step.seq
    yield from (f"{case} has no step." for case in sorted(known - seen.keys()))


def _named(case: CaseOf) -> Sequence[str]:
    return (*(() if case.parent is None else (case.parent,)), *case.links.values())


def _has_happened(so_far: int, seq: str) -> bool:
    return seq.isdecimal() and 1 <= int(seq) <= so_far
