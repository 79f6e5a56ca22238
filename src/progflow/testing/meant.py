"""What a test was told, in the terms of its definitions; and that it means something at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from progflow.definition.bodies import is_lifecycle_class
from progflow.definition.events import Event
from progflow.definition.lifecycle import Lifecycle, Program, blueprint_of
from progflow.definition.rules import Guard
from progflow.definition.states import State
from progflow.errors import UsageError
from progflow.testing.promises import AllCases

Reached: TypeAlias = State | Event[Any, ...] | Guard[Any] | str
"""Something that ought to come up: a state, an event, a guard that says no, or its path as in ``"Mentee.withdraw"``."""

ByHost: TypeAlias = Event[Any, ...] | type[Lifecycle[Any]]
"""What the host brings about as ``SYSTEM``: an event, or the beginning of a lifecycle with its data."""

Lifecycles: TypeAlias = Sequence[type[Lifecycle[Any]]]


def a_lifecycle(what: object) -> None:
    """Make sure that it is a lifecycle that can have cases.

    Raises:
        UsageError: it is none.
    """
    if isinstance(what, Program):
        raise UsageError(problem=f"{what.name} is a program.", mend="Write program_test(…).")
    if not is_lifecycle_class(what):
        name = what.__name__ if isinstance(what, type) else repr(what)
        raise UsageError(problem=f"{name} is no lifecycle.", mend="Give a class that derives from Lifecycle[…].")
    if "__progflow__" not in vars(what) or blueprint_of(what).abstract:
        problem = f"{what.__name__} is abstract and has no cases."
        raise UsageError(problem=problem, mend="Derive a lifecycle that stands alone, and test that.")


def a_zone(name: str) -> None:
    """Make sure that there is such a time zone.

    Raises:
        UsageError: there is none.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        mend = 'Name one of the IANA database, as "Europe/Berlin".'
        raise UsageError(problem=f"There is no time zone {name!r}.", mend=mend) from None


def a_program(what: object) -> None:
    """Make sure that it is a program.

    Raises:
        UsageError: it is none.
    """
    if is_lifecycle_class(what):
        raise UsageError(problem=f"{what.__name__} is a lifecycle.", mend="Write lifecycle_test(…).")
    if not isinstance(what, Program):
        raise UsageError(problem=f"{what!r} is no program.", mend="Write Program(name, …).")


def one_of(lifecycle: type[Lifecycle[Any]], program: Program) -> None:
    """Make sure that a lifecycle stands in a program.

    Raises:
        UsageError: it does not.
    """
    if lifecycle not in program.lifecycles:
        problem = f"{lifecycle.__name__} is no lifecycle of {program.name}."
        mend = f"There are {', '.join(one.__name__ for one in program.lifecycles)}."
        raise UsageError(problem=problem, mend=mend)


def options(told: Mapping[str, object], known: Collection[str]) -> None:
    """Make sure that these options are known, and that rules about several cases can be asked.

    Raises:
        UsageError: one is unknown, or is no function.
    """
    unknown = [name for name in told if name not in known]
    if unknown:
        raise UsageError(problem=f"There is no option {unknown[0]!r}.", mend=_perhaps(unknown[0], known))


def rules(given: Iterable[AllCases]) -> tuple[AllCases, ...]:
    """The rules about several cases.

    Raises:
        UsageError: one of them is no function.
    """
    found = tuple(given)
    for rule in found:
        if not callable(rule):
            raise UsageError(problem=f"{rule!r} is no rule.", mend="Give functions that take the flow.")
    return found


def names(reached: Iterable[Reached], tested: Lifecycles, known: Collection[str]) -> frozenset[str]:
    """The paths of what is named, as ``Mentee.withdraw``; what a base declares stands for all that derive from it.

    Args:
        reached: states, events, guards or paths.
        tested: the lifecycles that are tested.
        known: the paths of all that can come up in them.

    Raises:
        UsageError: one of them is nothing that could come up here.
    """
    return frozenset(name for what in reached for name in _paths(what, tested, known))


def _paths(what: Reached, tested: Lifecycles, known: Collection[str]) -> Sequence[str]:
    if isinstance(what, str):
        found, said = [what], what
    else:
        home, path = _home(what)
        said = f"{home.__name__}.{path}"
        found = [f"{blueprint_of(one).name}.{path}" for one in tested if issubclass(one, home)]
    found = [name for name in found if name in known]
    if not found:
        raise UsageError(problem=f"{said} is nothing that could come up here.", mend=_perhaps(said, known))
    return found


def _home(what: State | Event[Any, ...] | Guard[Any]) -> tuple[type[Any], str]:
    if isinstance(what, State):
        return what.lifecycle, what.path
    if isinstance(what, Event):
        return what.home, what.path
    if what.owner is not None and is_lifecycle_class(what.owner):
        return what.owner, what.name
    mend = 'Name it by its path, as in "Mentee.selection.seat_is_free".'
    raise UsageError(problem=f"{what!r} stands in no lifecycle.", mend=mend)


def by_host(told: Iterable[ByHost], lifecycles: Lifecycles) -> Iterator[tuple[type[Lifecycle[Any]], str | None]]:
    """What the host brings about: lifecycle and event, None for a beginning with data.

    Raises:
        UsageError: it stands in none of these lifecycles.
    """
    for what in told:
        home, path = (what.home, what.path) if isinstance(what, Event) else (what, None)
        if not any(issubclass(one, home) for one in lifecycles):
            known = ", ".join(one.__name__ for one in lifecycles)
            raise UsageError(problem=f"{home.__name__} is not tested here.", mend=f"Name something of {known}.")
        yield home, path


def begun_by_host(lifecycles: Lifecycles, tested: Lifecycles) -> Iterator[tuple[type[Lifecycle[Any]], str | None]]:
    """The beginnings without which there would be no story: nobody may begin it, and no other case does."""
    for lifecycle in lifecycles:
        blueprint = blueprint_of(lifecycle)
        starts = [event for event in blueprint.events.values() if event.starts is not None]
        needed = not blueprint.parents or (len(tested) == 1 and lifecycle in tested)
        if needed and not any(event.by for event in starts):
            yield from ((lifecycle, event.path) for event in starts)
            if not starts:
                yield lifecycle, None


def _perhaps(said: str, known: Collection[str]) -> str:
    close = get_close_matches(said, sorted(known), cutoff=0.5)
    return f"Did you mean {' or '.join(close)}?" if close else f"There are {', '.join(sorted(known))}."
