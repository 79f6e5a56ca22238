"""Copies of records, so that nothing that can be changed is shared with the world outside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import evolve

from progflow.records import CaseRecord, EntryRecord, Json, TimerRecord

if TYPE_CHECKING:
    from typing_extensions import TypeIs

R = TypeVar("R", CaseRecord, EntryRecord, TimerRecord)


def own_case(case: CaseRecord) -> CaseRecord:
    """A case whose JSON is its own and nobody else's; its times in UTC."""
    case = _in_utc(case, ("created", "entered", "stepped"))
    data, phases = _through_json(case.data), _through_json(case.phases)
    return evolve(case, data=data, phases=phases, links=dict(case.links), visited=tuple(case.visited))


def handed_out(case: CaseRecord) -> CaseRecord:
    """A case that is stored, for somebody who may do with its JSON as they like."""
    data, phases = _copied(case.data), _copied(case.phases)
    return evolve(case, data=data, phases=phases, links=dict(case.links))


def _copied(plain: Json) -> Json:
    """A copy of what has been through JSON."""
    if isinstance(plain, dict):
        return {name: _copied(value) for name, value in cast("dict[str, Json]", plain).items()}
    return [_copied(value) for value in plain] if _is_list(plain) else plain


def _is_list(plain: Json) -> TypeIs[list[Any]]:
    return isinstance(plain, list)


def own_entry(entry: EntryRecord) -> EntryRecord:
    """An entry whose JSON is its own and nobody else's; its times in UTC."""
    entry = _in_utc(entry, ("at", "recorded", "due"))
    payload, data = _through_json(entry.payload), _through_json(entry.data)
    phases = _through_json(entry.phases)
    return evolve(entry, payload=payload, data=data, phases=phases, links=dict(entry.links))


def own_timer(timer: TimerRecord) -> TimerRecord:
    """A timer with its times in UTC."""
    timer = _in_utc(timer, ("anchor", "armed", "stopped", "asked", "due", "ready"))
    return evolve(timer, watches=frozenset(timer.watches))


def _through_json(value: Json) -> Json:
    """A copy made the way a database would make it, so that what JSON cannot carry fails here as well."""
    plain: Json = dict(cast(Mapping[str, Json], value)) if isinstance(value, Mapping) else value
    return json.loads(json.dumps(plain, allow_nan=False))


def _in_utc(record: R, names: Iterable[str]) -> R:
    """The record with those times in UTC."""
    moved: dict[str, Any] = {}
    for name in names:
        time: datetime | None = getattr(record, name)
        if time is not None and time.tzinfo is not UTC:
            if time.utcoffset() is None:
                raise ValueError(f"{name} has no time zone: {time}")
            moved[name] = time.astimezone(UTC)
    return evolve(record, **moved) if moved else record
