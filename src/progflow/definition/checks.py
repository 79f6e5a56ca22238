"""The faults that a blueprint as a whole can have: dead ends, two ways from one place, alarms that contradict."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from progflow.codec import is_comparable
from progflow.definition.blueprint import Blueprint, EventSpec
from progflow.errors import Fault
from progflow.terms import Term


def faults_of(blueprint: Blueprint) -> list[Fault]:
    """Every fault, in the order of declaration."""
    found = [fault for event in blueprint.events.values() for fault in _event_faults(blueprint, event)]
    found += _unique_faults(blueprint)
    if not blueprint.abstract:
        found += _beginning_faults(blueprint)
        found += _graph_faults(blueprint)
        found += _automatic_faults(blueprint)
    return found


def _event_faults(blueprint: Blueprint, event: EventSpec) -> Iterator[Fault]:
    where = f"{blueprint.lifecycle.__name__}.{event.path}"
    required = [name for name, parameter in event.parameters.items() if parameter.required]
    if event.self_firing and required:
        problem = f"fires by itself, but its payload requires {', '.join(required)}."
        yield Fault(where, problem, "Give each a default, or write a second event for people.")
    if event.auto and any(target in (None, source) for source, target in event.targets.items()):
        problem = "is automatic and stays where it is, so it would never end."
        yield Fault(where, problem, "Let it lead to another state.")
    if event.starts is not None and event.self_firing:
        yield Fault(where, "begins a case and fires by itself.", "Write two events.")
    if event.starts is not None and blueprint.data not in (None, type(None)) and _returns_nothing(event):
        yield Fault(where, "begins a case, but returns no data.", "Return the first data of the case.")
    yield from _alarm_faults(where, event)


def _alarm_faults(where: str, event: EventSpec) -> Iterator[Fault]:
    if event.auto and event.timed:
        yield Fault(where, "is automatic and has a timer.", "Leave one of the two.")
    if event.after is not None and event.at is not None:
        yield Fault(where, "has after= and at=.", "Leave one of the two.")
    if event.since is not None and event.after is None and event.every is None:
        yield Fault(where, "has since= without a term to count.", "Add after= or every=.")
    if event.since is not None and event.at is not None:
        yield Fault(where, "has since= and at=.", "Leave one of the two.")
    if isinstance(event.every, Term) and event.every.count < 1:
        yield Fault(where, "every= has a term of no length.", "Write a term of at least one.")


def _returns_nothing(event: EventSpec) -> bool:
    return inspect.signature(event.function).return_annotation in (None, "None")


def _unique_faults(blueprint: Blueprint) -> Iterator[Fault]:
    name, data = blueprint.unique, blueprint.data
    if not name or not isinstance(data, type):
        return
    where = f"{blueprint.lifecycle.__name__}(unique=…)"
    fields: dict[str, Any] = {field.name: field.type for field in attrs.fields(data)} if attrs.has(data) else {}
    if name not in fields:
        mend = f"It has: {', '.join(sorted(fields)) or 'none'}."
        yield Fault(where, f"{name!r} is no field of its data.", mend)
    elif not is_comparable(fields[name]):
        mend = "Name a text, number, date, Enum or UUID."
        yield Fault(where, f"{name!r} cannot be compared in a store.", mend)


def _beginning_faults(blueprint: Blueprint) -> Iterator[Fault]:
    where = blueprint.lifecycle.__name__
    if not blueprint.states:
        yield Fault(where, "has no states.", "Write State() or a phase.")
    elif not any(event.starts for event in blueprint.events.values()) and blueprint.initial is None:
        mend = "Write State(initial=True), an event from START, or a phase to begin with."
        yield Fault(where, "has no initial state.", mend)


# -- the graph of states -----------------------------------------------------------------------------


def _graph_faults(blueprint: Blueprint) -> Iterator[Fault]:
    forward: dict[str, set[str]] = {path: set() for path in blueprint.states}
    backward: dict[str, set[str]] = {path: set() for path in blueprint.states}
    events: dict[str, list[str]] = {path: [] for path in blueprint.states}
    for event, source, target in blueprint.arrows:
        events[source].append(event)
        if target is not None:
            forward[source].add(target)
            backward[target].add(source)
    starts = [event.starts for event in blueprint.events.values() if event.starts is not None]
    roots = starts or ([blueprint.initial] if blueprint.initial is not None else [])
    reachable = _closure(forward, roots)
    ending = _closure(backward, [path for path, s in blueprint.states.items() if s.final or s.resting])
    for path, state in blueprint.states.items():
        where = f"{blueprint.lifecycle.__name__}.{path}"
        if roots and path not in reachable:
            yield Fault(where, "is an unreachable state.", "Let an event lead there, or take it away.")
        if state.final and events[path]:
            problem = f"is final, but {', '.join(events[path])} can happen there."
            yield Fault(where, problem, "Take the arrow away, or final=True; resting=True keeps it open.")
        if state.final and state.resting:
            yield Fault(where, "is final and resting.", "Leave one of the two.")
        if not state.final and not state.resting and not forward[path] - {path}:
            mend = "Write an arrow, final=True, or resting=True if a case may stay there."
            yield Fault(where, "is left by nothing and is neither final nor resting.", mend)
        elif path not in ending:
            mend = "Let a way lead to a final or resting state."
            yield Fault(where, "is a state from which no end can be reached.", mend)


def _closure(edges: Mapping[str, set[str]], roots: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(edges[path])
    return found


def _automatic_faults(blueprint: Blueprint) -> Iterator[Fault]:
    events: dict[str, list[str]] = {path: [] for path in blueprint.states}
    onward: dict[str, set[str]] = {path: set() for path in blueprint.states}
    for event in blueprint.events.values():
        if event.auto and not event.guards:
            for source, target in event.targets.items():
                events[source].append(event.path)
                if target is not None and target != source:
                    onward[source].add(target)
    for path in blueprint.states:
        where = f"{blueprint.lifecycle.__name__}.{path}"
        if len(events[path]) > 1:
            problem = f"has two automatic events without guards: {', '.join(events[path])}."
            yield Fault(where, problem, "Guard them, or leave one.")
        if path in _closure(onward, onward[path]):
            problem = f"is left by {', '.join(events[path])} and comes back, without guards and without end."
            yield Fault(where, problem, "Guard one of the automatic events on the way.")
