"""Which steps a receiver of ``@flow.on(…)`` wants to hear of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from progflow.decide.kinds import Kinds
from progflow.definition.blueprint import Blueprint
from progflow.definition.events import Event
from progflow.definition.lifecycle import Lifecycle, Phase
from progflow.definition.places import paths_of
from progflow.definition.states import Group, Source, State
from progflow.errors import UsageError
from progflow.flow.answers import Entry

Matcher: TypeAlias = Callable[[type[Any], Entry], bool]
"""Whether a step of that lifecycle is meant."""


def of_event(kinds: Kinds, event: Event[Any, ...]) -> Matcher:
    """The steps of that event, also in subclasses.

    Raises:
        UnknownLifecycle: it is an event of a lifecycle that this flow does not have.
        UsageError: none of its lifecycles has the event.
    """
    path, meant = event.path, kinds.including_subclasses(event.home)
    if not any(path in kind.blueprint.events for kind in meant):
        problem = f"{event.home.__name__} goes without the event {path}."
        raise UsageError(problem=problem, mend="Its function of arrows gives none for what it is told here.")
    lifecycles = {kind.lifecycle for kind in meant}
    return lambda sender, entry: entry.event == path and sender in lifecycles


def of_entering(kinds: Kinds, where: Source) -> Matcher:
    """The steps that enter one of these states, or one of these phases from outside it, also in subclasses.

    Raises:
        UnknownLifecycle: they belong to a lifecycle that this flow does not have.
        UsageError: it is no state or phase.
    """
    entered: dict[type[Any], list[tuple[frozenset[str], bool]]] = {}
    blueprints: dict[type[Any], Blueprint] = {}
    for part in _parts(where):
        for kind in kinds.including_subclasses(_home(part)):
            blueprints[kind.lifecycle] = kind.blueprint
            paths = paths_of(kind.blueprint, part)
            entered.setdefault(kind.lifecycle, []).append((paths, isinstance(part, Phase)))

    def matches(sender: type[Any], entry: Entry) -> bool:
        if sender not in entered or _stays(blueprints[sender], entry):
            return False
        return any(
            entry.after in paths and not (is_phase and entry.before in paths) for paths, is_phase in entered[sender]
        )

    return matches


def _stays(blueprint: Blueprint, entry: Entry) -> bool:
    event = blueprint.events.get(entry.event)
    return event is not None and entry.before is not None and event.targets.get(entry.before, "") is None


def _parts(where: Source) -> Iterator[State | Phase[Any]]:
    for part in where.__parts__():
        if isinstance(part, Group):
            yield from _parts(part)
        elif isinstance(part, State | Phase):
            yield part
        else:
            raise UsageError(problem=f"{part!r} is no place where a case can be.", mend="Name states or phases.")


def _home(part: State | Phase[Any]) -> type[Lifecycle[Any]]:
    if isinstance(part, State):
        return part.lifecycle
    owner = part.__bound__.owner
    if owner is None:
        raise UsageError(
            problem=f"{part!r} stands in no lifecycle.", mend="Name it through the lifecycle: Mentee.tandem."
        )
    return owner
