"""The faults that a blueprint as a whole can have: dead ends, two ways from one place, alarms that contradict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
import attrs

from progflow.definition.blueprint import Blueprint, EventSpec
from progflow.errors import Fault


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
    where = f"{blueprint.name}.{event.path}"
    required = [name for name, parameter in event.parameters.items() if parameter.required]
    if event.self_firing and required:
        mend = f"Give {', '.join(required)} a default."
        yield Fault(where, "fires by itself, but its payload is required.", mend)
    if event.auto and any(target in (None, source) for source, target in event.targets.items()):
        yield Fault(
            where, "is automatic and stays where it is, so it would never end.", "Let it lead elsewhere."
        )
    if event.auto and event.timed:
        yield Fault(where, "is automatic and has a timer.", "Leave one of the two.")
    if event.after is not None and event.at is not None:
        yield Fault(where, "has after= and at=.", "Leave one of the two.")
    if event.since is not None and event.after is None and event.every is None:
        yield Fault(where, "has since= without a term to count.", "Add after= or every=.")
    if event.since is not None and event.at is not None:
        yield Fault(where, "has since= and at=.", "Leave one of the two.")
    if event.every is not None and event.every.count < 1:
        yield Fault(where, "every= has a term of no length.", "Write a term of at least one.")
    if event.starts is not None and event.self_firing:
        yield Fault(where, "begins a case and fires by itself.", "Write two events.")
    if event.starts is not None and event.starts not in blueprint.states:
        yield Fault(where, "START leads to STAY.", "Name the state in which the case begins.")


def _unique_faults(blueprint: Blueprint) -> Iterator[Fault]:
    name, data = blueprint.unique, blueprint.data
    if not name or not isinstance(data, type):
        return
    fields = {field.name for field in attrs.fields(data)} if attrs.has(data) else set[str]()
    if name not in fields:
        mend = f"It has: {', '.join(sorted(fields)) or 'none'}."
        yield Fault(blueprint.name, f"unique={name!r} is no field of its data.", mend)


def _beginning_faults(blueprint: Blueprint) -> Iterator[Fault]:
    if not blueprint.states:
        yield Fault(blueprint.name, "has no states.", "Write State() or a phase.")
    elif not any(event.starts for event in blueprint.events.values()) and blueprint.initial is None:
        mend = "Write State(initial=True), an event from START, or a phase to begin with."
        yield Fault(blueprint.name, "has no initial state.", mend)


def _graph_faults(blueprint: Blueprint) -> Iterator[Fault]:
    forward: dict[str, set[str]] = {path: set() for path in blueprint.states}
    leaves: set[str] = set()
    for _, source, target in blueprint.arrows:
        if source in blueprint.states:
            leaves.add(source)
            if target is not None and target in blueprint.states:
                forward[source].add(target)
    starts = [event.starts for event in blueprint.events.values() if event.starts in blueprint.states]
    roots = starts or ([blueprint.initial] if blueprint.initial is not None else [])
    reachable = _closure(forward, (root for root in roots if root is not None))
    backward: dict[str, set[str]] = {path: set() for path in blueprint.states}
    for source, targets in forward.items():
        for target in targets:
            backward[target].add(source)
    ends = [path for path, state in blueprint.states.items() if state.final or state.resting]
    ending = _closure(backward, ends)
    for path, state in blueprint.states.items():
        where = f"{blueprint.name}.{path}"
        exits = bool(forward[path] - {path})
        if roots and path not in reachable:
            yield Fault(where, "is an unreachable state.", "Let an event lead there, or take it away.")
        if state.final and path in leaves:
            yield Fault(where, "is final, but an event leaves it.", "Take final=True or the arrow away.")
        if state.final and state.resting:
            yield Fault(where, "is final and resting.", "Leave one of the two.")
        if not state.final and not state.resting and not exits:
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
    unguarded: dict[str, list[str]] = {}
    for event in blueprint.events.values():
        if event.auto and not event.guards:
            for source in event.targets:
                unguarded.setdefault(source, []).append(event.path)
    for source, events in unguarded.items():
        if len(events) > 1:
            where = f"{blueprint.name}.{source}"
            problem = f"has two automatic events without guards: {', '.join(events)}."
            yield Fault(where, problem, "Guard them, or leave one.")
